//! Mistakes in entries: teams, clusters, projects, services, environments, targets.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{All, Remove, Rename, Set};
use super::{Mistake, pay, toy};

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    vec![
        // Teams.
        mistake("a team that is used is removed", Remove("/teams/2"), Refused("Unknown team")),
        mistake("a service of an unknown team", Set("/services/0/spec/team", json!("bankng")), Refused("Unknown team")),
        mistake("a team twice", Set("/teams/1/spec/name", json!("banking")), Refused("Duplicate name")),
        mistake("a team without an address", Remove("/teams/0/spec/email"), Refused("no group")),
        mistake("an address under a misspelt name", Rename("/teams/0/spec/email", "emial"), Refused("email")),
        mistake("an address without a domain", Set("/teams/0/spec/email", json!("banking-team")), Refused("e-mail")),
        mistake(
            "an address with white space",
            Set("/teams/0/spec/email", json!("banking-team@example.com ")),
            Refused("Invalid name"),
        ),
        mistake(
            "a list of addresses",
            Set("/teams/0/spec/email", json!(["a@example.com"])),
            Refused("Wrong JSON type"),
        ),
        mistake("a service without a team", Remove("/services/2/spec/team"), Warned("has no team")),
        mistake("a team in capitals", Set("/teams/2/spec/name", json!("Interns")), Refused("Unknown team")),
        // Clusters.
        mistake("a cluster that is used is removed", Remove("/clusters/1"), Refused("Unknown cluster")),
        mistake(
            "a target on an unknown cluster",
            Set(pay!("/targets/0/spec/cluster"), json!("c11")),
            Refused("Unknown cluster"),
        ),
        mistake("a cluster twice", Set("/clusters/1/spec/name", json!("c1")), Refused("Duplicate name")),
        mistake("a cluster's name with a slash", Set("/clusters/1/spec/name", json!("c/2")), Refused("Invalid name")),
        mistake("a cluster without a name", Remove("/clusters/1/spec/name"), Refused("Missing field")),
        // Projects.
        mistake("a project that is used is removed from the list", Remove("/projects/2"), Refused("gc-prd-toy")),
        mistake(
            "a project that is not in the list",
            Set(toy!("/googleProject"), json!("gc-prd-tyo")),
            Refused("gc-prd-tyo"),
        ),
        mistake("a project's id in capitals", Set("/projects/2/spec/id", json!("GC-PRD-TOY")), Refused("Invalid name")),
        mistake("a project's id that is too short", Set("/projects/2/spec/id", json!("toy")), Refused("Invalid name")),
        mistake(
            "a project's number for its id",
            Set("/projects/2/spec/id", json!(123_456)),
            Refused("Wrong JSON type"),
        ),
        mistake("a project twice", Set("/projects/1/spec/id", json!("gc-prd-pay")), Refused("Duplicate project")),
        mistake("a folder without its kind", Set("/projects/0/spec/parent", json!("1234")), Refused("Invalid name")),
        mistake("a folder is removed", Remove("/projects/0/spec/parent"), Warned("parent")),
        mistake("another folder", Set("/projects/0/spec/parent", json!("folders/777")), Shown("folders/777")),
        mistake(
            "a billing account that is none",
            Set("/projects/0/spec/billingAccount", json!("main")),
            Refused("billing account"),
        ),
        mistake(
            "another billing account",
            Set("/projects/0/spec/billingAccount", json!("111111-AAAAAA-111111")),
            Shown("111111-AAAAAA-111111"),
        ),
        mistake(
            "a name for people that is too long",
            Set("/projects/0/spec/name", json!("pay, the production of the whole company")),
            Refused("Invalid name"),
        ),
        mistake("a label in capitals", Set("/projects/0/spec/labels", json!({"Tier": "1"})), Refused("label")),
        mistake(
            "a label that is anu's own",
            Set("/projects/0/spec/labels", json!({"anu-registry": "other"})),
            Refused("label"),
        ),
        mistake("existing, misspelt", Set("/projects/2/spec/exsting", json!(true)), Refused("existing")),
        mistake("existing, as a text", Set("/projects/2/spec/existing", json!("true")), Refused("Wrong JSON type")),
        mistake(
            "a project of ours is said to exist",
            Set("/projects/2/spec/existing", json!(true)),
            Refused("gc-prd-toy"),
        ),
        // Deletion policies.
        mistake(
            "a deletion policy that is none",
            Set("/services/2/spec/deletionPolicy", json!("deleted")),
            Refused("deleted"),
        ),
        mistake(
            "a deletion policy in capitals",
            Set("/services/2/spec/deletionPolicy", json!("Prevent")),
            Refused("Prevent"),
        ),
        mistake(
            "a deletion policy under a misspelt name",
            Rename("/services/2/spec/deletionPolicy", "deletionpolicy"),
            Refused("deletionPolicy"),
        ),
        mistake(
            "a deletion policy that is null",
            Set("/projects/2/spec/deletionPolicy", json!(false)),
            Refused("Wrong JSON type"),
        ),
        mistake("everything may be deleted", Set("/services/2/spec/deletionPolicy", json!("delete")), Shown("delete")),
        // Services.
        mistake("a service is removed", Remove("/services/2"), Refused("toy")),
        mistake("a service under another name", Set("/services/2/spec/name", json!("game")), Warned("Service `toy`")),
        mistake("a service's name in capitals", Set("/services/2/spec/name", json!("Toy")), Refused("Invalid name")),
        mistake("a service without a name", Remove("/services/2/spec/name"), Refused("Missing field")),
        mistake("a service twice", Set("/services/2/spec/name", json!("pay")), Refused("Duplicate name")),
        mistake("the environments are removed", Remove("/services/2/spec/environments"), Refused("toy")),
        mistake(
            "the environments are misspelt",
            Rename("/services/2/spec/environments", "enviroments"),
            Refused("environments"),
        ),
        mistake("the environments are null", Set("/services/2/spec/environments", json!(null)), Refused("toy")),
        mistake(
            "another alerts channel",
            Rename("/services/0/spec/alertsChannel", "alertChannel"),
            Refused("alertsChannel"),
        ),
        mistake(
            "a Google service that is none",
            Set("/services/2/spec/googleServices/0", json!("pubsub")),
            Refused("Invalid name"),
        ),
        mistake(
            "a Google service that is misspelt",
            Set("/services/2/spec/googleServices/0", json!("pubsubs.googleapis.com")),
            Refused("pubsub.googleapis.com"),
        ),
        mistake(
            "the Google services are removed",
            Remove("/services/2/spec/googleServices"),
            Warned("gc-prd-toy/pubsub.googleapis.com"),
        ),
        mistake(
            "the Google services in snake case",
            Rename("/services/2/spec/googleServices", "google_services"),
            Refused("googleServices"),
        ),
        mistake(
            "one more Google service",
            Set("/services/2/spec/googleServices/-", json!("storage.googleapis.com")),
            Shown("storage.googleapis.com"),
        ),
        // Environments.
        mistake("an environment is removed", Remove("/services/2/spec/environments/0"), Refused("gc-prd-toy")),
        mistake("an environment under another name", Set(toy!("/name"), json!("prod")), Warned("toy")),
        mistake("an environment's name with a slash", Set(toy!("/name"), json!("prod/eu")), Refused("Invalid name")),
        mistake("an environment without a name", Remove(toy!("/name")), Refused("Missing field")),
        mistake("an environment twice", Set(toy!("/name"), json!("legacy")), Refused("Duplicate name")),
        mistake("an environment's project is removed", Remove(toy!("/googleProject")), Refused("gc-prd-toy")),
        mistake(
            "an environment's project is misspelt",
            Rename(toy!("/googleProject"), "googleproject"),
            Refused("googleProject"),
        ),
        mistake("a project in a list", Set(toy!("/googleProject"), json!(["gc-prd-toy"])), Refused("Wrong JSON type")),
        // Targets.
        mistake("a target is removed", Remove(toy!("/targets/0")), Refused("c1/toy")),
        mistake("the targets are removed", Remove(toy!("/targets")), Refused("c1/toy")),
        mistake("the targets are misspelt", Rename(toy!("/targets"), "target"), Refused("targets")),
        mistake("a target without a cluster", Remove(toy!("/targets/0/spec/cluster")), Refused("Missing field")),
        mistake("a target without a namespace", Remove(toy!("/targets/0/spec/namespace")), Refused("Missing field")),
        mistake(
            "a namespace under a misspelt name",
            Rename(toy!("/targets/0/spec/namespace"), "namspace"),
            Refused("namespace"),
        ),
        mistake(
            "a namespace in capitals",
            Set(toy!("/targets/0/spec/namespace"), json!("Toy")),
            Refused("Invalid name"),
        ),
        mistake("another namespace", Set(toy!("/targets/0/spec/namespace"), json!("game")), Refused("c1/toy")),
        mistake("another cluster", Set(toy!("/targets/0/spec/cluster"), json!("c2")), Refused("c1/toy")),
        mistake(
            "a target twice",
            Set(
                toy!("/targets/-"),
                json!({"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": "toy", "release": "toy"}}),
            ),
            Refused("Duplicate target"),
        ),
        mistake(
            "two edits that look like a move",
            All(vec![
                Set(toy!("/targets/0/spec/cluster"), json!("c2")),
                Set(toy!("/targets/0/spec/namespace"), json!("game")),
            ]),
            Refused("c1/toy"),
        ),
        // Quotas.
        mistake(
            "a quota that is no quantity",
            Set(toy!("/quota"), json!({"requests.cpu": "four"})),
            Refused("quantity"),
        ),
        mistake("a quota below zero", Set(toy!("/quota"), json!({"requests.cpu": "-1"})), Refused("requests.cpu")),
        mistake(
            "a quota that is a truth value",
            Set(toy!("/quota"), json!({"requests.cpu": true})),
            Refused("Wrong JSON type"),
        ),
        mistake(
            "a quota in a unit that does not exist",
            Set(toy!("/quota"), json!({"requests.memory": "32GB"})),
            Refused("32GB"),
        ),
        mistake("a larger quota", Set(toy!("/quota"), json!({"requests.cpu": "4000"})), Shown("4000")),
        mistake("the quota is removed", Remove(toy!("/quota")), Warned("c1/toy")),
        mistake("the quota is misspelt", Rename(toy!("/quota"), "quotas"), Refused("quota")),
    ]
}
