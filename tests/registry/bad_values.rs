//! Values of entries: names, principals, quotas, labels, times, permissions.

use crate::{document, environment, report, service};

#[test]
fn a_bad_service_name() {
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Service", "spec": {"name": "Make_It_Rain", "team": "core"}}]}"#), @"
    error: Invalid name
      at `/services/0/spec/name`, service `Make_It_Rain`
      `Make_It_Rain` is not a service name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label). Did you mean `make-it-rain`?
      anu:bad-name
    ");
    insta::assert_snapshot!(report(r#"{"services": [{"type": "Service", "spec": {"name": "", "team": "core"}}]}"#), @"
    error: Invalid name
      at `/services/0/spec/name`
      `` is not a service name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label).
      anu:bad-name
    ");
}

#[test]
fn a_bad_environment_name() {
    let document = r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "prod/eu"}}]}}]}"#;
    insta::assert_snapshot!(report(document), @"
    error: Invalid name
      at `/services/0/spec/environments/0/spec/name`, service `ledger`, environment `prod/eu`
      `prod/eu` is not an environment name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label).
      anu:bad-name
    ");
}

#[test]
fn a_bad_project_id() {
    insta::assert_snapshot!(report(&environment(r#""googleProject": "1-gc-prd""#)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Invalid name
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      `1-gc-prd` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`.
      anu:bad-name
    ");
    insta::assert_snapshot!(report(&environment(r#""googleProject": "GC-prd-ledger""#)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Invalid name
      at `/services/0/spec/environments/0/spec/googleProject`, service `ledger`, environment `production`
      `GC-prd-ledger` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`. Did you mean `gc-prd-ledger`?
      anu:bad-name
    ");
}

#[test]
fn a_bad_namespace() {
    let targets = r#""targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger_prod"}}]"#;
    insta::assert_snapshot!(report(&environment(targets)), @"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Invalid name
      at `/services/0/spec/environments/0/spec/targets/0/spec/namespace`, service `ledger`, environment `production`
      `ledger_prod` is not a namespace: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label). Did you mean `ledger-prod`?
      anu:bad-name
    ");
}

#[test]
fn a_bad_google_service() {
    insta::assert_snapshot!(report(&service(r#""googleServices": ["pubsub"]"#)), @"
    error: Invalid name
      at `/services/0/spec/googleServices/0`, service `ledger`
      `pubsub` is not a Google service: a lowercase DNS name such as `pubsub.googleapis.com`. Write `pubsub.googleapis.com`.
      anu:bad-name
    ");
}

#[test]
fn a_bad_registry_name() {
    insta::assert_snapshot!(report(&document(r#""metadata": {"name": "Acme Inc."}"#)), @"
    error: Invalid name
      at `/metadata/name`
      `Acme Inc.` is not a registry name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label). Did you mean `acme-inc`?
      anu:bad-name
    ");
}

#[test]
fn bad_previous_names() {
    let named = r#""metadata": {"name": "acme", "previousNames": ["acme-old", "acme", "Acme Inc.", "acme-old", 7]}"#;
    insta::assert_snapshot!(report(&document(named)), @"
    error: Invalid previous name
      at `/metadata/previousNames/1`
      `acme` is the registry's present name. List only names that it had before.
      anu:bad-previous-name
    error: Invalid name
      at `/metadata/previousNames/2`
      `Acme Inc.` is not a registry name: 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label). Did you mean `acme-inc`?
      anu:bad-name
    error: Invalid previous name
      at `/metadata/previousNames/3`
      `acme-old` is already listed at `/metadata/previousNames/0`. Remove one of the two.
      anu:bad-previous-name
    error: Wrong JSON type
      at `/metadata/previousNames/4`
      Entry 4 of this list is a number: `7`. It must be a string.
      anu:wrong-type
    ");
    assert_eq!(report(&document(r#""metadata": {"name": "acme", "previousNames": ["acme-old", "acme-older"]}"#)), "");
}

#[test]
fn a_bad_project_entry() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "name": "The ledger's own project, production", "parent": "1234", "billingAccount": "000000-AAAAAA"}}]"#;
    insta::assert_snapshot!(report(&document(projects)), @r#"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-ledger`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Invalid name
      at `/projects/0/spec/name`
      `The ledger's own project, production` is not a project name: 4 to 30 letters, digits, spaces and `-`, `'`, `"`, `!`.
      anu:bad-name
    error: Invalid name
      at `/projects/0/spec/parent`
      `1234` is not a parent: `folders/NUMBER` or `organizations/NUMBER`.
      anu:bad-name
    error: Invalid name
      at `/projects/0/spec/billingAccount`
      `000000-AAAAAA` is not a billing account: `XXXXXX-XXXXXX-XXXXXX`, with digits and capital letters A to F.
      anu:bad-name
    "#);
}

#[test]
fn a_bad_email() {
    insta::assert_snapshot!(report(&document(r#""teams": [{"type": "Team", "spec": {"name": "core", "email": "core"}}]"#)), @"
    error: Invalid name
      at `/teams/0/spec/email`
      `core` is not an e-mail address: `NAME@DOMAIN`.
      anu:bad-name
    ");
}

#[test]
fn bad_principals() {
    insta::assert_snapshot!(report(&environment(r#""rbac": {"viewers": ["group:core@example.com"]}"#)), @r#"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/viewers/0`, service `ledger`, environment `production`
      `group:core@example.com` is not a team name. Write a single principal as `{"principal": "group:core@example.com", "reason": "…"}`.
      anu:bad-principal
    "#);
    insta::assert_snapshot!(report(&environment(r#""rbac": {"viewers": [{"principal": "core@example.com", "reason": "why not"}]}"#)), @"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/viewers/0/principal`, service `ledger`, environment `production`
      `core@example.com` is not a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`. Add its kind as a prefix: `group:`, `user:` or `serviceAccount:`.
      anu:bad-principal
    ");
    insta::assert_snapshot!(report(&environment(r#""rbac": {"viewers": [{"principal": "allUsers", "reason": "it is public"}]}"#)), @"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/viewers/0/principal`, service `ledger`, environment `production`
      `allUsers` is not a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`. A registry cannot grant public access.
      anu:bad-principal
    ");
    insta::assert_snapshot!(report(&environment(r#""rbac": {"viewers": [{"reason": "CI"}, 7]}"#)), @r#"
    error: Missing field
      at `/services/0/spec/environments/0/spec/rbac/viewers/0`, service `ledger`, environment `production`
      This entry of an access list has no `principal`, which is required. Write the name of a team, or `{"principal": "group:NAME@DOMAIN", "reason": "…"}`.
      anu:missing-field
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/rbac/viewers/1`, service `ledger`, environment `production`
      Entry 1 of this list is a number: `7`. It must be a team name, or an object with `principal`, and perhaps `reason` and `expires`.
      anu:wrong-type
    "#);
}

#[test]
fn bad_quotas() {
    insta::assert_snapshot!(report(&environment(r#""targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}], "quota": {"requests.memory": "32GB", "request.cpu": "1", "pods": "1.5", "requests.cpu": "-1", "limits.cpu": true}"#)), @r#"
    warning: Owning team has no access
      at `/services/0/spec/environments/0/spec`, service `ledger`, environment `production`
      The team `core-banking` owns service `ledger`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Invalid quota
      at `/services/0/spec/environments/0/spec/quota/requests.memory`, service `ledger`, environment `production`
      `32GB` is not a Kubernetes quantity: a number, directly followed by at most one of the suffixes `m`, `k`, `M`, `G`, `T`, `P`, `E`, `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`. Did you mean `32G`?
      anu:bad-quota
    error: Invalid quota
      at `/services/0/spec/environments/0/spec/quota/request.cpu`, service `ledger`, environment `production`
      A quota cannot limit `request.cpu`. Examples of resources that it can limit: `requests.cpu`, `limits.memory`, `pods`, `count/deployments.apps`. Did you mean `requests.cpu`?
      anu:bad-quota
    error: Invalid quota
      at `/services/0/spec/environments/0/spec/quota/pods`, service `ledger`, environment `production`
      `1.5` is not a whole number. The quota of `pods` is a count.
      anu:bad-quota
    error: Invalid quota
      at `/services/0/spec/environments/0/spec/quota/requests.cpu`, service `ledger`, environment `production`
      `-1` is negative. A quota is 0 or more.
      anu:bad-quota
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/quota/limits.cpu`, service `ledger`, environment `production`
      `limits.cpu` is a boolean: `true`. It must be a quantity such as `"32Gi"`.
      anu:wrong-type
    "#);
}

#[test]
fn bad_labels() {
    let projects = r#""projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "labels": {"Tier": "1", "cost.center": "x", "a": "B", "managed-by": "me", "n": 5}}}]"#;
    insta::assert_snapshot!(report(&document(projects)), @"
    warning: Entry is not used
      at `/projects/0`
      No environment uses project `gc-prd-ledger`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Invalid label
      at `/projects/0/spec/labels/Tier`
      `Tier` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter.
      anu:bad-label
    error: Invalid label
      at `/projects/0/spec/labels/cost.center`
      `cost.center` is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a letter.
      anu:bad-label
    error: Invalid label
      at `/projects/0/spec/labels/a`
      `B` is not a label value for a Google project: at most 63 lowercase letters, digits, `_` and `-`.
      anu:bad-label
    error: Reserved label
      at `/projects/0/spec/labels/managed-by`
      The label `managed-by` is reserved: anu sets it on the objects that it creates. Choose another key.
      anu:reserved-label
    error: Wrong JSON type
      at `/projects/0/spec/labels/n`
      `n` is a number: `5`. It must be a string.
      anu:wrong-type
    ");
    let namespaces = r#""namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "ledger", "labels": {"team": "x", "a b": "c", "d": "e f"}, "annotations": {"-x": "y", "z": "a\u0085b"}}}]"#;
    insta::assert_snapshot!(report(&document(namespaces)), @"
    warning: Entry is not used
      at `/namespaces/0`
      No environment uses namespace `c1/ledger`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Reserved label
      at `/namespaces/0/spec/labels/team`
      The label `team` is reserved: anu sets it on the objects that it creates. Choose another key.
      anu:reserved-label
    error: Invalid label
      at `/namespaces/0/spec/labels/a b`
      `a b` is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends.
      anu:bad-label
    error: Invalid label
      at `/namespaces/0/spec/labels/d`
      `e f` is not a Kubernetes label value: empty, or 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
      anu:bad-label
    error: Invalid annotation
      at `/namespaces/0/spec/annotations/-x`
      `-x` is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends.
      anu:bad-annotation
    error: Invalid annotation
      at `/namespaces/0/spec/annotations/z`
      The value of `z` contains the control character U+0085, which a server-side apply rejects or replaces. Remove it.
      anu:bad-annotation
    ");
}

#[test]
fn a_bad_deletion_policy() {
    insta::assert_snapshot!(report(&service(r#""deletionPolicy": "deleted""#)), @"
    error: Invalid deletion policy
      at `/services/0/spec/deletionPolicy`, service `ledger`
      `deleted` is not a deletion policy. Policies: `prevent`, `abandon`, `delete`, `delete-with-contents`. Did you mean `delete`?
      anu:bad-deletion-policy
    ");
}

#[test]
fn a_bad_time() {
    insta::assert_snapshot!(report(&document(r#""metadata": {"compiledAt": "yesterday"}"#)), @"
    error: Invalid timestamp
      at `/metadata/compiledAt`
      `yesterday` is not an RFC 3339 timestamp. Write it in the form `2026-11-20T10:00:00Z`.
      anu:bad-compiled-at
    ");
}

#[test]
fn bad_requirements() {
    insta::assert_snapshot!(report(&document(r#""metadata": {"requires": {"anu": "at least 0.1"}}"#)), @"
    error: Invalid version requirement
      at `/metadata/requires/anu`
      `at least 0.1` is not a version requirement. Write version comparisons separated by commas, for example `>=0.1.0, <1.0.0`.
      anu:bad-requirement
    ");
    insta::assert_snapshot!(report(&document(r#""metadata": {"requires": {"anu": ">=0.2.0, <1.0.0"}}"#)), @"
    error: Registry requires another version of anu
      at `/metadata/requires/anu`
      The registry requires anu `>=0.2.0, <1.0.0`. The installed version is 0.1.0. Install a version that matches (in Terraform: change `version` in `required_providers`, then `terraform init -upgrade`).
      anu:requirement-not-met
    ");
}

#[test]
fn bad_permissions() {
    insta::assert_snapshot!(report(&document(r#""permissions": {"builtin": 2}"#)), @"
    error: Unknown built-in permissions
      at `/permissions/builtin`
      Version `2` of the built-in permissions is unknown. This version of anu contains version 1. Write `1`, or install a version of anu that contains it.
      anu:unknown-builtin
    ");
    insta::assert_snapshot!(report(&document(r#""permissions": {"google": {"pubsub": {"viewers": ["pubsub.viewer"]}}, "kubernetes": {"admin": "admin", "viewers": "a role"}}"#)), @"
    error: Invalid name
      at `/permissions/google/pubsub`
      `pubsub` is not a Google service: a lowercase DNS name such as `pubsub.googleapis.com`. Write `pubsub.googleapis.com`.
      anu:bad-name
    error: Invalid name
      at `/permissions/google/pubsub/viewers/0`
      `pubsub.viewer` is not an IAM role: `roles/NAME`, `projects/PROJECT/roles/NAME` or `organizations/NUMBER/roles/NAME`.
      anu:bad-name
    error: Unknown field
      at `/permissions/kubernetes/admin`
      `admin` is not a field of `permissions.kubernetes`, and would have no effect. Fields: `viewers`, `operators`, `admins`. Did you mean `admins`?
      anu:undefined-field
    error: Invalid name
      at `/permissions/kubernetes/viewers`
      `a role` is not a Kubernetes role: the name of a ClusterRole, or `Role:NAME` for a Role of the namespace: 1 to 100 printable characters other than `/`, `%`, backticks and white space; not `.` or `..`. Did you mean `a-role`?
      anu:bad-name
    ");
}
