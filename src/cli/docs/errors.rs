//! The text that the page of each code shows.

use std::collections::BTreeMap;

use crate::cli::common::example;
use crate::codes::{self, BETWEEN, Example};

/// The example of each code that has one, by its name. `shown` are texts of snapshots; where there are none, those of this program.
pub(super) fn examples(shown: &BTreeMap<&'static str, String>) -> BTreeMap<&'static str, String> {
    codes::all().filter_map(|code| Some((code.name(), example(code, shown)?))).collect()
}

/// The text of `src/codes/shown.txt`.
pub(super) fn file(shown: &BTreeMap<&'static str, String>) -> String {
    let needed = |name: &str| codes::find(name).is_some_and(|code| code.example() == Example::Shown);
    let texts: Vec<&str> = shown.iter().filter(|(name, _)| needed(name)).map(|(_, text)| text.as_str()).collect();
    texts.join(BETWEEN) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Code;
    use crate::provider::problems_of;

    /// What is wrong with a document is exactly what its page is about.
    #[test]
    fn every_document_provokes_its_code_and_no_other() {
        let (mut walked, mut wrong) = (0, Vec::new());
        for code in codes::all() {
            let (settings, document) = match code.example() {
                Example::Document(document) => ("{}", document),
                Example::With(settings, document) => (settings, document),
                Example::Shown => continue,
            };
            walked += 1;
            match problems_of(document, settings) {
                Ok(problems) if !problems.is_empty() && problems.iter().all(|problem| problem.code == code) => {}
                Ok(problems) => {
                    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    wrong.push(format!("{code}: {}", found.join("\n")));
                }
                Err(error) => wrong.push(format!("{code}: {error}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        assert!(walked >= 40, "{walked}");
    }

    #[test]
    fn every_other_code_has_the_text_of_a_snapshot() {
        let missing: Vec<&str> = codes::all()
            .filter(|code| code.example() == Example::Shown && code.shown().is_none())
            .map(Code::name)
            .collect();
        assert!(missing.is_empty(), "no snapshot of a test has: {missing:?}");
    }
}
