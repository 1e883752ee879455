//! What a store holds, as a tree.

use std::collections::BTreeMap;

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

/// Projects with their APIs and who may do what; clusters with their namespaces, quotas and role bindings.
pub(super) fn draw(dump: &Dump) -> String {
    let namespaces: usize = dump.clusters.values().map(BTreeMap::len).sum();
    let roots = [
        Node::new(
            format!("projects ({})", dump.projects.len()),
            dump.projects.iter().map(|(id, each)| project(id.as_str(), each)).collect(),
        ),
        Node::new(
            format!("clusters ({}, with {namespaces} namespaces)", dump.clusters.len()),
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

fn project(id: &str, dump: &ProjectDump) -> Node {
    let about = match &dump.project {
        Some(row) if row.phase == ProjectPhase::Active => format!("number {}", row.number),
        Some(row) => format!("number {}, {}", row.number, row.phase.as_str()),
        None => "taken as there: the registry does not list it under `projects`".to_owned(),
    };
    let mut children = Vec::new();
    if !dump.apis.is_empty() {
        children.push(Node::new("APIs", dump.apis.iter().map(|api| Node::leaf(api.as_str())).collect()));
    }
    for (role, members) in dump.iam.iter().chain(&dump.conditional) {
        children.push(Node::new(role.as_str(), members.iter().map(Node::leaf).collect()));
    }
    Node::new(format!("{id}  ({about})"), children)
}

fn namespace(name: &str, dump: &NamespaceDump) -> Node {
    let mut children = Vec::new();
    if let Some(quota) = &dump.quota {
        let limits: Vec<String> = quota.iter().map(|(resource, limit)| format!("{resource} {limit}")).collect();
        children.push(Node::leaf(format!("quota: {}", limits.join(", "))));
    }
    for (name, each) in &dump.role_bindings {
        let subjects = each.binding.subjects.iter().map(|subject| Node::leaf(subject.to_string())).collect();
        children.push(Node::new(format!("{name}  (ClusterRole {})", each.binding.role), subjects));
    }
    children.extend(dump.contents.iter().map(Node::leaf));
    let about = dump.terminating.as_ref().map(|detail| format!("  (being deleted: {detail})")).unwrap_or_default();
    Node::new(format!("{name}{about}"), children)
}
