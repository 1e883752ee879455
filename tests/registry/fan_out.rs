//! The rules of the fan-out, by the resources that it results in. Who uses them: `users`.

use anu::fanout::resource::DeletionPolicy;
use anu::fanout::{FanOut, ProjectDefaults, SHARED, Settings};
use anu::registry::names::{EnvironmentName, NamespaceKey};
use anu::registry::{AccessLevel, Permissions, Row};

use crate::{environment, fan_out, fan_out_with, service, settings};

/// The example of the documentation, with a second service that shares its project and a namespace.
pub const ACME: &str = r#"{
  "metadata": {"name": "acme"},
  "teams": [
    {"type": "Team", "spec": {"name": "banking-integrations", "email": "Banking-Integrations@example.com"}},
    {"type": "Team", "spec": {"name": "core-banking", "principals": {"google": "principalSet://iam.googleapis.com/x/core", "kubernetes": "oidc:core"}, "services": ["ledger"]}}
  ],
  "projects": [{"type": "Project", "spec": {"id": "gc-prd-rain", "name": "make-it-rain production", "parent": "folders/1234", "billingAccount": "000000-AAAAAA-000000", "labels": {"tier": "2"}, "owner": "make-it-rain", "sharedWith": ["ledger"]}}],
  "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "rain", "owner": "make-it-rain", "sharedWithTeams": ["core-banking"], "labels": {"mesh": "on"}, "annotations": {"note": "ours"}}}],
  "services": [
    {"type": "Service", "spec": {"name": "make-it-rain", "team": "banking-integrations", "alertsChannel": "rain-alerts", "googleServices": ["pubsub.googleapis.com"], "environments": [
      {"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-rain",
        "rbac": {"operators": ["core-banking", {"principal": "serviceAccount:Deployer@gc-prd-ci.iam.gserviceaccount.com", "reason": "CI"}], "admins": ["banking-integrations"]},
        "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": "rain", "release": "rain"}}],
        "quota": {"pods": 20}}}]}},
    {"type": "Service", "spec": {"name": "ledger", "team": "core-banking", "googleServices": ["pubsub.googleapis.com"], "environments": [
      {"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-rain", "rbac": {"operators": ["core-banking"]},
        "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "rain", "release": "ledger"}}]}}]}}
  ]
}"#;

/// Whether a service's digest changes is what its plan shows.
#[test]
fn a_project_has_the_defaults_of_the_provider_block_for_what_its_entry_does_not_state() {
    let silent = ACME.replace(r#", "parent": "folders/1234", "billingAccount": "000000-AAAAAA-000000""#, "");
    let existing = silent.replace(r#""id": "gc-prd-rain""#, r#""id": "gc-prd-rain", "existing": true"#);
    let defaults = |parent: &str| Settings {
        project_defaults: ProjectDefaults {
            parent: Some(parent.parse().expect("a parent")),
            billing_account: Some("111111-BBBBBB-111111".parse().expect("a billing account")),
        },
        ..settings()
    };
    let of = |document: &str, settings: &Settings| {
        let fan_out = fan_out_with(document, settings);
        let rain = fan_out.service("make-it-rain").expect("a service");
        let settings = rain.resources.projects.values().next().map(|project| &project.settings);
        let settings = settings.map(|settings| (settings.parent.clone(), settings.billing_account.clone()));
        (settings, rain.digest.clone())
    };
    let text = |text: &str| Some(text.to_owned());
    let (stated, digest) = of(ACME, &defaults("folders/9"));
    assert_eq!(stated, Some((text("folders/1234"), text("000000-AAAAAA-000000"))), "the entry overrides the defaults");
    assert_eq!(digest, of(ACME, &settings()).1, "defaults without effect change no digest");
    let (filled, digest) = of(&silent, &defaults("folders/9"));
    assert_eq!(filled, Some((text("folders/9"), text("111111-BBBBBB-111111"))));
    assert_ne!(digest, of(&silent, &defaults("folders/8")).1);
    assert_eq!(of(&silent, &settings()).0, Some((None, None)));
    assert_eq!(
        of(&existing, &defaults("folders/9")),
        of(&existing, &settings()),
        "an existing project has no settings"
    );
}

fn service_json(fan_out: &FanOut) -> String {
    let registry = std::sync::Arc::clone(fan_out.registry());
    let view = fan_out.by_service_of(&registry.select(&Default::default()).expect("everything"));
    serde_json::to_string_pretty(&view).expect("JSON")
}

#[test]
fn the_whole_fan_out() {
    insta::assert_snapshot!(service_json(&fan_out(ACME)), @r#"
    {
      "projects": {
        "_shared": {
          "gc-prd-rain": {
            "project": "gc-prd-rain",
            "display_name": "make-it-rain production",
            "parent": "folders/1234",
            "billing_account": "000000-AAAAAA-000000",
            "labels": {
              "anu-registry": "acme",
              "managed-by": "anu",
              "tier": "2"
            },
            "deletion_policy": "prevent"
          }
        },
        "ledger": {},
        "make-it-rain": {}
      },
      "enabled_apis": {
        "_shared": {
          "gc-prd-rain/pubsub.googleapis.com": {
            "project": "gc-prd-rain",
            "api": "pubsub.googleapis.com"
          }
        },
        "ledger": {},
        "make-it-rain": {}
      },
      "iam_members": {
        "_shared": {
          "gc-prd-rain/roles/pubsub.editor/principalSet://iam.googleapis.com/x/core": {
            "project": "gc-prd-rain",
            "role": "roles/pubsub.editor",
            "member": "principalSet://iam.googleapis.com/x/core",
            "expires": null,
            "condition": null
          }
        },
        "ledger": {},
        "make-it-rain": {
          "gc-prd-rain/roles/pubsub.admin/group:banking-integrations@example.com": {
            "project": "gc-prd-rain",
            "role": "roles/pubsub.admin",
            "member": "group:banking-integrations@example.com",
            "expires": null,
            "condition": null
          },
          "gc-prd-rain/roles/pubsub.editor/serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com": {
            "project": "gc-prd-rain",
            "role": "roles/pubsub.editor",
            "member": "serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com",
            "expires": null,
            "condition": null
          }
        }
      },
      "service_accounts": {
        "_shared": {},
        "ledger": {},
        "make-it-rain": {}
      },
      "workload_identity": {
        "_shared": {},
        "ledger": {},
        "make-it-rain": {}
      },
      "namespaces": {
        "_shared": {
          "c1/rain": {
            "cluster": "c1",
            "namespace": "rain",
            "labels": {
              "anu-registry": "acme",
              "environment": "production",
              "managed-by": "anu",
              "mesh": "on",
              "service": "make-it-rain",
              "team": "banking-integrations"
            },
            "annotations": {
              "cnrm.cloud.google.com/project-id": "gc-prd-rain",
              "note": "ours"
            },
            "deletion_policy": "prevent"
          }
        },
        "ledger": {},
        "make-it-rain": {}
      },
      "quotas": {
        "_shared": {},
        "ledger": {},
        "make-it-rain": {
          "c1/rain": {
            "cluster": "c1",
            "namespace": "rain",
            "hard": {
              "pods": "20"
            }
          }
        }
      },
      "kubernetes_service_accounts": {
        "_shared": {},
        "ledger": {},
        "make-it-rain": {}
      },
      "role_bindings": {
        "_shared": {},
        "ledger": {
          "c1/rain/anu:ledger:production:operators:edit": {
            "cluster": "c1",
            "namespace": "rain",
            "name": "anu:ledger:production:operators:edit",
            "role": "edit",
            "subjects": [
              "Group:oidc:core"
            ]
          }
        },
        "make-it-rain": {
          "c1/rain/anu:make-it-rain:production:admins:admin": {
            "cluster": "c1",
            "namespace": "rain",
            "name": "anu:make-it-rain:production:admins:admin",
            "role": "admin",
            "subjects": [
              "Group:Banking-Integrations@example.com"
            ]
          },
          "c1/rain/anu:make-it-rain:production:operators:edit": {
            "cluster": "c1",
            "namespace": "rain",
            "name": "anu:make-it-rain:production:operators:edit",
            "role": "edit",
            "subjects": [
              "Group:oidc:core",
              "User:Deployer@gc-prd-ci.iam.gserviceaccount.com"
            ]
          }
        }
      },
      "alert_routes": {
        "_shared": {},
        "ledger": {},
        "make-it-rain": {
          "make-it-rain": {
            "service": "make-it-rain",
            "team": "banking-integrations",
            "channel": "rain-alerts"
          }
        }
      }
    }
    "#);
}

#[test]
fn only_listed_projects_are_created() {
    let with = |projects: &str| {
        let document = environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#);
        let fan_out = fan_out(&format!("{{{projects} {}", &document[1..]));
        let resources = &fan_out.service("ledger").expect("a service").resources;
        resources.projects.values().map(|project| project.settings.display_name.clone()).collect::<Vec<_>>()
    };
    assert!(with("").is_empty());
    assert!(
        with(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true}}],"#).is_empty()
    );
    assert_eq!(with(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger"}}],"#), ["gc-prd-ledger"]);
    assert_eq!(
        with(r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "name": "The ledger"}}],"#),
        ["The ledger"]
    );
}

/// Two environments, `staging` and `production`, in one namespace.
fn one_namespace(staging: &str, production: &str) -> String {
    let environment = |name: &str, fields: &str| {
        format!(
            r#"{{"type": "Environment", "spec": {{"name": "{name}", "rbac": {{"admins": ["core-banking"]}}, {fields} "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "ledger", "release": "{name}"}}}}]}}}}"#
        )
    };
    service(&format!(
        r#""environments": [{}, {}]"#,
        environment("staging", staging),
        environment("production", production)
    ))
}

#[test]
fn a_namespace_of_two_environments_has_no_environment_label() {
    let settings = |document: &str| {
        let resources = fan_out(document).service("ledger").expect("a service").resources.clone();
        let namespace = &resources.namespaces[&"c1/ledger".parse::<NamespaceKey>().expect("a key")].settings;
        let labels = namespace.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ");
        let project = namespace.annotations.get("cnrm.cloud.google.com/project-id").cloned().unwrap_or_default();
        (labels, project)
    };
    let labels = "service=ledger team=core-banking"; // without a name there are no ownership labels
    let same = one_namespace(r#""googleProject": "gc-prd-ledger","#, r#""googleProject": "gc-prd-ledger","#);
    assert_eq!(settings(&same), (labels.to_owned(), "gc-prd-ledger".to_owned()));
    let different = one_namespace(r#""googleProject": "gc-stg-ledger","#, r#""googleProject": "gc-prd-ledger","#);
    assert_eq!(settings(&different), (labels.to_owned(), String::new()));
    // A selection of one of them does not change the settings of the namespace.
    let fan_out = fan_out(&different);
    let staging = fan_out.select("ledger", &["staging".parse::<EnvironmentName>().expect("a name")].into());
    let all = &fan_out.service("ledger").expect("a service").resources;
    assert_eq!(staging.namespaces, all.namespaces);
    assert_eq!(staging.role_bindings.values().map(|bindings| bindings.len()).sum::<usize>(), 1);
    assert_eq!(all.role_bindings.values().map(|bindings| bindings.len()).sum::<usize>(), 2);
    assert!(fan_out.select("ledger", &["nowhere".parse::<EnvironmentName>().expect("a name")].into()).is_empty());
    assert!(fan_out.select("unknown", &["staging".parse::<EnvironmentName>().expect("a name")].into()).is_empty());
}

#[test]
fn the_nearest_deletion_policy_counts_and_of_several_the_most_cautious() {
    let policies = |entries: &str, service_policy: &str, environment_policy: &str, target_policy: &str| {
        let document = format!(
            r#"{{{entries} "services": [{{"type": "Service", "spec": {{"name": "ledger", "team": "core-banking", {service_policy} "environments": [{{"type": "Environment", "spec": {{"name": "production", {environment_policy} "googleProject": "gc-prd-ledger", "rbac": {{"admins": ["core-banking"]}}, "targets": [{{"type": "Target", "spec": {{{target_policy} "cluster": "c1", "namespace": "ledger"}}}}]}}}}]}}}}]}}"#
        );
        let resources = fan_out(&document).service("ledger").expect("a service").resources.clone();
        let project = resources.projects.values().next().expect("a project").deletion_policy;
        let namespace = resources.namespaces.values().next().expect("a namespace").deletion_policy;
        (project, namespace)
    };
    let listed = |project: &str, namespace: &str| {
        format!(
            r#""projects": [{{"type": "Project", "spec": {{"id": "gc-prd-ledger" {project}}}}}], "namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "ledger" {namespace}}}}}],"#
        )
    };
    use DeletionPolicy::{Abandon, Delete, DeleteWithContents, Prevent};
    let (abandon, delete) = (r#""deletionPolicy": "abandon","#, r#""deletionPolicy": "delete","#);
    assert_eq!(policies(&listed("", ""), "", "", ""), (Prevent, Prevent));
    assert_eq!(policies(&listed("", ""), delete, "", ""), (Delete, Delete));
    assert_eq!(policies(&listed("", ""), delete, abandon, ""), (Abandon, Abandon));
    assert_eq!(policies(&listed("", ""), delete, abandon, delete), (Abandon, Delete));
    let entries = listed(r#", "deletionPolicy": "prevent""#, r#", "deletionPolicy": "delete-with-contents""#);
    assert_eq!(policies(&entries, delete, delete, abandon), (Prevent, DeleteWithContents));
    let document = one_namespace(delete, abandon);
    let resources = fan_out(&document).service("ledger").expect("a service").resources.clone();
    assert_eq!(resources.namespaces.values().next().expect("a namespace").deletion_policy, Abandon);
}

#[test]
fn the_provider_overrides_the_registry_which_overrides_the_built_in_row_by_row() {
    let document = format!(
        r#"{{"permissions": {{"google": {{"*": {{"viewers": ["roles/browser"]}}, "pubsub.googleapis.com": {{"viewers": ["roles/pubsub.subscriber"]}}}}, "kubernetes": {{"viewers": "look"}}}}, {}"#,
        &service(
            r#""googleServices": ["pubsub.googleapis.com", "run.googleapis.com", "redis.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"viewers": ["a"], "admins": ["b"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]"#
        )[1..]
    );
    let mut permissions = Permissions::default();
    let row = Row { viewers: vec!["roles/run.invoker".parse().expect("a role")], ..Row::default() };
    permissions.google.insert("run.googleapis.com", row).expect("a key");
    permissions.kubernetes.insert(AccessLevel::Admins, "master".parse().expect("a role"));
    let fan_out = fan_out_with(&document, &Settings { permissions: Some(permissions), ..settings() });
    let resources = &fan_out.service("ledger").expect("a service").resources;
    let mut lines: Vec<String> =
        resources.iam.values().flatten().map(|(role, members)| format!("{role} {members:?}")).collect();
    lines.extend(resources.role_bindings.values().flatten().map(|(name, _)| name.clone()));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    roles/browser {Member(group:a-team@example.com)}
    roles/pubsub.subscriber {Member(group:a-team@example.com)}
    roles/redis.admin {Member(group:b-team@example.com)}
    roles/redis.viewer {Member(group:a-team@example.com)}
    roles/run.invoker {Member(group:a-team@example.com)}
    anu:ledger:production:admins:master
    anu:ledger:production:viewers:look
    "#);
}

#[test]
fn principals_have_the_spelling_of_each_platform() {
    let document = environment(
        r#""googleProject": "gc-prd-ledger", "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}], "rbac": {"viewers": [
          "Team.One", {"principal": "group:Ops@Example.com"}, {"principal": "user:Ann@example.com"}, {"principal": "serviceAccount:ci@p.iam.gserviceaccount.com"},
          {"principal": "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/*"}]}"#,
    );
    let document =
        format!(r#"{{"permissions": {{"google": {{"*": {{"viewers": ["roles/browser"]}}}}}}, {}"#, &document[1..]);
    let fan_out = fan_out(&document);
    let resources = &fan_out.service("ledger").expect("a service").resources;
    let members = resources.iam.values().flatten().flat_map(|(_, members)| members).map(ToString::to_string);
    let subjects = resources.role_bindings.values().flatten().flat_map(|(_, binding)| binding.subjects.clone());
    insta::assert_snapshot!(members.chain(subjects).collect::<Vec<_>>().join("\n"), @"
    group:ops@example.com
    group:team.one-team@example.com
    principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/*
    serviceAccount:ci@p.iam.gserviceaccount.com
    user:ann@example.com
    Group:Ops@Example.com
    Group:Team.One-team@example.com
    Group:principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/P/*
    User:Ann@example.com
    User:ci@p.iam.gserviceaccount.com
    ");
}

#[test]
fn the_data_view_has_an_entry_for_every_service_and_for_shared_resources() {
    let view = fan_out(ACME).by_service();
    assert_eq!(view.iam_members.keys().collect::<Vec<_>>(), [SHARED, "ledger", "make-it-rain"]);
    assert!(view.quotas[SHARED].is_empty());
    assert_eq!(view.projects[SHARED].len(), 1);
    assert!(view.projects["ledger"].is_empty() && view.projects["make-it-rain"].is_empty());
    assert_eq!(view.alert_routes["make-it-rain"]["make-it-rain"].channel, "rain-alerts");
}

/// Not a benchmark: quadratic time would take minutes, and the limit is seconds.
#[test]
fn thousands_of_services_that_share_resources_take_linear_time() {
    let services = 3_000;
    let names = (0..services).map(|n| format!("\"s{n}\"")).collect::<Vec<_>>().join(",");
    let mut document = format!(
        r#"{{"teams": [{{"type": "Team", "spec": {{"name": "all", "services": [{names}]}}}}], "projects": [{{"type": "Project", "spec": {{"id": "gc-prd-all", "existing": true, "owner": "s0", "sharedWithTeams": ["all"]}}}}], "namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "all", "owner": "s0", "sharedWith": [{names}]}}}}], "services": ["#
    );
    for n in 0..services {
        let comma = if n > 0 { "," } else { "" };
        document.push_str(&format!(
            r#"{comma}{{"type": "Service", "spec": {{"name": "s{n}", "team": "all", "googleServices": ["pubsub.googleapis.com"], "environments": [{{"type": "Environment", "spec": {{"name": "production", "googleProject": "gc-prd-all", "rbac": {{"admins": ["all"]}}, "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "all", "release": "s{n}"}}}}]}}}}]}}}}"#
        ));
    }
    document.push_str("]}");
    let start = std::time::Instant::now();
    let fan_out = fan_out(&document);
    for (_, service) in fan_out.services() {
        for key in service.resources.keys() {
            assert!(!fan_out.users_of(&key).is_empty());
        }
    }
    assert_eq!(fan_out.by_service().role_bindings.len(), services + 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}
