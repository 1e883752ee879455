//! `anu registry publish` to files: what is written, what is refused, signatures, and publishers that race.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use insta::assert_snapshot;
use minisign::KeyPair;
use serde_json::{Value as Json, json};

use crate::diff::Repository;
use crate::{Ended, Shell, example};

const TIME: [&str; 4] = ["--compiled-at", "2026-11-20T10:00:00Z", "--revision", "4f2c91e"];

fn publish(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.run(&[&["registry", "publish"], arguments].concat())
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

/// The example, without a revision and a time of its own.
fn registry() -> Json {
    let mut registry = example().json();
    registry["metadata"] = json!({"name": "acme"});
    registry
}

fn shell() -> Shell {
    Shell::with(&registry())
}

#[test]
fn a_registry_is_published_once_and_what_it_replaces_is_kept() {
    let shell = shell();
    let run = |arguments: &[&str]| publish(&shell, &[&["--to", "www/registry.json"], arguments].concat());
    assert_snapshot!(run(&[&TIME[..], &["--dry-run"]].concat()).quietly(), @"
    services: 3 created; resources: 15 created

    Registry `acme`, compiled at 2026-11-20T10:00:00Z, revision `4f2c91e`
    SHA-256: c9b1449b3fa9dc01d53f46cef66bbdf5e0856cadce27d28d2009e490668602d2
    would be written: www/registry.json
    ");
    assert!(!shell.path("www").exists());
    let ended = run(&[&TIME[..], &["--format", "json"]].concat());
    assert_snapshot!(ended, @r#"
    {
      "format": 1,
      "registry": "acme",
      "revision": "4f2c91e",
      "compiledAt": "2026-11-20T10:00:00Z",
      "sha256": "c9b1449b3fa9dc01d53f46cef66bbdf5e0856cadce27d28d2009e490668602d2",
      "signed": false,
      "impact": "sha256:5b8f0aff9dd685a9afb55415b059d5b9771142e87c3964a657f8d6c6331f7a54",
      "dryRun": false,
      "places": [
        {
          "place": "www/registry.json",
          "outcome": "written"
        }
      ]
    }
    (exit code 0)
    "#);
    let first = shell.read("www/registry.json");
    assert_eq!(json(&first)["metadata"], json!({"name": "acme", "revision": "4f2c91e", "compiledAt": TIME[1]}));
    // The same once more, in another order of its keys.
    let modified =
        || std::fs::metadata(shell.path("www/registry.json")).and_then(|found| found.modified()).expect("a time");
    let before = modified();
    shell.write("registry.json", &registry().to_string());
    assert_snapshot!(run(&TIME).quietly(), @"
    Registry `acme`, compiled at 2026-11-20T10:00:00Z, revision `4f2c91e`
    SHA-256: c9b1449b3fa9dc01d53f46cef66bbdf5e0856cadce27d28d2009e490668602d2
    unchanged: www/registry.json
    ");
    assert_eq!((modified(), shell.names("www")), (before, vec!["registry.json".to_owned()]));
    // A change.
    let mut changed = registry();
    changed["services"][0]["spec"]["repository"] = json!("acme/ledger");
    shell.registry(&changed);
    let later = ["--compiled-at", "2026-11-21T10:00:00Z", "--revision", "5f2c91e"];
    assert_snapshot!(run(&later).quietly(), @"
    `www/registry.json` → `registry.json`
    services: 1 changed; no resource changes

                          before  created  changed  removed   after
    services                   3        -        1        -       3
    resources                 15        -        -        -      15
    namespaces                 4        -        -        -       4
    quotas                     3        -        -        -       3
    role bindings              8        -        -        -       8

    Services:
      ~ `ledger` (changed)
          repository: + `acme/ledger`

    Impact: sha256:6728b33e6130f544d6882dd292b9d8ca21f05b5ee05945c722dd447e7df2b33f

    Registry `acme`, compiled at 2026-11-21T10:00:00Z, revision `5f2c91e`
    SHA-256: 35fef69b15b4425f05f6d70c8852e748b9ea886dd9b8fd23be94ace4c4c44c47
    written: www/registry.json
    ");
    assert_eq!(shell.read("www/registry.json.previous"), first);
    assert_eq!(shell.names("www"), ["registry.json", "registry.json.previous"]);
    // What is published is what everyone reads.
    let reread = shell.run(&["registry", "--registry", "www/registry.json"]).quietly();
    assert_eq!(reread, shell.read("www/registry.json"));
}

#[test]
fn what_must_not_be_published_is_refused_and_nothing_is_written() {
    let shell = shell();
    publish(&shell, &[&["--to", "registry-of-all.json"], &TIME[..]].concat()).quietly();
    let published = shell.read("registry-of-all.json");
    let mut texts = String::new();
    let mut refused = |what: &str, registry: &Json, arguments: &[&str]| {
        shell.registry(registry);
        let ended = publish(&shell, &[&["--to", "registry-of-all.json"], arguments].concat());
        assert_eq!((ended.code, shell.read("registry-of-all.json") == published), (Some(1), true), "{ended}");
        texts.push_str(&format!("# {what}\n{}(exit code 1)\n\n", ended.stderr));
    };
    let later = ["--compiled-at", "2026-11-21T10:00:00Z"];
    let mut wrong = registry();
    wrong["services"][0]["spec"]["team"] = json!("bankng");
    refused("errors", &wrong, &later);
    let mut wrong = registry();
    wrong["metadata"]["name"] = json!("globex");
    refused("another registry", &wrong, &later);
    let mut wrong = registry();
    wrong["services"][0]["spec"]["repository"] = json!("acme/ledger");
    refused("older", &wrong, &["--compiled-at", "2026-11-19T10:00:00Z"]);
    let mut wrong = registry();
    wrong["metadata"] = json!({});
    refused("no name", &wrong, &later);
    let mut emptied = registry();
    emptied["services"] = json!([emptied["services"][1], emptied["services"][2]]);
    refused("beyond the limits", &emptied, &[&later[..], &["--max-removals", "0", "--max-revocations", "0"]].concat());
    let another = ["--max-removals", "0", "--acknowledge", "sha256:0000"];
    refused("another change is acknowledged", &emptied, &[&later[..], &another].concat());
    assert_snapshot!(texts);
    // Acknowledged.
    let limits = [&later[..], &["--max-removals", "0", "--max-revocations", "0"]].concat();
    let ended = publish(&shell, &[&["--to", "registry-of-all.json"], &limits[..]].concat());
    let (_, digest) = ended.stderr.split_once("--acknowledge ").expect("a digest");
    let digest = digest.split_whitespace().next().expect("a digest");
    let acknowledged = ["--to", "registry-of-all.json", "--acknowledge", digest];
    publish(&shell, &[&acknowledged[..], &limits].concat()).quietly();
    assert_ne!(shell.read("registry-of-all.json"), published);
    // What is there is no registry.
    shell.write("registry-of-all.json", "{\"services\": 1}");
    assert_snapshot!(publish(&shell, &[&["--to", "registry-of-all.json"], &later[..]].concat()), @"
    error: Refusing to replace what is no valid registry: `registry-of-all.json`
      What is published there has errors, so what would change is not known. Its SHA-256 is `54ad474d3b4d1867552cdfab188da737b924cb4876959c3f2b43bfa5274f0374`.
      Nothing was written.
    hint: check the place; delete the document there first
      anu:publishing-refused
    (exit code 1)
    ");
}

#[test]
fn wrong_command_lines() {
    let shell = shell();
    let mut texts = String::new();
    for arguments in [
        &[][..],
        &["--to", "https://registry.example.com/registry.json"],
        &["--to", "ftp://registry.example.com/registry.json"],
        &["--to", "registry.yaml"],
        &["--to", "a.json", "--to", "a.json"],
        &["--to", "gs://acme/registry.json#42"],
        &["--to", "s3://acme/registry.json?versionId=42"],
        &["--to", "a.json", "--compiled-at", "soon"],
        &["--to", "a.json", "--max-removals", "many"],
        &["--to", "a.json", "--comment", "branch:main"],
        &["--to", "a.json", "--sign", "none.key"],
        &["--to", "a.json", "--sign", "registry.json"],
    ] {
        let ended = publish(&shell, arguments);
        assert!(ended.code != Some(0) && ended.stdout.is_empty(), "{ended}");
        texts.push_str(&format!("$ anu registry publish {}\n{ended}\n\n", arguments.join(" ")));
    }
    assert_snapshot!(texts);
    assert_eq!(shell.names(""), ["registry.json"]);
}

/// Writes both forms of a key, and returns its public key.
fn key(shell: &Shell) -> String {
    let pair = KeyPair::generate_unencrypted_keypair().expect("a key");
    shell.write("plain.key", &pair.sk.to_box(None).expect("a text").to_string());
    let encrypted = KeyPair::generate_encrypted_keypair(Some("open sesame".to_owned())).expect("a key");
    shell.write("encrypted.key", &encrypted.sk.to_box(None).expect("a text").to_string());
    pair.pk.to_base64()
}

/// A second implementation of minisign's format: <https://jedisct1.github.io/minisign/#signature-format>.
fn verify(document: &[u8], signature: &str, public_key: &str) -> String {
    let lines: Vec<&str> = signature.lines().collect();
    let [untrusted, signature, comment, global] = lines[..] else { panic!("four lines: {signature}") };
    assert!(untrusted.starts_with("untrusted comment: "));
    let comment = comment.strip_prefix("trusted comment: ").expect("a comment");
    let decode = |text: &str| STANDARD.decode(text).expect("base64");
    let (key, signature, global) = (decode(public_key), decode(signature), decode(global));
    assert_eq!((&key[..2], &signature[..2], &key[2..10]), (&b"Ed"[..], &b"ED"[..], &signature[2..10]));
    let public = UnparsedPublicKey::new(&ED25519, &key[10..]);
    public.verify(&Blake2b512::digest(document), &signature[10..]).expect("of the document");
    public.verify(&[&signature[10..], comment.as_bytes()].concat(), &global).expect("of the comment");
    comment.to_owned()
}

#[test]
fn a_signature_is_accepted_by_every_reader() {
    let mut shell = shell();
    let public_key = key(&shell);
    let run = |shell: &Shell, arguments: &[&str]| {
        publish(shell, &[&["--to", "a.json", "--to", "b.json.gz"], &TIME[..], arguments].concat())
    };
    run(&shell, &[]).quietly();
    // The document is published already: only the signature is written.
    let document = shell.read("a.json");
    let signed = run(&shell, &["--sign", "plain.key", "--comment", "branch:main"]).quietly();
    assert_snapshot!(signed.lines().filter(|line| !line.starts_with("SHA")).collect::<Vec<_>>().join("\n"), @"
    Registry `acme`, compiled at 2026-11-20T10:00:00Z, revision `4f2c91e`
    written: a.json
    written: b.json.gz
    ");
    assert_eq!(shell.read("a.json"), document);
    assert_eq!(
        shell.names(""),
        ["a.json", "a.json.minisig", "b.json.gz", "b.json.gz.minisig", "encrypted.key", "plain.key", "registry.json"]
    );
    let signature = shell.read("a.json.minisig");
    let comment = verify(document.as_bytes(), &signature, &public_key);
    assert_eq!(comment, "registry:acme compiledAt:2026-11-20T10:00:00Z revision:4f2c91e branch:main");
    verify(document.as_bytes(), &shell.read("b.json.gz.minisig"), &public_key);
    for place in ["a.json", "b.json.gz"] {
        let options = ["registry", "--registry", place, "--minisign", &public_key, "--trusted-comment", "branch:main"];
        assert_eq!(shell.run(&options).quietly(), document);
    }
    // Every signature has other random numbers: the one that is there is still good.
    run(&shell, &["--sign", "plain.key", "--comment", "branch:main"]).quietly();
    assert_eq!(shell.read("a.json.minisig"), signature);
    run(&shell, &["--sign", "plain.key", "--comment", "branch:release"]).quietly();
    assert_ne!(shell.read("a.json.minisig"), signature);
    // A key with a password, of which nothing is printed.
    assert_snapshot!(run(&shell, &["--sign", "encrypted.key"]), @"
    error: The key in `encrypted.key` needs a password
      It is encrypted, and there is no terminal to ask for its password.
    hint: set the variable ANU_MINISIGN_PASSWORD, or use a key without a password (`minisign -GW`)
      anu:signing-failed
    (exit code 1)
    ");
    shell.set("ANU_MINISIGN_PASSWORD", "close sesame");
    assert_snapshot!(run(&shell, &["--sign", "encrypted.key"]), @"
    error: Wrong password for the key in `encrypted.key`
      The password is the value of the variable ANU_MINISIGN_PASSWORD.
      anu:signing-failed
    (exit code 1)
    ");
    shell.set("ANU_MINISIGN_PASSWORD", "open sesame");
    run(&shell, &["--sign", "encrypted.key"]).quietly();
    // Readers may require it.
    assert_snapshot!(run(&shell, &[]), @"
    error: Refusing to publish without a signature: `a.json`
      What is published there is signed, so readers may require it.
      Nothing was written.
    hint: sign it: --sign KEYFILE; or delete the signature there (`.minisig`) first
      anu:publishing-refused
    (exit code 1)
    ");
}

#[test]
fn a_compressed_place_has_the_same_document() {
    let shell = shell();
    let places = ["--to", "a.json", "--to", "b.json.gz", "--to", "c.json.zst"];
    publish(&shell, &[&places[..], &TIME].concat()).quietly();
    for place in ["b.json.gz", "c.json.zst"] {
        let printed = shell.run(&["registry", "--registry", place]).quietly();
        assert_eq!(printed, shell.read("a.json"), "{place}");
        let packed = std::fs::read(shell.path(place)).expect("a file");
        assert!(packed.len() < shell.read("a.json").len() / 2, "{place}: {}", packed.len());
    }
    let again = publish(&shell, &[&places[..], &TIME].concat()).quietly();
    assert_eq!(again.matches("unchanged: ").count(), 3, "{again}");
}

/// What fails says which places have the new registry, and the next run completes it.
#[test]
fn a_publication_that_ends_in_the_middle_is_completed_by_the_next() {
    let shell = shell();
    let places = ["--to", "a.json", "--to", "b.json", "--to", "c.json"];
    publish(&shell, &[&places[..], &TIME].concat()).quietly();
    let mut changed = registry();
    changed["services"][0]["spec"]["repository"] = json!("acme/ledger");
    shell.registry(&changed);
    // Where the previous version of `b` would be kept is a folder.
    std::fs::create_dir_all(shell.path("b.json.previous/x")).expect("a folder");
    let ended = publish(&shell, &[&places[..], &TIME].concat());
    let (_, places_and_error) = ended.stdout.rsplit_once("SHA-256: ").expect("a report");
    let (_, report) = places_and_error.split_once('\n').expect("places");
    assert_snapshot!(format!("{report}{}", ended.stderr), @"
    written: a.json
    not written: b.json
    not written: c.json
    error: The registry is not published everywhere: A place was not written
      `b.json.previous` could not be read before it is written: the path is a folder: write the path of the file in it.
      anu:not-published
      The new one is in `a.json`, and not in `b.json`, `c.json`.
    hint: run the command again: it writes what is missing, and nothing twice
      anu:not-published
    ");
    assert_eq!(ended.code, Some(1));
    std::fs::remove_dir_all(shell.path("b.json.previous")).expect("removed");
    let ended = publish(&shell, &[&places[..], &TIME].concat()).quietly();
    assert!(ended.ends_with("unchanged: a.json\nwritten: b.json\nwritten: c.json\n"), "{ended}");
    assert_eq!(shell.read("a.json"), shell.read("c.json"));
}

#[test]
fn revision_and_time_are_those_of_the_commit() {
    let shell = Shell::new();
    let repository = Repository::of(&shell);
    let program = format!("{} + {{ metadata: {{ name: 'acme' }} }}", registry());
    repository.commit("registry.jsonnet", &program);
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let run = || {
        let mut command = shell.command(&["registry", "publish", "--to", "out/registry.json"]);
        repository.environment(&mut command);
        shell.ended(&mut command).quietly()
    };
    run();
    let metadata = json(&shell.read("out/registry.json"))["metadata"].clone();
    assert_eq!(metadata, json!({"name": "acme", "revision": commit, "compiledAt": "2026-11-20T10:00:00Z"}));
    assert!(run().contains("unchanged: out/registry.json"));
    // An edit that is not committed is newer than every commit.
    shell.write("registry.jsonnet", &program.replace("banking-team@example.com", "bank@example.com"));
    run();
    let metadata = json(&shell.read("out/registry.json"))["metadata"].clone();
    assert_eq!(metadata["revision"], format!("{commit}-dirty"));
    assert!(metadata["compiledAt"].as_str() > Some("2026-11-20T10:00:00Z"), "{metadata}");
}

#[test]
fn a_job_has_the_impact_and_the_places() {
    let shell = shell();
    let mut command = shell.command(&[&["registry", "publish", "--to", "a.json"], &TIME[..]].concat());
    command.env("CI", "true").env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
    shell.ended(command.env("GITHUB_OUTPUT", shell.path("outputs"))).quietly();
    let summary = shell.read("summary.md");
    assert!(summary.starts_with("### Registry: ") && summary.contains("| `a.json` | written |"), "{summary}");
    let outputs = shell.read("outputs");
    assert!(outputs.starts_with("published=true\nimpact=sha256:") && outputs.contains("\nsha256="), "{outputs}");
}

/// Of two publishers that race, the newer document is the one that remains, unless its publisher was told.
#[test]
fn two_publishers_that_race_lose_nothing() {
    let rounds: usize = std::env::var("ANU_PUBLISH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let shell = shell();
    let (mut conflicts, mut refusals) = (0, 0);
    for round in 0..rounds {
        let times = [0, 1].map(|nth| format!("2026-11-20T10:{:02}:{:02}Z", round / 30, 2 * (round % 30) + nth));
        let start = |time: &str| {
            let all = ["registry", "publish", "--registry", "registry.json", "--to", "a.json", "--revision", time];
            let mut command = shell.command(&[&all[..], &["--compiled-at", time]].concat());
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().expect("anu runs")
        };
        let children = [start(&times[0]), start(&times[1])];
        let ends = children.map(|child| child.wait_with_output().expect("it ends"));
        let errors = [0, 1].map(|nth| String::from_utf8_lossy(&ends[nth].stderr).into_owned());
        let [older, newer] = [0, 1].map(|nth| ends[nth].status.success());
        for error in errors.iter().filter(|error| !error.is_empty()) {
            let is_conflict = error.contains("Another publisher was faster");
            assert!(is_conflict || error.contains("Refusing to replace a newer registry"), "{error}");
            *(if is_conflict { &mut conflicts } else { &mut refusals }) += 1;
        }
        let found = json(&shell.read("a.json"))["metadata"]["compiledAt"].clone();
        let expected = if newer { &times[1] } else { &times[0] };
        assert!(older || newer, "one of them is first: {errors:?}");
        assert_eq!(found, json!(expected), "round {round}: {older} {newer} {errors:?}");
    }
    println!("{rounds} rounds: {conflicts} conflicts, {refusals} refused as older");
}

#[test]
fn the_examples_of_the_help_run() {
    let mut shell = shell();
    key(&shell);
    shell.write("minisign.key", &shell.read("plain.key"));
    std::fs::rename(shell.path("registry.json"), shell.path("source.json")).expect("renamed");
    shell.set("ANU_REGISTRY", "source.json");
    let help = shell.run(&["registry", "publish", "--help"]).quietly();
    let (_, examples) = help.split_once("Examples:\n").expect("examples");
    let lines: Vec<&str> = examples.lines().map(str::trim).filter(|line| line.starts_with("anu ")).collect();
    assert_eq!(lines.len(), 3);
    // The first needs a bucket and the folder of a web server.
    for line in lines[1..].iter().rev() {
        shell.line(line).quietly();
    }
}
