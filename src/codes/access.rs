//! Codes of access in the document: teams, principals, ends of access, service accounts, the permissions table.

use super::code::{Code, Entry, Severity};
use super::example::Example::{Document, Shown, With};
use super::example::guide::{BUILT_IN, GOOGLE, REGISTRY, SECURITY};

codes! {
    UNKNOWN_TEAM: Error "unknown-team" "Unknown team",
        "An owner or an access list names a team that is not in `teams`. The list is complete as soon as it is there.",
        "Correct the name, or add the team to `teams`. A group's e-mail address is not a team's name: write the team, or `{\"principal\": \"group:EMAIL\"}`.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core-banking"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core-bankng"}}]}"#);
    NO_TEAM: Warning "no-team" "Service has no team",
        "The service has no owner.",
        "Add `\"team\": \"…\"` to the service.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#);
    TEAM_WITHOUT_ACCESS: Warning "team-without-access" "Owning team has no access",
        "No access list of an environment contains the team that owns the service. Levels are separate lists, so being the owner grants nothing.",
        "Add the team to `viewers`, `operators` or `admins`, or ignore the warning if that is intended.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}, {"type": "Team", "spec": {"name": "payments", "email": "payments@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["payments"]}}}]}}]}"#);
    WORKLOAD_WITHOUT_ACCESS: Warning "workload-without-access" "Workload has no access in a cluster",
        "A principal is a Kubernetes service account of a cluster in one Google project, and the environment has a target in a cluster of another one, or of one whose entry names no project. The service account of that name is another one there, so it is bound to no role.",
        "Correct the project in the principal, add `googleProject` to the entry of its cluster, or write the entry in an environment whose targets are in that cluster.",
        REGISTRY, Document(r#"{"clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute"}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core", {"principal": "serviceAccount:gc-prd-batch.svc.id.goog[jobs/worker]", "reason": "nightly export"}]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]}}]}"#);
    UNRESOLVED_TEAM: Error "unresolved-team" "Team has no group",
        "A team has access where a platform needs its group, and neither its entry nor the provider block says which group that is.",
        "Give the team an `email` (or `principals`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    BAD_MEMBER_TEMPLATE: Error "bad-member-template" "Invalid member template",
        "`member_template` of the provider block does not contain `{team}`, or what results is not a principal.",
        "Write it as `group:{team}-team@example.com`.",
        REGISTRY, Shown;
    BAD_PRINCIPAL: Error "bad-principal" "Invalid principal",
        "An entry of an access list is neither the name of a team nor a principal with its kind. Public access (`allUsers`) cannot be granted.",
        "Write the name of a team, or `{\"principal\": \"group:NAME@DOMAIN\", \"reason\": \"…\"}`.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core", {"principal": "jo@example.com", "reason": "on call"}]}}}]}}]}"#);
    FORBIDDEN_PRINCIPAL: Error "forbidden-principal" "Forbidden principal",
        "A fence of the provider block excludes this principal from all grants: `fences.forbidden_principals` or `fences.allowed_email_domains`.",
        "Use the group of a team, a single user or a service account that the fence permits, or ask the maintainer of the provider block to change it.",
        SECURITY, With(r#"{"fences": {"forbidden_principals": ["user:*"]}}"#, r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core", {"principal": "user:jo@example.com", "reason": "on call"}]}, "googleProject": "gc-prd-ledger"}}]}}]}"#);
    BAD_EXPIRY: Error "bad-expires" "Invalid expiry",
        "`expires` is not a time in the form of RFC 3339, in whole seconds.",
        "Write it as `2027-01-31T00:00:00Z`.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core", {"principal": "user:jo@example.com", "expires": "next week"}]}}}]}}]}"#);
    EXPIRES_ON_KUBERNETES: Error "expires-on-kubernetes" "Access in Kubernetes cannot expire",
        "An access list with `expires` belongs to an environment that has targets. Role bindings of Kubernetes have no end, so the access would remain.",
        "Write the entry in another environment of the service with the same project and without targets: it grants on Google only.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core", {"principal": "user:jo@example.com", "expires": "2099-01-31T00:00:00Z"}]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]}}]}"#);
    CONTRADICTORY_EXPIRY: Error "contradictory-expires" "Principal is listed with different expiries",
        "One list has the same principal with two ends, or once with and once without one.",
        "Keep one of the entries.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core", {"principal": "user:jo@example.com", "expires": "2099-01-31T00:00:00Z"}, {"principal": "user:jo@example.com"}]}}}]}}]}"#);
    EXPIRED_ACCESS: Warning "expired-access" "Access has expired",
        "The end of an access has passed. It gives no access any more, and stays in the policy until the entry is removed.",
        "Remove the entry, or write another end.",
        REGISTRY, Shown;
    DISTANT_EXPIRY: Warning "distant-expiry" "Access expires in the distant future",
        "An access ends in many years, which is usually a wrong digit.",
        "Correct the year, or remove `expires`.",
        REGISTRY, Shown;
    BASIC_ROLE_EXPIRES: Error "basic-role-expires" "Basic role cannot expire",
        "An end is a condition on Google, and Google refuses conditions for the basic roles `roles/owner`, `roles/editor` and `roles/viewer`.",
        "Use a predefined role in the permissions table, or remove `expires`.",
        REGISTRY, Shown;
    TOO_MANY_EXPIRIES: Error "too-many-expiries" "Principal has too many expiries",
        "Services that share a project give one principal one role with more than 20 different ends, the limit of Google.",
        "Give them the same end, or one grant without an end.",
        REGISTRY, Shown;
    EXPIRY_WITHOUT_EFFECT: Warning "expiry-without-effect" "Expiry has no effect",
        "Another entry grants the same roles on the same project to the same principal without an end, so the access does not end.",
        "Remove one of the two.",
        REGISTRY, Shown;
    DUPLICATE_SERVICE_ACCOUNT: Error "duplicate-service-account" "Duplicate service account",
        "Two environments have a service account of one name in one project or namespace. They would have one identity.",
        "Give one of them another name.",
        GOOGLE, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}, "serviceAccounts": [{"name": "ledger-robot"}, {"name": "ledger-robot"}]}}]}}]}"#);
    SERVICE_ACCOUNT_WITHOUT_PROJECT: Error "service-account-without-project" "Service account has no project",
        "An environment has `serviceAccounts` and no `googleProject`.",
        "Add `googleProject`, or remove the accounts.",
        GOOGLE, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "serviceAccounts": [{"name": "ledger-robot"}]}}]}}]}"#);
    SERVICE_ACCOUNT_NOT_OWNER: Error "service-account-not-owner" "Service account in a project of another service",
        "Only the owner of a shared project may have service accounts in it, because their roles apply to the whole project.",
        "Move the accounts to an environment of the owner, or give this environment a project of its own.",
        GOOGLE, Shown;
    ROLE_BINDING_NOT_OWNER: Error "role-binding-not-owner" "Role binding in a namespace of another service",
        "Only the owner of a shared namespace may have `roleBindings` in it, because they grant any role. What its other users are granted comes from their access lists and the permissions table.",
        "Move the role bindings to an environment of the owner, or give this environment a namespace of its own.",
        REGISTRY, Document(r#"{"namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "shop", "owner": "shop", "sharedWith": ["ledger"]}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "shop", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}]}}]}}, {"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}], "roleBindings": [{"role": "Role:deployer", "subjects": ["ServiceAccount:ci/deployer"]}]}}]}}]}"#);
    ROLE_BINDINGS_WITHOUT_EFFECT: Warning "role-bindings-without-effect" "Role bindings have no effect",
        "An environment has `roleBindings` and no target, so there is no namespace for them.",
        "Add a target, or remove `roleBindings`.",
        REGISTRY, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}, "roleBindings": [{"role": "edit", "subjects": ["ServiceAccount:ci/deployer"]}]}}]}}]}"#);
    RESERVED_SERVICE_ACCOUNT: Error "reserved-service-account" "Reserved Kubernetes service account",
        "Every namespace has a service account `default`, which all pods without another one use.",
        "Choose another name in `kubernetesServiceAccount`.",
        GOOGLE, Shown;
    SERVICE_ACCOUNT_WITHOUT_TARGET: Warning "service-account-without-target" "Kubernetes service account has no effect",
        "`kubernetesServiceAccount` is set in an environment without targets, so there is no namespace to create it in.",
        "Add a target, or remove the field.",
        GOOGLE, Shown;
    UNKNOWN_ROLE: Warning "unknown-role" "Unknown IAM role",
        "A role has the form of Google's predefined ones and is not in their list. Google refuses a role that does not exist.",
        "Correct it, or ignore the warning if the role is newer than this version of anu.",
        BUILT_IN, Document(r#"{"permissions": {"google": {"pubsub.googleapis.com": {"viewers": ["roles/pubsub.reader"]}}}, "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "googleServices": ["pubsub.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"viewers": ["core"]}}}]}}]}"#);
    UNUSED_ROW: Warning "unused-row" "Row of the permissions table is not used",
        "The permissions table has a row for a Google service that no service uses.",
        "Correct the name of the row, or remove it.",
        BUILT_IN, Shown;
    NO_PERMISSIONS: Error "no-permissions" "Google service has no permissions row",
        "A service uses a Google service for which no permissions table says what the access levels mean.",
        "Add the row that the message shows to `permissions.google`. An empty row `{}` grants no roles. Correct the name if it is misspelt.",
        BUILT_IN, Document(r#"{"teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "googleServices": ["netapp.googleapis.com"], "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    UNKNOWN_BUILTIN: Error "unknown-builtin" "Unknown built-in permissions",
        "`permissions.builtin` names a version of the built-in table that this version of anu does not have.",
        "Write a version that it has, or install a newer anu.",
        BUILT_IN, Document(r#"{"permissions": {"builtin": 99}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    FORBIDDEN_ROLE: Error "forbidden-role" "Forbidden role",
        "A fence of the provider block excludes this role from all grants (`fences.forbidden_roles`), by default the roles with which access could be widened, such as `roles/owner` and `cluster-admin`.",
        "Use a narrower role, or ask the maintainer of the provider block to change the fence.",
        SECURITY, Document(r#"{"permissions": {"google": {"*": {"admins": ["roles/owner"]}}}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
}
