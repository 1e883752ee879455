//! The names in a registry, each checked once at its construction.
//!
//! Every name is a newtype with one constructor: [`FromStr`] (and `Deserialize`, which uses it). A value of one of these
//! types is therefore well-formed, and no later code checks it again. The error contains the rule.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::characters::{bad_subject, strange};
use super::pools::project_id_in;
use super::project_ids;
use super::quote::quote;
use crate::printable::is_hidden;

/// The error for a string that breaks the rule of its kind of name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not {article} {kind}: {rule}", quote(.value))]
pub struct NameError {
    /// The value.
    pub value: String,
    /// The article of `kind`: `a` or `an`.
    pub article: &'static str,
    /// The expected kind of name, for people: `project id`.
    pub kind: &'static str,
    /// The rule, in words.
    pub rule: &'static str,
}

impl NameError {
    /// What is strange about the characters of the value, as a sentence with a leading space; empty if nothing is.
    pub fn hint(&self) -> String {
        strange(&self.value)
    }
}

/// The common interface of all checked names.
pub(crate) trait Name: FromStr<Err = NameError> + Clone {
    /// The placeholder for an invalid name whose problem was reported. Checks skip it, and [`load`](crate::registry::load)
    /// never returns a registry that contains one.
    fn reported() -> Self;
    /// Whether this is [`Name::reported`].
    fn is_reported(&self) -> bool;
    /// The text, shared without a copy.
    fn shared(&self) -> Arc<str>;
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $article:literal, $kind:literal, $rule:literal, $pattern:literal, $check:expr) => {
        $(#[$doc])*
        ///
        /// Cheap to clone: the text is shared, because many resource keys contain the same name.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The kind of name, for messages.
            pub const KIND: &'static str = $kind;
            /// The rule of the name, in words.
            pub const RULE: &'static str = $rule;

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Name for $name {
            fn reported() -> Self {
                Self(Arc::from(""))
            }
            fn is_reported(&self) -> bool {
                self.0.is_empty()
            }
            fn shared(&self) -> Arc<str> {
                Arc::clone(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(value: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> bool = $check;
                if check(value) {
                    Ok(Self(Arc::from(value)))
                } else {
                    Err(NameError { value: value.to_owned(), article: $article, kind: $kind, rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(value: String) -> Result<Self, NameError> {
                value.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!($rule, "."),
                    "pattern": $pattern,
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

fn lower_digit_hyphen(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An RFC 1123 label: the rule of Kubernetes for a namespace, and ours for every name that becomes a label value.
fn rfc1123_label(value: &str) -> bool {
    (1..=63).contains(&value.len()) && lower_digit_hyphen(value) && !value.starts_with('-') && !value.ends_with('-')
}

/// An RFC 1123 subdomain as Kubernetes defines it: its parts may be longer than labels.
fn rfc1123_subdomain(value: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && lower_digit_hyphen(part) && !part.starts_with('-') && !part.ends_with('-');
    value.len() <= 253 && value.split('.').all(part)
}

/// Two parts around one `@`, in visible ASCII characters: others look like them, and no address has them.
fn address(value: &str) -> bool {
    value.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && value.bytes().all(|b| b.is_ascii_graphic() && b != b'`')
}

/// The rule of Kubernetes for the names of its RBAC objects, without what cannot be seen.
fn path_segment(value: &str) -> bool {
    let unfit = |c: char| matches!(c, '/' | '%' | '`') || c.is_whitespace() || c.is_control() || is_hidden(c);
    !value.is_empty() && !matches!(value, "." | "..") && !value.contains(unfit)
}

/// The start of a role that is one of the binding's namespace.
pub(super) const ROLE_OF_NAMESPACE: &str = "Role:";

fn plain_name(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 63
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && value.as_bytes()[0].is_ascii_alphanumeric()
        && value.as_bytes()[value.len() - 1].is_ascii_alphanumeric()
}

name!(
    /// `metadata.name`: it becomes the value of the label `anu-registry`, so it is an RFC 1123 label.
    RegistryName, "a", "registry name",
    "1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label)",
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    rfc1123_label
);
name!(
    /// A service's name. It becomes a label value and part of role binding names.
    ServiceName, "a", "service name",
    "1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label)",
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    rfc1123_label
);
name!(
    /// An environment's name, unique within its service.
    EnvironmentName, "an", "environment name",
    "1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label)",
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    rfc1123_label
);
name!(
    /// A team's name, as services and access lists refer to it. It becomes a label value.
    TeamName, "a", "team name",
    "1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends (Kubernetes label value)",
    r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
    plain_name
);
name!(
    /// A cluster's name, as targets refer to it.
    ClusterName, "a", "cluster name",
    "1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
    plain_name
);
name!(
    /// A Google Cloud project id. Rule: Resource Manager v3, `Project.projectId`; of old projects also `DOMAIN:NAME`.
    ProjectId, "a", "project id",
    "6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`",
    r"^([a-z][a-z0-9-]{4,28}[a-z0-9]|[a-z0-9][a-z0-9.-]*\.[a-z0-9.-]*[a-z0-9]:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$",
    project_ids::is_id
);
name!(
    /// A Kubernetes namespace: an RFC 1123 label.
    NamespaceName, "a", "namespace",
    "1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends (RFC 1123 label)",
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    rfc1123_label
);
name!(
    /// A Google API by its service name, `pubsub.googleapis.com`.
    GoogleService, "a", "Google service",
    "a lowercase DNS name such as `pubsub.googleapis.com`",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
    |value| value.len() <= 253
        && value.contains('.')
        && value.split('.').all(rfc1123_label)
);
name!(
    /// An IAM role: `roles/NAME`, `projects/ID/roles/NAME` or `organizations/N/roles/NAME`.
    IamRole, "an", "IAM role",
    "`roles/NAME`, `projects/PROJECT/roles/NAME` or `organizations/NUMBER/roles/NAME`",
    r"^((projects/([a-z0-9.-]+:)?|organizations/)[A-Za-z0-9._-]+/)?roles/[A-Za-z0-9._-]+$",
    |value| {
        let parts: Vec<&str> = value.split('/').collect();
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        match parts.as_slice() {
            ["roles", name] => word(name),
            ["projects", owner, "roles", name] => (word(owner) || project_ids::is_id(owner)) && word(name),
            ["organizations", owner, "roles", name] => word(owner) && word(name),
            _ => false,
        }
    }
);
name!(
    /// What a role binding grants: a ClusterRole, or a Role of the binding's namespace. Rule: apimachinery `IsValidPathSegmentName`, as for
    /// role bindings, whose names contain it.
    KubernetesRole, "a", "Kubernetes role",
    "the name of a ClusterRole, or `Role:NAME` for a Role of the namespace: 1 to 100 printable characters other than `/`, `%`, backticks and white space; not `.` or `..`",
    r"^[^/%`\s]{1,100}$",
    |value| value.len() <= 100 && path_segment(value.strip_prefix(ROLE_OF_NAMESPACE).unwrap_or(value))
);
name!(
    /// A Kubernetes RoleBinding's name. Rule: apimachinery `IsValidPathSegmentName`, because RBAC permits more than other
    /// kinds.
    RoleBindingName, "a", "role binding name",
    "1 to 253 printable characters other than `/`, `%`, backticks and white space; not `.` or `..`",
    r"^[^/%`\s]{1,253}$",
    |value| value.len() <= 253 && path_segment(value)
);
name!(
    /// A subject of a role binding, with its Kubernetes kind.
    Subject, "a", "subject",
    "`Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`",
    r"^((Group|User):\S(.*\S)?|ServiceAccount:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$",
    |value| match value.split_once(':') {
        Some(("Group" | "User", name)) => bad_subject(name).is_none(),
        Some(("ServiceAccount", name)) => name.split_once('/').is_some_and(|(namespace, name)| {
            rfc1123_label(namespace) && rfc1123_subdomain(name)
        }),
        _ => false,
    }
);
name!(
    /// A member of an IAM policy: `group:`, `user:`, `serviceAccount:`, `principal:` or `principalSet:` and a name.
    Principal, "a", "principal",
    "`group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`",
    r"^((group|user|serviceAccount):[!-.0-?A-_a-~]+@[!-.0-?A-_a-~]+|serviceAccount:[a-z0-9][a-z0-9.-]*[a-z0-9]\.svc\.id\.goog\[[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}\]|principal(Set)?://[^\s`]+)$",
    |value| match value.split_once(':') {
        Some(("serviceAccount", name)) if name.ends_with(']') => name.parse::<WorkloadIdentity>().is_ok(),
        Some(("group" | "user" | "serviceAccount", email)) => {
            address(email) && !email.contains('/')
        }
        Some(("principal" | "principalSet", rest)) => {
            rest.starts_with("//") && rest.len() > 2 && !rest.contains(|c: char| matches!(c, ' ' | '`') || is_hidden(c))
                && project_id_in(value).is_none()
        }
        _ => false,
    }
);

name!(
    /// An entry of `sharedWith` or `sharedWithTeams`: wide enough for both kinds of names, so that a name in the wrong list is
    /// reported as such.
    SharerName, "a", "service or team name",
    "1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
    plain_name
);
name!(
    /// An e-mail address, usually of a group.
    Email, "an", "e-mail address",
    "`NAME@DOMAIN`",
    r"^[!-.0-9;-?A-_a-~]+@[!-.0-9;-?A-_a-~]+$",
    |value| address(value) && !value.contains(['/', ':'])
);
name!(
    /// The parent of a project in the resource hierarchy. Rule: Resource Manager v3, `Project.parent`.
    Parent, "a", "parent",
    "`folders/NUMBER` or `organizations/NUMBER`",
    "^(folders|organizations)/[0-9]+$",
    |value| value.split_once('/').is_some_and(|(kind, number)| {
        matches!(kind, "folders" | "organizations") && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
);
name!(
    /// A Cloud Billing account, without the leading `billingAccounts/`.
    BillingAccount, "a", "billing account",
    "`XXXXXX-XXXXXX-XXXXXX`, with digits and capital letters A to F",
    "^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$",
    |value| {
        let parts: Vec<&str> = value.split('-').collect();
        parts.len() == 3
            && parts.iter().all(|part| part.len() == 6 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')))
    }
);
name!(
    /// A project's display name. Rule: Resource Manager v3, `Project.displayName`.
    DisplayName, "a", "project name",
    "4 to 30 letters, digits, spaces and `-`, `'`, `\"`, `!`",
    r#"^[A-Za-z0-9 '"!-]{4,30}$"#,
    |value| (4..=30).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'\'' | b'"' | b' ' | b'!'))
);
name!(
    /// A Google service account's id: the part of its address before `@`. Rule: IAM v1, `CreateServiceAccountRequest.accountId`.
    ServiceAccountName, "a", "service account name",
    "6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)",
    r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$",
    project_ids::is_new
);
name!(
    /// A Kubernetes ServiceAccount's name: an RFC 1123 subdomain.
    KubernetesServiceAccountName, "a", "Kubernetes service account name",
    "1 to 253 lowercase letters, digits, `-` and `.`, with a letter or digit at both ends of each part (RFC 1123 subdomain)",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
    rfc1123_subdomain
);
name!(
    /// A Kubernetes ServiceAccount as a principal of IAM: it is one of the workload identity pool of its cluster's project.
    WorkloadIdentity, "a", "workload identity",
    "`PROJECT.svc.id.goog[NAMESPACE/SERVICE_ACCOUNT]`",
    r"^[a-z0-9][a-z0-9.-]*[a-z0-9]\.svc\.id\.goog\[[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}\]$",
    |value| value.strip_suffix(']').and_then(|value| value.split_once(".svc.id.goog[")).is_some_and(|(pool, name)| {
        let parts = name.split_once('/');
        project_ids::of_address(pool).is_some() && parts.is_some_and(|(namespace, name)| rfc1123_label(namespace) && rfc1123_subdomain(name))
    })
);

impl ProjectId {
    /// The length of the longest id.
    pub const LONGEST: usize = project_ids::LONGEST;

    /// Whether the id has a domain (`example.com:shop`), which no new project can have.
    pub fn has_domain(&self) -> bool {
        project_ids::domain(&self.0).is_some()
    }
}

impl ServiceAccountName {
    /// The account's address: `NAME@PROJECT.iam.gserviceaccount.com`.
    pub fn email(&self, project: &ProjectId) -> String {
        format!("{self}@{}.iam.gserviceaccount.com", project_ids::in_addresses(&project.0))
    }

    /// The account of this address, if it is one of the project.
    pub fn of_email(email: &str, project: &ProjectId) -> Option<Self> {
        let (name, host) = email.split_once('@')?;
        let of_project = host.strip_suffix(".iam.gserviceaccount.com") == Some(&*project_ids::in_addresses(&project.0));
        of_project.then(|| name.parse().ok()).flatten()
    }
}

impl WorkloadIdentity {
    /// The ServiceAccount `name` in a namespace of a cluster in the project `cluster`.
    pub fn of(cluster: &ProjectId, namespace: &NamespaceName, name: &KubernetesServiceAccountName) -> Self {
        let pool = project_ids::in_addresses(&cluster.0);
        Self(Arc::from(format!("{pool}.svc.id.goog[{namespace}/{name}]")))
    }

    /// The member of an IAM policy.
    pub fn member(&self) -> String {
        format!("serviceAccount:{self}")
    }
}

/// A namespace in a cluster: the resource key `CLUSTER/NAMESPACE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceKey {
    /// The cluster, by its name in the registry.
    pub cluster: ClusterName,
    /// The namespace in the cluster.
    pub namespace: NamespaceName,
}

impl fmt::Display for NamespaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.namespace)
    }
}

impl FromStr for NamespaceKey {
    type Err = NameError;
    fn from_str(value: &str) -> Result<Self, NameError> {
        let error =
            || NameError { value: value.to_owned(), article: "a", kind: "namespace key", rule: "`CLUSTER/NAMESPACE`" };
        let (cluster, namespace) = value.split_once('/').ok_or_else(error)?;
        Ok(Self { cluster: cluster.parse().map_err(|_| error())?, namespace: namespace.parse().map_err(|_| error())? })
    }
}

impl serde::Serialize for NamespaceKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_follow_the_kinds_of_role_bindings() {
        for good in [
            "Group:banking-team@example.com",
            "Group:system:masters",
            "Group:a/b",
            "User:https://issuer.example.com#jane doe",
            "ServiceAccount:ci/deployer",
            "ServiceAccount:ci/deployer.of.all",
        ] {
            assert!(good.parse::<Subject>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "banking",
            "group:banking",
            "Group:",
            "Group: x",
            "Team:x",
            "ServiceAccount:deployer",
            "ServiceAccount:ci/",
            "ServiceAccount:CI/deployer",
            "ServiceAccount:ci/a/b",
            "User:a\tb\n",
        ] {
            assert!(bad.parse::<Subject>().is_err(), "{bad}");
        }
    }

    #[test]
    fn role_binding_names_are_path_segments() {
        for good in ["anu:ledger:staging:admins:admin", "Ops", "a_b", "...", "é"] {
            assert!(good.parse::<RoleBindingName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a%b", "a b", "a`b", &"n".repeat(254)] {
            assert!(bad.parse::<RoleBindingName>().is_err(), "{bad}");
        }
    }
}
