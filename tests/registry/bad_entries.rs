//! Invalid entries.

use crate::{environment, report, service};

#[test]
fn no_services() {
    insta::assert_snapshot!(report("{}"), @"
    error: Registry has no services
      The required list `services` is missing. If a registry without services is intended, set `allow_empty`.
      anu:no-services
    ");
    insta::assert_snapshot!(report(r#"{"services": []}"#), @"
    error: Registry has no services
      at `/services`
      `services` is empty. An apply of a registry without services would remove every service. If that is intended, set `allow_empty`.
      anu:no-services
    ");
    insta::assert_snapshot!(report(r#"{"servces": []}"#), @"
    error: Unknown field
      at `/servces`
      The field `servces` is unknown and has no effect. Did you mean `services`?
      anu:misspelt-field
    ");
}

#[test]
fn wrong_json_types() {
    insta::assert_snapshot!(report(r#"{"services": {"ledger": {}}}"#), @"
    error: Wrong JSON type
      at `/services`
      `services` is an object. It must be an array.
      anu:wrong-type
    ");
    insta::assert_snapshot!(report(r#"{"services": ["ledger"]}"#), @"
    error: Wrong JSON type
      at `/services/0`
      Entry 0 of this list is a string: `ledger`. It must be an object.
      anu:wrong-type
    ");
    insta::assert_snapshot!(report(&service(r#""alertsChannel": 5, "googleServices": "pubsub.googleapis.com", "environments": [true]"#)), @"
    error: Wrong JSON type
      at `/services/0/spec/alertsChannel`, service `ledger`
      `alertsChannel` is a number: `5`. It must be a string.
      anu:wrong-type
    error: Wrong JSON type
      at `/services/0/spec/googleServices`, service `ledger`
      `googleServices` is a string: `pubsub.googleapis.com`. It must be an array.
      anu:wrong-type
    error: Wrong JSON type
      at `/services/0/spec/environments/0`, service `ledger`
      Entry 0 of this list is a boolean: `true`. It must be an object.
      anu:wrong-type
    ");
}

#[test]
fn no_envelope() {
    insta::assert_snapshot!(report(r#"{"services": [{"name": "ledger"}]}"#), @r#"
    error: Missing field
      at `/services/0`
      This entry has no `spec`. Entries have the form `{"type": "Service", "spec": {…}}`: move its fields into `spec`.
      anu:missing-field
    "#);
    insta::assert_snapshot!(report(r#"{"services": [{"spec": {"name": "ledger", "team": "core"}}]}"#), @r#"
    error: Missing field
      at `/services/0`, service `ledger`
      This entry has no `type`. Add `"type": "Service"` beside its `spec`.
      anu:missing-field
    "#);
}

#[test]
fn an_entry_in_the_wrong_list() {
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Team", "spec": {"name": "core"}}]}"#), @r#"
    error: Wrong entry type
      at `/services/0/type`, service `core`
      The type is `Team`. Entries of this list have the type `Service`. Correct the type, or move the entry to its list.
      anu:wrong-entry-type
    warning: Service has no team
      at `/services/0/spec`, service `core`
      Service `core` has no `team`, so it has no owner. Add `"team": "…"`.
      anu:no-team
    "#);
}

#[test]
fn a_service_without_a_name() {
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Service", "spec": {"team": "core"}}]}"#), @"
    error: Missing field
      at `/services/0/spec`
      This service has no `name`, which is required. Add it.
      anu:missing-field
    ");
}

#[test]
fn a_target_without_a_cluster() {
    let targets = r#""targets": [{"type": "Target", "spec": {"kind": "argo", "namespace": "ledger"}}]"#;
    insta::assert_snapshot!(report(&environment(targets)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Missing field
      at `/services/0/spec/environments/0/spec/targets/0/spec`, service `ledger`, environment `production`
      This target has no `cluster`, which is required. Add it.
      anu:missing-field
    ");
}

#[test]
fn misspelt_and_misplaced_fields_are_errors() {
    insta::assert_snapshot!(report(&service(r#""enviroments": [], "google_services": [], "quota": {}, "tier": 1"#)), @"
    error: Unknown field
      at `/services/0/spec/enviroments`, service `ledger`
      The field `enviroments` is unknown and has no effect. Did you mean `environments`?
      anu:misspelt-field
    error: Unknown field
      at `/services/0/spec/google_services`, service `ledger`
      The field `google_services` is unknown and has no effect. Did you mean `googleServices`?
      anu:misspelt-field
    error: Misplaced field
      at `/services/0/spec/quota`, service `ledger`
      `quota` has no effect here. It is a field of an environment, or an entry under `namespaces`. Move it there, or remove it.
      anu:misplaced-field
    ");
    assert_eq!(report(&service(r#""tier": 1, "oncall": {"rota": []}, "description": "x""#)), "");
}

#[test]
fn long_and_unprintable_values_stay_readable() {
    insta::assert_snapshot!(report(&service(&format!(r#""deletionPolicy": "`\u0007{}""#, "x".repeat(500)))), @r"
    error: Invalid deletion policy
      at `/services/0/spec/deletionPolicy`, service `ledger`
      `'\u{7}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a deletion policy. Policies: `prevent`, `abandon`, `delete`, `delete-with-contents`.
      anu:bad-deletion-policy
    ");
}

#[test]
fn ten_problems_in_one_run() {
    let document = r#"{
  "metadata": {"name": "Acme", "compiledAt": "2026-11-20", "requires": {"anu": ">=9"}},
  "teams": [{"type": "Team", "spec": {"name": "core-banking", "email": "core-banking@example.com"}}],
  "clusters": [{"type": "Cluster", "spec": {"name": "compute"}}],
  "services": [
    {"type": "Service", "spec": {
      "name": "ledger",
      "team": "core-bankng",
      "googleServices": ["netapp.googleapis.com"],
      "environments": [
        {"type": "Environment", "spec": {
          "name": "production",
          "googleProject": "Ledger",
          "rbac": {"admins": ["core-banking", "payments"]},
          "targets": [
            {"type": "Target", "spec": {"cluster": "comptue", "namespace": "ledger"}},
            {"type": "Target", "spec": {"cluster": "compute", "namespace": "kube-system"}}
          ],
          "quota": {"requests.memory": "32 Gi"}
        }}
      ]
    }}
  ]
}"#;
    let report = report(document);
    assert_eq!(report.matches("error: ").count(), 10);
    insta::assert_snapshot!(report, @r#"
    error: Invalid name
      at `/metadata/name`
      `Acme` is not a registry name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label). Did you mean `acme`?
      anu:bad-name
    error: Invalid timestamp
      at `/metadata/compiledAt`
      `2026-11-20` is not an RFC 3339 timestamp. Write it in the form `2026-11-20T10:00:00Z`.
      anu:bad-compiled-at
    error: Registry requires another version of anu
      at `/metadata/requires/anu`
      The registry requires anu `>=9`. The installed version is 0.1.0. Install a version that matches (in Terraform: change `version` in `required_providers`, then `terraform init -upgrade`).
      anu:requirement-not-met
    error: Unknown team
      at `/services/0/spec/team`, service `ledger`
      The team `core-bankng` of service `ledger` is not in `teams`. Did you mean `core-banking`?
      anu:unknown-team
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/0`, service `ledger`
      `netapp.googleapis.com` is used here, and the permissions table has no row for it. Add a row to `permissions.google` with suitable roles: `"netapp.googleapis.com": {"viewers": ["roles/netapp.viewer"], "admins": ["roles/netapp.admin"]}`. The row `{}` grants no roles.
      anu:no-permissions
    error: Invalid name
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      `Ledger` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`. Did you mean `ledger`?
      anu:bad-name
    error: Unknown team
      at `/services/0/spec/environments/0/spec/rbac/admins/1`, service `ledger`, environment `production`
      The team `payments` in `admins` of environment `production` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
    error: Unknown cluster
      at `/services/0/spec/environments/0/spec/targets/0/spec/cluster`, service `ledger`, environment `production`
      The cluster `comptue` is not in `clusters`. Did you mean `compute`?
      anu:unknown-cluster
    error: Reserved namespace
      at `/services/0/spec/environments/0/spec/targets/1/spec/namespace`, service `ledger`, environment `production`
      The namespace `kube-system` is reserved: it matches `kube-*` in `fences.reserved_namespaces` of the provider block. Choose another namespace.
      anu:reserved-namespace
    error: Invalid quota
      at `/services/0/spec/environments/0/spec/quota/requests.memory`, service `ledger`, environment `production`
      `32 Gi` is not a Kubernetes quantity: a number, directly followed by at most one of the suffixes `m`, `k`, `M`, `G`, `T`, `P`, `E`, `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`. Did you mean `32Gi`?
      anu:bad-quota
    "#);
}
