//! The permissions of the roles that a planner or an applier has, as far as the simulated methods check them.

use crate::state::State;

/// Whether a role has a permission. A role that neither this table nor [`State::roles`] has is one without permissions.
pub(crate) fn has_permission(state: &State, role: &str, permission: &str) -> bool {
    if let Some(permissions) = state.roles.get(role) {
        return permissions.contains(permission);
    }
    match role {
        "roles/owner" => !BEYOND_OWNER.contains(&permission),
        "roles/editor" => EDITOR.contains(&permission) || is_read(permission),
        "roles/viewer" => is_read(permission),
        _ => PREDEFINED.iter().any(|(name, permissions)| *name == role && permissions.contains(&permission)),
    }
}

/// Whether the basic role of readers has a permission.
fn is_read(permission: &str) -> bool {
    let verb = permission.rsplit('.').next().unwrap_or_default();
    matches!(verb, "get" | "list" | "getIamPolicy") && !permission.starts_with("billing.")
}

/// What an owner of a project cannot do: it is on the folder or the billing account.
const BEYOND_OWNER: &[&str] = &[
    "resourcemanager.projects.create",
    "resourcemanager.projects.move",
    "billing.resourceAssociations.create",
    "billing.resourceAssociations.delete",
    "iam.serviceAccounts.getAccessToken",
];

const EDITOR: &[&str] = &[
    "resourcemanager.projects.update",
    "serviceusage.services.enable",
    "serviceusage.services.disable",
    "serviceusage.services.use",
    "iam.serviceAccounts.create",
    "iam.serviceAccounts.update",
    "iam.serviceAccounts.delete",
    "iam.serviceAccounts.actAs",
];

/// From Google's page of predefined roles; only the permissions that a simulated method checks.
const PREDEFINED: &[(&str, &[&str])] = &[
    (
        "roles/browser",
        &[
            "resourcemanager.folders.get",
            "resourcemanager.folders.list",
            "resourcemanager.organizations.get",
            "resourcemanager.projects.get",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.list",
        ],
    ),
    ("roles/resourcemanager.projectCreator", &["resourcemanager.organizations.get", "resourcemanager.projects.create"]),
    ("roles/resourcemanager.projectDeleter", &["resourcemanager.projects.delete"]),
    (
        "roles/resourcemanager.projectMover",
        &["resourcemanager.projects.get", "resourcemanager.projects.move", "resourcemanager.projects.update"],
    ),
    (
        "roles/resourcemanager.projectIamAdmin",
        &[
            "resourcemanager.projects.get",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.setIamPolicy",
        ],
    ),
    ("roles/resourcemanager.lienModifier", &["resourcemanager.projects.updateLiens"]),
    (
        "roles/resourcemanager.folderViewer",
        &[
            "resourcemanager.folders.get",
            "resourcemanager.folders.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/resourcemanager.folderAdmin",
        &[
            "resourcemanager.folders.create",
            "resourcemanager.folders.delete",
            "resourcemanager.folders.get",
            "resourcemanager.folders.getIamPolicy",
            "resourcemanager.folders.list",
            "resourcemanager.folders.move",
            "resourcemanager.folders.setIamPolicy",
            "resourcemanager.folders.update",
            "resourcemanager.projects.get",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.list",
            "resourcemanager.projects.move",
            "resourcemanager.projects.setIamPolicy",
        ],
    ),
    (
        "roles/serviceusage.serviceUsageAdmin",
        &[
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
            "serviceusage.operations.get",
            "serviceusage.services.disable",
            "serviceusage.services.enable",
            "serviceusage.services.get",
            "serviceusage.services.list",
            "serviceusage.services.use",
        ],
    ),
    (
        "roles/serviceusage.serviceUsageViewer",
        &[
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
            "serviceusage.operations.get",
            "serviceusage.services.get",
            "serviceusage.services.list",
        ],
    ),
    (
        "roles/serviceusage.serviceUsageConsumer",
        &[
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
            "serviceusage.operations.get",
            "serviceusage.services.get",
            "serviceusage.services.list",
            "serviceusage.services.use",
        ],
    ),
    (
        "roles/billing.user",
        &[
            "billing.accounts.get",
            "billing.accounts.getIamPolicy",
            "billing.accounts.list",
            "billing.resourceAssociations.create",
            "billing.resourceAssociations.list",
        ],
    ),
    (
        "roles/billing.viewer",
        &[
            "billing.accounts.get",
            "billing.accounts.getIamPolicy",
            "billing.accounts.list",
            "billing.resourceAssociations.list",
        ],
    ),
    (
        "roles/billing.admin",
        &[
            "billing.accounts.get",
            "billing.accounts.getIamPolicy",
            "billing.accounts.list",
            "billing.accounts.setIamPolicy",
            "billing.resourceAssociations.create",
            "billing.resourceAssociations.delete",
            "billing.resourceAssociations.list",
            "resourcemanager.projects.createBillingAssignment",
            "resourcemanager.projects.deleteBillingAssignment",
        ],
    ),
    (
        "roles/billing.projectManager",
        &["resourcemanager.projects.createBillingAssignment", "resourcemanager.projects.deleteBillingAssignment"],
    ),
    (
        "roles/iam.serviceAccountAdmin",
        &[
            "iam.serviceAccounts.create",
            "iam.serviceAccounts.delete",
            "iam.serviceAccounts.disable",
            "iam.serviceAccounts.enable",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getIamPolicy",
            "iam.serviceAccounts.list",
            "iam.serviceAccounts.setIamPolicy",
            "iam.serviceAccounts.undelete",
            "iam.serviceAccounts.update",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.serviceAccountCreator",
        &[
            "iam.serviceAccounts.create",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.serviceAccountDeleter",
        &[
            "iam.serviceAccounts.delete",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.serviceAccountViewer",
        &[
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getIamPolicy",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.serviceAccountUser",
        &[
            "iam.serviceAccounts.actAs",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.serviceAccountTokenCreator",
        &[
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
            "resourcemanager.projects.list",
        ],
    ),
    (
        "roles/iam.workloadIdentityUser",
        &["iam.serviceAccounts.get", "iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.list"],
    ),
    (
        "roles/iam.securityReviewer",
        &[
            "billing.accounts.getIamPolicy",
            "billing.accounts.list",
            "iam.serviceAccounts.getIamPolicy",
            "iam.serviceAccounts.list",
            "resourcemanager.folders.getIamPolicy",
            "resourcemanager.folders.list",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.list",
            "serviceusage.services.list",
        ],
    ),
    (
        "roles/resourcemanager.organizationAdmin",
        &[
            "resourcemanager.folders.get",
            "resourcemanager.folders.getIamPolicy",
            "resourcemanager.folders.list",
            "resourcemanager.folders.setIamPolicy",
            "resourcemanager.organizations.get",
            "resourcemanager.organizations.getIamPolicy",
            "resourcemanager.organizations.setIamPolicy",
            "resourcemanager.projects.get",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.list",
            "resourcemanager.projects.setIamPolicy",
        ],
    ),
];
