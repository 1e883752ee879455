//! The kinds of resources.

use serde::Serialize;

use super::super::resource::Key;

/// The kind of a fanned-out resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A Google project.
    Project,
    /// An API that is enabled on a project.
    Api,
    /// A member in the IAM policy of a project.
    IamMember,
    /// A Google service account.
    ServiceAccount,
    /// A Kubernetes service account that may act as a Google one.
    WorkloadIdentity,
    /// A namespace.
    Namespace,
    /// The quota of a namespace.
    Quota,
    /// A Kubernetes service account.
    KubernetesServiceAccount,
    /// A role binding in a namespace.
    RoleBinding,
}

impl Kind {
    /// Every kind, in the order of keys.
    pub const ALL: [Self; 9] = [
        Self::Project,
        Self::Api,
        Self::IamMember,
        Self::ServiceAccount,
        Self::WorkloadIdentity,
        Self::Namespace,
        Self::Quota,
        Self::KubernetesServiceAccount,
        Self::RoleBinding,
    ];

    /// The kind of a key.
    pub fn of(key: &Key) -> Self {
        match key {
            Key::Project(_) => Self::Project,
            Key::Api(..) => Self::Api,
            Key::IamMember(..) => Self::IamMember,
            Key::ServiceAccount(..) => Self::ServiceAccount,
            Key::WorkloadIdentity(..) => Self::WorkloadIdentity,
            Key::Namespace(_) => Self::Namespace,
            Key::Quota(_) => Self::Quota,
            Key::KubernetesServiceAccount(..) => Self::KubernetesServiceAccount,
            Key::RoleBinding(..) => Self::RoleBinding,
        }
    }

    /// Whether Google has it; else Kubernetes.
    pub fn is_of_google(self) -> bool {
        matches!(self, Self::Project | Self::Api | Self::IamMember | Self::ServiceAccount | Self::WorkloadIdentity)
    }

    /// The kind for people, in the singular and in the plural.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Project => ("project", "projects"),
            Self::Api => ("API", "APIs"),
            Self::IamMember => ("IAM member", "IAM members"),
            Self::ServiceAccount => ("service account", "service accounts"),
            Self::WorkloadIdentity => ("workload identity", "workload identities"),
            Self::Namespace => ("namespace", "namespaces"),
            Self::Quota => ("quota", "quotas"),
            Self::KubernetesServiceAccount => ("Kubernetes service account", "Kubernetes service accounts"),
            Self::RoleBinding => ("role binding", "role bindings"),
        }
    }
}

/// The resources with contents or an identity, which cannot be recreated as they were.
pub const PROTECTED: [Kind; 4] = [Kind::Project, Kind::Namespace, Kind::ServiceAccount, Kind::KubernetesServiceAccount];
