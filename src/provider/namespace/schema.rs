//! The schema of `anu_namespace`.

use crate::provider::lifecycle::POLICIES;
use crate::sdk::{Attribute, OneOf, Schema, Type};

pub(super) fn schema() -> Schema {
    let policy = "`prevent` (refused at plan), `abandon` (removed from the state and not deleted), `delete` (deleted, but \
                  only if it contains nothing that others created) or `delete-with-contents`";
    Schema::new(
        "A Kubernetes namespace with its quota and role bindings, managed by itself, without an entry in the registry. A \
         namespace that a service of the registry uses belongs to `anu_registry_service` and is refused here.",
    )
    .with(Attribute::string("cluster").required().describe(
        "The cluster, by the label of its `cluster` block in the provider block's `kubernetes`, or its kubeconfig context. It need not be listed in the registry.",
    ))
    .with(Attribute::string("name").required().describe("The namespace's name, an RFC 1123 label."))
    .with(
        Attribute::of("labels", Type::map(Type::String))
            .describe("Labels. Labels set by others are not changed. `managed-by` and `anu-registry` are anu's ownership label and cannot be set; the provider block's `labels` are not added."),
    )
    .with(
        Attribute::of("annotations", Type::map(Type::String))
            .describe("Annotations. Annotations set by others are not changed."),
    )
    .with(
        Attribute::of("quota", Type::map(Type::String))
            .describe("Hard limits of the namespace's ResourceQuota `anu`, as Kubernetes quantities by resource: `{ \"requests.cpu\" = \"8\", \"requests.memory\" = \"32Gi\", pods = \"40\" }`. Compared by value, not by spelling. Without it there is no quota."),
    )
    .with(
        Attribute::blocks(
            "role_binding",
            vec![
                Attribute::string("name").required().describe("The RoleBinding's name."),
                Attribute::string("role").required().describe(
                    "The role to grant: the name of a ClusterRole, or `Role:NAME` for a Role of the namespace. Kubernetes does not allow it to change: under the same name the binding is deleted and created again, and in between its subjects do not have the role. To avoid the gap, give the new binding a new name.",
                ),
                Attribute::of("subjects", Type::list(Type::String)).required().describe(
                    "The subjects: `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`, at least one. Order does not matter.",
                ),
            ],
        )
        .describe("A RoleBinding. Their order does not matter. Role bindings created by others are not changed."),
    )
    .with(
        Attribute::bool("adopt_existing")
            .describe("Adopt a namespace, quota and role bindings that exist and were not created by anu. What another registry manages is never adopted."),
    )
    .with(
        Attribute::string("deletion_policy")
            .default("prevent")
            .rule(OneOf(POLICIES))
            .describe(format!("What removing this resource, or changing its name or cluster, does to the namespace: {policy}. Default: `prevent`. A deletion takes two steps: set this to `delete` and apply, then remove the resource.")),
    )
    .with(
        Attribute::string("registry").computed().describe(
            "Name of the registry (`metadata.name`) on the namespace's ownership label. Empty if the label was removed outside Terraform, null while the namespace is being deleted.",
        ),
    )
    .with(Attribute::string("id").computed().describe("`CLUSTER/NAME`."))
}
