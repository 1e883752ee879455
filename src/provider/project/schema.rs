//! The schema of `anu_project`.

use crate::sdk::{Attribute, OneOf, Schema, Type};

/// The policies of a project: its deletion includes everything in it, so `delete-with-contents` would say nothing more.
const POLICIES: &[&str] = &["prevent", "abandon", "delete"];

pub(super) fn schema() -> Schema {
    Schema::new(
        "A Google project with its enabled APIs, managed by itself, without an entry in the registry. A project that the \
         registry lists under `projects` belongs to `anu_registry_service` and is refused here, except one with `existing`. \
         Services may use this project in their environments: for them it is one that exists.",
    )
    .with(Attribute::string("project_id").required().describe(
        "The project's id: 6 to 30 lowercase letters, digits and hyphens. It cannot be changed: another id is another project, and the old one is removed as `deletion_policy` says.",
    ))
    .with(Attribute::string("display_name").optional_computed().describe("Display name. Default: the id."))
    .with(Attribute::string("parent").optional_computed().describe(
        "`folders/NUMBER` or `organizations/NUMBER`. Default: `google.parent` of the provider block; without that, an existing project stays where it is.",
    ))
    .with(Attribute::string("billing_account").optional_computed().describe(
        "Billing account, `XXXXXX-XXXXXX-XXXXXX`. Default: `google.billing_account` of the provider block; without that, the one of an existing project stays.",
    ))
    .with(
        Attribute::of("labels", Type::map(Type::String))
            .describe("Labels. Labels set by others are not changed. `managed-by` and `anu-registry` are anu's ownership label and cannot be set; the provider block's `labels` are not added."),
    )
    .with(
        Attribute::of("apis", Type::list(Type::String))
            .describe("APIs to enable, such as `pubsub.googleapis.com`. Order does not matter. Other APIs stay enabled. One that is removed here is disabled, unless a service of the registry uses it."),
    )
    .with(
        Attribute::bool("adopt_existing")
            .describe("Adopt a project that exists and was not created by anu. What another registry manages is never adopted."),
    )
    .with(
        Attribute::string("deletion_policy")
            .default("prevent")
            .rule(OneOf(POLICIES))
            .describe("What removing this resource, or changing `project_id`, does to the project: `prevent` (refused at plan), `abandon` (removed from the state and not deleted) or `delete` (deleted with everything in it; Google can restore it for 30 days). Default: `prevent`. A deletion takes two steps: set this to `delete` and apply, then remove the resource. A project that environments in the registry name is never deleted."),
    )
    .with(Attribute::string("number").computed().describe("The project's number, assigned by Google."))
    .with(
        Attribute::string("registry").computed().describe(
            "Name of the registry (`metadata.name`) on the project's ownership label. Empty if the label was removed outside Terraform, null while the project is pending deletion.",
        ),
    )
    .with(Attribute::string("id").computed().describe("The project's id."))
}
