//! Effective access, asked of the API servers themselves.

use std::collections::BTreeSet;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::Api;
use serde_json::{Value as Json, json};

use super::super::clusters::Clusters;
use super::super::document::BoundRole;
use super::super::support::Core;
use super::{Fixture, address, create, wait};

/// What each ClusterRole permits and the weaker ones do not: verb, group and resource.
const MARKS: [(&str, &str, &str, &str); 3] = [
    ("viewers", "list", "", "pods"),
    ("operators", "create", "apps", "deployments"),
    ("admins", "create", "rbac.authorization.k8s.io", "roles"),
];

/// Whether the server would let a member of a group do it.
fn allowed(client: &kube::Client, group: &str, namespace: &str, action: (&str, &str, &str)) -> bool {
    allowed_for(client, "jane@example.com", group, namespace, action)
}

fn allowed_for(
    client: &kube::Client,
    user: &str,
    group: &str,
    namespace: &str,
    (verb, api, resource): (&str, &str, &str),
) -> bool {
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(user.to_owned()),
            groups: Some(vec![group.to_owned()]),
            resource_attributes: Some(ResourceAttributes {
                namespace: Some(namespace.to_owned()),
                verb: Some(verb.to_owned()),
                group: Some(api.to_owned()),
                resource: Some(resource.to_owned()),
                ..ResourceAttributes::default()
            }),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let reviews = Api::<SubjectAccessReview>::all(client.clone());
    let answer = wait(reviews.create(&Default::default(), &review)).expect("an answer");
    answer.status.expect("a status").allowed
}

fn specs(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten().map(|entry| &entry["spec"])
}

fn text(json: &Json) -> &str {
    json.as_str().expect("text")
}

on_one_core! {
    fn a_cluster_role_that_the_cluster_does_not_have_is_a_warning_at_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.edit_registry(|registry| {
            let permissions = registry.permissions.get_or_insert_default();
            permissions.kubernetes.insert("admins".to_owned(), "editor".to_owned());
        });
        let warnings = fixture.workspace.run(&["plan", "-input=false"]).success().warnings();
        let named = |name: &str| format!("Cluster `{name}` has no ClusterRole `editor`");
        let found = warnings.iter().filter(|warning| warning.summary == named("compute-banking")).count();
        assert_eq!(found, 1, "one for each cluster and role: {warnings:?}");
    }

    fn a_role_of_the_namespace_is_granted_to_a_service_account(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        // The documented rights have no `bind` on Roles, which is said.
        let fixture = Fixture::new(core, &clusters);
        let bind = |fixture: &Fixture<'_>| fixture.edit("ledger", |ledger| {
            ledger.environments[0].role_bindings.push(BoundRole {
                role: "Role:deployer".to_owned(),
                subjects: ["ServiceAccount:ci/deployer".to_owned()].into(),
            });
        });
        bind(&fixture);
        let refused = fixture.workspace.try_apply(&[]).failure().report();
        assert!(refused.contains("deployer") && refused.contains("role binding"), "{refused}");

        let fixture = Fixture::reached_by(core, &clusters, "kubernetes", &clusters.kubeconfig("human"));
        bind(&fixture);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let registry = fixture.workspace.document();
        let ledger = registry.services.iter().find(|service| service.name == "ledger").expect("it is in the example");
        let target = &ledger.environments[0].targets[0];
        let (client, namespace) = (fixture.human(&target.cluster), target.namespace.as_str());
        let account = "system:serviceaccount:ci:deployer";
        let may = || allowed_for(&client, account, "x", namespace, ("create", "", "configmaps"));
        assert!(!may(), "there is no such Role yet");
        let role = json!({
            "metadata": {"name": "deployer"},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}],
        });
        create(&Api::<Role>::namespaced(client.clone(), namespace), role);
        assert!((0..100).any(|_| may() || { std::thread::sleep(std::time::Duration::from_millis(50)); false }), "it is granted");

        // What others remove comes back; what leaves the registry is removed.
        let bindings = Api::<RoleBinding>::namespaced(client.clone(), namespace);
        let name = format!("anu:ledger:{}:bound:Role:deployer", ledger.environments[0].name);
        wait(bindings.delete(&name, &Default::default())).expect("deleted");
        assert_eq!(fixture.workspace.plan().actions(), [(address("ledger"), "update".to_owned())].into());
        fixture.workspace.apply();
        fixture.edit("ledger", |ledger| ledger.environments[0].role_bindings.clear());
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert!(wait(bindings.get_opt(&name)).expect("read").is_none());
    }

    fn is_exactly_what_the_registry_says(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::of(core, &clusters, "quickstart");
        fixture.workspace.apply();
        let registry = fixture.workspace.read_json("registry.json");
        // By the document alone: who has which level where. A stronger ClusterRole includes the weaker.
        let mut given: BTreeSet<(String, String, String, usize)> = BTreeSet::new();
        let mut places: BTreeSet<(String, String)> = BTreeSet::new();
        for environment in specs(&registry["services"]).flat_map(|service| specs(&service["environments"])) {
            for target in specs(&environment["targets"]) {
                let place = (text(&target["cluster"]).to_owned(), text(&target["namespace"]).to_owned());
                places.insert(place.clone());
                for (strength, (level, ..)) in MARKS.iter().enumerate() {
                    let teams = environment["rbac"][level].as_array().into_iter().flatten().filter_map(Json::as_str);
                    for team in teams {
                        given.extend((0..=strength).map(|mark| (place.0.clone(), place.1.clone(), team.to_owned(), mark)));
                    }
                }
            }
        }
        let (mut asked, mut wrong) = (0, Vec::new());
        for (cluster, namespace) in &places {
            let client = fixture.human(cluster);
            for team in specs(&registry["teams"]) {
                let name = text(&team["name"]);
                let group = team["principals"]["kubernetes"].as_str().unwrap_or_else(|| text(&team["email"]));
                for (mark, (_, verb, api, resource)) in MARKS.iter().enumerate() {
                    let should = given.contains(&(cluster.clone(), namespace.clone(), name.to_owned(), mark));
                    asked += 1;
                    if allowed(&client, group, namespace, (verb, api, resource)) != should {
                        wrong.push(format!("{name} {verb} {resource} in {cluster}/{namespace}: should be {should}"));
                    }
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        assert!(asked >= 12 * 5 * 3, "{asked} questions were asked");
    }
}
