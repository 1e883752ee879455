//! Mistakes in service accounts, of Google and of Kubernetes.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{Remove, Rename, Set};
use super::{Mistake, pay};

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    let second = |name: &str, kubernetes: &str| json!({"name": name, "kubernetesServiceAccount": kubernetes});
    vec![
        mistake("a service account is removed", Remove(pay!("/serviceAccounts/0")), Refused("1 service account")),
        mistake("all service accounts are removed", Remove(pay!("/serviceAccounts")), Refused("1 service account")),
        mistake(
            "the service accounts are misspelt",
            Rename(pay!("/serviceAccounts"), "serviceAcounts"),
            Refused("serviceAccounts"),
        ),
        mistake(
            "a service account under another name",
            Set(pay!("/serviceAccounts/0/name"), json!("pay-robots")),
            Refused("1 service account"),
        ),
        mistake(
            "an address for a service account's name",
            Set(pay!("/serviceAccounts/0/name"), json!("pay-robot@gc-prd-pay.iam.gserviceaccount.com")),
            Refused("Invalid name"),
        ),
        mistake(
            "a service account's name that is too short",
            Set(pay!("/serviceAccounts/0/name"), json!("pay")),
            Refused("Invalid name"),
        ),
        mistake(
            "a service account's role is removed",
            Remove(pay!("/serviceAccounts/0/roles/0")),
            Warned("serviceAccount:pay-robot@gc-prd-pay.iam.gserviceaccount.com"),
        ),
        mistake(
            "a service account's roles are misspelt",
            Rename(pay!("/serviceAccounts/0/roles"), "role"),
            Refused("Did you mean `roles`"),
        ),
        mistake(
            "a role more of a service account",
            Set(pay!("/serviceAccounts/0/roles/-"), json!("roles/pubsub.subscriber")),
            Shown("roles/pubsub.subscriber"),
        ),
        mistake(
            "a service account that owns its project",
            Set(pay!("/serviceAccounts/0/roles/-"), json!("roles/owner")),
            Refused("roles/owner"),
        ),
        mistake(
            "a service account in the project of another service",
            Set("/services/1/spec/environments/0/spec/serviceAccounts", json!([second("pay-thief", "pay")])),
            Refused("owned by `pay`"),
        ),
        mistake(
            "a Kubernetes service account is removed",
            Remove(pay!("/serviceAccounts/0/kubernetesServiceAccount")),
            Refused("1 Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account under another name",
            Set(pay!("/serviceAccounts/0/kubernetesServiceAccount"), json!("pays")),
            Refused("1 Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account in capitals",
            Set(pay!("/serviceAccounts/0/kubernetesServiceAccount"), json!("Pay")),
            Refused("Invalid name"),
        ),
        mistake(
            "the Kubernetes service account of every pod",
            Set(pay!("/serviceAccounts/0/kubernetesServiceAccount"), json!("default")),
            Refused("Reserved Kubernetes service account"),
        ),
        mistake(
            "a Kubernetes service account of two of Google's",
            Set(pay!("/serviceAccounts/-"), second("pay-another", "pay")),
            Refused("is already that of the Google service account"),
        ),
        mistake(
            "the project of a cluster is removed",
            Remove("/clusters/0/spec/googleProject"),
            Refused("workload identity pool"),
        ),
    ]
}
