//! What a user reads about the API servers behind the names of clusters.

use crate::codes;
use std::collections::BTreeSet;

use crate::platform::ServerId;
use crate::provider::identity::Identity;
use crate::registry::names::ClusterName;
use crate::sdk::{Cause, Diagnostic};

pub fn two_names(identity: &Identity, name: &ClusterName, other: &ClusterName, server: &ServerId) -> Diagnostic {
    // The same two, whichever was seen first.
    let (one, two) = if name < other { (name, other) } else { (other, name) };
    Diagnostic::titled(
        codes::ONE_SERVER_TWO_NAMES,
        format!("{}: clusters `{one}` and `{two}` are one API server", identity.title()),
        format!(
            "{} uses cluster `{name}`. It is the API server {server}, and so is cluster `{other}`, which this run, the registry or \
             the provider block uses as well. Namespaces are managed by cluster and name: under two names for one cluster, one \
             service could take over another's namespace and delete it.\n\nUse one name for the cluster in the registry and in \
             resources. If the names mean two clusters, correct the context or endpoint of one of them in the provider's \
             `kubernetes` block. To give a cluster another name, set `deletion_policy = \"abandon\"` on what is managed under the \
             old one, apply, and then change the name.",
            identity.title()
        ),
    )
    .caused_by(Cause::new(
        format!("two names: {one} {two} {server}"),
        format!("The clusters `{one}` and `{two}` are both the API server {server}."),
    ))
}

pub fn another_server(identity: &Identity, name: &ClusterName, before: &ServerId, now: &ServerId) -> Diagnostic {
    Diagnostic::titled(
        codes::ANOTHER_SERVER,
        format!("{}: cluster `{name}` is another API server than before", identity.title()),
        format!(
            "The state of {identity} was applied to cluster `{name}` when it was the API server {before}. The name now reaches \
             the API server {now}. Continuing would create everything again there, and forget what exists on the first \
             one.\n\nCorrect the context or endpoint of `{name}` in the provider's `kubernetes` block. If the cluster was rebuilt, \
             write in its block `cluster \"{name}\"`\n\n  replaces = \"{uid}\"\n\nand apply: what is missing on the new one is \
             created, and what exists there is found by its ownership label.",
            uid = before.text()
        ),
    )
    .caused_by(Cause::new(
        format!("another server: {name} {before} {now}"),
        format!("The state of {identity} was applied to the API server {before}. `{name}` now reaches {now}."),
    ))
}

pub fn another_address(identity: &Identity, name: &ClusterName, before: &ServerId, now: &ServerId) -> Diagnostic {
    Diagnostic::titled(
        codes::ANOTHER_ADDRESS,
        format!("{}: cluster `{name}` has another address than before", identity.title()),
        format!(
            "The state of {identity} was applied to cluster `{name}` at {before}. The name now reaches {now}. Whether that is the \
             same cluster is unknown: the uid of its namespace `kube-system` is not readable.\n\nIf it is another cluster, correct \
             its context or endpoint in the provider's `kubernetes` block before you apply."
        ),
    )
}

pub fn by_address(name: &ClusterName, server: &ServerId) -> Diagnostic {
    Diagnostic::titled(
        codes::IDENTIFIED_BY_ADDRESS,
        format!("Cluster `{name}` is identified by its address"),
        format!(
            "The namespace `kube-system` of cluster `{name}` is not readable, so the cluster is identified by its address and \
             certificate authority, {server}. Another address of the same cluster is then taken for another cluster.\n\nPermit the \
             provider to `get` namespaces: the ClusterRole in the Kubernetes guide does."
        ),
    )
}

pub fn not_compared(identity: &Identity, name: &ClusterName, others: &BTreeSet<ClusterName>) -> Diagnostic {
    let lines: String = others.iter().map(|other| format!("\n  cluster {other}")).collect();
    Diagnostic::titled(
        codes::CLUSTERS_NOT_COMPARED,
        format!("{}: cluster `{name}` not compared with {} other clusters", identity.title(), others.len())
            .replace(" 1 other clusters", " 1 other cluster"),
        format!(
            "Namespaces of {identity} exist already on cluster `{name}`, and this state does not manage them. If one of these \
             clusters is the same API server under another name, a namespace may belong to another service. They could not be \
             read:\n{lines}\n\nBefore you apply, make sure that they are other clusters."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::lifecycle::messages::test_text;

    #[test]
    fn every_message() {
        let identity = Identity::Service { name: "pay".into(), environments: None };
        let name = |text: &str| text.parse::<ClusterName>().unwrap();
        let (prod, alias) = (name("prod"), name("gke_acme_europe-west4_prod"));
        let uid = |text: &str| ServerId::Uid(text.to_owned());
        let address = |text: &str| ServerId::Address(text.to_owned());
        let one = uid("9f0c5a52-0000-4000-8000-000000000001");
        insta::assert_snapshot!(test_text([
            two_names(&identity, &prod, &alias, &one),
            another_server(&identity, &prod, &one, &uid("9f0c5a52-0000-4000-8000-000000000002")),
            another_address(&identity, &prod, &address("https://10.0.0.1:6443"), &address("https://10.0.0.2:6443")),
            by_address(&prod, &address("https://10.0.0.1:6443 sha256:00112233")),
            not_compared(&identity, &prod, &[alias.clone()].into()),
            not_compared(&identity, &prod, &[alias, name("staging")].into()),
        ]));
    }
}
