//! Each cause of an error or warning once in a run.
//!
//! Core needs an error from every resource that cannot be planned or read. Where one cause concerns them all, such as credentials that
//! are not accepted, the first has the whole text, and every other one a short text that names the cause and refers to the first.

use std::collections::HashSet;

use crate::sdk::{Cause, Diagnostic, Diagnostics};

/// How long the line of a cause may be.
const LONGEST: usize = 160;

/// The causes that errors of this run have named.
#[derive(Default)]
pub struct Causes(HashSet<String>);

impl Causes {
    /// The errors of one call, as they are printed. All errors of a call that share a cause are printed in full, or none of them.
    pub fn once(&mut self, errors: Diagnostics) -> Diagnostics {
        let mut named = Vec::new();
        let mut printed = Diagnostics::new();
        for error in errors {
            match &error.cause {
                Some(cause) if self.0.contains(&cause.id) => printed.push(short(&error, cause)),
                cause => {
                    named.extend(cause.as_ref().map(|cause| cause.id.clone()));
                    printed.push(error);
                }
            }
        }
        self.0.extend(named);
        printed
    }
}

fn short(error: &Diagnostic, cause: &Cause) -> Diagnostic {
    let kind = error.severity.word();
    let detail = format!("{}\n\nAnother {kind} of this run has the full text for this cause.", cause.brief);
    // What is as short as that says more.
    if cause.code.is_none() && error.detail.len() <= detail.len() {
        return error.clone();
    }
    let short = match cause.code {
        // Errors and warnings with one code are one error.
        Some(code) => Diagnostic::new(code, detail),
        None => Diagnostic::titled(error.code, &error.summary, detail),
    };
    short.at(error.path.clone())
}

/// The beginning of a text as a sentence in one line.
pub fn in_one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end_matches('.');
    if line.chars().count() <= LONGEST {
        return format!("{line}.");
    }
    let cut: String = line.chars().take(LONGEST).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{} …", words.trim_end_matches([',', ':', ';', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    fn error(what: &str, cause: &str) -> Diagnostic {
        let brief = format!("Cannot read {what}: {cause}.");
        let detail = format!("{brief}\n\n{}", "Much more. ".repeat(10));
        Diagnostic::new(codes::AUTHENTICATION_FAILED, detail).caused_by(Cause::new(cause, brief))
    }

    fn details(printed: &Diagnostics) -> Vec<&str> {
        printed.iter().map(|error| error.detail.as_str()).collect()
    }

    #[test]
    fn the_first_call_has_the_whole_text_and_later_ones_refer_to_it() {
        let mut causes = Causes::default();
        let both: Diagnostics = [error("a", "expired"), error("b", "expired")].into_iter().collect();
        assert_eq!(causes.once(both.clone()), both, "one call is not shortened by itself");
        let later = causes.once(Diagnostics::from(error("c", "expired")));
        assert_eq!(
            details(&later),
            ["Cannot read c: expired.\n\nAnother error of this run has the full text for this cause."]
        );
        let other = Diagnostics::from(error("c", "unreachable"));
        assert_eq!(causes.once(other.clone()), other);
    }

    #[test]
    fn an_error_without_a_cause_is_always_complete() {
        let mut causes = Causes::default();
        let own = Diagnostics::from(Diagnostic::titled(
            codes::DELETION_REFUSED,
            "Service `a`: deletion is refused",
            "Because.",
        ));
        for _ in 0..2 {
            assert_eq!(causes.once(own.clone()), own);
        }
    }

    #[test]
    fn a_cause_of_several_errors_is_one_short_error() {
        let mut causes = Causes::default();
        let cause = Cause::new("registry.json", "It has 2 errors.").coded(codes::INVALID_REGISTRY);
        let problem = |code| Diagnostic::new(code, "In full.").caused_by(cause.clone());
        let all: Diagnostics = [problem(codes::UNKNOWN_TEAM), problem(codes::UNKNOWN_CLUSTER)].into_iter().collect();
        assert_eq!(causes.once(all.clone()), all);
        let later = causes.once(all);
        let [short] = later.iter().collect::<Vec<_>>()[..] else { panic!("{later:?}") };
        assert_eq!(short.summary, "Registry is not valid");
        assert!(causes.once(Diagnostics::new()).is_empty());
    }

    #[test]
    fn a_text_that_is_short_itself_is_printed_each_time() {
        let mut causes = Causes::default();
        let sentence = Diagnostic::new(codes::EMBEDDED_NOT_OPENED, "It is locked.");
        let sentence = Diagnostics::from(sentence.caused_by(Cause::new("locked", "It is locked.")));
        for _ in 0..2 {
            assert_eq!(causes.once(sentence.clone()), sentence);
        }
    }

    #[test]
    fn a_long_cause_is_cut_between_words() {
        let line = in_one_line(&"words, ".repeat(40));
        assert!(line.ends_with("words …") && line.chars().count() <= LONGEST + 2, "{line}");
        assert_eq!(in_one_line("One line.\nAnother."), "One line.");
        assert_eq!(in_one_line("one line"), "one line.");
    }
}
