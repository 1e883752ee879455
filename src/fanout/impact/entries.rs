//! What the author of a change edited outside the services: teams, clusters, projects, namespaces, permissions, metadata.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::registry::{AccessLevel, Cluster, Gke, Named, Quota, Registry, Section};

use super::super::FanOut;
use super::edits::extra;
use super::fields::{Differences, FieldChange};

/// One edit of an entry that is not a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryEdit {
    /// The list of the document: `teams`, `clusters`, `projects`, `namespaces`, `permissions`, `metadata`; or a kind that the format
    /// does not define.
    pub section: String,
    /// The name of the entry. Of `permissions`, the row; empty for the list itself.
    pub entry: String,
    /// What was edited, in the names of the document. An entry that is added or removed is the field `name`.
    #[serde(flatten)]
    pub field: FieldChange,
}

/// The edits of everything but the services.
pub(super) fn edits(old: &FanOut, new: &FanOut) -> Vec<EntryEdit> {
    let (before, after) = (&*old.registry, &*new.registry);
    let mut edits = Vec::new();
    metadata(&mut edits, before, after);
    section(&mut edits, "teams", &before.teams, &after.teams, |found, from, to| {
        found.value("email", from.email.as_ref(), to.email.as_ref());
        let (google, kubernetes) = (&from.principals.google, &from.principals.kubernetes);
        found.value("principals.google", google.as_ref(), to.principals.google.as_ref());
        found.value("principals.kubernetes", kubernetes.as_ref(), to.principals.kubernetes.as_ref());
        found.set("services", &from.services, &to.services);
        extra(found, "", &from.extra, &to.extra);
    });
    section(&mut edits, "clusters", &before.clusters, &after.clusters, |found, from, to| {
        found.value("googleProject", from.google_project.as_ref(), to.google_project.as_ref());
        found.value("location", from.location.as_ref(), to.location.as_ref());
        let gke = |cluster: &Cluster, field: fn(&Gke) -> bool| cluster.gke.as_ref().map(field);
        found.value("gke.groups", gke(from, |gke| gke.groups), gke(to, |gke| gke.groups));
        found.map("links", &from.links, &to.links);
        found.value("gke.clusterViewer", gke(from, |gke| gke.cluster_viewer), gke(to, |gke| gke.cluster_viewer));
        extra(found, "", &from.extra, &to.extra);
    });
    section(&mut edits, "projects", &before.projects, &after.projects, |found, from, to| {
        found.value("name", from.name.as_ref(), to.name.as_ref());
        found.value("parent", from.parent.as_ref(), to.parent.as_ref());
        found.value("billingAccount", from.billing_account.as_ref(), to.billing_account.as_ref());
        found.map("labels", &from.labels, &to.labels);
        found.value("owner", from.owner.as_ref(), to.owner.as_ref());
        found.set("sharedWith", &from.shared_with, &to.shared_with);
        found.set("sharedWithTeams", &from.shared_with_teams, &to.shared_with_teams);
        found.value("existing", Some(from.existing), Some(to.existing));
        found.value("deletionPolicy", from.deletion_policy, to.deletion_policy);
        extra(found, "", &from.extra, &to.extra);
    });
    section(&mut edits, "namespaces", &before.namespaces, &after.namespaces, |found, from, to| {
        found.value("owner", from.owner.as_ref(), to.owner.as_ref());
        found.set("sharedWith", &from.shared_with, &to.shared_with);
        found.set("sharedWithTeams", &from.shared_with_teams, &to.shared_with_teams);
        found.map("labels", &from.labels, &to.labels);
        found.map("annotations", &from.annotations, &to.annotations);
        let none = Quota::new();
        found.map("quota", from.quota.as_ref().unwrap_or(&none), to.quota.as_ref().unwrap_or(&none));
        found.value("deletionPolicy", from.deletion_policy, to.deletion_policy);
        extra(found, "", &from.extra, &to.extra);
    });
    permissions(&mut edits, old, new);
    let mut others = Differences::default();
    extra(&mut others, "", &before.extra, &after.extra);
    edits.extend(others.0.into_iter().map(|field| EntryEdit {
        section: field.field.clone(),
        entry: String::new(),
        field,
    }));
    edits
}

fn metadata(edits: &mut Vec<EntryEdit>, old: &Registry, new: &Registry) {
    let (from, to) = (&old.metadata, &new.metadata);
    let mut found = Differences::default();
    found.value("name", from.name.as_ref(), to.name.as_ref());
    found.set("previousNames", &from.previous_names, &to.previous_names);
    found.value("requires.anu", from.requires.anu.as_ref(), to.requires.anu.as_ref());
    extra(&mut found, "requires.", &from.requires.extra, &to.requires.extra);
    extra(&mut found, "", &from.extra, &to.extra);
    add(edits, "metadata", "", found);
}

fn section<T: Named>(
    edits: &mut Vec<EntryEdit>,
    name: &str,
    old: &Section<T>,
    new: &Section<T>,
    compare: impl Fn(&mut Differences, &T, &T),
) {
    let mut found = Differences::default();
    let declared = |section: &Section<T>| section.is_declared().then_some("listed");
    found.value(name, declared(old), declared(new));
    add(edits, name, "", found);
    let names: BTreeSet<String> = old.iter().chain(new.iter()).map(Named::entry_name).collect();
    for entry in names {
        let mut found = Differences::default();
        match (old.get(&entry), new.get(&entry)) {
            (Some(from), Some(to)) => compare(&mut found, from, to),
            (from, to) => found.value("name", from.map(|_| &entry), to.map(|_| &entry)),
        }
        add(edits, name, &entry, found);
    }
}

/// The effective table, in which the provider block's rows and the built-in ones count: the roles of each level, for the Google
/// services that both registries use.
fn permissions(edits: &mut Vec<EntryEdit>, old: &FanOut, new: &FanOut) {
    if old.registry.services.is_empty() || new.registry.services.is_empty() {
        return; // no principal has a level before, or afterwards
    }
    for (row, from, to) in old.rules.table.common_rows(&new.rules.table) {
        let mut found = Differences::default();
        for level in AccessLevel::ALL {
            found.set(level.as_str(), &from[level as usize], &to[level as usize]);
        }
        add(edits, "permissions", row, found);
    }
    let mut found = Differences::default();
    for level in AccessLevel::ALL {
        let role = |fan_out: &FanOut| fan_out.rules.table.kubernetes(level).to_string();
        found.value(level.as_str(), Some(role(old)), Some(role(new)));
    }
    add(edits, "permissions", "kubernetes", found);
}

fn add(edits: &mut Vec<EntryEdit>, section: &str, entry: &str, found: Differences) {
    edits.extend(found.0.into_iter().map(|field| EntryEdit {
        section: section.to_owned(),
        entry: entry.to_owned(),
        field,
    }));
}
