//! What the provider block says about the fan-out, where an edit of the registry cannot move it.

use std::fmt;

use crate::registry::{Labels, Permissions};

/// Everything beside the registry that the fan-out depends on.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows of the permissions table that override the registry's, row by row.
    pub permissions: Option<Permissions>,
    /// Makes a principal of a team without an e-mail address: `group:{team}-team@example.com`.
    pub member_template: Option<String>,
    /// Labels for every project and namespace.
    pub labels: Labels,
    /// What no registry may ask for.
    pub fences: Fences,
}

/// What no registry may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fences {
    /// IAM roles and ClusterRoles that no row of the permissions table may give.
    pub forbidden_roles: Vec<Pattern>,
    /// Namespaces that no target may name.
    pub reserved_namespaces: Vec<Pattern>,
    /// Project ids that environments may name and `projects` may list. Any, where it is left out.
    pub allowed_projects: Option<Vec<Pattern>>,
    /// Parents that entries of `projects` may name. Any, where it is left out.
    pub allowed_parents: Option<Vec<Pattern>>,
}

impl Fences {
    /// Roles that hand out access beyond a service, or are all access there is.
    pub const FORBIDDEN_ROLES: [&str; 9] = [
        "roles/owner",
        "roles/editor",
        "roles/admin",
        "roles/writer",
        "roles/iam.*Admin",
        "roles/iam.*TokenCreator",
        "roles/resourcemanager.*Admin",
        "roles/orgpolicy.*Admin",
        "cluster-admin",
    ];
    /// Namespaces of the cluster itself, and our own.
    pub const RESERVED_NAMESPACES: [&str; 3] = ["default", "kube-*", "anu-system"];

    /// The fence that forbids a role, if one does.
    pub fn forbids(&self, role: &str) -> Option<&Pattern> {
        matching(&self.forbidden_roles, role)
    }

    /// The fence that reserves a namespace, if one does.
    pub fn reserves(&self, namespace: &str) -> Option<&Pattern> {
        matching(&self.reserved_namespaces, namespace)
    }
}

impl Default for Fences {
    fn default() -> Self {
        Self {
            forbidden_roles: Self::FORBIDDEN_ROLES.map(Pattern::new).into(),
            reserved_namespaces: Self::RESERVED_NAMESPACES.map(Pattern::new).into(),
            allowed_projects: None,
            allowed_parents: None,
        }
    }
}

/// A name in which `*` stands for any text, also none: `kube-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern; every text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `text` fits.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        // The earliest place for each part leaves the most room for those that follow.
        for part in parts {
            match rest.find(part) {
                Some(position) => rest = &rest[position + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first pattern that `text` fits.
pub(crate) fn matching<'p>(patterns: &'p [Pattern], text: &str) -> Option<&'p Pattern> {
    patterns.iter().find(|pattern| pattern.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        let matches = |pattern: &str, text: &str| Pattern::new(pattern).matches(text);
        assert!(matches("kube-*", "kube-system") && matches("kube-*", "kube-") && !matches("kube-*", "my-kube-x"));
        assert!(matches("default", "default") && !matches("default", "default2") && !matches("default", "a-default"));
        assert!(matches("*", "") && matches("*", "x") && matches("a*b*c", "a-b-b-c") && !matches("a*b*c", "a-c-b"));
        assert!(
            matches("roles/iam.*Admin", "roles/iam.securityAdmin") && !matches("roles/iam.*Admin", "roles/iam.admin.x")
        );
        assert!(!matches("ab*b", "ab") && matches("ab*b", "abb") && matches("*-prd-*", "gc-prd-x"));
    }
}
