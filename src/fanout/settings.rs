//! The settings of the fan-out in the provider block, which an edit of the registry cannot change.

use std::fmt;

use crate::registry::{Labels, Permissions};

/// The input of the fan-out besides the registry.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows of the permissions table that override the registry's, row by row.
    pub permissions: Option<Permissions>,
    /// The template for the principal of a team without an e-mail address: `group:{team}-team@example.com`.
    pub member_template: Option<String>,
    /// Labels for every project and namespace.
    pub labels: Labels,
    /// Limits for every registry.
    pub fences: Fences,
}

/// Limits for every registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fences {
    /// IAM roles and ClusterRoles that no row of the permissions table may contain.
    pub forbidden_roles: Vec<Pattern>,
    /// Namespaces that no target may use.
    pub reserved_namespaces: Vec<Pattern>,
    /// Project ids that environments and `projects` may contain. Default: all.
    pub allowed_projects: Option<Vec<Pattern>>,
    /// Parents that entries of `projects` may have. Default: all.
    pub allowed_parents: Option<Vec<Pattern>>,
}

impl Fences {
    /// Roles that can grant access beyond a service, or that grant full access.
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
    /// Namespaces of the cluster itself, and of anu.
    pub const RESERVED_NAMESPACES: [&str; 3] = ["default", "kube-*", "anu-system"];

    /// The pattern that forbids a role, if there is one.
    pub fn forbids(&self, role: &str) -> Option<&Pattern> {
        matching(&self.forbidden_roles, role)
    }

    /// The pattern that reserves a namespace, if there is one.
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

/// A name in which `*` matches any text, including none: `kube-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern. Every text is valid.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches the whole of `text`.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        // The earliest match of each part leaves the most text for the following parts.
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

/// The first pattern that matches `text`.
pub(crate) fn matching<'p>(patterns: &'p [Pattern], text: &str) -> Option<&'p Pattern> {
    patterns.iter().find(|pattern| pattern.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_text() {
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
