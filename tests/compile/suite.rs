//! The test suite of Jsonnet's own implementation in Go, which is of the same version of the language: every program evaluates
//! to the same bytes, or fails where it fails there. What differs is listed with the reason; a difference that is gone fails
//! this test as a new one does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anu::compile::{Request, Variables, evaluate};

/// Programs that evaluate to something else, and why that is accepted.
const DIFFERENCES: &[(&str, &str)] = &[
    ("builtinXnor2", "a missing argument of std.xnor is null and not an error"),
    ("builtinXor2", "a missing argument of std.xor is null and not an error"),
    (
        "builtin_escapeStringJson",
        "1.42 is 1.42 in a string, and not 1.4199999999999999: the shortest text of the number",
    ),
    ("builtin_manifestTomlEx", "as builtin_escapeStringJson"),
    ("foldl_single_element", "std.foldl takes an array; std.stringChars makes one of a string"),
    ("foldl_string", "as foldl_single_element"),
    ("foldr_single_element", "as foldl_single_element"),
    ("foldr_string", "as foldl_single_element"),
    ("pow6", "std.pow of another mathematical library: the 14th digit"),
    ("std.makeArray_recursive_evalutation_order_matters", "no stack overflow: elements are evaluated without nesting"),
    ("strReplace3", "std.strReplace of an empty string is inserted everywhere and is not an error"),
    ("stdlib_smoke_test", "the parameter of std.escapeStringBash has another name when it is passed by name"),
    ("tailstrict3", "tailstrict evaluates the arguments of the call, and not the defaults of parameters"),
];

/// Programs that only the suite's own runner can run, and why.
const NOT_APPLICABLE: &[(&str, &str)] = &[
    ("native1", "the runner defines native functions; anu has none"),
    ("native2", "as native1"),
    ("native3", "as native1"),
    ("native6", "as native1"),
    ("std.thisFile", "the expected name is that of the runner's folder"),
    ("std.thisFile2", "as std.thisFile"),
];

/// The folder with the suite; `None`, with a line on standard error, where it cannot be installed.
fn suite() -> Option<PathBuf> {
    let output =
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/install")).arg("go-jsonnet").output().unwrap();
    if output.status.success() {
        return Some(Path::new(String::from_utf8(output.stdout).unwrap().trim()).join("testdata"));
    }
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(std::env::var_os("ANU_TEST_REQUIRE").is_none_or(|value| value != "1"), "{reason}");
    eprintln!("skipped: the official test suite is not installed: {reason}");
    None
}

/// What its own runner gives to the programs about external variables, but for the two that do not parse: here an external
/// variable is parsed where it is set, and not where it is used.
fn variables(name: &str) -> Variables {
    let mut variables = Variables::default();
    if !name.starts_with("extvar_") {
        return variables;
    }
    variables.ext_vars.insert("stringVar".into(), "2 + 2".into());
    let itself = "[42, std.extVar(\"selfRecursiveVar\")[0] + 1]";
    let each_other = |other: &str| format!("[42, std.extVar(\"{other}\")[0] + 1]");
    for (name, code) in [
        ("codeVar", "3 + 3".to_owned()),
        ("errorVar", "error 'xxx'".to_owned()),
        ("selfRecursiveVar", itself.to_owned()),
        ("mutuallyRecursiveVar1", each_other("mutuallyRecursiveVar2")),
        ("mutuallyRecursiveVar2", each_other("mutuallyRecursiveVar1")),
    ] {
        variables.ext_code.insert(name.into(), code);
    }
    variables
}

#[test]
fn the_official_suite_evaluates_to_the_same_bytes() {
    let Some(folder) = suite() else { return };
    let mut programs: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "jsonnet"));
    programs.sort();
    let (mut compared, mut differences) = (0, BTreeMap::new());
    for program in &programs {
        // A few programs are only imported by others.
        let Ok(expected) = fs::read_to_string(program.with_extension("golden")) else { continue };
        let name = program.file_stem().unwrap().to_str().unwrap();
        if NOT_APPLICABLE.iter().any(|(other, _)| *other == name) {
            continue;
        }
        compared += 1;
        let request = Request { variables: variables(name), indented: true, ..Request::of_file(program) };
        let fails = !is_output(&expected);
        let difference = match evaluate(&request) {
            Ok(compiled) if fails => Some(format!("evaluates to {}", compiled.json)),
            Ok(compiled) => (!same(&compiled.json, &expected))
                .then(|| format!("evaluates to {}\nexpected {expected}", compiled.json)),
            Err(_) if fails => None,
            Err(error) => Some(format!("fails: {error}\nexpected {expected}")),
        };
        if let Some(difference) = difference {
            differences.insert(name.to_owned(), difference);
        }
    }
    assert!(compared > 700, "only {compared} programs");
    let listed: BTreeMap<&str, &str> = DIFFERENCES.iter().copied().collect();
    let new: Vec<String> = differences
        .iter()
        .filter(|(name, _)| !listed.contains_key(name.as_str()))
        .map(|(name, difference)| format!("{name}: {difference}"))
        .collect();
    let gone: Vec<&&str> = listed.keys().filter(|name| !differences.contains_key(**name)).collect();
    assert!(new.is_empty() && gone.is_empty(), "{} new:\n{}\ngone: {gone:?}", new.len(), new.join("\n"));
    eprintln!("{compared} programs of the official suite, {} differ with a reason", listed.len());
}

/// Whether two documents are the same bytes, but for the texts of numbers: `1.42` and `1.4199999999999999` are one number.
fn same(one: &str, two: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    let parts = |text: &str| -> Vec<(bool, String)> {
        let mut parts: Vec<(bool, String)> = Vec::new();
        let mut quoted = false;
        let mut escaped = false;
        for c in text.trim_end().chars() {
            let is_number = !quoted && number(c);
            match parts.last_mut() {
                Some((before, part)) if *before == is_number => part.push(c),
                _ => parts.push((is_number, c.into())),
            }
            quoted ^= c == '"' && !escaped;
            escaped = quoted && c == '\\' && !escaped;
        }
        parts
    };
    let equal = |(one, two): (&(bool, String), &(bool, String))| {
        one == two || one.0 && two.0 && one.1.parse::<f64>().ok() == two.1.parse::<f64>().ok()
    };
    let (one, two) = (parts(one), parts(two));
    one.len() == two.len() && one.iter().zip(&two).all(equal)
}

/// Whether an expected text is a document and not an error. Errors have positions and stack frames.
fn is_output(expected: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(expected).is_ok()
}
