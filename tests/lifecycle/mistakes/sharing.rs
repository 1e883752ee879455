//! Mistakes, and tries, around what several services use: owners, sharers, names of others.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{All, Remove, Rename, Set};
use super::{Mistake, pay, toy};

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    let joins_pay = || Set(toy!("/googleProject"), json!("gc-prd-pay"));
    vec![
        mistake("the owner is removed", Remove("/projects/0/spec/owner"), Refused("Sharing is not declared")),
        mistake("the owner is unknown", Set("/projects/0/spec/owner", json!("payy")), Refused("Unknown service")),
        mistake("the owner is a team", Set("/projects/0/spec/owner", json!("banking")), Refused("banking")),
        mistake("the owner is misspelt", Rename("/projects/0/spec/owner", "ower"), Refused("owner")),
        mistake("the sharers are removed", Remove("/projects/0/spec/sharedWith"), Refused("Sharing is not declared")),
        mistake(
            "the sharers are in snake case",
            Rename("/projects/0/spec/sharedWith", "shared_with"),
            Refused("sharedWith"),
        ),
        mistake(
            "a sharer is misspelt",
            Set("/projects/0/spec/sharedWith", json!(["legder"])),
            Refused("Unknown service"),
        ),
        mistake(
            "a sharer is a team",
            Set("/projects/0/spec/sharedWith", json!(["ledger", "shop"])),
            Refused("sharedWithTeams"),
        ),
        mistake(
            "a sharing team is a service",
            Set("/projects/0/spec/sharedWithTeams", json!(["toy"])),
            Refused("sharedWith"),
        ),
        mistake(
            "a sharing team is unknown",
            Set("/projects/0/spec/sharedWithTeams", json!(["shopp"])),
            Refused("not a team"),
        ),
        mistake(
            "the sharers are a text",
            Set("/projects/0/spec/sharedWith", json!("ledger")),
            Refused("Wrong JSON type"),
        ),
        mistake("a service uses the project of another", joins_pay(), Refused("Sharing is not declared")),
        mistake(
            "a service uses the project of another in a second environment",
            Set("/services/2/spec/environments/1/spec/googleProject", json!("gc-stg-pay")),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a service joins the owner's team and uses its project",
            All(vec![Set("/services/2/spec/team", json!("banking")), joins_pay()]),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a service joins a sharing team and uses the project",
            All(vec![
                Set("/projects/0/spec/sharedWithTeams", json!(["shop"])),
                Set("/services/2/spec/team", json!("shop")),
                joins_pay(),
            ]),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a service is named like a sharing team",
            All(vec![
                Set("/projects/0/spec/sharedWithTeams", json!(["shop"])),
                Set("/services/2/spec/name", json!("shop")),
                joins_pay(),
            ]),
            Refused("shop"),
        ),
        mistake(
            "a team is named like a sharing service",
            All(vec![
                Set("/teams/1/spec/name", json!("ledger")),
                Set(pay!("/rbac/viewers"), json!(["ledger"])),
                Set("/services/2/spec/team", json!("ledger")),
                joins_pay(),
            ]),
            Refused("ledger"),
        ),
        mistake(
            "a service uses the namespace of another",
            Set(toy!("/targets/0/spec/namespace"), json!("ledger")),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a service uses the listed namespace of another",
            Set(toy!("/targets/0/spec/namespace"), json!("pay")),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a new sharer that the owner lists",
            All(vec![
                Set("/projects/0/spec/sharedWith/-", json!("toy")),
                Set(
                    "/services/2/spec/environments/-",
                    json!({"type": "Environment", "spec": {
                        "name": "shared", "googleProject": "gc-prd-pay", "rbac": {"admins": ["interns"]},
                    }}),
                ),
            ]),
            Shown("toy"),
        ),
        mistake(
            "the owner is exchanged with the sharer",
            All(vec![
                Set("/projects/0/spec/owner", json!("ledger")),
                Set("/projects/0/spec/sharedWith", json!(["pay"])),
            ]),
            Shown("gc-prd-pay"),
        ),
        mistake(
            "a sharer lets the project be deleted",
            Set("/services/1/spec/deletionPolicy", json!("delete-with-contents")),
            Shown("delete-with-contents"),
        ),
        mistake("a sharer is removed", Remove("/services/1"), Refused("ledger")),
        mistake(
            "a sharer leaves the project",
            Remove("/services/1/spec/environments/0/spec/googleProject"),
            Warned("gc-prd-pay"),
        ),
        mistake("the owner leaves the project", Remove(pay!("/googleProject")), Warned("gc-prd-pay")),
        // Namespaces.
        mistake(
            "a namespace of an unknown service",
            Set("/namespaces/0/spec/owner", json!("payy")),
            Refused("Unknown service"),
        ),
        mistake("a namespace on an unknown cluster", Set("/namespaces/0/spec/cluster", json!("c9")), Refused("c9")),
        mistake(
            "a namespace twice",
            Set(
                "/namespaces/-",
                json!({"type": "Namespace", "spec": {"cluster": "c1", "name": "pay", "owner": "pay"}}),
            ),
            Refused("Duplicate"),
        ),
        mistake(
            "a namespace with another owner",
            Set("/namespaces/0/spec/owner", json!("toy")),
            Refused("Sharing is not declared"),
        ),
        mistake(
            "a namespace's labels under a misspelt name",
            Rename("/namespaces/0/spec/labels", "lables"),
            Refused("labels"),
        ),
        mistake("a label that is no label", Set("/namespaces/0/spec/labels", json!({"a b": "c"})), Refused("label")),
        mistake(
            "a label that is reserved",
            Set("/namespaces/0/spec/labels", json!({"team": "shop"})),
            Refused("label"),
        ),
        mistake(
            "a label that opens the namespace to privileged pods",
            Set("/namespaces/0/spec/labels", json!({"pod-security.kubernetes.io/enforce": "privileged"})),
            Refused("pod-security"),
        ),
        mistake(
            "a label that takes the namespace out of admission",
            Set("/namespaces/0/spec/labels", json!({"admission.gatekeeper.sh/ignore": "true"})),
            Refused("gatekeeper"),
        ),
        mistake(
            "an annotation that places pods",
            Set("/namespaces/0/spec/annotations", json!({"scheduler.alpha.kubernetes.io/node-selector": "pool=admin"})),
            Refused("node-selector"),
        ),
        mistake(
            "the project of another for Config Connector",
            Set("/namespaces/0/spec/annotations", json!({"cnrm.cloud.google.com/project-id": "gc-prd-toy"})),
            Refused("gc-prd-toy"),
        ),
        mistake(
            "an annotation that is no text",
            Set("/namespaces/0/spec/annotations", json!({"contact": 5})),
            Refused("Wrong JSON type"),
        ),
    ]
}
