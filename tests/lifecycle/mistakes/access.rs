//! Mistakes in who has access, and to what: access levels, principals, permissions, reserved names.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{Remove, Rename, Set};
use super::{Mistake, pay, toy};

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    let principal = |name, text: &str, words| {
        mistake(name, Set(toy!("/rbac/admins/-"), json!({"principal": text, "reason": "x"})), Refused(words))
    };
    let team_email = |name, text: &str, words| mistake(name, Set("/teams/2/spec/email", json!(text)), Refused(words));
    let group = |name, text: &str, words| {
        mistake(name, Set("/teams/2/spec/principals", json!({"kubernetes": text})), Refused(words))
    };
    let google = |name, text: &str, words| {
        mistake(name, Set("/teams/2/spec/principals", json!({"google": text})), Refused(words))
    };
    let role = |name, text: &str, words| {
        mistake(name, Set("/permissions/google/pubsub.googleapis.com/admins", json!([text])), Refused(words))
    };
    let cluster_role =
        |name, text: &str, words| mistake(name, Set("/permissions/kubernetes/admins", json!(text)), Refused(words));
    let namespace =
        |name, text: &str| mistake(name, Set(toy!("/targets/0/spec/namespace"), json!(text)), Refused("reserved"));
    vec![
        // Access levels.
        mistake("a level in the singular", Rename(pay!("/rbac/operators"), "operator"), Refused("operators")),
        mistake("a level of another product", Rename(pay!("/rbac/operators"), "developers"), Refused("developers")),
        mistake("a level in capitals", Rename(pay!("/rbac/admins"), "Admins"), Refused("admins")),
        mistake("a level that is a text", Set(pay!("/rbac/admins"), json!("banking")), Refused("Wrong JSON type")),
        mistake(
            "a level that is an object",
            Set(pay!("/rbac/admins"), json!({"banking": true})),
            Refused("Wrong JSON type"),
        ),
        mistake("the access is a list", Set(pay!("/rbac"), json!(["banking"])), Refused("Wrong JSON type")),
        mistake("the access is misspelt", Rename(pay!("/rbac"), "rabc"), Refused("rbac")),
        mistake("the access is removed", Remove(pay!("/rbac")), Warned("gc-prd-pay")),
        mistake("a level is emptied", Set(pay!("/rbac/admins"), json!([])), Warned("group:banking-team@example.com")),
        mistake("an unknown team has access", Set(pay!("/rbac/admins/-"), json!("bankng")), Refused("Unknown team")),
        mistake(
            "a team of others has access",
            Set(pay!("/rbac/admins/-"), json!("interns")),
            Shown("group:interns-team@example.com"),
        ),
        mistake("an empty name has access", Set(pay!("/rbac/admins/-"), json!("")), Refused("Invalid name")),
        mistake("null has access", Set(pay!("/rbac/admins/-"), json!(null)), Refused("Wrong JSON type")),
        mistake(
            "a principal as a text",
            Set(pay!("/rbac/admins/-"), json!("group:a@example.com")),
            Refused("principal"),
        ),
        mistake(
            "a principal under a misspelt name",
            Set(pay!("/rbac/admins/-"), json!({"principle": "group:a@example.com"})),
            Refused("principal"),
        ),
        // Principals.
        principal("a principal without a kind", "a@example.com", "Invalid"),
        principal("a principal without a domain", "user:a", "Invalid"),
        principal("a kind in capitals", "Group:a@example.com", "Group:"),
        principal("everyone", "allUsers", "allUsers"),
        principal("everyone who is logged in", "allAuthenticatedUsers", "allAuthenticatedUsers"),
        principal("everyone, in capitals", "ALLUSERS", "ALLUSERS"),
        principal("everyone, in the new notation", "principalSet://goog/public:all", "public:all"),
        principal("a whole domain", "domain:example.com", "domain:example.com"),
        principal("a deleted account", "deleted:user:a@example.com?uid=1", "deleted:"),
        principal("white space after an address", "user:a@example.com ", "Invalid"),
        principal("an invisible character in an address", "user:a\u{200b}@example.com", "200b"),
        principal("a letter that looks like another in an address", "user:\u{0430}dmin@example.com", "430"),
        principal("two addresses in one", "user:a@example.com,user:b@example.com", "Invalid"),
        team_email("an invisible character in a team's address", "interns\u{200b}-team@example.com", "200b"),
        team_email("a letter that looks like another in a team's address", "int\u{0435}rns-team@example.com", "435"),
        team_email("everyone as a team's address", "allUsers", "e-mail"),
        group("everybody in the cluster is a team", "system:authenticated", "system:authenticated"),
        group("everyone without a login is a team", "system:unauthenticated", "system:unauthenticated"),
        group("the cluster's masters are a team", "system:masters", "system:masters"),
        group("all service accounts are a team", "system:serviceaccounts", "system:serviceaccounts"),
        group("white space before a group's name", " interns", "space"),
        group("an invisible character in a group's name", "int\u{200d}erns", "200d"),
        group("a group without a name", "", "not a valid name"),
        google("everyone is a team", "allUsers", "allUsers"),
        google("everyone is a team, in the new notation", "principalSet://goog/public:all", "public:all"),
        mistake(
            "a team's address is that of others",
            Set("/teams/2/spec/email", json!("shop-team@example.com")),
            Shown("group:shop-team@example.com"),
        ),
        // Roles.
        role("a role that owns the project", "roles/owner", "roles/owner"),
        role("a role that owns the project, in capitals", "Roles/Owner", "Owner"),
        role("a role that edits the project", "roles/editor", "roles/editor"),
        role("a role that grants roles", "roles/resourcemanager.projectIamAdmin", "projectIamAdmin"),
        role("a role that mints tokens", "roles/iam.serviceAccountTokenCreator", "serviceAccountTokenCreator"),
        role("a role that acts as service accounts", "roles/iam.serviceAccountUser", "serviceAccountUser"),
        role(
            "a role that lets workloads act as service accounts",
            "roles/iam.workloadIdentityUser",
            "workloadIdentityUser",
        ),
        role("a role that deletes projects", "roles/resourcemanager.projectDeleter", "projectDeleter"),
        role("a role that moves projects", "roles/resourcemanager.projectMover", "projectMover"),
        role("a role that pays", "roles/billing.admin", "roles/billing.admin"),
        role("a role of the company's own", "organizations/123/roles/all", "organizations/123/roles/all"),
        role("a role of a project's own", "projects/gc-prd-pay/roles/all", "projects/gc-prd-pay/roles/all"),
        role("a role without its prefix", "pubsub.admin", "pubsub.admin"),
        mistake(
            "a role that does not exist",
            Set("/permissions/google/pubsub.googleapis.com/admins", json!(["roles/pubsub.amdin"])),
            Warned("roles/pubsub.admin"),
        ),
        mistake(
            "a wider role",
            Set("/permissions/google/pubsub.googleapis.com/viewers", json!(["roles/pubsub.admin"])),
            Shown("roles/pubsub.admin"),
        ),
        mistake(
            "a level of a row in the singular",
            Rename("/permissions/google/pubsub.googleapis.com/admins", "admin"),
            Refused("admins"),
        ),
        mistake(
            "a row under a misspelt name",
            Rename("/permissions/google/pubsub.googleapis.com", "pubsub.googleapi.com"),
            Warned("`pubsub.googleapis.com`?"),
        ),
        mistake(
            "a forbidden role for every project",
            Set("/permissions/google/*", json!({"admins": ["roles/editor"]})),
            Refused("roles/editor"),
        ),
        mistake("a table that does not exist", Set("/permissions/builtin", json!(99)), Refused("99")),
        mistake("the table's own name is misspelt", Rename("/permissions/google", "gogle"), Refused("google")),
        cluster_role("the cluster's admin", "cluster-admin", "cluster-admin"),
        cluster_role("a role of the cluster's own parts", "system:node", "system:node"),
        cluster_role("a role's name with a slash", "a/b", "a/b"),
        mistake(
            "a ClusterRole that does not exist",
            Set("/permissions/kubernetes/viewers", json!("veiw")),
            Warned("veiw"),
        ),
        mistake(
            "a level of the clusters in the singular",
            Rename("/permissions/kubernetes/admins", "admin"),
            Refused("admins"),
        ),
        // Reserved namespaces.
        namespace("the namespace of the cluster's system", "kube-system"),
        namespace("the namespace of public things", "kube-public"),
        namespace("the default namespace", "default"),
        namespace("the namespace of a service mesh", "istio-system"),
        namespace("the namespace of a deployer", "argocd"),
        namespace("the namespace of another deployer", "flux-system"),
        namespace("the namespace of certificates", "cert-manager"),
        namespace("a namespace of Google", "gke-managed-system"),
        namespace("a namespace of Config Connector", "cnrm-system"),
    ]
}
