//! The contents of a store as a tree.

use std::collections::BTreeMap;

use crate::fanout::resource::ACTS_AS;
use crate::platform::embedded::{Dump, NamespaceDump, ProjectDump, ProjectPhase};

/// A line, and the lines under it.
struct Node {
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn new(text: impl Into<String>, children: Vec<Node>) -> Self {
        Self { text: text.into(), children }
    }

    fn leaf(text: impl Into<String>) -> Self {
        Self::new(text, Vec::new())
    }

    fn draw(&self, indent: &str, lines: &mut Vec<String>) {
        for (position, child) in self.children.iter().enumerate() {
            let last = position + 1 == self.children.len();
            let (branch, deeper) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
            lines.push(format!("{indent}{branch}{}", child.text));
            child.draw(&format!("{indent}{deeper}"), lines);
        }
    }
}

/// Projects with their APIs and grants; clusters with their namespaces, quotas and role bindings.
pub(super) fn draw(dump: &Dump) -> String {
    let namespaces: usize = dump.clusters.values().map(BTreeMap::len).sum();
    let roots = [
        Node::new(
            format!("projects ({})", dump.projects.len()),
            dump.projects.iter().map(|(id, each)| project(id.as_str(), each)).collect(),
        ),
        Node::new(
            format!("clusters ({}), namespaces ({namespaces})", dump.clusters.len()),
            dump.clusters
                .iter()
                .map(|(name, all)| {
                    Node::new(name.as_str(), all.iter().map(|(name, each)| namespace(name.as_str(), each)).collect())
                })
                .collect(),
        ),
    ];
    let mut lines = Vec::new();
    for root in roots {
        lines.push(root.text.clone());
        root.draw("", &mut lines);
    }
    lines.join("\n")
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn project(id: &str, dump: &ProjectDump) -> Node {
    let about = match &dump.project {
        Some(row) if row.phase == ProjectPhase::Active => format!("number {}", row.number),
        Some(row) => format!("number {}, {}", row.number, row.phase.as_str()),
        None => "exists, not created here".to_owned(),
    };
    let mut children = Vec::new();
    if !dump.apis.is_empty() {
        children.push(Node::leaf(format!("APIs: {}", list(dump.apis.iter().map(|api| api.as_str())))));
    }
    for (role, members) in dump.iam.iter().chain(&dump.conditional) {
        children.push(Node::leaf(format!("{role}: {}", list(members.iter().map(String::as_str)))));
    }
    for (name, account) in &dump.service_accounts {
        let members = account
            .iam
            .iter()
            .map(|(role, members)| Node::leaf(format!("{role}: {}", list(members.iter().map(String::as_str)))));
        children.push(Node::new(format!("service account {name}"), members.collect()));
    }
    Node::new(format!("{id}  ({about})"), children)
}

fn namespace(name: &str, dump: &NamespaceDump) -> Node {
    let mut children = Vec::new();
    if let Some(quota) = &dump.quota {
        let limits: Vec<String> = quota.iter().map(|(resource, limit)| format!("{resource} {limit}")).collect();
        children.push(Node::leaf(format!("quota: {}", limits.join(", "))));
    }
    for (name, account) in &dump.service_accounts {
        let acts_as = account.annotations.get(ACTS_AS).map(|address| format!(": acts as {address}"));
        children.push(Node::leaf(format!("service account {name}{}", acts_as.unwrap_or_default())));
    }
    for (name, each) in &dump.role_bindings {
        // Our bindings have the ClusterRole in their name, others' may not.
        let role = each.binding.role.as_str();
        let about = if name.ends_with(&format!(":{role}")) {
            String::new()
        } else {
            format!(" ({} {})", each.binding.role.kind_and_name().0, each.binding.role.kind_and_name().1)
        };
        let subjects = list(each.binding.subjects.iter().map(String::as_str));
        children.push(Node::leaf(format!("{name}{about}: {subjects}")));
    }
    children.extend(dump.contents.iter().map(Node::leaf));
    let about = dump.terminating.as_ref().map(|detail| format!("  (being deleted: {detail})")).unwrap_or_default();
    Node::new(format!("{name}{about}"), children)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fanout::resource::RoleBinding;

    #[test]
    fn a_store_is_drawn_with_all_its_contents() {
        let scratch = tempfile::tempdir().unwrap();
        let store = crate::platform::embedded::Store::open(&scratch.path().join("anu.db")).unwrap();
        let project = "gc-prd-legacy".parse().unwrap();
        store.foreign_api(&project, &"pubsub.googleapis.com".parse().unwrap()).unwrap();
        store.foreign_member(&project, "roles/viewer", "user:a@example.com").unwrap();
        store.foreign_member(&project, "roles/viewer", "user:b@example.com").unwrap();
        let project = "gc-prd-made".parse().unwrap();
        store.foreign_project(&project, &Default::default()).unwrap();
        let namespace = crate::registry::names::NamespaceKey {
            cluster: "compute".parse().unwrap(),
            namespace: "ledger".parse().unwrap(),
        };
        store.foreign_namespace(&namespace, &Default::default()).unwrap();
        let subjects = ["Group:a@example.com".to_owned(), "User:b@example.com".to_owned()].into();
        let binding = RoleBinding { role: "edit".parse().unwrap(), subjects };
        store.foreign_role_binding(&namespace, "deployers", &Default::default(), &binding).unwrap();
        store
            .foreign_role_binding(&namespace, "anu:ledger:production:operators:edit", &Default::default(), &binding)
            .unwrap();
        store.foreign_contents(&namespace, "ConfigMap", "settings").unwrap();
        assert_snapshot!(draw(&store.dump().unwrap()), @r"
        projects (2)
        ├── gc-prd-legacy  (exists, not created here)
        │   ├── APIs: pubsub.googleapis.com
        │   └── roles/viewer: user:a@example.com, user:b@example.com
        └── gc-prd-made  (number 598193244362)
        clusters (1), namespaces (1)
        └── compute
            └── ledger
                ├── anu:ledger:production:operators:edit: Group:a@example.com, User:b@example.com
                ├── deployers (ClusterRole edit): Group:a@example.com, User:b@example.com
                └── ConfigMap settings
        ");
    }
}
