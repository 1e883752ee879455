//! `docs/guides/publishing.md`, block by block: commands run as they stand and print the text that follows them, workflows are checked by
//! actionlint and their commands run, and every field of the JSON is named.

use minisign::KeyPair;
use serde_json::Value as Json;

use crate::diff::Repository;
use crate::{Ended, Shell, workflows};

const GUIDE: &str = include_str!("../../docs/guides/publishing.md");

/// Language and text of each block.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let blocks = GUIDE.split("\n```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').expect("a block")).collect()
}

/// Runs lines in a shell with the settings of a repository.
fn run(shell: &Shell, repository: &Repository<'_>, lines: &str, set: &[(&str, &str)]) -> Ended {
    let mut command = shell.line_command(lines);
    let path = command.get_envs().find_map(|(name, value)| (name == "PATH").then_some(value?.to_owned()));
    repository.environment(&mut command);
    command.env("PATH", path.expect("a path")).envs(set.iter().copied());
    shell.ended(&mut command)
}

/// The programs of others that the guide names, and its registry in a repository.
fn shell() -> Shell {
    let shell = Shell::new();
    let pair = KeyPair::generate_unencrypted_keypair().expect("a key");
    shell.script("minisign", "[ \"$*\" = '-GW -s minisign.key' ] && cp bin/key minisign.key");
    shell.script("cue", "cat registry.json");
    shell.write("bin/key", &pair.sk.to_box(None).expect("a text").to_string());
    shell
}

#[test]
fn every_block_works_as_it_stands() {
    let shell = shell();
    let repository = Repository::of(&shell);
    let (mut printed, mut counts) = (String::new(), [0; 4]);
    for (language, text) in blocks() {
        match language {
            "json" => {
                repository.commit("registry.json", &format!("{}\n", text.replace("banking-team", "bank")));
                repository.commit("registry.json", &format!("{text}\n"));
                counts[0] += 1;
            }
            "shell" => {
                let ended = run(&shell, &repository, text, &[]);
                assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{text}\n{ended}");
                printed = ended.notes + &ended.stdout;
                if text.starts_with("git revert") {
                    // Commits of the test have the same time.
                    repository.git(&["commit", "--amend", "--no-edit", "--quiet", "--date", "2026-11-21T10:00:00Z"]);
                    assert!(shell.read("registry.json").contains("bank@"));
                }
                counts[1] += 1;
            }
            "text" => {
                assert_eq!(format!("{text}\n"), printed, "what the command before it prints");
                counts[2] += 1;
            }
            "yaml" => counts[3] += 1,
            other => panic!("a block of another language: {other}"),
        }
    }
    assert_eq!(counts, [1, 8, 2, 2]);
    assert!(
        shell.read("published/registry.json").contains("bank@")
            && shell.path("published/registry.json.minisig").exists()
    );
}

#[test]
fn the_commands_of_the_workflows_run() {
    let shell = shell();
    let repository = Repository::of(&shell);
    let registry = blocks().into_iter().find(|(language, _)| *language == "json").expect("a registry").1;
    repository.commit("registry.json", registry);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let key = shell.read("bin/key");
    let file = shell.path("bin/key").display().to_string();
    let commands = workflows::commands(GUIDE);
    for command in &commands {
        let command = command.replace("gs://acme-registry/", "published/");
        let set = [("GITHUB_BASE_REF", "main"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")];
        let secrets = [("KEY", key.as_str()), ("MINISIGN_KEY", &file), ("CI_COMMIT_BRANCH", "main")];
        let ended = run(&shell, &repository, &command, &[&set[..], &secrets].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}\n{ended}");
    }
    assert_eq!(commands.len(), 5);
    assert!(shell.read("registry.xml").contains("testsuites"));
    assert!(shell.read("published/registry.json.minisig").contains("branch:main"));
}

#[test]
fn the_workflows_are_well_formed() {
    assert_eq!(workflows::check(GUIDE), 2);
}

#[test]
fn every_field_of_the_json_is_documented() {
    fn fields(value: &Json, found: &mut Vec<String>) {
        match value {
            Json::Object(entries) => entries.iter().for_each(|(key, value)| {
                found.push(key.clone());
                fields(value, found);
            }),
            Json::Array(values) => values.iter().for_each(|value| fields(value, found)),
            _ => {}
        }
    }
    let (_, section) = GUIDE.split_once("## JSON\n").expect("a section");
    let shell = Shell::with(
        &serde_json::json!({"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "a"}}]}),
    );
    let mut found = Vec::new();
    for arguments in [&["validate"][..], &["publish", "--to", "a.json"]] {
        let ended = shell.run(&[&["registry"], arguments, &["--format", "json"]].concat());
        fields(&serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended}")), &mut found);
    }
    let missing: Vec<&String> = found.iter().filter(|field| !section.contains(&format!("`{field}`"))).collect();
    assert_eq!((missing, found.len() > 20), (Vec::new(), true));
}
