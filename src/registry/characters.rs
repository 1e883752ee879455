//! Characters that do not belong into a name: invisible ones, and letters that look like others.

use crate::printable::is_hidden;

/// Alphabets whose letters look like Latin ones.
const LOOK_ALIKE: [(char, char); 8] = [
    ('\u{370}', '\u{3ff}'),     // Greek
    ('\u{400}', '\u{52f}'),     // Cyrillic
    ('\u{530}', '\u{58f}'),     // Armenian
    ('\u{13a0}', '\u{13ff}'),   // Cherokee
    ('\u{1d00}', '\u{1dbf}'),   // phonetic small capitals
    ('\u{2100}', '\u{214f}'),   // letterlike symbols
    ('\u{ff01}', '\u{ff5e}'),   // full width
    ('\u{1d400}', '\u{1d7ff}'), // mathematical letters
];

/// What is wrong with the characters of a name that has ASCII characters only, for the end of a message; empty if nothing is.
pub(crate) fn strange(name: &str) -> String {
    if let Some(c) = name.chars().find(|c| is_hidden(*c)) {
        return format!(" It contains the invisible character U+{:04X}.", u32::from(c));
    }
    match name.chars().find(|c| !c.is_ascii()) {
        Some(c) => format!(" It contains U+{:04X} (`{c}`), which is not an ASCII character.", u32::from(c)),
        None if name.trim() != name => " It has white space at an end.".to_owned(),
        None => String::new(),
    }
}

/// What is wrong with the name of a Kubernetes user or group, which can be any text; `None` if nothing is.
pub(crate) fn bad_subject(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(" It is empty.".to_owned());
    }
    if name.contains(is_hidden) || name.trim() != name || (name.contains('@') && !name.is_ascii()) {
        return Some(strange(name));
    }
    if name.contains('`') {
        return Some(" It contains a backtick.".to_owned());
    }
    let looks_alike = |c: char| LOOK_ALIKE.iter().any(|(first, last)| (*first..=*last).contains(&c));
    let c = name.chars().find(|c| looks_alike(*c))?;
    name.contains(|c: char| c.is_ascii_alphabetic()).then(|| {
        format!(" It contains U+{:04X} (`{c}`) among Latin letters, which can look like one of them.", u32::from(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_characters_are_named_by_their_code_point() {
        assert_eq!(strange("a-team@example.com"), "");
        assert_eq!(strange("\u{200b}a-team@example.com"), " It contains the invisible character U+200B.");
        assert_eq!(
            strange("p\u{430}y@example.com"),
            " It contains U+0430 (`\u{430}`), which is not an ASCII character."
        );
        assert_eq!(strange("a@example.com "), " It has white space at an end.");
    }

    #[test]
    fn subjects_can_be_any_text_that_looks_like_what_it_is() {
        for good in ["github:billing online", "größe", "名前", "платежи", "system:masters", "oidc#a/b", "a@example.com"]
        {
            assert_eq!(bad_subject(good), None, "{good}");
        }
        for bad in [
            "",
            " a",
            "a ",
            "a\u{200b}b",
            "a\u{a0}b",
            "a\tb",
            "p\u{430}y",
            "ａdmin",
            "größe@example.com",
            "a`b",
            "\u{3164}",
        ] {
            assert!(bad_subject(bad).is_some(), "{bad:?}");
        }
    }
}
