//! `anu registry`: the registry itself.

use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::signer::Signer;
use crate::{Ended, Shell};

fn run(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.run(&[&["registry"], arguments].concat())
}

/// Every form of the same registry prints the same document.
#[test]
fn the_registry_is_printed_as_json_whatever_it_is_written_in() {
    let shell = Shell::new();
    let json = r#"{"metadata":{"name":"acme"},"services":[],"x-limits":[1.50,-0.0,"\u0041\u202e"]}"#;
    shell.write("registry.json", json);
    let ended = run(&shell, &[]);
    assert_eq!(ended.notes, "note: Reading `registry.json`, found in this folder\n");
    assert_snapshot!(ended.quietly(), @r#"
    {
      "metadata": {
        "name": "acme"
      },
      "services": [],
      "x-limits": [
        1.50,
        -0.0,
        "\u0041\u202e"
      ]
    }
    "#);
    for (name, text) in [
        ("program.jsonnet", "{ metadata: { name: 'acme' }, services: [], 'x-limits': [1.5, -0.0, 'A\\u202e'] }"),
        ("other.yaml", "metadata: {name: acme}\nservices: []\nx-limits: [1.50, -0.0, \"\\u0041\\u202e\"]\n"),
    ] {
        shell.write(name, text);
        let printed = run(&shell, &["--registry", name]).quietly();
        let value = |text: &str| -> Json { serde_json::from_str(text).expect("JSON") };
        assert_eq!(value(&printed)["metadata"], value(json)["metadata"], "{name}");
        assert_eq!(value(&printed)["x-limits"][2], value(json)["x-limits"][2], "{name}");
        assert!(!printed.contains('\u{202e}'), "a hidden character is an escape: {printed}");
    }
}

#[test]
fn what_is_not_json_is_refused_in_the_words_of_a_check() {
    let shell = Shell::new();
    shell.write("registry.json", "{\"services\": [");
    assert_snapshot!(run(&shell, &[]), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 1, column 14, after 14 bytes. It is truncated: write or fetch it again.
      anu:not-json
    error: The registry in `registry.json` has 1 error
      Nothing was written. Correct the errors and run the command again.
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("registry.json", "<!doctype html>");
    assert_snapshot!(run(&shell, &[]), @"
    error: Registry is not readable
      source `registry.json`: the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`
      anu:registry-not-readable
    (exit code 3)
    ");
}

/// Its contents are not checked, but who published it and when are.
#[test]
fn proof_and_age_are_checked() {
    let shell = Shell::of_example();
    let key = Signer::new(7).public_key();
    assert_snapshot!(run(&shell, &["--minisign", &key]), @"
    error: Registry signature is not accepted
      source `registry.json`: signature missing: `registry.json.minisig` does not exist, and `--minisign` accepts only a signed registry. Sign it where it is published: `minisign -Sm registry.json -t 'registry:NAME'`
      anu:signature-not-accepted
    (exit code 1)
    ");
    let sign = |comment: &str| {
        shell.write("registry.json.minisig", &Signer::new(7).sign(shell.read("registry.json"), comment));
    };
    sign("registry:acme");
    assert!(run(&shell, &["--minisign", &key]).quietly().contains("\"acme\""));
    sign("registry:globex");
    assert_snapshot!(run(&shell, &["--minisign", &key]), @"
    error: Registry signature is not accepted
      the signature of `registry.json` is for registry `globex` (the field `registry:` of its trusted comment), and the document is of registry `acme`. Check the address; or sign it again: `minisign -Sm registry.json -t 'registry:acme'`.
      anu:signature-not-accepted
    (exit code 1)
    ");
    let old = run(&shell, &["--max-age", "1s"]);
    assert!(old.code == Some(1) && old.stderr.starts_with("error: Registry is too old"), "{old}");
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let shell = Shell::new();
    let services: Vec<Json> = (0..5000).map(|n| serde_json::json!({"type": "Service", "spec": {"name": n}})).collect();
    shell.registry(&serde_json::json!({"services": services}));
    let mut child = shell
        .command(&["registry", "--registry", "registry.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("anu runs");
    drop(child.stdout.take()); // as `head` does it
    let output = child.wait_with_output().expect("anu ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
