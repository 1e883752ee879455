//! Why a resource exists.

use schemars::JsonSchema;
use serde::Serialize;

use super::line::Line;
use crate::fanout::FanOut;
use crate::fanout::resource::Key;

/// `anu explain KEY`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanations {
    /// The resource key.
    pub key: String,
    /// Every resource with that key: a namespace and its quota have the same.
    pub resources: Vec<Explanation>,
}

/// Why a resource exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// `project`, `IAM member`, `role binding`, …
    pub kind: String,
    /// The services that use it, by name.
    pub services: Vec<String>,
    /// The service that owns it, if several use it.
    pub owner: Option<String>,
    /// What a removal does: `prevent`, `abandon`, `delete` or `delete-with-contents`. Null for what is revoked or removed
    /// without a policy: APIs, grants and quotas.
    pub deletion_policy: Option<String>,
    /// When it ends; null if it does not.
    pub expires: Option<String>,
    /// The lines of the registry that it results from.
    pub lines: Vec<Line>,
}

impl Explanations {
    /// Every resource of the registry with this key.
    pub fn of(fan_out: &FanOut, key: &str) -> Self {
        let found = fan_out.find(key);
        let resources = found.iter().map(|key| Explanation::of(fan_out, key)).collect();
        Self { key: key.to_owned(), resources }
    }

    /// Every line of the registry that it is based on.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.resources.iter_mut().flat_map(|resource| &mut resource.lines)
    }
}

impl Explanation {
    fn of(fan_out: &FanOut, key: &Key) -> Self {
        let registry = fan_out.registry();
        let mut users = fan_out.users_of(key);
        users.sort();
        let owner = match key.scope() {
            Key::Project(id) => registry.projects.get(id.as_str()).and_then(|entry| entry.owner.as_ref()),
            scope => registry.namespaces.get(&scope.to_string()).and_then(|entry| entry.owner.as_ref()),
        };
        let of_owner = owner.filter(|owner| users.contains(owner)).or(users.first().copied());
        let resources = of_owner.and_then(|owner| fan_out.service(owner.as_str())).map(|found| &found.resources);
        Self {
            kind: key.kind().to_owned(),
            services: users.iter().map(ToString::to_string).collect(),
            owner: owner.map(ToString::to_string),
            deletion_policy: resources.and_then(|set| set.deletion_policy(key)).map(|policy| policy.to_string()),
            expires: match key {
                Key::IamMember(_, _, member) => member.expires.map(|expires| expires.to_string()),
                _ => None,
            },
            lines: fan_out.explain(key).iter().map(|origin| Line::of(registry, origin)).collect(),
        }
    }
}
