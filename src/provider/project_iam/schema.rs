//! The schema of `anu_project_iam`.

use crate::sdk::{Attribute, Schema, Type};

pub(super) fn schema() -> Schema {
    Schema::new(
        "IAM members of one Google project, without an entry in the registry. The project need not be managed by anu. Members that \
         others granted, and conditional bindings, are not changed. One resource has all grants of a project in a configuration.",
    )
    .with(Attribute::string("project_id").required().describe(
        "The project's id. Another id grants on the other project first, and then revokes on the old one.",
    ))
    .with(
        Attribute::of("members", Type::map(Type::list(Type::String))).required().describe(
            "Members by role: `{ \"roles/pubsub.viewer\" = [\"group:team@example.com\"] }`. A member is `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`; one whose grant ends is written `group:EMAIL until 2027-01-31T00:00:00Z`. Order and the case of addresses do not matter. A member that is removed here is revoked, unless a service of the registry grants the same.",
        ),
    )
    .with(Attribute::string("id").computed().describe("The project's id."))
}
