//! An applied registry of twelve services, the mistakes that are made in it and around it, and the ordinary edits of it. Every mistake is
//! refused and no ordinary edit is, in-process and by every real core.

use serde_json::{Value as Json, json};

/// One change, by itself, after the first revision is applied.
pub struct Case {
    /// What a person did.
    pub name: &'static str,
    pub change: Change,
    /// Words of the refusal; none of an ordinary edit.
    pub refused: Option<&'static str>,
}

/// What is changed.
pub enum Change {
    /// The registry.
    Document(fn(&mut Json)),
    /// The text of the registry.
    Text(fn(String) -> String),
    /// The state: only these services are in it.
    State(&'static [&'static str]),
    /// The configuration: only these services are in it.
    Configuration(&'static [&'static str]),
    /// The registry, and a `moved` block from the first service to the second.
    Moved(fn(&mut Json), &'static str, &'static str),
    /// Everything is destroyed.
    Destroy,
}

/// How many services there are: all but the last may be deleted.
pub const SERVICES: usize = 12;

/// The name of one.
pub fn name(position: usize) -> String {
    format!("svc-{position:02}")
}

/// The first revision. Every service has a project, a service account in it, a namespace and a Kubernetes service account in that.
pub fn registry() -> Json {
    let team = |name: &str| entry("Team", json!({"name": name, "email": format!("{name}@example.com")}));
    let mut teams = vec![team("audit")];
    teams.extend((0..6).map(|position| team(&format!("team-{position}"))));
    let mut projects: Vec<Json> = (0..SERVICES).map(|position| project(&name(position))).collect();
    projects.push(entry("Project", json!({"id": "gc-clusters", "existing": true})));
    let services: Vec<Json> = (0..SERVICES)
        .map(|position| {
            let policy = if position + 1 == SERVICES { "prevent" } else { "delete" };
            service(&name(position), &format!("team-{}", position % 6), policy)
        })
        .collect();
    let pubsub = json!({
        "viewers": ["roles/pubsub.viewer"], "operators": ["roles/pubsub.editor"], "admins": ["roles/pubsub.admin"],
    });
    json!({
        "metadata": {"name": "acme", "revision": "1", "compiledAt": "2026-01-02T10:00:00Z"},
        "teams": teams,
        "clusters": [
            entry("Cluster", json!({"name": "main", "googleProject": "gc-clusters"})),
            entry("Cluster", json!({"name": "edge", "googleProject": "gc-clusters"})),
        ],
        "projects": projects,
        "services": services,
        "permissions": {
            "google": {"pubsub.googleapis.com": pubsub},
            "kubernetes": {"viewers": "view", "operators": "edit", "admins": "admin"},
        },
    })
}

fn entry(kind: &str, spec: Json) -> Json {
    json!({"type": kind, "spec": spec})
}

fn project(service: &str) -> Json {
    entry("Project", json!({"id": format!("gc-prd-{service}"), "labels": {"tier": "2"}}))
}

fn target(cluster: &str, namespace: &str) -> Json {
    entry("Target", json!({"kind": "argo", "cluster": cluster, "namespace": namespace, "release": namespace}))
}

fn service(name: &str, team: &str, policy: &str) -> Json {
    let robot = json!({
        "name": format!("{name}-robot"), "roles": ["roles/pubsub.publisher"], "kubernetesServiceAccount": name,
    });
    let environment = json!({
        "name": "production", "googleProject": format!("gc-prd-{name}"),
        "rbac": {
            "viewers": ["audit"],
            "operators": [{"principal": format!("user:{name}@example.com"), "reason": "on call"}],
            "admins": [team],
        },
        "targets": [target("main", name)],
        "serviceAccounts": [robot],
        "quota": {"requests.cpu": "4"},
    });
    let spec = json!({
        "name": name, "repository": format!("example/{name}"), "team": team, "alertsChannel": format!("{name}-alerts"),
        "googleServices": ["pubsub.googleapis.com"], "deletionPolicy": policy,
        "environments": [entry("Environment", environment)],
    });
    entry("Service", spec)
}

fn list<'d>(document: &'d mut Json, name: &str) -> &'d mut Vec<Json> {
    document[name].as_array_mut().unwrap_or_else(|| panic!("no list {name}"))
}

/// The spec of one service.
fn of(document: &mut Json, position: usize) -> &mut Json {
    &mut document["services"][position]["spec"]
}

/// The spec of its environment.
fn production(document: &mut Json, position: usize) -> &mut Json {
    &mut of(document, position)["environments"][0]["spec"]
}

fn everywhere(document: &mut Json, edit: impl Fn(&mut Json)) {
    (0..SERVICES).for_each(|position| edit(production(document, position)));
}

/// Where its policy permits it.
fn where_deletable(document: &mut Json, edit: impl Fn(&mut Json)) {
    (0..SERVICES - 1).for_each(|position| edit(production(document, position)));
}

fn drop_field(object: &mut Json, field: &str) {
    object.as_object_mut().and_then(|object| object.remove(field)).unwrap_or_else(|| panic!("no field {field}"));
}

fn rename_field(object: &mut Json, from: &str, to: &str) {
    object[to] = object[from].take();
    drop_field(object, from);
}

fn push(list: &mut Json, item: Json) {
    list.as_array_mut().expect("a list").push(item);
}

/// Services that are removed, with their projects.
fn retire(document: &mut Json, positions: std::ops::Range<usize>) {
    let names: Vec<String> = positions.map(name).collect();
    list(document, "services").retain(|service| !names.iter().any(|name| service["spec"]["name"] == name.as_str()));
    list(document, "projects")
        .retain(|project| !names.iter().any(|name| project["spec"]["id"] == format!("gc-prd-{name}")));
}

/// A service that is added, with its project.
fn add(document: &mut Json, name: &str) {
    list(document, "projects").push(project(name));
    list(document, "services").push(service(name, "team-0", "prevent"));
}

/// The service that is renamed keeps its project.
fn rename(document: &mut Json, position: usize, to: &str) {
    of(document, position)["name"] = json!(to);
}

/// Mistakes, each of which must be refused.
pub fn mistakes() -> Vec<Case> {
    use Change::{Configuration, Destroy, Document, State, Text};
    let case = |name, change, words| Case { name, change, refused: Some(words) };
    let edit = |name, edit: fn(&mut Json), words| Case { name, change: Document(edit), refused: Some(words) };
    vec![
        // The document.
        case("the file is empty", Text(|_| String::new()), "empty"),
        case("the file is truncated", Text(|text| text[..text.len() / 2].to_owned()), "JSON"),
        case("a merge conflict", Text(|text| format!("<<<<<<< HEAD\n{text}")), "JSON"),
        case("the error page of a proxy", Text(|_| "<html>502 Bad Gateway</html>".to_owned()), "HTML"),
        case("a second document follows", Text(|text| format!("{text}{{}}")), "JSON"),
        edit("the services are empty", |d| d["services"] = json!([]), "no services"),
        edit("the services are missing", |d| drop_field(d, "services"), "no services"),
        edit("the key of the services is renamed", |d| rename_field(d, "services", "servces"), "services"),
        edit("the key of the projects is renamed", |d| rename_field(d, "projects", "project"), "projects"),
        edit("the key of an access list is renamed", |d| rename_field(production(d, 0), "rbac", "rabc"), "rbac"),
        edit(
            "the key of the environments is renamed",
            |d| rename_field(of(d, 0), "environments", "enviroments"),
            "environments",
        ),
        edit("an entry is null", |d| d["services"][3] = Json::Null, "Wrong JSON type"),
        // References.
        edit("a team that is in use is removed", |d| drop(list(d, "teams").remove(1)), "Unknown team"),
        edit("a cluster that is in use is removed", |d| drop(list(d, "clusters").remove(0)), "Unknown cluster"),
        edit("a project that is in use is removed", |d| drop(list(d, "projects").remove(4)), "gc-prd-svc-04"),
        edit("two services of one name", |d| rename(d, 1, "svc-00"), "Duplicate name"),
        edit(
            "the project of another service",
            |d| production(d, 0)["googleProject"] = json!("gc-prd-svc-01"),
            "Sharing is not declared",
        ),
        edit(
            "the namespace of another service",
            |d| production(d, 0)["targets"][0] = target("main", "svc-01"),
            "Sharing is not declared",
        ),
        edit(
            "a project id with a typing error",
            |d| production(d, 0)["googleProject"] = json!("gc-prd-svc-0O"),
            "gc-prd-svc-0O",
        ),
        // Fences.
        edit(
            "everyone has access",
            |d| push(&mut production(d, 0)["rbac"]["viewers"], json!({"principal": "allUsers", "reason": "x"})),
            "allUsers",
        ),
        edit(
            "a role that owns the project",
            |d| d["permissions"]["google"]["pubsub.googleapis.com"]["admins"] = json!(["roles/owner"]),
            "roles/owner",
        ),
        edit(
            "the namespace of the cluster itself",
            |d| production(d, 0)["targets"][0] = target("main", "kube-system"),
            "reserved",
        ),
        // Another registry.
        edit("another company's registry", |d| d["metadata"]["name"] = json!("globex"), "globex"),
        edit("a registry without a name", |d| drop_field(&mut d["metadata"], "name"), "name"),
        edit("an older registry", |d| d["metadata"]["compiledAt"] = json!("2025-12-31T10:00:00Z"), "older"),
        edit("a registry that no longer says when", |d| drop_field(&mut d["metadata"], "compiledAt"), "compiledAt"),
        edit("a registry of the future", |d| d["metadata"]["compiledAt"] = json!("2099-01-01T10:00:00Z"), "2099"),
        // What is protected.
        edit("a protected service is removed", |d| retire(d, 11..12), "is refused"),
        edit("a protected environment is removed", |d| of(d, 11)["environments"] = json!([]), "is refused"),
        edit(
            "a protected target is moved in one step",
            |d| production(d, 11)["targets"][0]["spec"]["cluster"] = json!("edge"),
            "is refused",
        ),
        edit(
            "a protected project has another id",
            |d| {
                production(d, 11)["googleProject"] = json!("gc-prd-other");
                list(d, "projects").push(entry("Project", json!({"id": "gc-prd-other"})));
            },
            "is refused",
        ),
        edit(
            "a protected service account has another name",
            |d| production(d, 11)["serviceAccounts"][0]["name"] = json!("svc-11-daemon"),
            "is refused",
        ),
        // The guard, by the registry.
        edit("a registry of the wrong branch, without most services", |d| retire(d, 0..11), "mass removal refused"),
        edit("half of the services are lost in a merge", |d| retire(d, 3..9), "mass removal refused"),
        edit(
            "all environments are emptied",
            |d| (0..SERVICES - 1).for_each(|at| of(d, at)["environments"] = json!([])),
            "mass removal refused",
        ),
        edit(
            "all targets are emptied",
            |d| {
                where_deletable(d, |e| {
                    e["targets"] = json!([]);
                    drop_field(&mut e["serviceAccounts"][0], "kubernetesServiceAccount");
                })
            },
            "mass removal refused",
        ),
        edit(
            "a generator gives every namespace another name",
            |d| {
                where_deletable(d, |e| {
                    let namespace =
                        format!("prd-{}", e["targets"][0]["spec"]["namespace"].as_str().unwrap_or_default());
                    e["targets"][0] = target("main", &namespace);
                })
            },
            "mass removal refused",
        ),
        edit(
            "all services move to another cluster in one step",
            |d| where_deletable(d, |e| e["targets"][0]["spec"]["cluster"] = json!("edge")),
            "mass removal refused",
        ),
        edit(
            "all service accounts are emptied",
            |d| where_deletable(d, |e| e["serviceAccounts"] = json!([])),
            "mass removal refused",
        ),
        edit(
            "a generator gives every service another name",
            |d| (0..11).for_each(|at| rename(d, at, &format!("{}-v2", name(at)))),
            "mass adoption refused",
        ),
        edit("every access list is emptied", |d| everywhere(d, |e| e["rbac"] = json!({})), "mass revocation refused"),
        edit(
            "one level of every access list is emptied",
            |d| everywhere(d, |e| e["rbac"]["operators"] = json!([])),
            "mass revocation refused",
        ),
        edit(
            "one row of the permissions table is emptied",
            |d| d["permissions"]["google"]["pubsub.googleapis.com"] = json!({}),
            "mass revocation refused",
        ),
        edit(
            "every team has moved to another domain",
            |d| {
                for team in list(d, "teams") {
                    let name = team["spec"]["name"].as_str().unwrap_or_default().to_owned();
                    team["spec"]["email"] = json!(format!("{name}@example.org"));
                }
            },
            "mass revocation refused",
        ),
        // The guard, by what is around the registry.
        case("the state is lost", State(&[]), "mass adoption refused"),
        case("an old state is restored", State(&["svc-00", "svc-01", "svc-11"]), "mass adoption refused"),
        case("a filter in `for_each` matches one service only", Configuration(&["svc-11"]), "mass removal refused"),
        case("everything is destroyed in the wrong workspace", Destroy, "mass removal refused"),
    ]
}

/// Ordinary edits, none of which may be refused.
pub fn ordinary() -> Vec<Case> {
    use Change::{Document, Moved, State};
    let edit = |name, edit: fn(&mut Json)| Case { name, change: Document(edit), refused: None };
    vec![
        edit("no edit", |_| ()),
        edit("a newer revision", |d| {
            d["metadata"] = json!({"name": "acme", "revision": "2", "compiledAt": "2026-01-03T10:00:00Z"})
        }),
        edit("the registry is renamed", |d| {
            d["metadata"]["name"] = json!("acme-platform");
            d["metadata"]["previousNames"] = json!(["acme"]);
        }),
        edit("a kind of the company's own", |d| d["dashboards"] = json!([entry("Dashboard", json!({"name": "x"}))])),
        // Services.
        edit("a service is added", |d| add(d, "fx-rates")),
        edit("twelve services are added", |d| (20..32).for_each(|at| add(d, &name(at)))),
        edit("a service is retired, first step", |d| of(d, 11)["deletionPolicy"] = json!("delete")),
        edit("a service is retired, second step", |d| retire(d, 0..1)),
        edit("five services are retired", |d| retire(d, 0..5)),
        edit("a service is abandoned, first step", |d| of(d, 11)["deletionPolicy"] = json!("abandon")),
        edit("everything is protected", |d| {
            (0..SERVICES).for_each(|at| of(d, at)["deletionPolicy"] = json!("prevent"))
        }),
        edit("a service has another repository", |d| of(d, 2)["repository"] = json!("example/two")),
        edit("a service has another alerts channel", |d| of(d, 2)["alertsChannel"] = json!("two")),
        Case {
            name: "a service is renamed, with `moved`",
            change: Moved(|d| rename(d, 11, "ledger"), "svc-11", "ledger"),
            refused: None,
        },
        // Teams.
        edit("a service moves to another team", |d| {
            of(d, 0)["team"] = json!("team-3");
            production(d, 0)["rbac"]["admins"] = json!(["team-3"]);
        }),
        edit("a team is split", |d| {
            list(d, "teams").push(entry("Team", json!({"name": "team-1b", "email": "team-1b@example.com"})));
            of(d, 7)["team"] = json!("team-1b");
            production(d, 7)["rbac"]["admins"] = json!(["team-1b"]);
        }),
        edit("a team is renamed", |d| {
            d["teams"][1]["spec"]["name"] = json!("banking");
            for at in [0, 6] {
                of(d, at)["team"] = json!("banking");
                production(d, at)["rbac"]["admins"] = json!(["banking"]);
            }
        }),
        edit("a team has another address", |d| d["teams"][1]["spec"]["email"] = json!("banking@example.com")),
        edit("a team is added", |d| {
            list(d, "teams").push(entry("Team", json!({"name": "new", "email": "new@example.com"})))
        }),
        // Access.
        edit("a viewer is added", |d| push(&mut production(d, 0)["rbac"]["viewers"], json!("team-4"))),
        edit("a viewer is added everywhere", |d| everywhere(d, |e| push(&mut e["rbac"]["viewers"], json!("team-4")))),
        edit("a viewer is removed", |d| production(d, 0)["rbac"]["viewers"] = json!([])),
        edit("the operators of five services are removed", |d| {
            (0..5).for_each(|at| production(d, at)["rbac"]["operators"] = json!([]))
        }),
        edit("an admin becomes an operator", |d| {
            production(d, 0)["rbac"]["admins"] = json!(["team-4"]);
            push(&mut production(d, 0)["rbac"]["operators"], json!("team-0"));
        }),
        edit("access that ends", |d| {
            let ada =
                json!({"principal": "user:ada@example.com", "reason": "incident", "expires": "2098-01-01T00:00:00Z"});
            let spec = json!({"name": "incident", "googleProject": "gc-prd-svc-00", "rbac": {"admins": [ada]}});
            push(&mut of(d, 0)["environments"], entry("Environment", spec));
        }),
        edit("a role of a row is replaced", |d| {
            d["permissions"]["google"]["pubsub.googleapis.com"]["admins"] = json!(["roles/pubsub.editor"])
        }),
        edit("a role is added to a row", |d| {
            d["permissions"]["google"]["pubsub.googleapis.com"]["viewers"] =
                json!(["roles/pubsub.viewer", "roles/monitoring.viewer"])
        }),
        edit("another ClusterRole for a level", |d| d["permissions"]["kubernetes"]["viewers"] = json!("edit")),
        // Projects.
        edit("a label on a project", |d| d["projects"][0]["spec"]["labels"]["tier"] = json!("1")),
        edit("a name of a project", |d| d["projects"][0]["spec"]["name"] = json!("zero production")),
        edit("a Google service is added", |d| push(&mut of(d, 0)["googleServices"], json!("storage.googleapis.com"))),
        edit("a Google service is added everywhere", |d| {
            (0..SERVICES).for_each(|at| push(&mut of(d, at)["googleServices"], json!("storage.googleapis.com")))
        }),
        edit("a Google service is removed", |d| of(d, 0)["googleServices"] = json!([])),
        edit("a project is shared", |d| {
            d["projects"][0]["spec"]["owner"] = json!("svc-00");
            d["projects"][0]["spec"]["sharedWith"] = json!(["svc-01"]);
            push(
                &mut of(d, 1)["environments"],
                entry(
                    "Environment",
                    json!({"name": "reports", "googleProject": "gc-prd-svc-00", "rbac": {"admins": ["team-1"]}}),
                ),
            );
        }),
        // Environments, targets, accounts.
        edit("an environment is added", |d| {
            push(
                &mut of(d, 0)["environments"],
                entry(
                    "Environment",
                    json!({"name": "staging", "rbac": {"admins": ["team-0"]}, "targets": [target("edge", "svc-00-staging")]}),
                ),
            )
        }),
        edit("an environment is renamed", |d| production(d, 0)["name"] = json!("live")),
        edit("an environment is removed", |d| of(d, 0)["environments"] = json!([])),
        edit("a target is moved, first step", |d| push(&mut production(d, 11)["targets"], target("edge", "svc-11"))),
        edit("a target is moved, second step", |d| production(d, 0)["targets"][0] = target("edge", "svc-00")),
        edit("a namespace has labels", |d| {
            d["namespaces"] = json!([entry(
                "Namespace",
                json!({"cluster": "main", "name": "svc-00", "owner": "svc-00", "labels": {"tier": "1"}})
            )])
        }),
        edit("a larger quota", |d| production(d, 0)["quota"] = json!({"requests.cpu": "64"})),
        edit("a smaller quota everywhere", |d| everywhere(d, |e| e["quota"] = json!({"requests.cpu": "2"}))),
        edit("no quota any more", |d| everywhere(d, |e| drop_field(e, "quota"))),
        edit("a service account is added", |d| {
            push(&mut production(d, 0)["serviceAccounts"], json!({"name": "svc-00-batch"}))
        }),
        edit("a service account has one role more", |d| {
            push(&mut production(d, 0)["serviceAccounts"][0]["roles"], json!("roles/pubsub.subscriber"))
        }),
        edit("a cluster is added", |d| list(d, "clusters").push(entry("Cluster", json!({"name": "third"})))),
        // The state.
        Case {
            name: "two services are lost from the state",
            change: State(&[
                "svc-00", "svc-01", "svc-02", "svc-03", "svc-04", "svc-05", "svc-06", "svc-07", "svc-08", "svc-11",
            ]),
            refused: None,
        },
    ]
}
