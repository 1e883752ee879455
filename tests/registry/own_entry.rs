//! What an edit of one's own entry can do to others: nothing. A project or namespace is opened by its own entry only.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anu::fanout::FanOut;
use anu::fanout::resource::Key;
use anu::registry::schema;
use serde_json::{Value, json};

use crate::{fan_out, options, report, settings};

/// `toy` of `interns` is the service whose entry is edited. `ledger` shares a project with the service `statements` and with the
/// services of the team `shop`, `catalog` shares a namespace with `search`, and `open` shares both with `toy`.
fn registry() -> Value {
    let team = |name: &str, services: &[&str]| json!({"type": "Team", "spec": {"name": name, "services": services}});
    let project = |spec: Value| json!({"type": "Project", "spec": spec});
    let service = |name: &str, team: &str, environments: Value| json!({"type": "Service", "spec": {"name": name, "team": team, "googleServices": ["spanner.googleapis.com"], "environments": environments}});
    let environment = |name: &str, project: Option<&str>, team: &str, namespace: Option<&str>| {
        let target = |namespace| json!({"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": namespace, "release": name}});
        json!({"type": "Environment", "spec": {"name": name, "googleProject": project, "rbac": {"viewers": [], "operators": [], "admins": [team]}, "targets": namespace.into_iter().map(target).collect::<Vec<_>>()}})
    };
    json!({
        "metadata": {"name": "acme"},
        "teams": [team("core", &[]), team("shop", &["catalog"]), team("interns", &[])],
        "clusters": [
            {"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute", "gke": {"groups": true, "clusterViewer": true}}},
            {"type": "Cluster", "spec": {"name": "c2"}}],
        "projects": [
            project(json!({"id": "gc-prd-ledger", "owner": "ledger", "sharedWith": ["statements"], "sharedWithTeams": ["shop"]})),
            project(json!({"id": "gc-prd-vault", "existing": true, "owner": "ledger"})),
            project(json!({"id": "gc-prd-plain"})),
            project(json!({"id": "gc-prd-compute", "existing": true})),
            project(json!({"id": "gc-prd-open", "owner": "open", "sharedWith": ["toy"]})),
            project(json!({"id": "gc-prd-toy", "owner": "toy"}))],
        "namespaces": [
            {"type": "Namespace", "spec": {"cluster": "c1", "name": "catalog", "owner": "catalog", "sharedWith": ["search"]}},
            {"type": "Namespace", "spec": {"cluster": "c1", "name": "open", "owner": "open", "sharedWith": ["toy"]}}],
        "services": [
            service("ledger", "core", json!([
                environment("production", Some("gc-prd-ledger"), "core", Some("ledger")),
                environment("vault", Some("gc-prd-vault"), "core", None)])),
            service("statements", "core", json!([environment("production", Some("gc-prd-ledger"), "core", Some("statements"))])),
            service("catalog", "shop", json!([environment("production", Some("gc-prd-ledger"), "shop", Some("catalog"))])),
            service("search", "shop", json!([environment("production", Some("gc-prd-plain"), "shop", Some("catalog"))])),
            service("open", "core", json!([environment("production", Some("gc-prd-open"), "core", Some("open"))])),
            service("toy", "interns", json!([environment("production", Some("gc-prd-toy"), "interns", Some("toy"))]))]
    })
}

const TOY: usize = 5;

/// Every name that stands anywhere in the registry, and one that does not.
fn names() -> Vec<String> {
    let mut names = BTreeSet::from(["unheard-of".to_owned()]);
    fn collect(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => drop(names.insert(text.clone())),
            Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
            Value::Object(fields) => fields.values().for_each(|field| collect(field, names)),
            _ => {}
        }
    }
    collect(&registry(), &mut names);
    names.into_iter().collect()
}

/// An edit of the entry of `toy`.
type Edit = Rc<dyn Fn(&mut Value)>;

/// All edits of one field of an entry of this kind at this place: to every name, alone and in a list.
fn edits(kind: &str, pointer: &'static str) -> Vec<(String, Edit)> {
    let schema = schema();
    let fields = schema["$defs"][kind]["properties"].as_object().expect("properties");
    let mut edits: Vec<(String, Edit)> = Vec::new();
    for field in fields.keys() {
        let mut add = |value: Value| {
            let (label, field) = (format!("{pointer}/{field} = {value}"), field.clone());
            let edit = move |service: &mut Value| {
                let place = service.pointer_mut(pointer).expect("a place");
                place[&field] = value.clone();
            };
            edits.push((label, Rc::new(edit)));
        };
        add(Value::Null);
        for name in names() {
            match field.as_str() {
                "environments" | "targets" | "rbac" => {}
                "quota" => add(json!({"pods": name})),
                "viewers" | "operators" | "admins" => {
                    add(json!([name]));
                    add(json!([{"principal": format!("group:{name}@example.com"), "reason": "x"}]));
                }
                "googleServices" => add(json!([name])),
                "roleBindings" => add(json!([{"role": "edit", "subjects": [format!("ServiceAccount:{name}/robot")]}])),
                "serviceAccounts" => add(json!([{"name": "robot-of-toy", "kubernetesServiceAccount": name}])),
                _ => add(json!(name)),
            }
        }
    }
    for policy in ["prevent", "abandon", "delete", "delete-with-contents"] {
        let edit =
            move |service: &mut Value| service.pointer_mut(pointer).expect("a place")["deletionPolicy"] = json!(policy);
        edits.push((format!("{pointer}/deletionPolicy = {policy}"), Rc::new(edit)));
    }
    edits
}

/// Edits that add an environment: every project with every namespace.
fn additions() -> Vec<(String, Edit)> {
    let mut edits: Vec<(String, Edit)> = Vec::new();
    let document = registry();
    let ids = document["projects"].as_array().expect("a list").iter().map(|entry| entry["spec"]["id"].clone());
    let ids: Vec<Value> = ids.chain([json!("gc-prd-unheard-of"), Value::Null]).collect();
    for id in ids {
        for namespace in ["ledger", "statements", "catalog", "open", "toy", "unheard-of", ""] {
            let id = id.clone();
            let label = format!("+ {id} {namespace}");
            let edit = move |service: &mut Value| {
                let mut targets = Vec::new();
                if !namespace.is_empty() {
                    targets.push(
                        json!({"type": "Target", "spec": {"cluster": "c1", "namespace": namespace, "release": "x"}}),
                    );
                }
                let environment = json!({"type": "Environment", "spec": {"name": "extra", "googleProject": id, "rbac": {"admins": ["interns"]}, "targets": targets}});
                service["environments"].as_array_mut().expect("a list").push(environment);
            };
            edits.push((label, Rc::new(edit)));
        }
    }
    // The same with a service account.
    let with_account = |(label, edit): &(String, Edit)| {
        let (label, edit) = (format!("{label}, with an account"), Rc::clone(edit));
        let with: Edit = Rc::new(move |service: &mut Value| {
            edit(service);
            let added = service["environments"].as_array_mut().and_then(|all| all.last_mut()).expect("an environment");
            added["spec"]["serviceAccounts"] = json!([{"name": "robot-of-toy", "roles": ["roles/spanner.databaseUser"], "kubernetesServiceAccount": "robot"}]);
        });
        (label, with)
    };
    // And with a role binding, which grants any role.
    let with_binding = |(label, edit): &(String, Edit)| {
        let (label, edit) = (format!("{label}, with a role binding"), Rc::clone(edit));
        let with: Edit = Rc::new(move |service: &mut Value| {
            edit(service);
            let added = service["environments"].as_array_mut().and_then(|all| all.last_mut()).expect("an environment");
            added["spec"]["roleBindings"] = json!([{"role": "admin", "subjects": ["ServiceAccount:toy/robot"]}]);
        });
        (label, with)
    };
    let mut with: Vec<(String, Edit)> = edits.iter().map(with_account).collect();
    with.extend(edits.iter().map(with_binding));
    edits.extend(with);
    edits
}

/// What entries allow: by project id or `CLUSTER/NAMESPACE`, the services that it names.
fn named(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let teams: BTreeMap<&str, Vec<&str>> =
        list(document, "teams").map(|team| (text(&team["name"]), texts(&team["services"]))).collect();
    let mut named = BTreeMap::new();
    for (entries, key) in [("projects", "id"), ("namespaces", "name")] {
        for entry in list(document, entries) {
            let key = match entries {
                "projects" => text(&entry[key]).to_owned(),
                _ => format!("{}/{}", text(&entry["cluster"]), text(&entry[key])),
            };
            let mut services: BTreeSet<String> = texts(&entry["sharedWith"]).into_iter().map(str::to_owned).collect();
            services.extend(entry["owner"].as_str().map(str::to_owned));
            for team in texts(&entry["sharedWithTeams"]) {
                services.extend(teams[team].iter().map(|service| (*service).to_owned()));
            }
            named.insert(key, services);
        }
    }
    named
}

fn list<'v>(document: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    document[key].as_array().into_iter().flatten().map(|entry| &entry["spec"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// Every project and namespace in which a service grants or creates anything. The entry of `c1` grants its one role to whoever has
/// access on it.
fn touched(fan_out: &FanOut, service: &str) -> BTreeSet<String> {
    let resources = &fan_out.service(service).expect("a service").resources;
    let keys = resources.keys();
    let of_cluster = |key: &&Key| key.to_string().starts_with("gc-prd-compute/roles/container.clusterViewer/");
    keys.iter().filter(|key| !of_cluster(key)).map(|key| key.scope().to_string()).collect()
}

/// Whether the edited registry is refused. If not, it has changed nothing of others and opened nothing.
fn is_refused(label: &str, edited: &Value, before: &FanOut, others: &[&str]) -> bool {
    let Ok((after, _)) = anu::fanout::load(edited.to_string().as_bytes(), &options(), &settings()) else { return true };
    for other in others {
        let (was, is) = (before.service(other).expect("a service"), after.service(other).expect("a service"));
        assert_eq!(was.resources, is.resources, "{label}: changes {other}");
        assert_eq!(was.alert_routes, is.alert_routes, "{label}: changes the alerts of {other}");
        // The owner of what the entry of `open` shares is shown who uses it.
        assert!(was.digest == is.digest || *other == "open", "{label}: changes the digest of {other}");
    }
    let named = named(edited);
    let unlisted = after.services().filter(|(name, _)| !others.contains(&name.as_str()));
    for (name, _) in unlisted {
        for key in touched(&after, name.as_str()) {
            // A namespace without an entry belongs to the one service that uses it.
            let alone = !named.contains_key(&key) && !others.iter().any(|other| touched(&after, other).contains(&key));
            let allowed = named.get(&key).is_some_and(|services| services.contains(name.as_str()));
            assert!(alone || allowed, "{label}: `{name}` has come to use {key}");
        }
        // The roles of an account apply to the whole project, so only its owner has some in it.
        let owners: BTreeMap<&str, &str> =
            list(edited, "projects").map(|entry| (text(&entry["id"]), text(&entry["owner"]))).collect();
        for id in after.service(name.as_str()).expect("a service").resources.service_accounts.keys() {
            let owner = owners.get(id.as_str()).copied().unwrap_or_default();
            assert!(owner.is_empty() || owner == name.as_str(), "{label}: `{name}` has accounts in {id}");
        }
        // A role binding of an environment grants any role, so only the owner of a namespace has some in it.
        let owners: BTreeMap<String, &str> = list(edited, "namespaces")
            .map(|entry| (format!("{}/{}", text(&entry["cluster"]), text(&entry["name"])), text(&entry["owner"])))
            .collect();
        for (key, bindings) in &after.service(name.as_str()).expect("a service").resources.role_bindings {
            let owner = owners.get(&key.to_string()).copied().unwrap_or_default();
            let is_theirs = owner.is_empty() || owner == name.as_str();
            let mut subjects = bindings.values().flat_map(|binding| &binding.subjects);
            assert!(
                is_theirs || !subjects.any(|subject| subject.starts_with("ServiceAccount:")),
                "{label}: `{name}` has role bindings in {key}"
            );
        }
    }
    false
}

/// Every field of a service, environment and target, edited to every name of the registry; every edit of the service's own
/// fields together with every project and namespace; a second service with each of these entries.
#[test]
fn an_edit_of_ones_own_entry_changes_nothing_of_others_and_opens_nothing() {
    let base = registry();
    let before = fan_out(&base.to_string());
    let others = ["ledger", "statements", "catalog", "search", "open"];
    let with = |edits: &[&Edit]| {
        let mut document = base.clone();
        edits.iter().for_each(|edit| edit(&mut document["services"][TOY]["spec"]));
        document
    };
    let service = edits("Service", "");
    let environment = edits("Environment", "/environments/0/spec");
    let target = edits("Target", "/environments/0/spec/targets/0/spec");
    let access = edits("Access", "/environments/0/spec/rbac");
    let additions = additions();
    let (mut edited, mut refused) = (0, 0);
    let mut try_one = |label: String, document: &Value, others: &[&str]| {
        edited += 1;
        refused += usize::from(is_refused(&label, document, &before, others));
    };
    for (label, edit) in service.iter().chain(&environment).chain(&target).chain(&access).chain(&additions) {
        try_one(label.clone(), &with(&[edit]), &others);
    }
    let callers: Vec<String> = ["services", "teams"]
        .iter()
        .flat_map(|kind| list(&base, kind).map(|entry| text(&entry["name"]).to_owned()))
        .chain(["unheard-of".to_owned()])
        .collect();
    for field in ["name", "team"] {
        for name in &callers {
            for (addition, environment) in &additions {
                let mut document = base.clone();
                let toy = &mut document["services"][TOY]["spec"];
                toy[field] = json!(name);
                environment(toy);
                try_one(format!("{field} = {name}, {addition}"), &document, &others);
                // The same as a new service beside `toy`.
                let mut document = base.clone();
                let mut entry =
                    json!({"type": "Service", "spec": {"name": "new", "team": "interns", "environments": []}});
                entry["spec"][field] = json!(name);
                environment(&mut entry["spec"]);
                document["services"].as_array_mut().expect("a list").push(entry);
                try_one(format!("new service, {field} = {name}, {addition}"), &document, &others);
            }
        }
    }
    // The team's entry is its own as well.
    for services in &callers {
        for email in &callers {
            let mut document = base.clone();
            let team = &mut document["teams"][2]["spec"];
            team["services"] = json!([services]);
            team["email"] = json!(format!("{email}@example.com"));
            team["principals"] = json!({"google": format!("group:{email}@example.com")});
            try_one(format!("team {services} {email}"), &document, &others);
        }
    }
    assert_eq!((edited, refused), (7_779, 7_223));
}

/// The registry with this entry of `toy`, reported.
fn report_toy(team: &str, project: &str) -> String {
    let mut document = registry();
    let toy = &mut document["services"][TOY]["spec"];
    toy["team"] = json!(team);
    toy["environments"][0]["spec"]["googleProject"] = json!(project);
    report(&document.to_string())
}

#[test]
fn a_team_in_ones_own_entry_opens_nothing() {
    insta::assert_snapshot!(report_toy("shop", "gc-prd-ledger"), @"
    warning: Entry is not used
      at `/projects/5`
      No environment uses project `gc-prd-toy`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Sharing is not declared
      at `/services/5/spec/environments/0/spec/googleProject`, service `toy`, environment `production`
      Project `gc-prd-ledger` is owned by `ledger`, and its `sharedWith` does not contain `toy`. It is shared with team `shop`, and that means the services that the team's entry lists: `services` at `/teams/1` does not contain `toy`. Ask the owner to add `toy` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    warning: Owning team has no access
      at `/services/5/spec/environments/0/spec/rbac`, service `toy`, environment `production`
      The team `shop` owns service `toy`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    ");
}

#[test]
fn a_service_named_like_a_team_that_is_shared_with_is_refused() {
    let mut document = registry();
    let mut shop = document["services"][TOY].clone();
    shop["spec"]["name"] = json!("shop");
    shop["spec"]["environments"][0]["spec"]["googleProject"] = json!("gc-prd-ledger");
    shop["spec"]["environments"][0]["spec"]["targets"] = json!([]);
    document["services"].as_array_mut().expect("a list").push(shop);
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Name of a service and of a team
      at `/projects/0/spec/sharedWithTeams/0`
      `shop` is the name of the service at `/services/6` and of the team at `/teams/1`, so it does not say with whom project `gc-prd-ledger` is shared. Rename one of the two; then write the service in `sharedWith`, or the team in `sharedWithTeams`.
      anu:ambiguous-sharer
    ");
}

#[test]
fn a_team_named_like_a_service_that_is_shared_with_is_refused() {
    let mut document = registry();
    document.as_object_mut().expect("an object").remove("teams");
    document["projects"][0]["spec"]["sharedWithTeams"] = json!([]);
    document["projects"][0]["spec"]["sharedWith"] = json!(["statements", "catalog"]);
    assert_eq!(report(&document.to_string()), "");
    let toy = &mut document["services"][TOY]["spec"];
    toy["team"] = json!("statements");
    toy["environments"][0]["spec"]["googleProject"] = json!("gc-prd-ledger");
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Name of a service and of a team
      at `/projects/0/spec/sharedWith/0`
      `statements` is the name of the service at `/services/1` and of a team that services name in `team`, so it does not say with whom project `gc-prd-ledger` is shared. Rename one of the two; then write the service in `sharedWith`, or the team in `sharedWithTeams`.
      anu:ambiguous-sharer
    warning: Entry is not used
      at `/projects/5`
      No environment uses project `gc-prd-toy`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Sharing is not declared
      at `/services/5/spec/environments/0/spec/googleProject`, service `toy`, environment `production`
      Project `gc-prd-ledger` is owned by `ledger`, and its `sharedWith` does not contain `toy`. Ask the owner to add `toy` to `sharedWith` at `/projects/0`, or use another.
      anu:undeclared-sharing
    warning: Owning team has no access
      at `/services/5/spec/environments/0/spec/rbac`, service `toy`, environment `production`
      The team `statements` owns service `toy`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    ");
}

#[test]
fn the_project_of_a_cluster_is_used_by_those_that_its_entry_names_only() {
    insta::assert_snapshot!(report_toy("interns", "gc-prd-compute"), @r#"
    warning: Entry is not used
      at `/projects/5`
      No environment uses project `gc-prd-toy`, so it is not created. Add it to an environment, or remove the entry.
      anu:unused-entry
    error: Sharing is not declared
      at `/services/5/spec/environments/0/spec/googleProject`, service `toy`, environment `production`
      The cluster `c1` (at `/clusters/0`) runs in project `gc-prd-compute`, whose entry names no `owner`, so no service may use it. If `toy` may use it, add `"owner": "toy"` to `/projects/3`.
      anu:undeclared-sharing
    "#);
    let mut document = registry();
    document["services"][TOY]["spec"]["environments"][0]["spec"]["googleProject"] = json!("gc-prd-compute");
    document["projects"][3]["spec"]["owner"] = json!("toy");
    let unused = "No environment uses project `gc-prd-toy`";
    assert!(report(&document.to_string()).contains(unused));
    assert_eq!(report(&document.to_string()).matches("error:").count(), 0);
}

#[test]
fn an_existing_project_without_an_owner_is_a_warning() {
    let mut document = registry();
    document["projects"][2]["spec"]["existing"] = json!(true);
    insta::assert_snapshot!(report(&document.to_string()), @r#"
    warning: Existing project has no owner
      at `/services/3/spec/environments/0/spec/googleProject`, service `search`, environment `production`
      Project `gc-prd-plain` exists without anu, and its entry names no `owner`, so the first service that names it may use it. If `search` may use it, add `"owner": "search"` to `/projects/2`.
      anu:existing-without-owner
    "#);
}
