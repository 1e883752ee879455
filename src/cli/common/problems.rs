//! Problems of a document, printed: the first of them in full, and how many more there are.

use super::error::Error;
use super::printer::Printer;
use super::text::count;
use crate::codes;
use crate::registry::{Excerpt, Problem, Severity};

/// Prints the problems of a document, errors and warnings. `what` has them: ``The registry in `registry.json` ``.
pub(in crate::cli) fn report<'p>(
    printer: &Printer,
    problems: impl IntoIterator<Item = &'p Problem>,
    what: &str,
) -> Excerpt<'p> {
    let excerpt = Excerpt::of(problems);
    excerpt.shown.iter().for_each(|problem| printer.problem(problem));
    for severity in [Severity::Error, Severity::Warning] {
        if let Some(rest) = excerpt.rest(severity, what) {
            let code = Excerpt::more(severity);
            printer.remark(code, code.summary(), &rest);
        }
    }
    excerpt
}

/// Prints the problems of a document with errors.
pub(in crate::cli) fn refused(printer: &Printer, problems: &[Problem], what: &str) -> Error {
    let errors = report(printer, problems, what).count(Severity::Error);
    Error::failed(codes::INVALID_REGISTRY, format!("{what} has {}", count(errors, "error")))
        .because("Nothing was written. Correct the errors and run the command again.")
}
