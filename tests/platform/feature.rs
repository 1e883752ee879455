//! The feature `testing`: tests have it, released programs do not. `.ci/run` checks the other half, that a plain build does not
//! contain the name of the variable.

use anu::platform::embedded::FAULTS_VARIABLE;

#[test]
fn no_default_feature_enables_testing() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).expect("the manifest");
    let (_, features) = manifest.split_once("[features]\n").expect("a table of features");
    let features = features.split("\n[").next().expect("a table");
    let lines: Vec<&str> = features.lines().filter(|line| line.contains('=')).collect();
    assert_eq!(lines, ["testing = []"], "a feature that enables `testing` could be a default one");
    for line in manifest.lines().filter(|line| line.contains("\"testing\"")) {
        assert!(line.starts_with("terraform-provider-anu = { path = \".\""), "only tests may enable it: {line}");
    }
}

/// Otherwise tests that inject faults into the real program would pass because nothing happens.
#[test]
fn the_programs_that_tests_run_have_it() {
    for program in [env!("CARGO_BIN_EXE_terraform-provider-anu"), env!("CARGO_BIN_EXE_anu")] {
        let code = std::fs::read(program).expect("the program");
        let found = code.windows(FAULTS_VARIABLE.len()).any(|window| window == FAULTS_VARIABLE.as_bytes());
        assert!(found, "`{program}` was built without the feature `testing`");
    }
}
