//! JUnit XML, which GitLab and others show as tests: a case for the registry, and one for each finding. An error is a failure; a
//! warning is a case that passes and has the text.

use crate::codes;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Finding, Level};
use crate::cli::common::Error;
use crate::printable::escape_lines;

/// The report. `subject` is the case for the registry, and `failure` why it failed.
pub(in crate::cli::registry) fn report(
    subject: &str,
    findings: &[Finding],
    failure: Option<&str>,
) -> Result<String, Error> {
    let mut suite = TestSuite::new("registry");
    suite.add_test_case(case(subject, "registry", failure.map(|text| ("Registry is not valid", text.to_owned()))));
    for finding in findings {
        let names = [finding.service.as_deref(), finding.environment.as_deref()];
        let class = names.into_iter().flatten().collect::<Vec<_>>().join("/");
        let class = if class.is_empty() { "registry" } else { class.as_str() };
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = finding.file.as_ref().map(|file| format!("{file}{line}: ")).unwrap_or_default();
        let text = escape_lines(&format!("{place}{}", finding.message)).into_owned();
        let mut case = match finding.rule.level {
            Level::Error => case(finding.rule.title, class, Some((finding.rule.title, text))),
            Level::Warning | Level::Notice => {
                let mut case = case(finding.rule.title, class, None);
                case.set_system_out(text);
                case
            }
        };
        if let Some(file) = &finding.file {
            case.extra.insert("file".into(), file.as_str().into());
        }
        suite.add_test_case(case);
    }
    let mut report = Report::new("anu registry validate");
    report.add_test_suite(suite);
    report
        .to_string()
        .map_err(|error| Error::failed(codes::BUG, format!("Cannot write the result as JUnit XML: {error}")))
}

fn case(name: &str, class: &str, failure: Option<(&str, String)>) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some((message, text)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_description(text);
            status
        }
    };
    let mut case = TestCase::new(escape_lines(name).as_ref(), status);
    case.set_classname(escape_lines(class).as_ref());
    case
}
