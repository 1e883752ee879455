//! The problems of a registry, with their places.

use serde::Serialize;

use super::affected::Before;
use super::excerpt::{Excerpt, Texts};
use crate::cli::common::{Checked, Printer, count, warnings};
use crate::registry::{Position, Problem, Severity};

/// What a check has found. `Display` is its form for a terminal, `Serialize` is its JSON form, documented in
/// `docs/guides/publishing.md`.
#[derive(Debug)]
pub(super) struct Report {
    /// The source, as users may see it.
    pub(super) source: String,
    /// The name of a registry without errors.
    pub(super) registry: Option<String>,
    /// How many services it has, if it has no errors.
    pub(super) services: Option<usize>,
    /// In the order of the document, errors first.
    pub(super) problems: Vec<Found>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// Errors and warnings that a change has not caused, where only those are shown that it has.
    pub(super) unaffected: Option<[usize; 2]>,
}

/// A problem and its place.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) problem: Problem,
    /// The file of the registry, if it is one.
    file: Option<String>,
    pub(super) excerpt: Option<Excerpt>,
}

impl Found {
    /// The file that it is in, if the registry is one.
    pub(super) fn file(&self) -> Option<&str> {
        let located = self.problem.location.as_ref().map(|location| &*location.file);
        self.file.as_deref().map(|file| located.unwrap_or(file))
    }

    /// Where in it, if that is known.
    pub(super) fn position(&self) -> Option<Position> {
        self.problem.location.as_ref().map(|location| location.position)
    }
}

impl Report {
    /// Of a registry; of the problems only those that a change from `before` has caused.
    pub(super) fn of(printer: &Printer, checked: Checked, before: Option<&Before>) -> Self {
        let Checked { source, json, text, result } = checked;
        let (registry, services, mut problems) = match result {
            Ok(loaded) => {
                let registry = loaded.fan_out.registry();
                let (name, services) = (registry.name().map(ToString::to_string), registry.services.len());
                (name, Some(services), warnings(printer, &loaded))
            }
            Err(problems) => (None, None, problems),
        };
        let unaffected = before.map(|before| {
            let (affected, others) = before.split(&json, std::mem::take(&mut problems));
            problems = affected;
            [Severity::Error, Severity::Warning].map(|severity| number(&others, severity))
        });
        problems.sort_by_key(|problem| problem.severity);
        let [errors, warnings] = [Severity::Error, Severity::Warning].map(|severity| number(&problems, severity));
        let file = (!source.contains("://") && source != "standard input")
            .then(|| source.strip_prefix("./").unwrap_or(&source).to_owned());
        let mut texts = Texts::of(text);
        let found = problems.into_iter().map(|problem| {
            let excerpt = problem.location.as_ref().and_then(|location| texts.excerpt(location));
            Found { file: file.clone(), excerpt, problem }
        });
        let problems = found.collect();
        Self { registry, services, problems, errors, warnings, unaffected, source }
    }

    /// One sentence without a full stop.
    pub(super) fn verdict(&self) -> String {
        let new = if self.unaffected.is_some() { "new " } else { "" };
        let (errors, warnings) =
            (count(self.errors, &format!("{new}error")), count(self.warnings, &format!("{new}warning")));
        let what = format!("The registry in `{}`", self.source);
        match (self.errors, self.warnings) {
            (0, 0) => format!("{what} has no {new}problems"),
            (0, _) => format!("{what} has no {new}errors and {warnings}"),
            (_, 0) => format!("{what} has {errors}"),
            _ => format!("{what} has {errors} and {warnings}"),
        }
    }

    /// What is not shown, in one sentence.
    pub(super) fn left_out(&self) -> Option<String> {
        let [errors, warnings] = self.unaffected?;
        (errors + warnings > 0).then(|| {
            format!(
                "{} and {} that the change has not caused are not shown.",
                count(errors, "error"),
                count(warnings, "warning")
            )
        })
    }
}

/// The problems of a severity, those included that are only counted.
fn number(problems: &[Problem], severity: Severity) -> usize {
    problems.iter().filter(|problem| problem.severity == severity).map(|problem| 1 + problem.more).sum()
}

/// The version of the JSON form. Fields may be added to it; one that is renamed, removed or means another thing raises it.
const FORMAT: u32 = 1;

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'r> {
            format: u32,
            source: &'r str,
            registry: Option<&'r str>,
            valid: bool,
            errors: usize,
            warnings: usize,
            /// Only with `--affected`.
            unaffected: Option<Unaffected>,
            problems: Vec<One<'r>>,
        }

        #[derive(Serialize)]
        struct Unaffected {
            errors: usize,
            warnings: usize,
        }

        #[derive(Serialize)]
        struct One<'r> {
            severity: &'static str,
            code: &'static str,
            summary: &'static str,
            detail: &'r str,
            pointer: &'r str,
            service: Option<&'r str>,
            environment: Option<&'r str>,
            file: Option<&'r str>,
            line: Option<usize>,
            column: Option<usize>,
        }

        let problems = self.problems.iter().map(|found @ Found { problem, .. }| One {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: problem.code.name(),
            summary: problem.summary,
            detail: &problem.detail,
            pointer: &problem.pointer,
            service: problem.service.as_deref(),
            environment: problem.environment.as_deref(),
            file: found.file(),
            line: found.position().map(|position| position.line),
            column: found.position().map(|position| position.column),
        });
        let shape = Shape {
            format: FORMAT,
            source: &self.source,
            registry: self.registry.as_deref(),
            valid: self.errors == 0,
            errors: self.errors,
            warnings: self.warnings,
            unaffected: self.unaffected.map(|[errors, warnings]| Unaffected { errors, warnings }),
            problems: problems.collect(),
        };
        shape.serialize(serializer)
    }
}
