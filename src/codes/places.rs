//! Codes of where services run and of what they share: clusters, projects, namespaces, quotas, fences, limits.

use super::code::{Code, Entry, Severity};
use super::example::Example::{Document, Shown, With};
use super::example::guide::{GOOGLE, REGISTRY, SECURITY};

codes! {
    UNKNOWN_CLUSTER: Error "unknown-cluster" "Unknown cluster",
        "A target names a cluster that is not in `clusters`. The list is complete as soon as it is there.",
        "Correct the name, or add the cluster to `clusters`.",
        REGISTRY, Document(r#"{"clusters": [{"type": "Cluster", "spec": {"name": "compute"}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "comptue", "namespace": "ledger"}}]}}]}}]}"#);
    CLUSTER_NOT_LISTED: Warning "cluster-not-listed" "Cluster of the provider block is not in the registry",
        "The `kubernetes` block configures a cluster that `clusters` of the registry does not contain, so no service can run there.",
        "Correct the name in the block, or add the cluster to the registry.",
        REGISTRY, Shown;
    CLUSTER_WITHOUT_PROJECT: Error "cluster-without-project" "Cluster has no Google project",
        "Something of a cluster's entry needs the project that the cluster is in: `gke`, or a Kubernetes service account that acts as a Google one.",
        "Add `googleProject` to the cluster's entry.",
        GOOGLE, Shown;
    GKE_GROUPS: Warning "gke-groups" "Groups may have no members in this cluster",
        "Groups have access to namespaces of a GKE cluster. GKE knows their members only with Google Groups for RBAC.",
        "Set it up (`--security-group=gke-security-groups@DOMAIN`) and confirm it with `\"groups\": true` in `gke` of the cluster's entry.",
        GOOGLE, Shown;
    UNKNOWN_SERVICE: Error "unknown-service" "Unknown service",
        "An `owner`, or `services` of a team, names a service that the registry does not have.",
        "Correct the name.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "services": ["legder"]}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    UNKNOWN_PROJECT: Error "unknown-project" "Unknown project",
        "An environment or cluster names a project that is not in `projects`. The list is complete as soon as it is there.",
        "Correct the id, or add the project to `projects`: with `\"existing\": true` if it exists already, without it if anu creates it.",
        REGISTRY, Document(r#"{"projects": [], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    PROJECT_WITH_DOMAIN: Error "project-with-domain" "Project id has a domain",
        "The id of a project that anu would create has a domain, as some old projects have: `example.com:shop`. Google creates no more of these. Such a project can only be one that exists.",
        "Add `\"existing\": true` to the project's entry, or choose an id without a domain. For members of such a project without an entry there is `anu_project_iam`.",
        REGISTRY, Document(r#"{"projects": [{"type": "Project", "spec": {"id": "example.com:ledger", "owner": "ledger"}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "example.com:ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    UNKNOWN_SHARER: Error "unknown-sharer" "Unknown service or team",
        "`sharedWith` or `sharedWithTeams` of a project or namespace has a name that the registry does not have.",
        "Correct the name, or remove it.",
        REGISTRY, Shown;
    WRONG_SHARING_LIST: Error "wrong-sharing-list" "Name is in the wrong list",
        "`sharedWith` lists services and `sharedWithTeams` lists teams, and a name is in the other list.",
        "Move the name to the list that the message names.",
        REGISTRY, Shown;
    AMBIGUOUS_SHARER: Error "ambiguous-sharer" "Name of a service and of a team",
        "A name in `sharedWith` or `sharedWithTeams` is that of a service and of a team, so it does not say who may use the resource.",
        "Rename the service or the team.",
        REGISTRY, Shown;
    SHARING_WITHOUT_EFFECT: Warning "sharing-without-effect" "Sharing has no effect",
        "A resource is shared with a team whose entry lists no services, so no service may use it for that.",
        "Add `services` to the team's entry, or remove the team here.",
        REGISTRY, Shown;
    EXISTING_WITHOUT_OWNER: Warning "existing-without-owner" "Existing project has no owner",
        "A project exists without anu, and its entry names no `owner`: the first service that names it may use it.",
        "Add `owner` to the project's entry.",
        SECURITY, Document(r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    GOOGLE_SERVICES_WITHOUT_EFFECT: Warning "google-services-without-effect" "Google services have no effect",
        "A service has `googleServices`, and none of its environments has a project.",
        "Add `googleProject` to an environment, or remove `googleServices`.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "googleServices": ["pubsub.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production"}}]}}]}"#);
    UNDECLARED_SHARING: Error "undeclared-sharing" "Sharing is not declared",
        "Two services use one project or namespace, and its entry does not say so. Otherwise anyone who may edit one service could become admin of another's production.",
        "Add the entry that the message shows, with the `owner` and `sharedWith`; or use another project or namespace.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [
  {"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}},
  {"type": "Service", "spec": {"name": "reports", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    OWNER_ABSENT: Warning "owner-absent" "Owner does not use the shared resource",
        "The `owner` of a shared resource has no environment that uses it. Labels and settings come from the owner, so they are not applied.",
        "Add the resource to an environment of the owner, or change `owner`.",
        REGISTRY, Shown;
    UNUSED_ENTRY: Warning "unused-entry" "Entry is not used",
        "An entry of `projects` or `namespaces` is used by no environment, so nothing is created for it.",
        "Add it to an environment, or remove the entry.",
        REGISTRY, Document(r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-unused"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    BAD_QUOTA: Error "bad-quota" "Invalid quota",
        "A quota's limit is not a quantity of Kubernetes, or its name is not one that a quota can limit.",
        "Write quantities as `500m`, `32` or `32Gi`, and names as `requests.cpu`, `limits.memory`, `pods` or `count/deployments.apps`.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "quota": {"requests.memory": "32GB"}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]}}]}"#);
    CONFLICTING_QUOTA: Error "conflicting-quota" "Conflicting quotas",
        "Two environments that run in one namespace set different quotas. A namespace has one.",
        "Write the same in both, or one quota in the entry of the namespace.",
        REGISTRY, Shown;
    QUOTA_WITHOUT_EFFECT: Warning "quota-without-effect" "Quota has no effect",
        "An environment without targets has a quota, or one that does not own the namespace; or a line of a quota has a name that Kubernetes accepts and that limits nothing.",
        "Add a target, set the quota in the entry of the owner, or write the name that the message suggests.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "quota": {"pods": "5"}}}]}}]}"#);
    QUOTA_TOO_LARGE: Error "quota-too-large" "Quota is too large",
        "A quota exceeds `fences.max_quota` of the provider block.",
        "Write at most that, or ask the maintainer of the provider block to raise the limit.",
        SECURITY, With(r#"{"fences": {"max_quota": {"requests.cpu": "16"}}}"#, r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}], "quota": {"requests.cpu": "32"}}}]}}]}"#);
    QUOTA_MISSING: Error "quota-missing" "Quota is missing",
        "A namespace has no quota for something that `fences.max_quota` of the provider block limits, so it would have no limit.",
        "Add the lines that the message shows.",
        SECURITY, With(r#"{"fences": {"max_quota": {"requests.cpu": "16"}}}"#, r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]}}]}"#);
    GUARDED_METADATA: Error "guarded-metadata" "Label or annotation is not allowed",
        "The key of a namespace's label or annotation can weaken the rules of a cluster, such as those of pod security.",
        "Remove it, or ask the maintainer of the provider block to add it to `fences.allowed_namespace_metadata`.",
        SECURITY, Shown;
    PROJECT_ANNOTATION: Error "project-annotation" "Annotation names another project",
        "A namespace's annotation names a Google project that its owner does not own.",
        "Name a project of the owner, or remove the annotation.",
        SECURITY, Shown;
    LABEL_OVERRIDDEN: Warning "label-overridden" "Label is overridden",
        "`labels` of the provider block has the same key with another value, and overrides the registry.",
        "Remove the label from one of the two.",
        REGISTRY, Shown;
    RESERVED_NAMESPACE: Error "reserved-namespace" "Reserved namespace",
        "`fences.reserved_namespaces` of the provider block excludes the namespace, by default `default`, `kube-*` and `anu-system`.",
        "Choose another name, or ask the maintainer of the provider block for an exemption (`fences.exempt_namespaces`).",
        SECURITY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "kube-system"}}]}}]}}]}"#);
    PROJECT_NOT_ALLOWED: Error "project-not-allowed" "Project is not allowed",
        "The id matches none of the patterns in `fences.allowed_projects` of the provider block.",
        "Correct the id, or ask the maintainer of the provider block to change the fence.",
        SECURITY, With(r#"{"fences": {"allowed_projects": ["gc-dev-*"]}}"#, r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "googleProject": "gc-prd-ledger"}}]}}]}"#);
    PARENT_NOT_ALLOWED: Error "parent-not-allowed" "Parent is not allowed",
        "The folder or organization of a project is none of those in `fences.allowed_parents` of the provider block.",
        "Choose an allowed parent, or ask the maintainer of the provider block to change the fence.",
        SECURITY, With(r#"{"fences": {"allowed_parents": ["folders/100200300"]}}"#, r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "parent": "folders/999"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "googleProject": "gc-prd-ledger"}}]}}]}"#);
    TOO_MANY_PRINCIPALS: Error "too-many-principals" "Project has too many principals",
        "The IAM policy of a project would exceed Google's limit of 1,500 principals, in which every occurrence counts.",
        "Grant roles to groups, or use several projects.",
        REGISTRY, Shown;
    TOO_MANY_RESOURCES: Error "too-many-resources" "Service has too many resources",
        "One service fans out into more resources than one Terraform resource can contain.",
        "Split the service, or grant to groups.",
        REGISTRY, Shown;
    TOO_MANY_GROUPS: Error "too-many-groups" "Project has too many groups",
        "The IAM policy of a project would exceed Google's limit of 250 groups.",
        "Grant roles to a group that contains the others, or use several projects.",
        REGISTRY, Shown;
}
