//! An IAM policy in its canonical form: one binding for each role and condition, members sorted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// When a binding is in force: an expression in CEL, with a title.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Condition {
    /// What it is for, at most 100 characters.
    pub title: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The expression.
    pub expression: String,
}

impl Condition {
    /// A condition with this title and expression.
    pub fn new(title: &str, expression: &str) -> Self {
        Self { title: title.to_owned(), description: String::new(), expression: expression.to_owned() }
    }
}

/// Who has a role, and under which condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub role: String,
    pub members: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// A policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub bindings: Vec<Binding>,
    pub audit_configs: Vec<Value>,
    pub etag: String,
    /// Whether it was ever written: one that was not has no version.
    pub written: bool,
}

impl Policy {
    /// The policy of a new project.
    pub fn of_owner(member: &str) -> Self {
        let mut policy = Self { written: true, ..Self::default() };
        policy.add("roles/owner", member, None);
        policy
    }

    pub fn has_conditions(&self) -> bool {
        self.bindings.iter().any(|binding| binding.condition.is_some())
    }

    /// Grants a role.
    pub fn add(&mut self, role: &str, member: &str, condition: Option<Condition>) {
        let members = BTreeSet::from([member.to_owned()]);
        self.bindings.push(Binding { role: role.to_owned(), members, condition });
        self.normalize();
    }

    /// Revokes a grant with exactly this condition.
    pub fn remove(&mut self, role: &str, member: &str, condition: Option<&Condition>) {
        for binding in &mut self.bindings {
            if binding.role == role && binding.condition.as_ref() == condition {
                binding.members.remove(member);
            }
        }
        self.normalize();
    }

    /// Merges bindings of one role and condition, and drops those without members.
    pub fn normalize(&mut self) {
        self.written = true;
        let mut merged: BTreeMap<(String, Option<Condition>), BTreeSet<String>> = BTreeMap::new();
        for binding in self.bindings.drain(..) {
            merged.entry((binding.role, binding.condition)).or_default().extend(binding.members);
        }
        self.bindings = merged
            .into_iter()
            .filter(|(_, members)| !members.is_empty())
            .map(|((role, condition), members)| Binding { role, members, condition })
            .collect();
    }

    /// As IAM shows it to a client that understands policies up to `version`: an older one gets conditional bindings under
    /// another role name, which cannot be written back.
    pub fn render(&self, version: u64) -> Value {
        let mut policy = json!({"etag": self.etag});
        if self.written {
            policy["version"] = json!(if self.has_conditions() && version >= 3 { 3 } else { 1 });
        }
        let bindings: Vec<Value> = self.bindings.iter().map(|binding| binding.render(version)).collect();
        if !bindings.is_empty() {
            policy["bindings"] = json!(bindings);
        }
        if !self.audit_configs.is_empty() {
            policy["auditConfigs"] = json!(self.audit_configs);
        }
        policy
    }
}

impl Binding {
    fn render(&self, version: u64) -> Value {
        let Some(condition) = &self.condition else {
            return json!({"role": self.role, "members": self.members});
        };
        if version < 3 {
            let hash = hash(&condition.expression);
            return json!({"role": format!("{}_withcond_{hash:020x}", self.role), "members": self.members});
        }
        json!({"role": self.role, "members": self.members, "condition": condition})
    }
}

/// FNV-1a: any stable number will do.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
