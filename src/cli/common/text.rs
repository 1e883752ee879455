//! Counts, lists and paths in sentences and commands.

use std::fmt::Display;

use crate::printable::escape;

/// `1 error`, `2 errors`.
pub(in crate::cli) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `` `a`, `b` ``.
pub(in crate::cli) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!("`{}`", escape(&name.to_string()))).collect::<Vec<_>>().join(", ")
}

/// A path in the form in which a shell reads it.
pub(in crate::cli) fn quote(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_path_is_quoted_only_if_a_shell_needs_it() {
        assert_eq!(quote("/home/a/anu-demo"), "/home/a/anu-demo");
        assert_eq!(quote("it's here"), r"'it'\''s here'");
        assert_eq!(quote(""), "''");
    }
}
