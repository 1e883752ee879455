//! Role bindings of environments, to Roles and ClusterRoles, for any subject: what they fan out into, and what is wrong with them.

use anu::fanout::resource::Key;
use anu::fanout::{Fences, Pattern, Settings};
use serde_json::{Value, json};

use crate::{fan_out, report, report_with, settings};

/// A service in two namespaces with these role bindings.
fn registry(bindings: Value) -> Value {
    json!({
        "metadata": {"name": "acme"},
        "services": [{"type": "Service", "spec": {"name": "pay", "team": "core", "environments": [
            {"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "roleBindings": bindings, "targets": [
                {"type": "Target", "spec": {"cluster": "c1", "namespace": "pay"}},
                {"type": "Target", "spec": {"cluster": "c2", "namespace": "pay"}}]}}]}}]
    })
}

fn environment(document: &mut Value) -> &mut Value {
    &mut document["services"][0]["spec"]["environments"][0]["spec"]
}

fn bindings() -> Value {
    json!([
        {"role": "Role:deployer", "subjects": ["ServiceAccount:ci/deployer", "Group:github:webops"]},
        {"role": "edit", "subjects": ["ServiceAccount:ci/deployer"]},
        {"role": "Role:deployer", "subjects": ["User:jane@example.com"]},
    ])
}

#[test]
fn each_role_is_bound_once_in_each_namespace_of_the_environment() {
    let document = registry(bindings()).to_string();
    assert_eq!(report(&document), "");
    let fan_out = fan_out(&document);
    let resources = &fan_out.service("pay").expect("the service").resources;
    let mut lines = Vec::new();
    for (namespace, bindings) in &resources.role_bindings {
        for (name, binding) in bindings {
            lines.push(format!("{namespace} {name}: {} for {:?}", binding.role.described(), binding.subjects));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    c1/pay anu:pay:production:admins:admin: ClusterRole `admin` for {"Group:core-team@example.com"}
    c1/pay anu:pay:production:bound:Role:deployer: Role `deployer` for {"Group:github:webops", "ServiceAccount:ci/deployer", "User:jane@example.com"}
    c1/pay anu:pay:production:bound:edit: ClusterRole `edit` for {"ServiceAccount:ci/deployer"}
    c2/pay anu:pay:production:admins:admin: ClusterRole `admin` for {"Group:core-team@example.com"}
    c2/pay anu:pay:production:bound:Role:deployer: Role `deployer` for {"Group:github:webops", "ServiceAccount:ci/deployer", "User:jane@example.com"}
    c2/pay anu:pay:production:bound:edit: ClusterRole `edit` for {"ServiceAccount:ci/deployer"}
    "#);
    let key = resources
        .keys()
        .into_iter()
        .find(|key| matches!(key, Key::RoleBinding(_, name) if name.ends_with(":Role:deployer")));
    let origins = fan_out.explain(&key.expect("a binding"));
    let places: Vec<&str> = origins.iter().map(|origin| origin.pointer.as_str()).collect();
    insta::assert_snapshot!(places.join("\n"), @"
    /services/0/spec/environments/0/spec/roleBindings/0
    /services/0/spec/environments/0/spec/roleBindings/2
    ");
}

#[test]
fn each_grant_has_its_reason() {
    let fan_out = fan_out(&registry(bindings()).to_string());
    let mut lines = Vec::new();
    for grant in fan_out.grants_of("pay", None) {
        let reasons: Vec<String> = fan_out.reasons_of(&grant).into_iter().map(|origin| origin.pointer).collect();
        lines.push(format!("{} {}: {}", grant.principal, grant.role, reasons.join(" ")));
    }
    lines.sort();
    lines.dedup(); // in both clusters alike
    insta::assert_snapshot!(lines.join("\n"), @"
    Group:core-team@example.com admin: /services/0/spec/environments/0/spec/rbac/admins/0
    Group:github:webops Role:deployer: /services/0/spec/environments/0/spec/roleBindings/0
    ServiceAccount:ci/deployer Role:deployer: /services/0/spec/environments/0/spec/roleBindings/0
    ServiceAccount:ci/deployer edit: /services/0/spec/environments/0/spec/roleBindings/1
    User:jane@example.com Role:deployer: /services/0/spec/environments/0/spec/roleBindings/2
    ");
}

#[test]
fn the_order_of_roles_and_subjects_is_no_change_and_each_of_them_is_one() {
    let digest = |bindings: Value| fan_out(&registry(bindings).to_string()).service("pay").expect("it").digest.clone();
    let merged = json!([
        {"role": "edit", "subjects": ["ServiceAccount:ci/deployer"]},
        {"role": "Role:deployer", "subjects": ["User:jane@example.com", "Group:github:webops", "ServiceAccount:ci/deployer"]},
    ]);
    assert_eq!(digest(bindings()), digest(merged));
    let all = [
        bindings(),
        json!([]),
        json!([{"role": "deployer", "subjects": ["ServiceAccount:ci/deployer"]}]),
        json!([{"role": "Role:deployer", "subjects": ["ServiceAccount:ci/deployer"]}]),
        json!([{"role": "Role:deployer", "subjects": ["User:ci/deployer"]}]),
    ];
    let digests: std::collections::BTreeSet<String> = all.into_iter().map(digest).collect();
    assert_eq!(digests.len(), 5);
}

#[test]
fn what_is_no_role_binding_is_refused() {
    let wrong = json!([
        {"role": "Role:", "subjects": ["ServiceAccount:deployer", "deployer", ""]},
        {"role": "a role", "subjects": []},
        {"subjects": ["Group:x"]},
        {"role": "edit"},
        {"role": "edit", "subject": ["Group:x"], "namespace": "pay"},
        {"role": 1, "subjects": "Group:x"},
        "edit",
    ]);
    insta::assert_snapshot!(report(&registry(wrong).to_string()), @"
    error: Invalid name
      at `/services/0/spec/environments/0/spec/roleBindings/0/role`, service `pay`, environment `production`
      `Role:` is not a Kubernetes role: the name of a ClusterRole, or `Role:NAME` for a Role of the namespace: 1 to 100 printable characters other than `/`, `%`, backticks and white space; not `.` or `..`. Did you mean `role`?
      anu:bad-name
    error: Invalid name
      at `/services/0/spec/environments/0/spec/roleBindings/0/subjects/0`, service `pay`, environment `production`
      `ServiceAccount:deployer` is not a subject: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
      anu:bad-name
    error: Invalid name
      at `/services/0/spec/environments/0/spec/roleBindings/0/subjects/1`, service `pay`, environment `production`
      `deployer` is not a subject: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
      anu:bad-name
    error: Invalid name
      at `/services/0/spec/environments/0/spec/roleBindings/0/subjects/2`, service `pay`, environment `production`
      `` is not a subject: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
      anu:bad-name
    error: Missing field
      at `/services/0/spec/environments/0/spec/roleBindings/1`, service `pay`, environment `production`
      This role binding has no `subjects`, so it would grant nothing. Add one: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
      anu:missing-field
    error: Invalid name
      at `/services/0/spec/environments/0/spec/roleBindings/1/role`, service `pay`, environment `production`
      `a role` is not a Kubernetes role: the name of a ClusterRole, or `Role:NAME` for a Role of the namespace: 1 to 100 printable characters other than `/`, `%`, backticks and white space; not `.` or `..`. Did you mean `a-role`?
      anu:bad-name
    error: Missing field
      at `/services/0/spec/environments/0/spec/roleBindings/2`, service `pay`, environment `production`
      This role binding has no `role`, which is required: the name of a ClusterRole, or `Role:NAME`. Add it.
      anu:missing-field
    error: Missing field
      at `/services/0/spec/environments/0/spec/roleBindings/3`, service `pay`, environment `production`
      This role binding has no `subjects`, so it would grant nothing. Add one: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
      anu:missing-field
    error: Unknown field
      at `/services/0/spec/environments/0/spec/roleBindings/4/namespace`, service `pay`, environment `production`
      `namespace` is not a field of a role binding, and would have no effect. Fields: `role`, `subjects`.
      anu:undefined-field
    error: Unknown field
      at `/services/0/spec/environments/0/spec/roleBindings/4/subject`, service `pay`, environment `production`
      `subject` is not a field of a role binding, and would have no effect. Fields: `role`, `subjects`. Did you mean `subjects`?
      anu:undefined-field
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/roleBindings/5/role`, service `pay`, environment `production`
      `role` is a number: `1`. It must be a string.
      anu:wrong-type
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/roleBindings/5/subjects`, service `pay`, environment `production`
      `subjects` is a string: `Group:x`. It must be an array.
      anu:wrong-type
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/roleBindings/6`, service `pay`, environment `production`
      Entry 6 of this list is a string: `edit`. It must be an object.
      anu:wrong-type
    ");
    let mut misplaced = registry(bindings());
    let spec = &mut misplaced["services"][0]["spec"];
    spec["roleBindings"] = spec["environments"][0]["spec"]["roleBindings"].clone();
    insta::assert_snapshot!(report(&misplaced.to_string()), @"
    error: Misplaced field
      at `/services/0/spec/roleBindings`, service `pay`
      `roleBindings` has no effect here. It is a field of an environment. Move it there, or remove it.
      anu:misplaced-field
    ");
}

#[test]
fn a_binding_needs_a_namespace_that_the_service_owns() {
    let mut without = registry(bindings());
    environment(&mut without)["targets"] = json!([]);
    environment(&mut without)["googleProject"] = json!("gc-prd-pay");
    let mut shared = registry(bindings());
    shared["services"].as_array_mut().expect("a list").push(json!({"type": "Service", "spec": {"name": "shop", "team": "core", "environments": [
        {"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "pay"}}]}}]}}));
    shared["namespaces"] = json!([{"type": "Namespace", "spec": {"cluster": "c1", "name": "pay", "owner": "shop", "sharedWith": ["pay"]}}]);
    insta::assert_snapshot!([without, shared.clone()].map(|document| report(&document.to_string())).join("\n---\n"), @"
    warning: Role bindings have no effect
      at `/services/0/spec/environments/0/spec/roleBindings`, service `pay`, environment `production`
      Environment `production` has no `targets`, so there is no namespace for these role bindings. Add a target, or remove `roleBindings`.
      anu:role-bindings-without-effect
    ---
    error: Role binding in a namespace of another service
      at `/services/0/spec/environments/0/spec/roleBindings`, service `pay`, environment `production`
      Namespace `c1/pay` is owned by `shop`. Only the owner of a shared namespace may have role bindings in it beside the access lists, because they grant any role. Move them to an environment of `shop`, or give this environment a namespace of its own.
      anu:role-binding-not-owner
    ");
    shared["namespaces"][0]["spec"]["owner"] = json!("pay");
    shared["namespaces"][0]["spec"]["sharedWith"] = json!(["shop"]);
    assert_eq!(report(&shared.to_string()), "", "its owner may");
}

#[test]
fn the_fences_are_those_of_every_grant() {
    let document = registry(json!([
        {"role": "cluster-admin", "subjects": ["Group:system:authenticated", "ServiceAccount:kube-system/operator"]},
        {"role": "Role:deployer", "subjects": ["ServiceAccount:ci/deployer", "User:jane@other.example"]},
    ]));
    let mut fences = Fences { allowed_email_domains: Some(vec![Pattern::new("example.com")]), ..Fences::default() };
    fences.forbidden_principals.added.push(Pattern::new("ServiceAccount:ci/*"));
    insta::assert_snapshot!(report_with(&document.to_string(), &Settings { fences, ..settings() }), @"
    error: Forbidden role
      at `/services/0/spec/environments/0/spec/roleBindings/0/role`, service `pay`, environment `production`
      The role `cluster-admin` is forbidden: it matches `cluster-admin` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/roleBindings/0/subjects/0`, service `pay`, environment `production`
      The subject `Group:system:authenticated` is forbidden: it matches `system:*` in `fences.forbidden_principals` of the provider block. Use the group of a team, a single user or a service account.
      anu:forbidden-principal
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/roleBindings/1/subjects/0`, service `pay`, environment `production`
      The subject `ServiceAccount:ci/deployer` is forbidden: it matches `ServiceAccount:ci/*` in `fences.forbidden_principals` of the provider block. Use the group of a team, a single user or a service account.
      anu:forbidden-principal
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/roleBindings/1/subjects/1`, service `pay`, environment `production`
      The subject `User:jane@other.example` has an address in a domain that `fences.allowed_email_domains` in the provider block does not allow (`example.com`). Use an address in an allowed domain, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-principal
    ");
}
