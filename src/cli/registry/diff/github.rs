//! Annotations of GitHub Actions: commands on standard output, one a line. GitHub shows ten of each kind for a step.

use super::report::{Place, Report};
use super::words;
use crate::fanout::impact::{Finding, Severity};
use crate::printable::escape;

/// One less than GitHub shows, so that there is room for the number of those left out.
const MOST: usize = 9;

pub(super) fn annotations(report: &Report) -> String {
    let mut text = String::new();
    let places = report.places();
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        let command = command(severity);
        let found = report.impact.findings.iter().zip(&places).filter(|(finding, _)| finding.rule.severity == severity);
        let found: Vec<(&Finding, &Place)> = found.collect();
        for (finding, place) in found.iter().take(MOST) {
            let line = place.line.map(|line| format!(",line={line}")).unwrap_or_default();
            let file = place.file.as_ref().map(|file| format!("file={}{line},", property(file))).unwrap_or_default();
            let title = property(finding.rule.title);
            let mut message = words::sentence(&finding.detail, |name| format!("`{name}`"));
            for (kind, name) in [
                ("environment", finding.environment.as_ref().map(AsRef::<str>::as_ref)),
                ("service", finding.service.as_ref().map(AsRef::<str>::as_ref)),
            ] {
                if let Some(name) = name {
                    message = format!("{kind} `{name}`: {message}");
                }
            }
            text.push_str(&format!("::{command} {file}title={title}::{}\n", data(&message)));
        }
        if found.len() > MOST {
            text.push_str(&format!("::{command} title=More findings::{} more like these\n", found.len() - MOST));
        }
    }
    text.push_str(&format!("::notice title=Registry::{}\n", data(&words::summary(&report.impact))));
    text
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

/// The message of a command: one line.
fn data(text: &str) -> String {
    escape(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
