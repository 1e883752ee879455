//! The schema of `anu_registry_service`.

use crate::provider::lifecycle::POLICIES;
use crate::sdk::{Attribute, OneOf, Predicate, Schema, Type};

pub(super) fn schema() -> Schema {
    let policy = "`prevent` (refused at plan), `abandon` (removed from the state and not deleted), `delete` (deleted; a \
                  namespace only if it contains nothing that others created) or `delete-with-contents`";
    Schema::new(
        "Provisions one service of the registry: its Google projects, enabled APIs and IAM members, its Kubernetes \
         namespaces, quotas and role bindings, and its service accounts on both. The plan shows each of them by its key.",
    )
    .with(Attribute::string("name").required().describe("The service's name in the registry."))
    .with(
        Attribute::of("environments", Type::list(Type::String))
            .rule(Predicate { describe: "names of environments", check: not_empty })
            .describe("Provision only these environments of the service, for example to keep staging and production in separate states. Default: all."),
    )
    .with(
        Attribute::string("digest")
            .optional_computed()
            .rule(Predicate { describe: "a digest from `service_digests`", check: digest })
            .describe("Digest of what the service fans out into. Set it to `each.value` of `data.anu_registry.….service_digests`: a saved plan then records what was approved, and an apply is refused if this service changed in the registry after planning."),
    )
    .with(
        Attribute::string("deletion_policy")
            .optional_computed()
            .rule(OneOf(POLICIES))
            .describe(format!("What removing a project or namespace that this service owns, or a service account, does: {policy}. Overrides the registry's `deletionPolicy`. Default: `prevent`. A deletion takes two steps: set this to `delete` and apply, then remove the entry.")),
    )
    .with(
        Attribute::bool("adopt_existing")
            .describe("Adopt projects, namespaces and what is in them (quotas, role bindings, service accounts) that exist and were not created by anu. What another registry manages is never adopted."),
    )
    .with(Attribute::string("registry").computed().describe("Name of the registry (`metadata.name`) that this was applied from."))
    .with(
        Attribute::map(
            "projects",
            vec![
                Attribute::string("display_name").computed().describe("Display name."),
                Attribute::string("parent").computed().describe("`folders/N` or `organizations/N`."),
                Attribute::string("billing_account").computed().describe("Billing account."),
                Attribute::of("labels", Type::map(Type::String)).computed().describe("Labels that anu manages. Other labels are not changed."),
                Attribute::string("number").computed().describe("Its project number, assigned by Google."),
                Attribute::bool("shared").computed().describe("True if another service owns the project. Its settings are then shown in that service's resource."),
                Attribute::string("deletion_policy").computed().describe("What removing this project does. Null if another service owns it: only its owner's state deletes it."),
            ],
        )
        .computed()
        .describe("Projects by id. Only those listed under `projects` in the registry are created, except those with `existing`, which are expected to exist."),
    )
    .with(
        Attribute::of("apis", Type::map(Type::list(Type::String)))
            .computed()
            .describe("Enabled APIs by project."),
    )
    .with(
        Attribute::of("iam", Type::map(Type::map(Type::list(Type::String))))
            .computed()
            .describe("IAM members by project and role. Members granted by others are not shown and not changed."),
    )
    .with(
        Attribute::of(
            "service_accounts",
            Type::map(Type::map(Type::object([
                ("display_name", Type::String),
                ("description", Type::String),
                ("deletion_policy", Type::String),
            ]))),
        )
        .computed()
        .describe("Google service accounts by project and name: the display name, the part of the description that anu manages (which registry it was created for), and what its removal does."),
    )
    .with(
        Attribute::of("workload_identity", Type::map(Type::map(Type::list(Type::String))))
            .computed()
            .describe("Kubernetes service accounts that may act as a Google service account, by its project and name, as `POOL[NAMESPACE/NAME]`: members of its own IAM policy with the role `roles/iam.workloadIdentityUser`. Members granted by others are not shown and not changed."),
    )
    .with(
        Attribute::map(
            "namespaces",
            vec![
                Attribute::of("labels", Type::map(Type::String)).computed().describe("Labels that anu manages."),
                Attribute::of("annotations", Type::map(Type::String)).computed().describe("Annotations that anu manages."),
                Attribute::bool("shared").computed().describe("True if another service owns the namespace. Its settings are then shown in that service's resource."),
                Attribute::string("deletion_policy").computed().describe("What removing this namespace does. Null if another service owns it: only its owner's state deletes it."),
            ],
        )
        .computed()
        .describe("Namespaces by `CLUSTER/NAMESPACE`."),
    )
    .with(
        Attribute::of("quotas", Type::map(Type::map(Type::String)))
            .computed()
            .describe("Hard limits of each namespace's ResourceQuota, by `CLUSTER/NAMESPACE`."),
    )
    .with(
        Attribute::of(
            "kubernetes_service_accounts",
            Type::map(Type::map(Type::object([
                ("google_service_account", Type::String),
                ("deletion_policy", Type::String),
            ]))),
        )
        .computed()
        .describe("Kubernetes service accounts by `CLUSTER/NAMESPACE` and name: the address of the Google service account that its pods act as (the annotation `iam.gke.io/gcp-service-account`), and what its removal does."),
    )
    .with(
        Attribute::of(
            "role_bindings",
            Type::map(Type::map(Type::object([("role", Type::String), ("subjects", Type::list(Type::String))]))),
        )
        .computed()
        .describe("RoleBindings by `CLUSTER/NAMESPACE` and name: the ClusterRole (or `Role:NAME`, a Role of the namespace) and its subjects."),
    )
    .with(
        Attribute::of("shared_with", Type::map(Type::list(Type::String)))
            .computed()
            .describe("Other services that use what this service owns, by project id or `CLUSTER/NAMESPACE`; null if there are none. A new one shows here, in the owner's plan."),
    )
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("an environment's name cannot be empty".to_owned()) } else { Ok(()) }
}

fn digest(text: &str) -> Result<(), String> {
    match text.strip_prefix("sha256:") {
        Some(hex) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(()),
        _ => Err(format!(
            "`{text}` is not a digest. Take it from `service_digests` of `data \"anu_registry\"`, as `digest = each.value`"
        )),
    }
}
