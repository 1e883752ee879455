//! The schema of `anu_namespace`.

use crate::provider::lifecycle::POLICIES;
use crate::sdk::{Attribute, OneOf, Schema, Type};

pub(super) fn schema() -> Schema {
    let policy = "`prevent` (refused at plan), `abandon` (forgotten, left where it is), `delete` (deleted, but only if it \
                  holds nothing that others made) or `delete-with-contents`";
    Schema::new(
        "A Kubernetes namespace with its quota and role bindings, managed by itself: for those who adopt one kind at a time. \
         A namespace that a service of the registry asks for belongs to `anu_registry_service`, and is refused here.",
    )
    .with(Attribute::string("cluster").required().describe(
        "The cluster, by its name in the provider block's `kubernetes.clusters` or its kubeconfig context. It need not be in the registry.",
    ))
    .with(Attribute::string("name").required().describe("The namespace's name, an RFC 1123 label."))
    .with(
        Attribute::of("labels", Type::map(Type::String))
            .describe("Labels. Those that others put on the namespace are left alone. `managed-by` and `anu-registry` are anu's mark and cannot be set; the provider block's `labels` are not added."),
    )
    .with(
        Attribute::of("annotations", Type::map(Type::String))
            .describe("Annotations. Those of others are left alone."),
    )
    .with(
        Attribute::of("quota", Type::map(Type::String))
            .describe("Hard limits of the namespace's ResourceQuota `anu`, as Kubernetes quantities by resource: `{ \"requests.cpu\" = \"8\", \"requests.memory\" = \"32Gi\", pods = \"40\" }`. Compared by value, however they are spelled. No quota where it is left out."),
    )
    .with(
        Attribute::map(
            "role_bindings",
            vec![
                Attribute::string("role").required().describe(
                    "The ClusterRole that is given. Kubernetes does not let it change: under the same name the binding is deleted and made anew, and in between nobody has it. Give the new one a new name to leave no gap.",
                ),
                Attribute::of("subjects", Type::list(Type::String)).required().describe(
                    "Who has it: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`, at least one. Their order means nothing.",
                ),
            ],
        )
        .describe("RoleBindings by name. Those that others made are left alone."),
    )
    .with(
        Attribute::bool("adopt_existing")
            .describe("Take over a namespace, quota and role bindings that exist and were not made by anu. What another registry made is never taken over."),
    )
    .with(
        Attribute::string("deletion_policy")
            .default("prevent")
            .rule(OneOf(POLICIES))
            .describe(format!("What becomes of the namespace when this resource goes, or names another one: {policy}. `prevent` by default. A removal takes two steps: this becomes `delete` and is applied, then the resource goes.")),
    )
    .with(
        Attribute::string("registry").computed().describe(
            "Name of the registry (`metadata.name`) whose mark the namespace carries. Empty where somebody took the mark off, null while the namespace is being deleted.",
        ),
    )
    .with(Attribute::string("id").computed().describe("`CLUSTER/NAME`."))
}
