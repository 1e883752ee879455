//! The table as a whole.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_name_is_kebab_case_and_has_one_row() {
    let mut seen = BTreeSet::new();
    for code in all() {
        let name = code.name();
        let plain = name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        assert!(plain, "{name}");
        assert!(seen.insert(name), "{name} has two rows");
        assert_eq!(find(name), Some(code));
    }
    assert!(seen.len() > 150, "{}", seen.len());
}

/// Core shows warnings of one summary as one, so that of each warning of a resource names what it is about.
#[test]
fn every_warning_of_a_resource_names_its_subject() {
    let rows = [plan::ALL, removal::ALL, apply::ALL].concat();
    let warnings: Vec<Code> = rows.into_iter().filter(|code| code.severity() == Severity::Warning).collect();
    assert!(warnings.len() >= 20, "{}", warnings.len());
    for code in warnings {
        assert!(code.summary().contains('…'), "{code}: {}", code.summary());
    }
}

#[test]
fn every_page_is_complete() {
    for code in all() {
        for text in [code.cause(), code.way_out()] {
            assert!(text.ends_with('.') && text.len() > 15, "{code}: {text}");
        }
        assert!(code.page("x").len() > 200, "{code}");
    }
}
