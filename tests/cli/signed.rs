//! Signed registries on the command line, and `docs/guides/signed-registries.md`: its blocks run as they stand.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use insta::{assert_snapshot, with_settings};

use crate::Shell;
use crate::signer::Signer;

const GUIDE: &str = include_str!("../../docs/guides/signed-registries.md");

/// The key pair of the guide.
fn signer() -> Signer {
    Signer::new(7)
}

/// A folder with a signed registry.
fn signed() -> Shell {
    let shell = Shell::of_example();
    shell.write("registry.json.minisig", &signer().sign(shell.read("registry.json"), "registry:acme"));
    shell
}

#[test]
fn a_registry_that_is_signed_is_read() {
    let shell = signed();
    let verb = ["registry", "manifests", "--cluster", "compute-shop"];
    let run = |options: &[&str]| shell.run(&[verb.as_slice(), options].concat());
    let (ours, other) = (signer().public_key(), Signer::new(8).public_key());
    assert_eq!(run(&["--minisign", &other, "--minisign", &ours]).quietly(), run(&[]).quietly());
    assert_snapshot!(run(&["--minisign", &other]), @"
    error: Registry signature is not accepted
      source `registry.json`: foreign key: it is signed with the key `0707070707070707`, and `--minisign` accepts `0808080808080808`. If the publisher has a new key, add it there; otherwise the document is not the publisher's
      anu:signature-not-accepted
    (exit code 1)
    ");
    assert_snapshot!(run(&["--minisign", &ours, "--trusted-comment", "branch:main"]), @"
    error: Registry signature is not accepted
      source `registry.json`: signature without `branch:main`: its trusted comment is `registry:acme`, and `--trusted-comment` requires the field. Check that this is the right document, and that it is signed with `minisign -Sm registry.json -t 'registry:NAME branch:main'`
      anu:signature-not-accepted
    (exit code 1)
    ");
    assert_snapshot!(run(&["--minisign", "minisign.pub"]), @"
    error: `--minisign` is not a public key
      the value (12 characters) is not a public key of minisign: write the second line of `minisign.pub`, 56 characters that begin with `RW`.
      anu:command-line
    (exit code 2)
    ");
    let secret = "RWRTY0IytFTUTFctGqpbI4utaRXK9nGTnX12E6haVbWXFsMdQkcAABAAAAAA";
    assert_snapshot!(run(&["--minisign", secret]), @"
    error: `--minisign` is not a public key
      the value is a secret key of minisign, which must not be shared: write the second line of `minisign.pub`, and create a new pair of keys if others can read this value.
      anu:command-line
    (exit code 2)
    ");
    assert_snapshot!(run(&["--trusted-comment", "branch:main"]), @"
    error: the following required arguments were not provided:
      --minisign <KEY>

    Usage: anu registry manifests --minisign <KEY> --cluster <NAME> --trusted-comment <FIELD>

    For more information, try '--help'.
    (exit code 2)
    ");
    assert_snapshot!(run(&["--minisign", &ours, "--registry", "registry.jsonnet"]), @"
    error: `--minisign` cannot verify what is compiled
      `--minisign` requires the signature of a compiled registry. A source that ends in `.jsonnet` or is a folder is compiled when it is read, and its files have no signature. Remove `--minisign`, or compile the registry (`anu registry compile`) and sign the result.
      anu:registry-not-verified
    (exit code 2)
    ");
    assert_snapshot!(run(&["--max-age", "soon"]), @"
    error: invalid value 'soon' for '--max-age <AGE>': `soon` is not an age; write for example `12h` or `7d`

    For more information, try '--help'.
    (exit code 2)
    ");
    with_settings!({filters => [(r"\), .+ ago", "), AGE ago")]}, {
        assert_snapshot!(run(&["--max-age", "1s"]), @"
        error: Registry is too old
          `registry.json` was compiled at `2026-11-20T10:00:00Z` (`metadata.compiledAt`), AGE ago, and `--max-age` permits 1s. Publish the registry again, and check that the source is not a copy that is no longer updated.
          anu:registry-too-old
        (exit code 1)
        ");
    });
    shell.write("registry.json.minisig", &signer().sign(shell.read("registry.json"), "registry:globex"));
    assert_snapshot!(run(&["--minisign", &ours]), @"
    error: Registry signature is not accepted
      the signature of `registry.json` is for registry `globex` (the field `registry:` of its trusted comment), and the document is of registry `acme`. Check the address; or sign it again: `minisign -Sm registry.json -t 'registry:acme'`.
      anu:signature-not-accepted
    (exit code 1)
    ");
}

#[test]
fn all_registries_of_a_comparison_must_be_signed() {
    let shell = signed();
    shell.write("old.json", &shell.read("registry.json"));
    let key = signer().public_key();
    assert_snapshot!(shell.run(&["registry", "diff", "old.json", "registry.json", "--minisign", &key]), @"
    error: Registry signature is not accepted
      source `old.json`: signature missing: `old.json.minisig` does not exist, and `--minisign` accepts only a signed registry. Sign it where it is published: `minisign -Sm registry.json -t 'registry:NAME'`
      anu:signature-not-accepted
    (exit code 1)
    ");
}

/// minisign is a program of others: a script with its name accepts the options of the guide only, and delivers what minisign would.
#[test]
fn every_block_of_the_guide_works_as_it_stands() {
    let shell = Shell::new();
    let bin = shell.path("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let minisign = bin.join("minisign");
    let script = "#!/bin/sh\ncase \"$*\" in\n'-G') cp bin/key minisign.pub ;;\n\
                  \"-Sm registry.json -t registry:acme branch:main\") cp bin/signature registry.json.minisig ;;\n*) exit 1 ;;\nesac\n";
    std::fs::write(&minisign, script).expect("written");
    set_permissions(&minisign, Permissions::from_mode(0o755)).expect("set");
    shell.write("bin/key", &format!("untrusted comment: minisign public key\n{}\n", signer().public_key()));
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_anu")).parent().expect("a folder");
    let path = format!("{}:{}:{}", bin.display(), programs.display(), std::env::var("PATH").unwrap_or_default());
    let (mut printed, mut counts) = (String::new(), [0; 4]);
    for block in GUIDE.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').expect("a block");
        let text = format!("{text}\n");
        match language {
            "json" => {
                shell.write("registry.json", &text);
                shell.write("bin/signature", &signer().sign(&text, "registry:acme branch:main"));
                counts[0] += 1;
            }
            "shell" => {
                let ended = shell.ended(
                    Command::new("bash")
                        .args(["-euc", &text])
                        .current_dir(shell.path(""))
                        .env_clear()
                        .env("PATH", &path)
                        .env("ANU_CACHE_DIR", shell.path(".cache")),
                );
                printed = ended.stdout.clone() + &ended.stderr;
                assert!(ended.code == Some(0) || printed.starts_with("error: Registry signature"), "{text}{ended}");
                counts[1] += 1;
            }
            "text" => {
                assert_eq!(text, printed, "what the command before it prints");
                counts[2] += 1;
            }
            "terraform" => {
                assert!(text.contains(&format!("[\"{}\"]", signer().public_key())), "{text}");
                counts[3] += 1;
            }
            other => panic!("a block of another language: {other}"),
        }
    }
    assert_eq!(counts, [1, 3, 1, 1]);
}
