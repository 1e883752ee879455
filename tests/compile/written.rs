//! Where in a program the problems of its document are.

use std::fmt::Write as _;
use std::fs;

use anu::compile::{Request, evaluate, locations_in_program};
use anu::fanout::{self, Settings};
use anu::registry::{LoadOptions, load};

/// A registry with a file for each service, and a mistake of each kind.
const FILES: &[(&str, &str)] = &[
    (
        "registry.jsonnet",
        "local registry = import 'anu/registry.libsonnet';

registry.new('acme')
+ registry.mixin.withTeams([registry.team.new('core', 'core@example.com')])
+ registry.mixin.withServices([
  import 'services/ledger.libsonnet',
  import 'services/payments.libsonnet',
  import 'services/generated.libsonnet',
])
",
    ),
    (
        "services/ledger.libsonnet",
        "local registry = import 'anu/registry.libsonnet';
local service = registry.service, environment = registry.environment;

service.new('ledger')
+ service.mixin.withTeam('cores')
+ service.mixin.withEnvironments([
  environment.new('production')
  + environment.mixin.rbac.withAdmins(['core', 'user:Jo at example.com'])
  + environment.mixin.withTargets(registry.target.argo.new('compute', 'Ledger')),
])
",
    ),
    (
        "services/payments.libsonnet",
        "{
  type: 'Service',
  spec: {
    name: 'payments',
    team: 'cores', // also in ledger's file
    alertChannel: 'payments',
    environments: [{ type: 'Environment', spec: { name: 'production', quota: { 'requests.cpu': 'much' } } }],
  },
}
",
    ),
    (
        "services/generated.libsonnet",
        "local registry = import 'anu/registry.libsonnet';
registry.service.new('generated')
+ registry.service.mixin.withTeam('te' + 'am')
",
    ),
];

#[test]
fn a_problem_has_the_place_where_its_value_its_key_or_its_entry_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("services")).unwrap();
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let compiled = evaluate(&Request::of_file(&folder.path().join("registry.jsonnet"))).unwrap();
    let options = LoadOptions { version: anu::version(), allow_empty: false, name: None };
    let problems = load(compiled.json.as_bytes(), &options).unwrap_err();
    let pointers = problems.iter().map(|problem| problem.pointer.as_str());
    let locations = locations_in_program(&compiled.files, None, &compiled.json, pointers);
    let mut texts = String::new();
    for (problem, location) in problems.iter().zip(locations) {
        let location = location.map_or_else(|| "nowhere".to_owned(), |location| location.to_string());
        let location = location.replace(&format!("{}/", folder.path().display()), "");
        writeln!(texts, "{} {}: {location}", problem.summary, problem.pointer).unwrap();
    }
    insta::assert_snapshot!(texts, @r"
    Invalid principal /services/0/spec/environments/0/spec/rbac/admins/1: services/ledger.libsonnet:8:48
    Invalid name /services/0/spec/environments/0/spec/targets/0/spec/namespace: services/ledger.libsonnet:9:71
    Unknown team /services/0/spec/team: services/ledger.libsonnet:5:26
    Unknown field /services/1/spec/alertChannel: services/payments.libsonnet:6:5
    Quota has no effect /services/1/spec/environments/0/spec/quota: services/payments.libsonnet:7:71
    Invalid quota /services/1/spec/environments/0/spec/quota/requests.cpu: services/payments.libsonnet:7:96
    Unknown team /services/1/spec/team: services/payments.libsonnet:5:11
    Unknown team /services/2/spec/team: services/generated.libsonnet:2:22
    ");
}

#[test]
fn what_is_not_written_anywhere_has_no_place() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("registry.jsonnet");
    fs::write(&program, "{ services: [{ type: 'Service', spec: { ['na' + 'me']: 'x%d' % n } } for n in [1, 1]] }")
        .unwrap();
    let compiled = evaluate(&Request::of_file(&program)).unwrap();
    let options = LoadOptions { version: anu::version(), allow_empty: false, name: None };
    let problems = fanout::load(compiled.json.as_bytes(), &options, &Settings::default()).unwrap_err();
    let pointers = problems.iter().map(|problem| problem.pointer.as_str());
    assert!(locations_in_program(&compiled.files, None, &compiled.json, pointers).iter().all(Option::is_none));
    // Files that are gone since, and a document that is none.
    assert_eq!(locations_in_program(&["/nowhere/registry.jsonnet".into()], None, "{", ["/a", ""]), [None, None]);
}
