//! `anu/registry.libsonnet`: its tests, which are written in Jsonnet (`lib/anu/tests/`), and the mistakes that it finds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anu::compile::{LIBRARY, Request, evaluate};
use anu::fanout::{self, Settings};
use anu::registry::{LoadOptions, load};

use crate::{compile_text, failure};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn its_own_tests_pass() {
    let folder = repository().join("lib/anu/tests");
    let mut programs: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.sort();
    assert!(!programs.is_empty());
    for program in programs {
        let compiled = evaluate(&Request::of_file(&program)).unwrap_or_else(|error| panic!("{error}"));
        let results: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&compiled.json).unwrap();
        assert!(results.len() > 5);
        for (name, passed) in results {
            assert_eq!(passed, serde_json::Value::Bool(true), "{}: {name}", program.display());
        }
    }
}

/// A call for each way to use it wrongly.
const MISTAKES: &[&str] = &[
    "registry.new(1)",
    "registry.new('')",
    "registry.new('acme') + registry.mixin.withServices(['ledger'])",
    "registry.new('acme') + registry.mixin.withServices(registry.service.new)",
    "registry.new('acme') + registry.mixin.withServices([s('a'), s('a')])",
    "registry.new('acme') + registry.mixin.withTeams([registry.team.new('t'), registry.team.new('t')])",
    "registry.new('acme') + registry.mixin.withTeams(s('a'))",
    "registry.new('acme') + registry.mixin.withPermissions([])",
    "registry.service.new()",
    "registry.service.new('a', 'b', 'c')",
    "registry.service.new(name=1)",
    "s('a') + registry.service.mixin.withTeam(['a'])",
    "s('a') + registry.service.mixin.withTeam(registry.cluster.new('c'))",
    "s('a') + registry.service.mixin.withTeem('a')",
    "s('a') + registry.service.mixin.withGoogleServices([1])",
    "s('a') + registry.service.mixin.withEnvironments('staging')",
    "s('a') + registry.service.mixin.withEnvironments([e('x'), e('x')])",
    "s('a') + registry.service.mixin.withDeletionPolicy('never')",
    "registry.environment.map({}, [e('x')])",
    "registry.environment.map(null, function(environment) [])",
    "registry.environment.map({}, function(environment) ['staging'])",
    "e('x') + registry.environment.mixin.rbac.withViewers(1)",
    "e('x') + registry.environment.mixin.rbac.withAdmins([s('a')])",
    "e('x') + registry.environment.mixin.rbac.withAdminsMixin({ principal: 'user:a@example.com' }) + { spec+: { rbac+: { admin: [] } } }",
    "e('x') + registry.environment.mixin.withQuota([1])",
    "e('x') + registry.environment.mixin.withTargets('argo')",
    "registry.target.argo.new('c')",
    "registry.target.argo.new(1, 'n')",
    "registry.target.argo.new('c', '')",
    "registry.target.helm.new('c', 'n', 'r', 'x')",
    "registry.principal.user('')",
    "registry.principal.user('jo@example.com', expires=2027)",
    "registry.project.new(null)",
    "registry.cluster.new('c', googleProject=1)",
];

#[test]
fn a_mistake_fails_while_compiling_with_a_sentence() {
    let head = "local registry = import 'anu/registry.libsonnet';\nlocal s(name) = registry.service.new(name);\nlocal e(name) = registry.environment.new(name);\n";
    let mut texts = String::new();
    for mistake in MISTAKES {
        let text = match compile_text(&format!("{head}{mistake}")) {
            // What the library does not know passes, and is the registry's to refuse.
            Ok(compiled) => compiled.json,
            Err(error) => error.message,
        };
        writeln!(texts, "{mistake}\n    {text}").unwrap();
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn a_mistake_shows_the_line_of_the_user() {
    let program = "local registry = import 'anu/registry.libsonnet';\nregistry.new('acme')\n+ registry.mixin.withServices([\n  registry.service.new('ledger') + registry.service.mixin.withTeam(7),\n])";
    insta::assert_snapshot!(failure(compile_text(program)), @r"
    service.withTeam: team must be a name or a Team entry, got number
      --> registry.jsonnet:4:36
      |
    4 |   registry.service.new('ledger') + registry.service.mixin.withTeam(7),
      |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      in a function, registry.jsonnet:4:36
      in a function, registry.jsonnet:3:3
    ");
}

/// `examples/jsonnet` is the quickstart's registry, with a file for each service.
#[test]
fn the_quickstart_in_jsonnet_fans_out_to_the_same_resources() {
    let options = LoadOptions { version: anu::version(), allow_empty: false, name: None };
    let digests = |document: &[u8]| {
        let (fan_out, warnings) = fanout::load(document, &options, &Settings::default()).unwrap();
        assert_eq!(warnings, []);
        fan_out.digests().map(|(name, digest)| (name.to_string(), digest.to_string())).collect::<BTreeMap<_, _>>()
    };
    let compiled = evaluate(&Request::of_file(&repository().join("examples/jsonnet/registry.jsonnet"))).unwrap();
    let quickstart = fs::read(repository().join("examples/quickstart/registry.json")).unwrap();
    let (compiled, quickstart) = (digests(compiled.json.as_bytes()), digests(&quickstart));
    assert_eq!(quickstart.len(), 12);
    assert_eq!(compiled, quickstart);
}

#[test]
fn an_empty_registry_and_a_complete_one_are_accepted() {
    let options = LoadOptions { version: anu::version(), allow_empty: true, name: None };
    let program = "(import 'anu/registry.libsonnet').new('acme')";
    let compiled = compile_text(program).unwrap();
    let (registry, problems) = load(compiled.json.as_bytes(), &options).unwrap();
    assert_eq!((registry.name().unwrap().as_str(), problems.len()), ("acme", 0));
    assert_eq!(LIBRARY.len(), 1);
}
