//! The problems of a registry, in the form that other programs are given.

use super::report::{Found, Report};
use crate::cli::registry::forms::markdown::code;
use crate::cli::registry::forms::{Finding, Level, Rule, job};
use crate::registry::Severity;

/// The problems, in their order.
pub(super) fn of(report: &Report) -> Vec<Finding> {
    let findings = report.problems.iter().map(|found @ Found { problem, .. }| Finding {
        rule: Rule { code: problem.code.name(), title: problem.summary, level: level(problem.severity) },
        message: problem.detail.clone(),
        service: problem.service.clone(),
        environment: problem.environment.clone(),
        file: found.file().map(ToOwned::to_owned),
        line: found.position().map(|position| position.line),
    });
    findings.collect()
}

/// The rules of these findings, each once.
pub(super) fn rules(findings: &[Finding]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup();
    rules
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    }
}

/// The summary of a job: what is beyond its size is counted.
pub(super) fn markdown(report: &Report) -> String {
    let mut text = format!("### {}\n", report.verdict());
    if let Some(left_out) = report.left_out() {
        text.push_str(&format!("\n{left_out}\n"));
    }
    let findings = of(report);
    if findings.is_empty() {
        return text;
    }
    text.push_str("\n| | Problem | Service | Place |\n| --- | --- | --- | --- |\n");
    for (nth, finding) in findings.iter().enumerate() {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = finding.file.as_ref().map(|file| code(&format!("{file}{line}"))).unwrap_or_default();
        let service = finding.service.as_deref().map(code).unwrap_or_default();
        let message = code(&finding.message);
        let row =
            format!("| {} | {}: {message} | {service} | {place} |\n", finding.rule.level.word(), finding.rule.title);
        if text.len() + row.len() > job::MOST - 100 {
            text.push_str(&format!("\n{} more.\n", findings.len() - nth));
            break;
        }
        text.push_str(&row);
    }
    text
}
