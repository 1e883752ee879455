//! The schema of `anu_registry_service`.

use crate::provider::lifecycle::POLICIES;
use crate::sdk::{Attribute, OneOf, Predicate, Schema, Type};

pub(super) fn schema() -> Schema {
    let policy = "`prevent` (refused at plan), `abandon` (forgotten, left where it is), `delete` (deleted; a namespace only \
                  if it holds nothing that others made) or `delete-with-contents`";
    Schema::new(
        "Provisions one service of the registry: its Google projects, enabled APIs and IAM members, its Kubernetes \
         namespaces, quotas and role bindings. The plan shows each of them by its key.",
    )
    .with(Attribute::string("name").required().describe("The service's name in the registry."))
    .with(
        Attribute::of("environments", Type::list(Type::String))
            .rule(Predicate { describe: "names of environments", check: not_empty })
            .describe("Provision only these environments of the service, for example to keep staging and production in different states. All by default."),
    )
    .with(
        Attribute::string("digest")
            .optional_computed()
            .rule(Predicate { describe: "a digest from `service_digests`", check: digest })
            .describe("Digest of what the service fans out into. Set it to `each.value` of `data.anu_registry.….service_digests`: then a saved plan carries what was approved, and an apply is refused when the registry has come to ask something else of this service."),
    )
    .with(
        Attribute::string("deletion_policy")
            .optional_computed()
            .rule(OneOf(POLICIES))
            .describe(format!("What a removal does, for every project and namespace of this service: {policy}. Overrides the registry's `deletionPolicy`; without either it is `prevent`. A removal takes two steps: this becomes `delete` and is applied, then the entry goes.")),
    )
    .with(
        Attribute::bool("adopt_existing")
            .describe("Take over projects and namespaces that exist and were not made by anu. What another registry made is never taken over."),
    )
    .with(Attribute::string("registry").computed().describe("Name of the registry (`metadata.name`) that all this was made for."))
    .with(
        Attribute::map(
            "projects",
            vec![
                Attribute::string("display_name").computed().describe("Display name."),
                Attribute::string("parent").computed().describe("`folders/N` or `organizations/N`."),
                Attribute::string("billing_account").computed().describe("Billing account."),
                Attribute::of("labels", Type::map(Type::String)).computed().describe("Labels that are ours. Those of others are left alone."),
                Attribute::string("number").computed().describe("The number Google gave it."),
                Attribute::bool("shared").computed().describe("True where another service owns the project: its settings are then shown there."),
                Attribute::string("deletion_policy").computed().describe("What a removal of this project does."),
            ],
        )
        .computed()
        .describe("Projects by id. Only those listed under `projects` in the registry are created; any other id is taken to exist."),
    )
    .with(
        Attribute::of("apis", Type::map(Type::list(Type::String)))
            .computed()
            .describe("Enabled APIs by project."),
    )
    .with(
        Attribute::of("iam", Type::map(Type::map(Type::list(Type::String))))
            .computed()
            .describe("IAM members by project and role. Members that others granted are neither shown nor touched."),
    )
    .with(
        Attribute::map(
            "namespaces",
            vec![
                Attribute::of("labels", Type::map(Type::String)).computed().describe("Labels that are ours."),
                Attribute::of("annotations", Type::map(Type::String)).computed().describe("Annotations that are ours."),
                Attribute::bool("shared").computed().describe("True where another service owns the namespace: its settings are then shown there."),
                Attribute::string("deletion_policy").computed().describe("What a removal of this namespace does."),
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
            "role_bindings",
            Type::map(Type::map(Type::object([("role", Type::String), ("subjects", Type::list(Type::String))]))),
        )
        .computed()
        .describe("RoleBindings by `CLUSTER/NAMESPACE` and name: the ClusterRole and who has it."),
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
