//! Patterns of names, as fences and filters write them.

use std::borrow::Cow;
use std::fmt;

use crate::registry::nfc::nfc;

/// A name in which `*` matches any text, including none: `kube-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern. Every text is valid. It is compared with text of a registry, so it has the same normalization form.
    pub fn new(text: impl Into<String>) -> Self {
        Self(nfc(Cow::Owned(text.into())).into_owned())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches the whole of `text`.
    pub fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    // The earliest match of each part leaves the most text for the following parts.
    for part in parts {
        match rest.find(part) {
            Some(position) => rest = &rest[position + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a pattern matches the whole of `text`, without regard to the case of letters.
pub(super) fn matches_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// The first pattern that matches `text`.
pub(crate) fn matching<'p>(patterns: &'p [Pattern], text: &str) -> Option<&'p Pattern> {
    patterns.iter().find(|pattern| pattern.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_text() {
        let matches = |pattern: &str, text: &str| Pattern::new(pattern).matches(text);
        assert!(matches("kube-*", "kube-system") && matches("kube-*", "kube-") && !matches("kube-*", "my-kube-x"));
        assert!(matches("default", "default") && !matches("default", "default2") && !matches("default", "a-default"));
        assert!(matches("*", "") && matches("*", "x") && matches("a*b*c", "a-b-b-c") && !matches("a*b*c", "a-c-b"));
        assert!(
            matches("roles/iam.*Admin", "roles/iam.securityAdmin") && !matches("roles/iam.*Admin", "roles/iam.admin.x")
        );
        assert!(!matches("ab*b", "ab") && matches("ab*b", "abb") && matches("*-prd-*", "gc-prd-x"));
    }
}
