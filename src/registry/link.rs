//! Links: addresses of what people look at for a service, with places for its names.

use std::collections::BTreeMap;

use super::quote::quote;
use super::suggest::{did_you_mean, nearest};

/// Links by name: `logs`, `dashboard`, …
pub type Links = BTreeMap<String, String>;

/// What an address can have in braces.
pub const PLACEHOLDERS: [&str; 9] =
    ["service", "team", "environment", "project", "cluster", "cluster_project", "location", "namespace", "release"];

/// The address of a link, with the values of its placeholders. Values are names, which an address may contain as they are.
///
/// # Errors
/// The first placeholder without a value.
pub fn expand<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, String> {
    let mut address = String::with_capacity(template.len());
    for (text, placeholder) in parts(template) {
        address.push_str(text);
        if let Some(placeholder) = placeholder {
            address.push_str(value(placeholder).ok_or_else(|| placeholder.to_owned())?);
        }
    }
    Ok(address)
}

/// What is wrong with a link.
pub(crate) fn check(name: &str, template: &str) -> Result<(), String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(format!(
            "{} is not a name of a link. Write lowercase letters, digits, `-` and `_`, such as `logs`: people type it.",
            quote(name)
        ));
    }
    if !["https://", "http://"].iter().any(|scheme| template.starts_with(scheme)) {
        return Err(format!("{} is not an address of a page. Begin it with `https://` or `http://`.", quote(template)));
    }
    if template.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{} contains a space or control character. Write a space as `%20`.", quote(template)));
    }
    for (text, placeholder) in parts(template) {
        if text.contains(['{', '}']) {
            return Err(format!(
                "{} has a brace without its pair. Write one that belongs to the address as `%7B` or `%7D`.",
                quote(template)
            ));
        }
        if let Some(unknown) = placeholder.filter(|placeholder| !PLACEHOLDERS.contains(placeholder)) {
            let all: Vec<String> = PLACEHOLDERS.iter().map(|each| format!("`{{{each}}}`")).collect();
            let hint = did_you_mean(nearest(unknown, PLACEHOLDERS.into_iter()));
            return Err(format!(
                "`{{{}}}` is not a placeholder of a link. There are {}.{hint}",
                quote(unknown).trim_matches('`'),
                all.join(", ")
            ));
        }
    }
    Ok(())
}

/// The pieces of a template: a text, and the placeholder after it.
fn parts(template: &str) -> Vec<(&str, Option<&str>)> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((start, end)) = rest.find('{').and_then(|start| Some((start, start + rest[start..].find('}')?))) {
        parts.push((&rest[..start], Some(&rest[start + 1..end])));
        rest = &rest[end + 1..];
    }
    parts.push((rest, None));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_get_their_values() {
        let value = |name: &str| match name {
            "project" => Some("p"),
            "namespace" => Some("n"),
            _ => None,
        };
        assert_eq!(
            expand("https://x/{project}/a?n={namespace}#{project}", value).as_deref(),
            Ok("https://x/p/a?n=n#p")
        );
        assert_eq!(expand("https://x/", value).as_deref(), Ok("https://x/"));
        assert_eq!(expand("https://x/{release}/{project}", value), Err("release".to_owned()));
    }

    #[test]
    fn what_is_no_link_is_said() {
        let mut answers = String::new();
        for (name, template) in [
            ("logs", "https://logs.example.com/{namespace}"),
            ("Logs", "https://x/"),
            ("", "https://x/"),
            ("logs", "logs.example.com"),
            ("logs", "javascript:alert(1)"),
            ("logs", "https://x/a b"),
            ("logs", "https://x/{name_space}"),
            ("logs", "https://x/{}"),
            ("logs", "https://x/{namespace"),
            ("logs", "https://x/namespace}"),
            ("logs", "https://x/{{namespace}}"),
        ] {
            let answer = check(name, template).err().unwrap_or_else(|| "fine".to_owned());
            answers.push_str(&format!("{name}: {template}\n  {answer}\n"));
        }
        insta::assert_snapshot!(answers);
    }
}
