//! What messages say differently of each kind of resource. Everything else they say once, in [`messages`](super::messages).

/// The words of one kind.
pub struct Wording {
    /// The bare word: `service`.
    pub kind: &'static str,
    /// The argument that names the object.
    pub named_by: &'static str,
    /// What a replacement would delete.
    pub at_stake: &'static str,
    /// How to delete an object on purpose: a sentence.
    pub how_to_delete: &'static str,
    /// Whether another resource of the configuration may have an object: a kind that belongs to one resource only.
    pub one_resource: bool,
    /// What to do instead of adopting: follows "set `adopt_existing = true` on this resource, or".
    pub or_import: &'static str,
    /// What to do about an object of another registry: a sentence.
    pub leave_to_other_registry: &'static str,
    /// What a destroy plan without the registry does not know.
    pub unknown_without_registry: &'static str,
    /// Which ids can be imported: a sentence.
    pub import_ids: &'static str,
    /// That there is nothing to import: a sentence, after the object's title.
    pub nothing_to_import: &'static str,
}

/// `anu_registry_service`.
pub static SERVICE: Wording = Wording {
    kind: "service",
    named_by: "name",
    at_stake: "projects, namespaces and grants that are in use",
    how_to_delete: "To delete the service, see the guide \"Removing and moving\".",
    one_resource: false,
    or_import: "import the service. If the registry means another one, correct the entry.",
    leave_to_other_registry: "Remove it from one of the two registries.",
    unknown_without_registry: "Whether the service is still registered, and which other services use its resources, is unknown.",
    import_ids: "Write the service's name, or `SERVICE/ENVIRONMENT,ENVIRONMENT` for a resource with an `environments` filter, \
                 for example `make-it-rain` or `make-it-rain/staging`.",
    nothing_to_import: "has no existing resources",
};

/// `anu_namespace`.
pub static NAMESPACE: Wording = Wording {
    kind: "namespace",
    named_by: "name",
    at_stake: "everything that runs in it",
    how_to_delete: "To delete the namespace, set `deletion_policy = \"delete\"`, apply, and then remove the resource.",
    one_resource: true,
    or_import: "import it. If another one is meant, choose another name.",
    leave_to_other_registry: "Choose another name for this one.",
    unknown_without_registry: "Whether a service uses the namespace is unknown.",
    import_ids: "Write `CLUSTER/NAME`, for example `compute-banking/monitoring`.",
    nothing_to_import: "does not exist",
};

/// `anu_project`.
pub static PROJECT: Wording = Wording {
    kind: "project",
    named_by: "project_id",
    at_stake: "everything in it",
    how_to_delete: "To delete the project, set `deletion_policy = \"delete\"`, apply, and then remove the resource.",
    one_resource: true,
    or_import: "import it. If another one is meant, choose another id.",
    leave_to_other_registry: "Choose another id for this one.",
    unknown_without_registry: "Whether services use the project is unknown.",
    import_ids: "Write the project's id, for example `gc-prd-logging-7f3a`.",
    nothing_to_import: "does not exist",
};

/// `anu_project_iam`.
pub static PROJECT_IAM: Wording = Wording {
    kind: "project IAM",
    named_by: "project_id",
    at_stake: "grants that are in use",
    how_to_delete: "To revoke all its grants, remove the resource.",
    one_resource: true,
    or_import: "import it. If another project is meant, choose another id.",
    leave_to_other_registry: "Choose another project.",
    unknown_without_registry: "Which of its grants services use is unknown.",
    import_ids: "Write the project's id, for example `gc-prd-logging-7f3a`.",
    nothing_to_import: "does not exist",
};
