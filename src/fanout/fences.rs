//! Fences: limits for every registry, in the provider block, where an edit of the registry cannot move them.
//!
//! A list of forbidden names has defaults, and what is added to it keeps them: an extended fence must not fall. A
//! default is removed on purpose only, by an exemption of its own. Names of roles and principals are compared without case.

use std::fmt;

use crate::registry::Quota;
use crate::registry::quote::quote;

use super::pattern::{Pattern, matches_any_case, matching};

/// Limits for every registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fences {
    /// IAM roles and ClusterRoles that are never granted.
    pub forbidden_roles: Forbidden,
    /// Custom IAM roles that may be granted. Default: none.
    pub allowed_custom_roles: Vec<Pattern>,
    /// Principals and subjects that are never granted anything.
    pub forbidden_principals: Forbidden,
    /// Domains of e-mail addresses that may be granted something. Default: all.
    pub allowed_email_domains: Option<Vec<Pattern>>,
    /// Namespaces that no target may use.
    pub reserved_namespaces: Forbidden,
    /// Project ids that environments and `projects` may contain. Default: all.
    pub allowed_projects: Option<Vec<Pattern>>,
    /// Parents that projects may have. Default: all.
    pub allowed_parents: Option<Vec<Pattern>>,
    /// Labels and annotations of namespaces, `KEY` or `KEY=VALUE`, that are permitted although they can weaken a cluster.
    pub allowed_namespace_metadata: Vec<Pattern>,
    /// The largest quota of a namespace, by resource. Default: no limit.
    pub max_quota: Quota,
}

/// Names that are forbidden: by default, or because they were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// The name of the list in the provider block.
    setting: &'static str,
    defaults: &'static [&'static str],
    /// Patterns in addition to the defaults.
    pub added: Vec<Pattern>,
    /// Names that the defaults do not forbid.
    pub exempt: Vec<Pattern>,
}

/// The pattern that forbids a name. `Display`: ``it matches `kube-*` in `fences.reserved_namespaces` of the provider block``.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence<'f> {
    pattern: &'f str,
    setting: &'static str,
}

impl fmt::Display for Fence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it matches {} in `fences.{}` of the provider block", quote(self.pattern), self.setting)
    }
}

impl Forbidden {
    const fn by_default(setting: &'static str, defaults: &'static [&'static str]) -> Self {
        Self { setting, defaults, added: Vec::new(), exempt: Vec::new() }
    }

    /// The pattern that forbids a name, if there is one. What was added is forbidden without exemptions.
    pub fn find(&self, name: &str) -> Option<Fence<'_>> {
        let added = self.added.iter().map(Pattern::as_str).find(|pattern| matches_any_case(pattern, name));
        let exempt = || self.exempt.iter().any(|pattern| matches_any_case(pattern.as_str(), name));
        let default = || self.defaults.iter().copied().find(|pattern| matches_any_case(pattern, name) && !exempt());
        let pattern = added.or_else(default)?;
        Some(Fence { pattern, setting: self.setting })
    }

    /// Every pattern in force: the defaults, then what was added. [`Forbidden::exempt`] are exceptions from the defaults.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.defaults.iter().copied().chain(self.added.iter().map(Pattern::as_str))
    }
}

/// Roles that grant everything, that can grant access beyond a service, that can act as another identity, or that can move or
/// delete a project.
pub const FORBIDDEN_ROLES: &[&str] = &[
    "roles/owner",
    "roles/editor",
    "roles/admin",
    "roles/writer",
    "roles/iam.*Admin",
    "roles/iam.editor",
    "roles/iam.*TokenCreator",
    "roles/iam.serviceAccountUser",
    "roles/iam.workloadIdentityUser",
    "roles/resourcemanager.*Admin",
    "roles/resourcemanager.folderEditor",
    "roles/resourcemanager.lienModifier",
    "roles/resourcemanager.*Deleter",
    "roles/resourcemanager.*Mover",
    "roles/orgpolicy.*Admin",
    "roles/billing.admin",
    "roles/privilegedaccessmanager.*Admin",
    "roles/*serviceAgent",
    "cluster-admin",
    "system:*",
];

/// Names that stand for everyone, or for parts of a cluster.
pub const FORBIDDEN_PRINCIPALS: &[&str] =
    &["system:*", "allUsers", "allAuthenticatedUsers", "principalSet://goog/public:*"];

/// Namespaces of the cluster itself, of programs that control it, and of anu.
pub const RESERVED_NAMESPACES: &[&str] = &[
    "default",
    "kube-*",
    "anu-system",
    "argocd",
    "cert-manager",
    "cnrm-*",
    "flux-system",
    "gatekeeper-system",
    "gke-*",
    "gmp-*",
    "istio-system",
    "kyverno",
];

/// Labels and annotations with which a namespace changes or escapes the rules of its cluster: Pod Security, admission policies
/// and webhooks, service meshes, node selection, network isolation, identities, and programs that take a namespace as theirs.
pub const GUARDED_METADATA: &[&str] = &[
    // Pod Security admission, and its predecessors.
    "pod-security.kubernetes.io/*",
    "*.security.alpha.kubernetes.io/*",
    "security.openshift.io/*",
    "openshift.io/*",
    // Admission policies and webhooks, and labels by which they leave a namespace out.
    "admission.*/*",
    "admissions.enforcer/*",
    "control-plane",
    "*gatekeeper.sh/*",
    "*kyverno.io/*",
    "openpolicyagent.org/*",
    "policy.sigstore.dev/*",
    "cert-manager.io/*",
    "certmanager.k8s.io/*",
    "vault.hashicorp.com/*",
    // Service meshes.
    "istio-injection",
    "*istio.io/*",
    "*linkerd.io/*",
    "*kuma.io/*",
    "consul.hashicorp.com/*",
    // Scheduling and isolation.
    "scheduler.alpha.kubernetes.io/*",
    "net.beta.kubernetes.io/*",
    "*projectcalico.org/*",
    "*cilium.io/*",
    "k8s.ovn.org/*",
    "networking.gke.io/*",
    "kueue.x-k8s.io/*",
    // Identities, and tenants of other programs.
    "*cnrm.cloud.google.com/*",
    "iam.gke.io/*",
    "iam.amazonaws.com/*",
    "eks.amazonaws.com/*",
    "argocd.argoproj.io/managed-by*",
    "toolkit.fluxcd.io/tenant",
    "configmanagement.gke.io/*",
    "configsync.gke.io/*",
    "*hnc.x-k8s.io/*",
    "*clastix.io/*",
    "*cattle.io/*",
    // Names that Kubernetes gives a meaning.
    "kubernetes.io/*",
    "*.kubernetes.io/enforce-mountable-secrets",
];

impl Default for Fences {
    fn default() -> Self {
        Self {
            forbidden_roles: Forbidden::by_default("forbidden_roles", FORBIDDEN_ROLES),
            allowed_custom_roles: Vec::new(),
            forbidden_principals: Forbidden::by_default("forbidden_principals", FORBIDDEN_PRINCIPALS),
            allowed_email_domains: None,
            reserved_namespaces: Forbidden::by_default("reserved_namespaces", RESERVED_NAMESPACES),
            allowed_projects: None,
            allowed_parents: None,
            allowed_namespace_metadata: Vec::new(),
            max_quota: Quota::new(),
        }
    }
}

impl Fences {
    /// Why a role must not be granted, as the rest of a sentence, with the next step.
    pub fn refuses_role(&self, role: &str) -> Option<String> {
        if let Some(fence) = self.forbidden_roles.find(role) {
            return Some(format!("is forbidden: {fence}. Use a narrower role."));
        }
        let custom = role.starts_with("projects/") || role.starts_with("organizations/");
        (custom && matching(&self.allowed_custom_roles, role).is_none()).then(|| {
            "is a custom role, and its permissions can change at any time without a change of the registry. Use a predefined \
             role, or ask the maintainer of the provider block to add it to `fences.allowed_custom_roles`."
                .to_owned()
        })
    }

    /// Why nothing must be granted to a principal or subject, as the rest of a sentence, with the next step. `principal` is
    /// `group:EMAIL`, `principalSet://…`, `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
    pub fn refuses_principal(&self, principal: &str) -> Option<String> {
        let name = principal.split_once(':').map_or(principal, |(_, name)| name);
        if let Some(fence) = self.forbids_principal(principal) {
            return Some(format!(
                "is forbidden: {fence}. Use the group of a team, a single user or a service account."
            ));
        }
        let allowed = self.allowed_email_domains.as_ref()?;
        // The pool of a workload is its domain.
        let pool = || name.split_once('[').filter(|_| principal.starts_with("serviceAccount:")).map(|(pool, _)| pool);
        let address =
            || name.rsplit_once('@').filter(|_| !principal.starts_with("principal")).map(|(_, domain)| domain);
        let domain = pool().or_else(address)?;
        (!allowed.iter().any(|pattern| matches_any_case(pattern.as_str(), domain))).then(|| {
            format!(
                "has an address in a domain that `fences.allowed_email_domains` in the provider block does not allow ({}). Use \
                 an address in an allowed domain, or ask the maintainer of the provider block to change the fence.",
                list(allowed)
            )
        })
    }

    /// Why a project must not be used, as the rest of a sentence, with the next step.
    pub fn refuses_project(&self, id: &str) -> Option<String> {
        let allowed = self.allowed_projects.as_ref().filter(|allowed| matching(allowed, id).is_none())?;
        Some(format!(
            "is not allowed by `fences.allowed_projects` in the provider block: {}. Correct the id, or ask the maintainer of the \
             provider block to change `fences.allowed_projects`.",
            list(allowed)
        ))
    }

    /// Why a project must not have this parent, as the rest of a sentence, with the next step.
    pub fn refuses_parent(&self, parent: &str) -> Option<String> {
        let allowed = self.allowed_parents.as_ref().filter(|allowed| matching(allowed, parent).is_none())?;
        Some(format!(
            "is not allowed by `fences.allowed_parents` in the provider block: {}. Choose an allowed parent.",
            list(allowed)
        ))
    }

    /// Why a project that states no parent must not be created, as the rest of a sentence, with the next step. `default` is
    /// `google.parent` of the provider block.
    pub fn refuses_default_parent(&self, default: Option<&str>) -> Option<String> {
        let allowed = self.allowed_parents.as_ref()?;
        let Some(default) = default else {
            return Some(format!(
                "has no `parent`, and the provider block has no `google.parent`, so its parent is not one of those that \
                 `fences.allowed_parents` in the provider block allows: {}. Add an allowed `parent`.",
                list(allowed)
            ));
        };
        matching(allowed, default).is_none().then(|| {
            format!(
                "has no `parent`, so it has that of `google.parent` in the provider block, `{default}`, which \
                 `fences.allowed_parents` does not allow: {}. Add an allowed `parent`, or ask the maintainer of the provider \
                 block to correct `google.parent`.",
                list(allowed)
            )
        })
    }

    /// The pattern that forbids a principal, whatever its domain.
    pub fn forbids_principal(&self, principal: &str) -> Option<Fence<'_>> {
        let name = principal.split_once(':').map_or(principal, |(_, name)| name);
        let forbidden = &self.forbidden_principals;
        forbidden.find(name).or_else(|| forbidden.find(principal))
    }

    /// Why a namespace must not have a label or annotation, as the rest of a sentence, with the next step.
    pub fn refuses_metadata(&self, key: &str, value: &str) -> Option<String> {
        let guarded = GUARDED_METADATA.iter().find(|pattern| matches_any_case(pattern, key))?;
        let allowed = |text: &str| self.allowed_namespace_metadata.iter().any(|pattern| pattern.matches(text));
        (!allowed(key) && !allowed(&format!("{key}={value}"))).then(|| {
            format!(
                "can weaken the rules of a cluster (`{guarded}`). Remove it, or ask the maintainer of the provider block to add \
                 `{key}`, or `{key}=VALUE`, to `fences.allowed_namespace_metadata`."
            )
        })
    }
}

/// Patterns in a sentence.
pub(super) fn list(patterns: &[Pattern]) -> String {
    if patterns.is_empty() {
        return "none".to_owned();
    }
    patterns.iter().map(|pattern| quote(pattern.as_str())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_keeps_the_defaults_and_an_exemption_removes_one() {
        let mut roles = Fences::default().forbidden_roles;
        roles.added.push(Pattern::new("roles/pubsub.admin"));
        roles.exempt.push(Pattern::new("roles/iam.roleAdmin"));
        roles.exempt.push(Pattern::new("roles/pubsub.*"));
        let find = |role: &str| roles.find(role).map(|fence| fence.pattern);
        assert_eq!(find("roles/PubSub.Admin"), Some("roles/pubsub.admin"), "an addition has no exemptions");
        assert_eq!(find("ROLES/OWNER"), Some("roles/owner"));
        assert_eq!(find("roles/iam.securityAdmin"), Some("roles/iam.*Admin"));
        assert_eq!(find("roles/iam.roleAdmin"), None);
        assert_eq!(roles.patterns().count(), FORBIDDEN_ROLES.len() + 1);
    }

    #[test]
    fn domains_are_those_of_addresses() {
        let fences = Fences {
            allowed_email_domains: Some(vec![
                Pattern::new("example.com"),
                Pattern::new("gc-*.iam.gserviceaccount.com"),
            ]),
            ..Fences::default()
        };
        for good in [
            "group:a@example.com",
            "Group:a@EXAMPLE.com",
            "Group:github:billing online",
            "User:ci@gc-prd-ci.iam.gserviceaccount.com",
            "ServiceAccount:ci/deployer",
            "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/subject/a@example.org",
        ] {
            assert_eq!(fences.refuses_principal(good), None, "{good}");
        }
        for bad in ["user:a@gmail.com", "Group:a@example.com.evil.org", "Group:a@example.com@evil.org", "User:a@"] {
            assert!(fences.refuses_principal(bad).is_some(), "{bad}");
        }
    }
}
