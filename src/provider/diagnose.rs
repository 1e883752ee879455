//! Diagnostics for the errors and warnings of other rooms.

use crate::estate::{LoadError, Warning};
use crate::fanout::resource::Key;
use crate::registry::{Problem, Severity};
use crate::sdk::{Diagnostic, Diagnostics};

/// How many problems are shown in full. The rest are counted: a registry with ten thousand problems has one cause.
pub const MOST_PROBLEMS: usize = 50;

/// A problem of the registry.
pub fn problem(problem: &Problem, source: &str) -> Diagnostic {
    let mut detail = problem.detail.clone();
    let place = problem.place();
    if place.is_empty() {
        detail.push_str(&format!("\n\nIn `{source}`."));
    } else {
        detail.push_str(&format!("\n\nIn `{source}`, {place}."));
    }
    match problem.severity {
        Severity::Error => Diagnostic::error(problem.summary, detail),
        Severity::Warning => Diagnostic::warning(problem.summary, detail),
    }
}

/// Every problem of a registry with errors, errors first.
pub fn problems(all: &[Problem], source: &str) -> Diagnostics {
    let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) =
        all.iter().partition(|problem| problem.severity == Severity::Error);
    let mut diagnostics: Diagnostics = errors.iter().take(MOST_PROBLEMS).map(|p| self::problem(p, source)).collect();
    if errors.len() > MOST_PROBLEMS {
        diagnostics.push(Diagnostic::error(
            "More problems",
            format!("The registry in `{source}` has {} more errors like these.", errors.len() - MOST_PROBLEMS),
        ));
    }
    diagnostics.extend(warnings.iter().take(MOST_PROBLEMS).map(|p| self::problem(p, source)));
    diagnostics
}

/// A registry that was not loaded.
pub fn load_error(error: &LoadError) -> Diagnostics {
    match error {
        LoadError::Problems { source_name, problems } => self::problems(problems, source_name),
        LoadError::Cancelled(_) | LoadError::Discovery(_) => {
            let text = error.to_string();
            let mut letters = text.chars();
            let sentence = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>();
            Diagnostic::error("Registry is not readable", sentence).into()
        }
    }
}

/// A warning about a registry that is used.
pub fn load_warning(warning: &Warning, source: &str) -> Diagnostic {
    match warning {
        Warning::Discovery(warning) => Diagnostic::warning(warning.summary, warning.detail.clone()),
        Warning::Problem(problem) => self::problem(problem, source),
    }
}

/// Keys, one on each indented line: core wraps long lines, but not indented ones.
pub fn lines<'k>(keys: impl IntoIterator<Item = &'k Key>) -> String {
    let mut text = String::new();
    for key in keys {
        text.push_str(&format!("\n  {} {key}", key.kind()));
    }
    text
}
