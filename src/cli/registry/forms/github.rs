//! Annotations of GitHub Actions: commands on standard output, one a line. GitHub shows ten of each kind for a step.

use super::{Finding, Level};
use crate::printable::escape;

/// One less than GitHub shows, so that there is room for the number of those left out.
const MOST: usize = 9;

/// The annotations, and last a notice with a summary.
pub(in crate::cli::registry) fn annotations(findings: &[Finding], summary: &str) -> String {
    let mut text = String::new();
    for level in Level::ALL {
        let command = level.word();
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.rule.level == level).collect();
        for finding in found.iter().take(MOST) {
            let line = finding.line.map(|line| format!(",line={line}")).unwrap_or_default();
            let file = finding.file.as_ref().map(|file| format!("file={}{line},", property(file))).unwrap_or_default();
            let title = property(finding.rule.title);
            let mut message = finding.message.clone();
            for (kind, name) in [("environment", &finding.environment), ("service", &finding.service)] {
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
    text.push_str(&format!("::notice title=Registry::{}\n", data(summary)));
    text
}

/// The message of a command: one line.
fn data(text: &str) -> String {
    escape(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
