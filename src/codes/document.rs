//! Codes of the document: its text, its structure and its names.

use super::code::{Code, Entry, Severity};
use super::example::Example::{Document, Shown};
use super::example::guide::{ASKING, PUBLISHING, REGISTRY, REVIEWING};

codes! {
    NOT_JSON: Error "not-json" "Registry is not valid JSON",
        "The document is empty, cut off, or not JSON: a trailing comma, a comment, Jsonnet or YAML that was not compiled, or an error page of the server.",
        "Correct the program or template that writes the registry, and check that the source returns the whole document. A registry in Jsonnet or YAML needs a name that ends in `.jsonnet` or `.yaml`, or `anu registry compile`.",
        REGISTRY, Document(r#"{"services": [],}"#);
    NOT_UTF8: Error "not-utf8" "Registry is not UTF-8 text",
        "The document begins with a byte order mark, is UTF-16, or contains bytes that are not UTF-8.",
        "Save it as UTF-8 without a byte order mark. `anu registry compile` and `jsonnet -o` write that.",
        REGISTRY, Shown;
    TOO_LARGE: Error "too-large" "Registry is too large",
        "The document exceeds the limit of bytes (256 MiB, or `max_bytes`) or of values (8,000,000).",
        "Split the registry, or remove data that does not describe services.",
        REGISTRY, Shown;
    DUPLICATE_KEY: Error "duplicate-key" "Duplicate key",
        "An object has two values for one key. JSON parsers use either the first or the last one, so the meaning is ambiguous.",
        "Remove one of them. If a template writes the registry, two parts of it write the same key.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "team": "payments"}}]}"#);
    WRONG_TYPE: Error "wrong-type" "Wrong JSON type",
        "A field has a value of another JSON type than the format defines: a number for a text, one value for a list, a map for a list of entries.",
        "Write the type that the message names. `docs/registry.schema.json` has all types; an editor that knows it shows the error while you type.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "alertsChannel": 5}}]}"#);
    MISSING_FIELD: Error "missing-field" "Missing field",
        "An entry lacks a required field, or its envelope: each entry has the form `{\"type\": …, \"spec\": {…}}`.",
        "Add the field. Fields that are beside `type` belong into `spec`.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"team": "core"}}]}"#);
    WRONG_ENVELOPE: Error "wrong-entry-type" "Wrong entry type",
        "An entry is in the list of another kind: its `type` is not that of the list.",
        "Correct `type`, or move the entry to its own list.",
        REGISTRY, Document(r#"{"services": [{"type": "Team", "spec": {"name": "ledger", "team": "core"}}]}"#);
    MISSPELT_FIELD: Error "misspelt-field" "Unknown field",
        "The name of a field is nearly that of one that the format defines, and would have no effect. A misspelt list of access would revoke it.",
        "Correct the name. For a field of your own, choose a name that is not so near to a defined one.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "enviroments": []}}]}"#);
    UNDEFINED_FIELD: Error "undefined-field" "Unknown field",
        "An object with a closed set of fields, such as `rbac` or a row of the permissions table, has another field. It would have no effect.",
        "Use one of the fields that the message lists.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}], "permissions": {"kubernetes": {"owners": "admin"}}}"#);
    MISPLACED_FIELD: Error "misplaced-field" "Misplaced field",
        "A field of one kind of entry is written on another, or beside `spec` and not in it, where it has no effect.",
        "Move it to the entry that the message names, or remove it.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "rbac": {"admins": ["core"]}}}]}"#);
    STRAY_FIELD: Warning "stray-field" "Misplaced field",
        "A team, cluster or project has a field that is defined for another kind of entry. It has no effect; it may be one of your own.",
        "Move it, or rename it if it is for another reader of the registry.",
        REGISTRY, Document(r#"{"clusters": [{"type": "Cluster", "spec": {"name": "compute", "alertsChannel": "compute-alerts"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    BAD_NAME: Error "bad-name" "Invalid name",
        "A name does not have the form that the platform requires: of a service, environment, namespace, project, API, role, e-mail address and so on.",
        "Write the form that the message states. The full name of an API is needed: `sqladmin.googleapis.com`, not `cloudsql`.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "Make_It_Rain", "team": "core"}}]}"#);
    ANOTHER_NAME: Error "another-name" "Registry has another name",
        "`metadata.name` of the document is not the `name` that the `registry` block of the provider requires.",
        "Correct the address in `source`, or the name in the block. If the registry was renamed, list the earlier name in `metadata.previousNames`.",
        REGISTRY, Shown;
    BAD_PREVIOUS_NAME: Error "bad-previous-name" "Invalid previous name",
        "`metadata.previousNames` lists the present name, or one name twice.",
        "List each earlier name once.",
        REGISTRY, Document(r#"{"metadata": {"name": "acme", "previousNames": ["acme"]}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    BAD_LABEL: Error "bad-label" "Invalid label",
        "A label's key or value does not have the form that the platform of the object requires: Google's are in lowercase, Kubernetes' may have a domain.",
        "Write the form that the message states.",
        REGISTRY, Document(r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "labels": {"Tier": "1"}}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}]}"#);
    BAD_ANNOTATION: Error "bad-annotation" "Invalid annotation",
        "An annotation's key does not have Kubernetes' form, its value contains a control character, or all of them together are too large.",
        "Write the form that the message states.",
        REGISTRY, Shown;
    RESERVED_LABEL: Error "reserved-label" "Reserved label",
        "anu writes this label itself: by it, it finds what it created. A value of your own would make an object look like one of another owner.",
        "Choose another key.",
        REGISTRY, Shown;
    BAD_LINK: Error "bad-link" "Invalid link",
        "A link of a service, environment or cluster has a name that people cannot type, an address that is none of a page, or a placeholder that does not exist.",
        "Write an address that begins with `https://`, with placeholders such as `{namespace}`.",
        ASKING, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "links": {"logs": "https://logs.example.com/?ns={name_space}"}}}]}"#);
    BAD_DELETION_POLICY: Error "bad-deletion-policy" "Invalid deletion policy",
        "`deletionPolicy` is not one of the policies, or not one that this kind of object has.",
        "Write `prevent`, `abandon`, `delete` or, for namespaces, `delete-with-contents`.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "deletionPolicy": "deleted"}}]}"#);
    BAD_COMPILED_AT: Error "bad-compiled-at" "Invalid timestamp",
        "`metadata.compiledAt` is not a time in the form of RFC 3339.",
        "Write it as `2026-11-20T10:00:00Z`. `anu registry publish` writes it.",
        PUBLISHING, Document(r#"{"metadata": {"compiledAt": "yesterday"}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    BAD_REQUIREMENT: Error "bad-requirement" "Invalid version requirement",
        "`metadata.requires.anu` is not a list of comparisons with versions.",
        "Write comparisons separated by commas: `>=0.1.0, <1.0.0`.",
        REGISTRY, Document(r#"{"metadata": {"requires": {"anu": "newest"}}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    REQUIREMENT_NOT_MET: Error "requirement-not-met" "Registry requires another version of anu",
        "`metadata.requires.anu` excludes the version that reads the registry.",
        "Install a version that the requirement permits, or change the requirement in the registry.",
        REGISTRY, Document(r#"{"metadata": {"requires": {"anu": ">=99.0.0"}}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    NO_SERVICES: Error "no-services" "Registry has no services",
        "`services` is missing or empty. An apply of such a registry would remove every service, so it is refused.",
        "Check that the source is the right one and that the program writes all of it. If an empty registry is intended, set `allow_empty` in the `registry` block.",
        REGISTRY, Document("{}");
    DUPLICATE_NAME: Error "duplicate-name" "Duplicate name",
        "Two entries of one list have the same name.",
        "Remove one of the two, or give it another name. If a template writes the registry, one entry is written twice.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core"}}, {"type": "Service", "spec": {"name": "ledger", "team": "core"}}]}"#);
    DUPLICATE_PROJECT: Error "duplicate-project" "Duplicate project",
        "Two entries of `projects` have the same id.",
        "Merge them into one entry.",
        REGISTRY, Document(r#"{"projects": [{"type": "Project", "spec": {"id": "gc-prd-ledger", "existing": true, "owner": "ledger"}}, {"type": "Project", "spec": {"id": "gc-prd-ledger"}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}], "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": ["core"]}}}]}}]}"#);
    DUPLICATE_TARGET: Error "duplicate-target" "Duplicate target",
        "An environment has two targets with the same cluster, namespace and release.",
        "Remove one of the two, or give it another release.",
        REGISTRY, Document(r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "core", "environments": [{"type": "Environment", "spec": {"name": "production", "rbac": {"admins": ["core"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}, {"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger"}}]}}]}}], "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com"}}]}"#);
    MORE_ERRORS: Error "more-errors" "More problems",
        "A registry has more errors than are shown. Thousands of errors usually have one cause.",
        "Correct the first ones and run again. `anu registry validate --format json` lists all of them.",
        REVIEWING, Shown;
    MORE_WARNINGS: Warning "more-warnings" "More problems",
        "A registry has more warnings than are shown.",
        "Correct the first ones and run again. `anu registry validate --format json` lists all of them.",
        REVIEWING, Shown;
}
