//! Clusters of Google Kubernetes Engine: what their entries grant, and what is wrong with them.

use anu::fanout::resource::Key;
use anu::fanout::{MOST_GROUPS, Pattern, SHARED};
use anu::registry::Selection;
use serde_json::{Value, json};

use crate::{fan_out, report, report_with, settings};

fn service(name: &str, team: &str, rbac: Value, project: &str, clusters: &[&str]) -> Value {
    let target = |cluster: &&str| json!({"type": "Target", "spec": {"cluster": cluster, "namespace": name}});
    let targets: Vec<Value> = clusters.iter().map(target).collect();
    let environments = json!([
        {"type": "Environment", "spec": {"name": "production", "googleProject": project, "rbac": rbac, "targets": targets}},
        {"type": "Environment", "spec": {"name": "data", "googleProject": format!("{project}-data"), "rbac": {"admins": [team]}}}]);
    json!({"type": "Service", "spec": {"name": name, "team": team, "googleServices": ["pubsub.googleapis.com"], "environments": environments}})
}

/// Two GKE clusters in one project, one in another, and one elsewhere. `pay` and `search` share a team and the first two.
fn registry() -> Value {
    let gke = json!({"groups": true, "clusterViewer": true});
    json!({
        "metadata": {"name": "acme"},
        "clusters": [
            {"type": "Cluster", "spec": {"name": "blue", "googleProject": "gc-prd-compute", "gke": gke}},
            {"type": "Cluster", "spec": {"name": "green", "googleProject": "gc-prd-compute", "gke": gke}},
            {"type": "Cluster", "spec": {"name": "quiet", "googleProject": "gc-prd-quiet", "gke": {"groups": true}}},
            {"type": "Cluster", "spec": {"name": "elsewhere"}}],
        "services": [
            service("pay", "core", json!({"viewers": ["core"], "admins": ["core", {"principal": "user:Ada@Example.com", "reason": "on call"}]}), "gc-prd-pay", &["blue", "green", "quiet"]),
            service("search", "core", json!({"operators": ["core"]}), "gc-prd-search", &["green", "elsewhere"]),
            service("batch", "batch", json!({"operators": ["batch"]}), "gc-prd-batch", &["quiet", "elsewhere"])]
    })
}

fn cluster(document: &mut Value, position: usize) -> &mut Value {
    &mut document["clusters"][position]["spec"]
}

#[test]
fn people_with_access_on_a_cluster_are_granted_its_view_once() {
    let fan_out = fan_out(&registry().to_string());
    let mut lines = Vec::new();
    for (name, service) in fan_out.services() {
        for key in service.resources.keys().iter().filter(|key| key.to_string().contains("clusterViewer")) {
            let users: Vec<String> = fan_out.users_of(key).iter().map(ToString::to_string).collect();
            let shared = if fan_out.is_shared(key) { "shared" } else { "alone" };
            lines.push(format!("{name}: {} {key}: {shared}, {}", key.kind(), users.join(" ")));
            for origin in fan_out.explain(key) {
                lines.push(format!("  {}/{} {}", origin.service, origin.environment, origin.pointer));
            }
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    pay: IAM member gc-prd-compute/roles/container.clusterViewer/group:core-team@example.com: shared, pay search
      pay/production /services/0/spec/environments/0/spec/rbac/viewers/0
      pay/production /services/0/spec/environments/0/spec/rbac/admins/0
      search/production /services/1/spec/environments/0/spec/rbac/operators/0
    pay: IAM member gc-prd-compute/roles/container.clusterViewer/user:ada@example.com: alone, pay
      pay/production /services/0/spec/environments/0/spec/rbac/admins/1
    search: IAM member gc-prd-compute/roles/container.clusterViewer/group:core-team@example.com: shared, pay search
      pay/production /services/0/spec/environments/0/spec/rbac/viewers/0
      pay/production /services/0/spec/environments/0/spec/rbac/admins/0
      search/production /services/1/spec/environments/0/spec/rbac/operators/0
    ");
    // The project of a cluster is neither created nor changed.
    for (_, service) in fan_out.services() {
        let of_cluster = |key: &&Key| key.scope().to_string() == "gc-prd-compute";
        assert!(service.resources.keys().iter().filter(of_cluster).all(|key| matches!(key, Key::IamMember(..))));
    }
}

#[test]
fn the_view_is_in_digests_selections_and_the_shared_part_of_the_data() {
    let with = fan_out(&registry().to_string());
    let mut without = registry();
    cluster(&mut without, 0)["gke"]["clusterViewer"] = json!(false);
    cluster(&mut without, 1)["gke"] = Value::Null;
    let without = fan_out(&without.to_string());
    let digest = |fan_out: &anu::fanout::FanOut, name: &str| fan_out.service(name).expect("a service").digest.clone();
    assert_ne!(digest(&with, "pay"), digest(&without, "pay"));
    assert_ne!(digest(&with, "search"), digest(&without, "search"));
    assert_eq!(digest(&with, "batch"), digest(&without, "batch"));

    let selection = Selection { services: Some(vec!["pay".into()]), ..Selection::default() };
    let data = with.by_service_of(&with.registry().select(&selection).expect("a selection"));
    let viewers = |name: &str| -> Vec<&String> {
        data.iam_members[name].keys().filter(|key| key.contains("clusterViewer")).collect()
    };
    assert_eq!(viewers(SHARED), ["gc-prd-compute/roles/container.clusterViewer/group:core-team@example.com"]);
    assert_eq!(viewers("pay"), ["gc-prd-compute/roles/container.clusterViewer/user:ada@example.com"]);
    // An environment without targets has none.
    let data = std::collections::BTreeSet::from(["data".parse().expect("a name")]);
    assert!(with.select("pay", &data).iam.keys().all(|id| id.as_str() == "gc-prd-pay-data"));
}

/// The role may come from both: the environment's own project, and the project of the cluster it runs on.
#[test]
fn a_cluster_in_the_project_of_its_own_service() {
    let mut document = registry();
    document["projects"] = json!([
        {"type": "Project", "spec": {"id": "gc-prd-compute", "owner": "pay"}},
        {"type": "Project", "spec": {"id": "gc-prd-quiet", "existing": true}},
        {"type": "Project", "spec": {"id": "gc-prd-pay-data", "owner": "pay"}}]);
    document["services"].as_array_mut().expect("a list").truncate(1);
    document["services"][0]["spec"]["environments"][0]["spec"]["googleProject"] = json!("gc-prd-compute");
    document["permissions"] = json!({"google": {"*": {"viewers": ["roles/container.clusterViewer"]}}});
    let fan_out = fan_out(&document.to_string());
    let keys = fan_out.service("pay").expect("a service").resources.keys();
    let lines: Vec<String> = keys
        .iter()
        .filter(|key| key.to_string().contains("clusterViewer"))
        .map(|key| {
            let origins: Vec<String> = fan_out.explain(key).into_iter().map(|origin| origin.pointer).collect();
            format!("{key}: {}", origins.join(" "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n").replace("/services/0/spec/environments/0/spec", "…"), @"
    gc-prd-compute/roles/container.clusterViewer/group:core-team@example.com: …/rbac/viewers/0 …/rbac/admins/0
    gc-prd-compute/roles/container.clusterViewer/user:ada@example.com: …/rbac/admins/1
    ");
}

/// Whoever administers clusters declares this, and fences limit it.
#[test]
fn bad_entries_of_clusters() {
    let mut document = registry();
    *cluster(&mut document, 0) =
        json!({"name": "blue", "gke": {"clusterViewer": true, "group": true, "groups": "yes"}});
    cluster(&mut document, 1)["gke"] = json!({"clusterViewers": true});
    cluster(&mut document, 2)["gke"] = json!(true);
    cluster(&mut document, 3)["googleProject"] = json!("GC-elsewhere");
    cluster(&mut document, 3)["gke"] = json!({"clusterViewer": true, "groups": true});
    let target = &mut document["services"][2]["spec"]["environments"][0]["spec"]["targets"][0]["spec"];
    target["gke"] = json!({"clusterViewer": true});
    insta::assert_snapshot!(report(&document.to_string()), @r#"
    error: Cluster has no Google project
      at `/clusters/0/spec/gke/clusterViewer`
      `gke.clusterViewer` grants `roles/container.clusterViewer` in the project of cluster `blue`, and its entry names no project. Add `"googleProject": "…"` to `/clusters/0/spec`.
      anu:cluster-without-project
    error: Unknown field
      at `/clusters/0/spec/gke/group`
      `group` is not a field of `gke`, and would have no effect. Fields: `groups`, `clusterViewer`. Did you mean `groups`?
      anu:undefined-field
    error: Wrong JSON type
      at `/clusters/0/spec/gke/groups`
      `groups` is a string: `yes`. It must be true or false.
      anu:wrong-type
    warning: Groups may have no members in this cluster
      at `/clusters/1/spec/gke`
      Groups have access to namespaces of cluster `green`, for example `core-team@example.com`. GKE knows the members of a group only with Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has it, confirm it with `"groups": true` in `gke`.
      anu:gke-groups
    error: Unknown field
      at `/clusters/1/spec/gke/clusterViewers`
      `clusterViewers` is not a field of `gke`, and would have no effect. Fields: `groups`, `clusterViewer`. Did you mean `clusterViewer`?
      anu:undefined-field
    error: Wrong JSON type
      at `/clusters/2/spec/gke`
      `gke` is a boolean: `true`. It must be an object.
      anu:wrong-type
    error: Invalid name
      at `/clusters/3/spec/googleProject`
      `GC-elsewhere` is not a project id: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`. Did you mean `gc-elsewhere`?
      anu:bad-name
    error: Misplaced field
      at `/services/2/spec/environments/0/spec/targets/0/spec/gke`, service `batch`, environment `production`
      `gke` has no effect here. It is a field of a cluster. Move it there, or remove it.
      anu:misplaced-field
    "#);
}

#[test]
fn fences_apply_to_what_clusters_grant() {
    let mut settings = settings();
    settings.fences.allowed_projects =
        Some(["gc-prd-pay*", "gc-prd-search*", "gc-prd-batch*"].map(Pattern::new).into());
    settings.fences.forbidden_roles.added.push(Pattern::new("roles/container.*"));
    insta::assert_snapshot!(report_with(&registry().to_string(), &settings), @"
    error: Forbidden role
      at `/clusters/0/spec/gke/clusterViewer`
      `gke.clusterViewer` grants the role `roles/container.clusterViewer`, which is forbidden: it matches `roles/container.*` in `fences.forbidden_roles` of the provider block. Remove `clusterViewer`, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-role
    error: Project is not allowed
      at `/clusters/0/spec/googleProject`
      `gke.clusterViewer` of cluster `blue` grants a role in project `gc-prd-compute`, which is not allowed by `fences.allowed_projects` in the provider block: `gc-prd-pay*`, `gc-prd-search*`, `gc-prd-batch*`. Correct the id, or ask the maintainer of the provider block to change `fences.allowed_projects`.
      anu:project-not-allowed
    error: Forbidden role
      at `/clusters/1/spec/gke/clusterViewer`
      `gke.clusterViewer` grants the role `roles/container.clusterViewer`, which is forbidden: it matches `roles/container.*` in `fences.forbidden_roles` of the provider block. Remove `clusterViewer`, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-role
    error: Project is not allowed
      at `/clusters/1/spec/googleProject`
      `gke.clusterViewer` of cluster `green` grants a role in project `gc-prd-compute`, which is not allowed by `fences.allowed_projects` in the provider block: `gc-prd-pay*`, `gc-prd-search*`, `gc-prd-batch*`. Correct the id, or ask the maintainer of the provider block to change `fences.allowed_projects`.
      anu:project-not-allowed
    ");
}

#[test]
fn a_list_of_projects_includes_those_of_clusters() {
    let mut document = registry();
    let listed = ["gc-prd-pay", "gc-prd-pay-data", "gc-prd-quiet"]
        .map(|id| json!({"type": "Project", "spec": {"id": id, "owner": "pay", "existing": true}}));
    document["projects"] = json!(listed);
    document["services"].as_array_mut().expect("a list").truncate(1);
    insta::assert_snapshot!(report(&document.to_string()), @r#"
    error: Unknown project
      at `/clusters/0/spec/googleProject`
      The project `gc-prd-compute` of cluster `blue` is not in `projects`. If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    error: Unknown project
      at `/clusters/1/spec/googleProject`
      The project `gc-prd-compute` of cluster `green` is not in `projects`. If it exists already, add `{"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}}` to `projects`; for a project that anu creates, add it without `existing`.
      anu:unknown-project
    "#);
    document["projects"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}}));
    insta::assert_snapshot!(report(&document.to_string()), @"");
}

#[test]
fn groups_on_a_cluster_that_may_not_know_their_members() {
    let mut document = registry();
    cluster(&mut document, 0)["gke"] = json!({});
    cluster(&mut document, 1)["gke"] = json!({"clusterViewer": true, "groups": false});
    cluster(&mut document, 2)["gke"] = json!({});
    insta::assert_snapshot!(report(&document.to_string()), @r#"
    warning: Groups may have no members in this cluster
      at `/clusters/0/spec/gke`
      Groups have access to namespaces of cluster `blue`, for example `core-team@example.com`. GKE knows the members of a group only with Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has it, confirm it with `"groups": true` in `gke`.
      anu:gke-groups
    warning: Groups may have no members in this cluster
      at `/clusters/1/spec/gke`
      Groups have access to namespaces of cluster `green`, for example `core-team@example.com`. GKE knows the members of a group only with Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has it, confirm it with `"groups": true` in `gke`.
      anu:gke-groups
    warning: Groups may have no members in this cluster
      at `/clusters/2/spec/gke`
      Groups have access to namespaces of cluster `quiet`, for example `batch-team@example.com`. GKE knows the members of a group only with Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has it, confirm it with `"groups": true` in `gke`.
      anu:gke-groups
    "#);
    // Only groups matter: a user and a service account are known to every GKE cluster.
    let people = json!({"admins": [{"principal": "user:ada@example.com", "reason": "x"}, {"principal": "serviceAccount:ci@gc-prd-ci.iam.gserviceaccount.com", "reason": "x"}]});
    for service in document["services"].as_array_mut().expect("a list") {
        service["spec"]["environments"][0]["spec"]["rbac"] = people.clone();
    }
    let reported = report(&document.to_string());
    assert!(!reported.contains("Google Groups"), "{reported}");
}

#[test]
fn what_clusters_grant_counts_for_the_limits_of_a_policy() {
    let services = |count: usize, principal: &dyn Fn(usize) -> Value| -> Vec<Value> {
        let one = |index: usize| {
            let targets = json!([{"type": "Target", "spec": {"cluster": "blue", "namespace": format!("n{index}")}}]);
            let environments = json!([{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": [principal(index)]}, "targets": targets}}]);
            json!({"type": "Service", "spec": {"name": format!("s{index}"), "environments": environments}})
        };
        (0..count).map(one).collect()
    };
    let errors = |services: Vec<Value>| {
        let mut document = registry();
        document["services"] = json!(services);
        let reported = report(&document.to_string());
        let errors =
            reported.split("error: ").skip(1).map(|error| error.split("\nwarning: ").next().unwrap_or_default());
        errors.collect::<Vec<_>>().join("")
    };
    let team = |index: usize| json!(format!("team-{index}"));
    assert_eq!(errors(services(MOST_GROUPS, &team)), "");
    insta::assert_snapshot!(errors(services(MOST_GROUPS + 1, &team)), @"
    Project has too many groups
      at `/clusters/0/spec/gke/clusterViewer`
      The IAM policy of project `gc-prd-compute` would contain more than 250 groups, the limit of Google. They are granted by `s0`, `s1`, `s2`, `s3`, `s4` and 246 more. Grant roles to a group that contains the others, or use several projects. Among them is `roles/container.clusterViewer` for everyone with access on cluster `blue`: instead of `gke.clusterViewer` in its entry, you can grant that role to one group with all of them.
      anu:too-many-groups
    ");
    let user = |index: usize| json!({"principal": format!("user:u{index}@example.com"), "reason": "x"});
    assert_eq!(errors(services(1_500, &user)), "");
    insta::assert_snapshot!(errors(services(1_501, &user)), @"
    Project has too many principals
      at `/clusters/0/spec/gke/clusterViewer`
      The IAM policy of project `gc-prd-compute` would contain more than 1500 principals (every occurrence counts), the limit of Google. They are granted by `s0`, `s1`, `s2`, `s3`, `s4` and 1496 more. Grant roles to groups instead, or use several projects. Among them is `roles/container.clusterViewer` for everyone with access on cluster `blue`: instead of `gke.clusterViewer` in its entry, you can grant that role to one group with all of them.
      anu:too-many-principals
    ");
    // The roles of the project's own services are in the same policy.
    let mut own = services(1_499, &user);
    own.push(service("platform", "core", json!({"admins": ["core", "batch"]}), "gc-prd-compute", &[]));
    let mut document = registry();
    document["services"] = json!(own);
    let reported = report(&document.to_string());
    assert!(reported.contains("more than 1500 principals"), "{reported}");
}

/// A product of people and clusters is refused before it is made.
#[test]
fn people_times_clusters() {
    let people: Vec<Value> =
        (0..400).map(|i| json!({"principal": format!("user:u{i}@example.com"), "reason": "x"})).collect();
    let clusters: Vec<Value> = (0..400)
        .map(|i| json!({"type": "Cluster", "spec": {"name": format!("c{i}"), "googleProject": format!("gc-prd-c{i:03}"), "gke": {"clusterViewer": true}}}))
        .collect();
    let names: Vec<String> = (0..400).map(|i| format!("c{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut document = registry();
    document["clusters"] = json!(clusters);
    document["services"] = json!([service("pay", "core", json!({"admins": people}), "gc-prd-pay", &names)]);
    let reported = report(&document.to_string());
    insta::assert_snapshot!(reported.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    error: Service has too many resources
      at `/services/0/spec`, service `pay`
      Service `pay` would have up to 321205 resources: APIs and IAM members of projects, namespaces, quotas and subjects of role bindings. The limit is 100000. Give access to groups instead of single principals, or split the service.
      anu:too-many-resources
    ");
}
