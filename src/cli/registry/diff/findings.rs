//! The findings of a comparison, in the form that other programs are given.

use super::report::Report;
use super::words;
use crate::cli::registry::forms::{Finding, Level, Rule};
use crate::fanout::impact::{self, RULES, Severity};

/// Every rule.
pub(super) fn rules() -> Vec<Rule> {
    RULES.iter().map(rule).collect()
}

/// The findings, in their order.
pub(super) fn of(report: &Report) -> Vec<Finding> {
    let found = report.impact.findings.iter().zip(report.places());
    let findings = found.map(|(finding, place)| Finding {
        rule: rule(&finding.rule),
        message: words::sentence(&finding.detail, |name| format!("`{name}`")),
        service: finding.service.as_ref().map(ToString::to_string),
        environment: finding.environment.as_ref().map(ToString::to_string),
        file: place.file,
        line: place.line,
    });
    findings.collect()
}

fn rule(rule: &impact::Rule) -> Rule {
    let level = match rule.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Notice => Level::Notice,
    };
    Rule { code: rule.code, title: rule.title, level }
}
