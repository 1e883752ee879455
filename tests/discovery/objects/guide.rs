//! `docs/guides/registry-sources.md`: its addresses are valid, and its settings and texts are those of the code.

use std::path::Path;

use anu::discovery::{ObjectFailure, Source};

const GUIDE: &str = include_str!("../../../docs/guides/registry-sources.md");

/// The cells of each row of a table that begins with this header.
fn rows(header: &str) -> Vec<Vec<&'static str>> {
    let table = GUIDE.split(header).nth(1).expect("the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_examples_are_sources_of_their_form() {
    let rows = rows("| form | example | credentials |");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let example = code(row[1])[0];
        let source = Source::parse(example, Path::new("/")).unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_eq!(source.to_string(), example);
        let form = code(row[0]).first().copied().unwrap_or_default();
        let scheme = form.split_once("://").map(|(scheme, _)| format!("{scheme}://")).unwrap_or_default();
        assert!(example.starts_with(&scheme), "{form}: {example}");
        assert_eq!(form.contains('#'), example.contains('#'), "{form}: {example}");
    }
    let block = GUIDE.split("```terraform\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the block");
    for address in block.split('"').skip(1).step_by(2).filter(|text| text.contains("://")) {
        assert!(Source::parse(address, Path::new("/")).is_ok(), "{address}");
    }
}

#[test]
fn the_parameters_are_all_there_are() {
    let rows = rows("| store | parameter | without it |");
    for (store, address) in [("s3://", "s3://bucket/key"), ("az://", "az://container/blob")] {
        let error =
            Source::parse(&format!("{address}?x=1"), Path::new("/")).expect_err("an unknown parameter").to_string();
        let known: Vec<&str> = code(&error).into_iter().skip(1).collect();
        let of_store = rows.iter().filter(|row| code(row[0]) == [store]);
        let written: Vec<&str> = of_store.map(|row| code(row[1])[0]).collect();
        assert_eq!(written, known, "{store}");
    }
}

/// Every variable of the page is one that the code reads; the lists of the code are in one file for each store.
#[test]
fn the_variables_are_those_of_the_code() {
    let sources = [
        include_str!("../../../src/connect/objects/gs.rs"),
        include_str!("../../../src/connect/objects/s3.rs"),
        include_str!("../../../src/connect/objects/az.rs"),
        include_str!("../../../src/connect/google/credentials.rs"),
    ];
    let is_variable = |word: &&str| {
        word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let variables: Vec<&str> = GUIDE.lines().flat_map(code).filter(is_variable).collect();
    assert!(variables.len() > 15, "{variables:?}");
    for name in variables {
        assert!(sources.iter().any(|source| source.contains(&format!("\"{name}\""))), "{name}");
    }
}

#[test]
fn the_error_is_the_real_one() {
    let text = GUIDE.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("the block");
    let failure = ObjectFailure::NoObject { bucket: "bucket `acme-registry`".into(), key: "registry.json".into() };
    assert_eq!(text, failure.to_string());
}
