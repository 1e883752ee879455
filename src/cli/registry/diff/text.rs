//! The form for a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::report::Report;
use super::words;
use crate::fanout::impact::{Finding, ResourceChange, ServiceChange, ServiceImpact, Severity};
use crate::printable::escape;
use crate::registry::names::EnvironmentName;

/// One line: a line of its own could be a command of the workflow that prints it.
fn quote(name: &str) -> String {
    format!("`{}`", escape(name))
}

fn plain(name: &str) -> String {
    escape(name).into_owned()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, f)
    }
}

fn write(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let impact = &report.impact;
    writeln!(f, "{} → {}", quote(&report.old.source), quote(&report.new.source))?;
    writeln!(f, "{}", words::summary(impact))?;
    if impact.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{:<20}{:>8}{:>9}{:>9}{:>9}{:>8}", "", "before", "created", "changed", "removed", "after")?;
    for (what, count) in words::counts(impact) {
        let numbers = [count.created, count.changed, count.removed].map(|number| match number {
            0 => "-".to_owned(),
            number => number.to_string(),
        });
        let [created, changed, removed] = numbers;
        writeln!(f, "{what:<20}{:>8}{created:>9}{changed:>9}{removed:>9}{:>8}", count.before, count.after)?;
    }
    section(f, "Read first", impact.findings.iter().map(finding))?;
    section(f, "Services", impact.services.iter().map(service))?;
    section(f, "Other entries", impact.entries.iter().map(|edit| words::entry(edit, quote, plain)))?;
    let access = words::access(impact).into_iter().map(|group| {
        let (before, after) = (&group.change.before, &group.change.after);
        format!(
            "{} in {}: {}: {} → {}",
            group.who(quote),
            group.places(quote),
            group.change(),
            words::levels(before, plain),
            words::levels(after, plain)
        )
    });
    section(f, "Access", access)?;
    section(f, "Sharing", impact.sharing.iter().map(|change| words::sharing(change, quote)))?;
    writeln!(f, "\nImpact: {}", impact.digest)
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        writeln!(f, "\n{title}:")?;
    }
    lines.try_for_each(|line| writeln!(f, "  {line}"))
}

fn finding(finding: &Finding) -> String {
    let severity = match finding.rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    };
    let mut place = String::new();
    if let Some(service) = &finding.service {
        let _ = write!(place, ", service {}", quote(service.as_str()));
    }
    if let Some(environment) = &finding.environment {
        let _ = write!(place, ", environment {}", quote(environment.as_str()));
    }
    format!("{severity}: {}{place}\n    {}", finding.rule.title, words::sentence(&finding.detail, quote))
}

fn service(service: &ServiceImpact) -> String {
    let sign = match service.change {
        ServiceChange::Created => '+',
        ServiceChange::Changed => '~',
        ServiceChange::Removed => '-',
    };
    let mut text = format!("{sign} {} ({})", quote(service.service.as_str()), words::service_change(service, quote));
    for edit in service.edits.iter().filter(|edit| edit.environment.is_none()) {
        let _ = write!(text, "\n      {}", words::edit(edit, quote, plain));
    }
    let mut environments: BTreeMap<Option<&EnvironmentName>, (Vec<String>, Vec<&ResourceChange>)> = BTreeMap::new();
    for edit in service.edits.iter().filter(|edit| edit.environment.is_some()) {
        environments.entry(edit.environment.as_ref()).or_default().0.push(words::edit(edit, quote, plain));
    }
    for resource in &service.resources {
        environments.entry(resource.environment.as_ref()).or_default().1.push(resource);
    }
    for (environment, (edits, resources)) in environments {
        let _ = write!(text, "\n    {}", environment.map_or("", EnvironmentName::as_str));
        for line in edits.into_iter().chain(words::resources(&resources, quote, plain)) {
            let _ = write!(text, "\n      {line}");
        }
    }
    text
}
