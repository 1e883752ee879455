//! Mistakes in service accounts, of Google and of Kubernetes.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{Remove, Rename, Set};
use super::Mistake;

/// The service accounts of the staging environment of `pay`, with a place in them.
macro_rules! staging {
    ($place:literal) => {
        concat!("/services/0/spec/environments/1/spec/serviceAccounts", $place)
    };
}

pub(super) use staging;

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    let second = |name: &str, kubernetes: &str| json!({"name": name, "kubernetesServiceAccount": kubernetes});
    vec![
        mistake("a service account is removed", Remove(staging!("/0")), Refused("1 service account")),
        mistake("all service accounts are removed", Remove(staging!("")), Refused("1 service account")),
        mistake(
            "the service accounts are misspelt",
            Rename(staging!(""), "serviceAcounts"),
            Refused("serviceAccounts"),
        ),
        mistake(
            "a service account under another name",
            Set(staging!("/0/name"), json!("pay-robots")),
            Refused("1 service account"),
        ),
        mistake(
            "an address for a service account's name",
            Set(staging!("/0/name"), json!("pay-robot@gc-stg-pay.iam.gserviceaccount.com")),
            Refused("Invalid name"),
        ),
        mistake(
            "a service account's name that is too short",
            Set(staging!("/0/name"), json!("pay")),
            Refused("Invalid name"),
        ),
        mistake(
            "a service account's role is removed",
            Remove(staging!("/0/roles/0")),
            Warned("serviceAccount:pay-robot@gc-stg-pay.iam.gserviceaccount.com"),
        ),
        mistake(
            "a service account's roles are misspelt",
            Rename(staging!("/0/roles"), "role"),
            Refused("Did you mean `roles`"),
        ),
        mistake(
            "a role more of a service account",
            Set(staging!("/0/roles/-"), json!("roles/pubsub.subscriber")),
            Shown("roles/pubsub.subscriber"),
        ),
        mistake(
            "a service account that owns its project",
            Set(staging!("/0/roles/-"), json!("roles/owner")),
            Refused("roles/owner"),
        ),
        mistake(
            "a service account in the project of another service",
            Set("/services/1/spec/environments/0/spec/serviceAccounts", json!([second("pay-thief", "pay")])),
            Refused("owned by `pay`"),
        ),
        mistake(
            "a Kubernetes service account is removed",
            Remove(staging!("/0/kubernetesServiceAccount")),
            Refused("1 Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account under another name",
            Set(staging!("/0/kubernetesServiceAccount"), json!("pays")),
            Refused("1 Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account in capitals",
            Set(staging!("/0/kubernetesServiceAccount"), json!("Pay")),
            Refused("Invalid name"),
        ),
        mistake(
            "the Kubernetes service account of every pod",
            Set(staging!("/0/kubernetesServiceAccount"), json!("default")),
            Refused("Reserved Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account of two of Google's",
            Set(staging!("/-"), second("pay-another", "pay")),
            Refused("is already that of the Google service account"),
        ),
        mistake(
            "the project of a cluster is removed",
            Remove("/clusters/1/spec/googleProject"),
            Refused("workload identity pool"),
        ),
    ]
}
