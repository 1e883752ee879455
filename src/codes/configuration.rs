//! Codes of the provider's configuration, of what core sends, and of the provider itself.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{
    BUILT_IN, GETTING_STARTED, GOOGLE, JSONNET, KUBERNETES, READING, REGISTRY, REMOVING, SOURCES,
};

codes! {
    BUG: Error "bug" "Bug in anu",
        "Something that cannot happen has happened. anu is at fault, not the configuration.",
        "Report it at <https://github.com/anu-registry/terraform-provider-anu/issues>, with the whole text. If an apply was interrupted by it, plan again: the state has what was done.",
        GETTING_STARTED, Shown;
    UNREADABLE_STATE: Error "unreadable-state" "State of a resource is not readable",
        "The stored state of a resource was edited manually, is corrupt, or was written by another program.",
        "Restore an earlier state, or remove the object with `terraform state rm ADDRESS` and import it again.",
        REMOVING, Shown;
    UNREADABLE_PRIVATE_STATE: Error "unreadable-private-state" "Private state of a resource is not readable",
        "The part of the state that only the provider reads was not written by it.",
        "Restore an earlier state, or remove the object with `terraform state rm ADDRESS` and import it again.",
        REMOVING, Shown;
    UNREADABLE_IDENTITY: Error "unreadable-identity" "Identity of a resource is not readable",
        "The stored identity of a resource was edited manually or written by another program.",
        "Restore an earlier state, or remove the object with `terraform state rm ADDRESS` and import it again.",
        REMOVING, Shown;
    NOT_IN_THIS_VERSION: Error "not-in-this-version" "Provider has no …",
        "Terraform uses a resource, data source or function of another version of the provider than the one that runs.",
        "Choose the version that has it under `required_providers`, and run `terraform init -upgrade`.",
        GETTING_STARTED, Shown;
    UNSUPPORTED_MOVE: Error "unsupported-move" "Unsupported move",
        "A `moved` block leads from a resource of one type to one of another. Only resources of one type can be moved.",
        "Import the object at its new address, and remove the old resource with a `removed` block.",
        REMOVING, Shown;
    MISSING_VALUE: Error "missing-value" "Missing value",
        "A required argument, or an element of a list or map, is null. The usual cause is a variable or an output without a value.",
        "Set a value, or remove the element.",
        GETTING_STARTED, Shown;
    INVALID_VALUE: Error "invalid-value" "Invalid value",
        "An argument breaks the rule that its description states.",
        "Write a value that the message permits. The reference page of the resource, data source or function has every rule.",
        GETTING_STARTED, Shown;
    DUPLICATE_ITEM: Error "duplicate-item" "Duplicate …",
        "A list of names or members has one of them twice, perhaps in another spelling.",
        "Remove one of the two.",
        REGISTRY, Shown;
    TOO_MANY_ENDS: Error "too-many-ends" "Too many ends",
        "One member has one role with more than 20 different ends, the limit of Google.",
        "Remove those that have passed, or all but the last one.",
        GOOGLE, Shown;
    TOO_MANY_MEMBERS: Error "too-many-members" "Too many members",
        "The members of a project exceed Google's limit of 1,500 principals or 250 groups in one policy.",
        "Grant roles to groups, or use several projects.",
        GOOGLE, Shown;
    UNKNOWN_ARGUMENT: Error "unknown-argument" "Data source must be known at plan",
        "An argument of a data source depends on something that is known only after apply.",
        "Write the value itself, or apply first what it depends on: `terraform apply -target=ADDRESS`.",
        GETTING_STARTED, Shown;
    UNKNOWN_CONFIGURATION: Error "unknown-configuration" "Provider configuration must be known at plan",
        "A value of the provider block depends on something that is known only after apply. What a service fans out into must be known at plan. Only the connection of a cluster may be unknown.",
        "Write the value itself, use a variable or a data source that is read at plan, or first apply what it depends on: `terraform apply -target=ADDRESS`.",
        GETTING_STARTED, Shown;
    TWO_PLATFORMS: Error "two-platforms" "Two platforms for one kind",
        "The provider block has `embedded`, which replaces Google and Kubernetes, beside `google` or `kubernetes`.",
        "Name in `replaces` of `embedded` what it replaces, or remove one of the blocks.",
        GETTING_STARTED, Shown;
    NO_PLATFORM: Error "no-platform" "No platform is configured",
        "The provider block does not say where projects or namespaces are created.",
        "Add a `google` and a `kubernetes` block, or `embedded`; or exclude a kind with `manage`.",
        GETTING_STARTED, Shown;
    EMBEDDED_NOT_OPENED: Error "embedded-not-opened" "Embedded platform cannot be opened",
        "The file of the embedded store cannot be opened: its folder does not exist, it is another kind of file, or it was written by another version.",
        "Correct `path` in the `embedded` block.",
        GETTING_STARTED, Shown;
    BLOCK_WITHOUT_EFFECT: Error "block-without-effect" "Block without effect",
        "The block `jsonnet` is set, and no source of the registry is a program.",
        "Remove the block, or name the program in `source`.",
        JSONNET, Shown;
    BAD_CLUSTER: Error "bad-cluster" "Invalid cluster",
        "A cluster of the `kubernetes` block has an invalid name, no way to connect to it, or two.",
        "Give it either a `context`, or an `endpoint` with one kind of credentials.",
        KUBERNETES, Shown;
    BAD_PERMISSIONS: Error "bad-permissions" "Invalid permissions",
        "`permissions` of the provider block has an unknown access level or an invalid role.",
        "Use the levels `viewers`, `operators` and `admins`, and the full names of roles.",
        BUILT_IN, Shown;
    BAD_HEADER: Error "bad-header" "Invalid header",
        "`headers` of the `registry` block has a name or value that cannot be sent.",
        "Correct it. A token that ends in a line break was read with it: use `trimspace(…)`.",
        SOURCES, Shown;
    DUPLICATE_HEADER: Error "duplicate-header" "Two values for one header",
        "`token` is sent as the header `Authorization`, and `headers` has that header too.",
        "Remove one of them.",
        SOURCES, Shown;
    NO_REGISTRY: Error "no-registry" "No registry is configured",
        "Neither the provider block nor the variable `ANU_REGISTRY` names a registry.",
        "Set `source` in the `registry` block.",
        READING, Shown;
    EMPTY_SELECTION: Error "empty-selection" "Selection matches nothing",
        "A name in `select` of a data source is not in the registry.",
        "Correct the name.",
        REGISTRY, Shown;
}
