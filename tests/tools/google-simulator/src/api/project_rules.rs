//! The rules for the id, display name and labels of a project.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{ApiError, Result};

/// Google's own limit of labels on one resource.
const MAX_LABELS: usize = 64;

/// Fails unless the id is 6 to 30 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen.
pub(crate) fn check_id(id: &str) -> Result<()> {
    let issue = |issue: &str| Err(ApiError::invalid_field("project_id", issue));
    if id.len() < 6 {
        return issue("project_id must be at least 6 characters long");
    }
    if id.len() > 30 {
        return issue("project_id must be at most 30 characters long");
    }
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !id.chars().all(plain) || !id.starts_with(|letter: char| letter.is_ascii_lowercase()) || id.ends_with('-') {
        return issue("project_id contains invalid characters");
    }
    Ok(())
}

/// Fails unless the name is 4 to 30 letters, digits, hyphens, quotes, spaces and exclamation points.
pub(crate) fn check_display_name(name: &str) -> Result<()> {
    let issue = |issue: &str| Err(ApiError::invalid_field("display_name", issue));
    if !(4..=30).contains(&name.chars().count()) {
        return issue("project display name must be between 4 and 30 characters");
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '\'' | '"' | ' ' | '!');
    if !name.chars().all(allowed) {
        return issue("project display name contains invalid characters");
    }
    Ok(())
}

/// The labels of a body, checked: keys of 1 to 63 lower-case letters, digits, underscores and hyphens that begin with a letter,
/// values of at most 63 of these, at most 64 of them.
pub(crate) fn labels(labels: &Value) -> Result<BTreeMap<String, String>> {
    let mut checked = BTreeMap::new();
    for (key, value) in labels.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let plain = |letter: char| letter.is_lowercase() || letter.is_numeric() || matches!(letter, '_' | '-');
        let good_key = key.chars().all(plain) && key.starts_with(char::is_lowercase) && key.chars().count() <= 63;
        if !good_key {
            return Err(ApiError::invalid_field("labels", &format!("label key '{key}' is invalid")));
        }
        if !value.chars().all(plain) || value.chars().count() > 63 {
            return Err(ApiError::invalid_field("labels", &format!("label value '{value}' is invalid")));
        }
        checked.insert(key.clone(), value.to_owned());
    }
    if checked.len() > MAX_LABELS {
        return Err(ApiError::invalid_field("labels", "there are more than 64 labels"));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_follow_googles_rules() {
        for good in ["abcdef", "a-1-b-2", "a23456789012345678901234567890"] {
            check_id(good).unwrap();
        }
        for bad in ["", "abcde", "1abcdef", "abcdef-", "Abcdef", "abc_def", "a234567890123456789012345678901"] {
            check_id(bad).unwrap_err();
        }
    }

    #[test]
    fn labels_are_lower_case() {
        labels(&json!({"managed-by": "anu", "with_underscore": ""})).unwrap();
        for bad in [json!({"Upper": "a"}), json!({"1": "a"}), json!({"a": "B"}), json!({"a": "x".repeat(64)})] {
            labels(&bad).unwrap_err();
        }
    }

    #[test]
    fn display_names_have_length_and_alphabet() {
        check_display_name("make-it-rain production").unwrap();
        for bad in ["abc", "a_b_c_d", &"x".repeat(31)] {
            check_display_name(bad).unwrap_err();
        }
    }
}
