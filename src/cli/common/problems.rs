//! Problems of a document, printed.

use super::error::Error;
use super::printer::Printer;
use super::text::count;
use crate::registry::Problem;

/// Prints every problem of a document, errors and warnings, and counts the errors.
pub(super) fn refused(printer: &Printer, problems: &[Problem], what: &str) -> Error {
    problems.iter().for_each(|problem| printer.problem(problem));
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    Error::failed(format!("{what} has {}", count(errors, "error")))
        .because("Nothing was written. Correct the errors and run the command again.")
}
