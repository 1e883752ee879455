//! Projects whose id has a domain, as some old ones have: they can be used, and not created.

use anu::fanout::{Fences, Pattern, Settings};
use serde_json::{Value, json};

use crate::{fan_out_with, report, report_with, settings};

/// A service in the project `example.com:shop`, with an account, on a cluster in `example.com:gke`.
fn registry(projects: Value) -> Value {
    let role = "projects/example.com:shop/roles/publisher";
    json!({
        "metadata": {"name": "acme"},
        "clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "example.com:gke"}}],
        "projects": projects,
        "services": [{"type": "Service", "spec": {"name": "pay", "team": "core", "googleServices": ["pubsub.googleapis.com"], "environments": [
            {"type": "Environment", "spec": {"name": "production", "googleProject": "example.com:shop",
                "rbac": {"admins": ["core",
                    {"principal": "serviceAccount:ci@build.example.com.iam.gserviceaccount.com", "reason": "delivery"},
                    {"principal": "serviceAccount:gke.example.com.svc.id.goog[jobs/worker]", "reason": "export"}]},
                "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "pay"}}],
                "serviceAccounts": [{"name": "rain-maker", "roles": [role], "kubernetesServiceAccount": "rain"}]}}]}}]
    })
}

fn projects() -> Value {
    json!([
        {"type": "Project", "spec": {"id": "example.com:shop", "existing": true, "owner": "pay"}},
        {"type": "Project", "spec": {"id": "example.com:gke", "existing": true}},
    ])
}

/// A custom role needs a permission, whatever its project is called.
fn with_custom_roles() -> Settings {
    let allowed_custom_roles = vec![Pattern::new("projects/example.com:shop/roles/*")];
    Settings { fences: Fences { allowed_custom_roles, ..Fences::default() }, ..settings() }
}

#[test]
fn an_existing_project_is_used_and_its_domain_comes_last_in_addresses() {
    for listed in [projects(), Value::Null] {
        let mut document = registry(listed);
        if document["projects"].is_null() {
            document.as_object_mut().expect("an object").remove("projects");
        }
        let document = document.to_string();
        assert_eq!(report_with(&document, &with_custom_roles()), "");
        let fan_out = fan_out_with(&document, &with_custom_roles());
        let resources = &fan_out.service("pay").expect("the service").resources;
        let keys: Vec<String> = resources.keys().iter().map(|key| format!("{} {key}", key.kind())).collect();
        insta::allow_duplicates! { insta::assert_snapshot!(keys.join("\n"), @"
        API example.com:shop/iam.googleapis.com
        API example.com:shop/iamcredentials.googleapis.com
        API example.com:shop/pubsub.googleapis.com
        IAM member example.com:shop/projects/example.com:shop/roles/publisher/serviceAccount:rain-maker@shop.example.com.iam.gserviceaccount.com
        IAM member example.com:shop/roles/pubsub.admin/group:core-team@example.com
        IAM member example.com:shop/roles/pubsub.admin/serviceAccount:ci@build.example.com.iam.gserviceaccount.com
        IAM member example.com:shop/roles/pubsub.admin/serviceAccount:gke.example.com.svc.id.goog[jobs/worker]
        service account example.com:shop/rain-maker
        workload identity example.com:shop/rain-maker/gke.example.com.svc.id.goog[pay/rain]
        namespace c1/pay
        Kubernetes service account c1/pay/rain
        role binding c1/pay/anu:pay:production:admins:admin
        "); }
        let bindings: Vec<String> =
            resources.role_bindings.values().flatten().flat_map(|(_, binding)| binding.subjects.clone()).collect();
        insta::allow_duplicates! { insta::assert_snapshot!(bindings.join("\n"), @"
        Group:core-team@example.com
        ServiceAccount:jobs/worker
        User:ci@build.example.com.iam.gserviceaccount.com
        "); }
        let annotation = &resources.namespaces.values().next().expect("one").settings.annotations;
        assert_eq!(annotation.values().collect::<Vec<_>>(), ["example.com:shop"]);
    }
    assert!(report(&registry(projects()).to_string()).contains("custom role"), "as every other one");
}

#[test]
fn no_project_with_a_domain_is_created() {
    let mut listed = projects();
    for entry in listed.as_array_mut().expect("a list") {
        entry["spec"].as_object_mut().expect("an object").remove("existing");
    }
    insta::assert_snapshot!(report_with(&registry(listed).to_string(), &with_custom_roles()), @r#"
    error: Project id has a domain
      at `/projects/0/spec/id`
      anu would create the project `example.com:shop`, and Google creates no project whose id has a domain. If the project exists, add `"existing": true` to this entry; for a new one, choose an id without a domain.
      anu:project-with-domain
    warning: Entry is not used
      at `/projects/1`
      No environment uses project `example.com:gke`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Project id has a domain
      at `/projects/1/spec/id`
      anu would create the project `example.com:gke`, and Google creates no project whose id has a domain. If the project exists, add `"existing": true` to this entry; for a new one, choose an id without a domain.
      anu:project-with-domain
    "#);
}

#[test]
fn what_is_no_id_with_a_domain_is_refused() {
    let of = |id: &str| {
        let mut document = registry(Value::Null);
        document.as_object_mut().expect("an object").remove("projects");
        document["services"][0]["spec"]["environments"][0]["spec"]["googleProject"] = json!(id);
        report_with(&document.to_string(), &with_custom_roles()).lines().nth(2).unwrap_or_default().trim().to_owned()
    };
    insta::assert_snapshot!(["com:shop", "example.com:Shop", "example.com:", "shop.example.com", "example.com/shop"].map(of).join("\n"), @"
    `com:shop` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`.
    `example.com:Shop` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`.
    `example.com:` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`. Did you mean `example-com`?
    `shop.example.com` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`. Did you mean `shop-example-com`?
    `example.com/shop` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`.
    ");
}

#[test]
fn a_pattern_of_a_fence_can_name_the_domain() {
    let allowed = |pattern: &str| {
        let fences = Fences { allowed_projects: Some(vec![Pattern::new(pattern)]), ..with_custom_roles().fences };
        report_with(&registry(projects()).to_string(), &Settings { fences, ..settings() })
    };
    assert_eq!(allowed("example.com:*"), "");
    assert!(allowed("other.com:*").contains("anu:project-not-allowed"));
}
