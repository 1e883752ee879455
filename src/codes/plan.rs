//! Codes of plans: the registry and the state, platforms and clusters, what exists already.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{BUILT_IN, GETTING_STARTED, GOOGLE, KUBERNETES, PUBLISHING, REGISTRY, REMOVING};

codes! {
    SERVICE_NOT_IN_REGISTRY: Error "service-not-in-registry" "Service … is not in the registry",
        "A resource or data source names a service that the registry does not contain.",
        "Correct the name. If the service was renamed, add a `moved` block; if it was removed, remove the resource, which `for_each` over `service_digests` does by itself.",
        REMOVING, Shown;
    ENVIRONMENT_NOT_IN_REGISTRY: Error "environment-not-in-registry" "Service … has no environment …",
        "`environments` of a resource names an environment that the service's entry does not contain.",
        "Use one of those that the message lists.",
        REGISTRY, Shown;
    OUTDATED_DIGEST: Error "outdated-digest" "Service …: `digest` is out of date",
        "`digest` is a literal, as generated configuration has it, and the service has changed since.",
        "Write `digest = data.anu_registry.this.service_digests[NAME]`, or remove the line.",
        GETTING_STARTED, Shown;
    CHANGED_AFTER_PLANNING: Error "changed-after-planning" "Service … changed in the registry after planning",
        "The digest that was approved is not that of the service now: its entry, or something that it uses, changed after the plan. Nothing was changed.",
        "Plan again, review the difference, and apply that plan. If `digest` is a literal, as generated configuration has it, write `digest = data.anu_registry.this.service_digests[NAME]` instead.",
        GETTING_STARTED, Shown;
    STATE_OF_ANOTHER_REGISTRY: Error "state-of-another-registry" "… belongs to another registry",
        "The state was applied from a registry with another `metadata.name`. Continuing would plan to delete everything that was created for that one.",
        "Point `registry.source` back. If the registry was renamed, add its earlier name to `metadata.previousNames`.",
        REGISTRY, Shown;
    OLDER_THAN_APPLIED: Error "older-than-applied" "…: the registry is older than the last one applied",
        "The registry was compiled before the one that the state was last applied from. It could undo what was decided since.",
        "Publish the newest registry. To go back on purpose, revert the change in its source and compile it again, or accept this one once with `accept_older`.",
        PUBLISHING, Shown;
    REGISTRY_WITHOUT_AGE: Error "registry-without-age" "…: the registry no longer states its age",
        "The state was applied from a registry with `metadata.compiledAt`, and this one has none.",
        "Write `metadata.compiledAt` when the registry is compiled (`anu registry publish` does), or accept this one once with `accept_older`.",
        PUBLISHING, Shown;
    COMPILED_IN_THE_FUTURE: Error "compiled-in-the-future" "…: the registry is compiled in the future",
        "`metadata.compiledAt` is later than the clock of this machine. Once applied, every registry that is compiled before that time would be refused as too old.",
        "Correct `metadata.compiledAt`, or the clock of this machine or of the one that compiles the registry.",
        PUBLISHING, Shown;
    BELONGS_TO_REGISTRY: Error "belongs-to-registry" "… belongs to the registry",
        "A resource declares a namespace or project that the registry lists as well. It has one owner.",
        "Declare it in one place only. To leave it to the registry, remove this resource.",
        REGISTRY, Shown;
    EXCLUDED_BY_MANAGE: Error "excluded-by-manage" "… is excluded by `manage`",
        "`manage` in the provider block excludes the kind of this resource.",
        "Add the kind to `manage`, or remove the resource.",
        GETTING_STARTED, Shown;
    NOT_READABLE: Error "not-readable" "… is not readable",
        "A project, a cluster or something in it cannot be read, for a reason that concerns only it. The message has the platform's answer.",
        "Grant the missing permission, or correct the name.",
        GOOGLE, Shown;
    PROJECT_NOT_SEEN: Warning "project-not-seen" "Project … does not exist, or may not be read",
        "Google has the same answer (403) for a project that does not exist and for one that may not be read. It is planned as one that was deleted.",
        "If it exists, grant `resourcemanager.projects.get` on it to the identity of this run, and plan again before you apply.",
        GOOGLE, Shown;
    NO_SUCH_PROJECT: Error "no-such-project" "…: project … does not exist, or may not be read",
        "Resources are to be created in a project that anu does not create, and that is not there or may not be read.",
        "Correct the id, grant access to the identity of this run, or add the project to `projects` without `existing`, so that anu creates it.",
        GOOGLE, Shown;
    EMPTY_EMBEDDED_STORE: Warning "empty-embedded-store" "Embedded store … is empty",
        "The state records resources in an embedded store, and nothing was ever written to the store at this path: the file was deleted, or the path or the folder is another one. The run takes all of these resources for deleted.",
        "Put the file back, or correct `path` in the `embedded` block, before you apply. If the store was deleted on purpose, apply creates everything again.",
        GETTING_STARTED, Shown;
    CLUSTER_UNREACHABLE: Warning "cluster-unreachable" "Cluster … is unreachable; planned from state",
        "A cluster does not respond. Its resources are planned from the state, and changes to them fail unless it is reachable at apply. Other clusters are not affected.",
        "Make the cluster reachable before the apply.",
        KUBERNETES, Shown;
    AUTHENTICATION_FAILED: Error "authentication-failed" "Authentication failed",
        "A platform does not accept the credentials. All requests with them fail in this way.",
        "Correct the credentials: log in again, or correct the provider block.",
        GOOGLE, Shown;
    SETTINGS_NOT_VALID: Error "settings-not-valid" "Platform settings are not valid",
        "The provider block, or a file that it names such as a kubeconfig, has settings that cannot be used.",
        "Correct what the message names.",
        KUBERNETES, Shown;
    PLATFORM_UNAVAILABLE: Error "platform-unavailable" "Platform is unavailable",
        "A platform does not respond, or responds with a server error, on every attempt.",
        "Check that this machine reaches it (network, proxy, addresses in the provider block), then run again.",
        GOOGLE, Shown;
    MISSING_CLUSTER_ROLE: Warning "missing-cluster-role" "Cluster … has no ClusterRole …",
        "Role bindings refer to a ClusterRole that the cluster does not have. Such a binding grants nothing now, and everything that a ClusterRole of this name will contain.",
        "Correct the name in `permissions.kubernetes`, or create the ClusterRole first.",
        KUBERNETES, Shown;
    ONE_SERVER_TWO_NAMES: Error "one-server-two-names" "…: clusters … and … are one API server",
        "Two names of clusters lead to one API server. Under two names, one service could adopt another's namespace and delete it.",
        "Use one name for the cluster, or correct the context or endpoint of one of them.",
        KUBERNETES, Shown;
    ANOTHER_SERVER: Error "another-server" "…: cluster … is another API server than before",
        "The name of a cluster leads to another API server than when the state was applied.",
        "Correct the context or endpoint. If the cluster was rebuilt, write `replaces` in its block, as the message shows.",
        KUBERNETES, Shown;
    ANOTHER_ADDRESS: Warning "another-address" "…: cluster … has another address than before",
        "The name of a cluster leads to another address, and whether that is the same cluster cannot be read.",
        "If it is another cluster, correct its context or endpoint before you apply.",
        KUBERNETES, Shown;
    IDENTIFIED_BY_ADDRESS: Warning "identified-by-address" "Cluster … is identified by its address",
        "The namespace `kube-system` is not readable, so the cluster is identified by its address and certificate authority.",
        "Permit the provider to `get` namespaces, as the ClusterRole in the Kubernetes guide does.",
        KUBERNETES, Shown;
    CLUSTERS_NOT_COMPARED: Warning "clusters-not-compared" "…: cluster … not compared with …",
        "Namespaces exist already on a cluster, and other clusters could not be read. If one of those is the same API server under another name, a namespace may belong to another service.",
        "Make sure that they are other clusters before you apply.",
        KUBERNETES, Shown;
    IN_STATE_ALREADY: Error "in-state-already" "… is in the state already",
        "Terraform plans to create what the state contains already: the object is tainted, or its address changed without a `moved` block.",
        "Run `terraform untaint ADDRESS` for a tainted object, or add the `moved` block that the message shows.",
        REMOVING, Shown;
    TWO_RESOURCES: Error "two-resources" "… has two resources",
        "Two resources manage one object, or parts that overlap: an index of `count` that shifted, an address that changed without a `moved` block, an import of what another address manages.",
        "Use `for_each` with names, add a `moved` block, or remove one of the two with `terraform state rm ADDRESS`.",
        REMOVING, Shown;
    BAD_IMPORT_ID: Error "bad-import-id" "Import id … is not valid",
        "The id of an import does not have the form of this resource.",
        "Write the form that the message states.",
        GETTING_STARTED, Shown;
    NOTHING_TO_IMPORT: Error "nothing-to-import" "… cannot be imported",
        "Nothing of what the resource would manage exists.",
        "Remove the import: `terraform apply` creates what is missing.",
        GETTING_STARTED, Shown;
    ADOPTED: Warning "adopted" "…: … existing … will be adopted",
        "Resources that the plan creates exist already, and apply adopts them. Nothing of them differs.",
        "Check the list: from the apply on, anu manages them.",
        REGISTRY, Shown;
    ADOPTED_AND_CHANGED: Warning "adopted-and-changed" "…: … existing … will be adopted, … of them changed by apply",
        "Resources that the plan creates exist already, and apply adopts them and changes what differs.",
        "Check the list of changes: a plan that creates an object does not show them elsewhere.",
        REGISTRY, Shown;
    RESTORED: Warning "restored" "…: … will be restored",
        "A project is pending deletion, and apply undeletes it.",
        "Check that the project shall exist again. Its grants and resources return with it.",
        GOOGLE, Shown;
    PENDING_DELETION: Warning "pending-deletion" "…: … pending deletion",
        "APIs or IAM members are in a project that is pending deletion.",
        "Undelete the project, or remove it from the registry.",
        GOOGLE, Shown;
    OWNERSHIP_LABEL_MISSING: Warning "ownership-label-missing" "…: ownership label missing on …",
        "An object that the state manages no longer carries the labels by which anu finds what it created.",
        "Apply writes them again. If another tool removes them, stop that.",
        KUBERNETES, Shown;
    EXISTS_WITH_ANOTHER_ROLE: Error "exists-with-another-role" "… exists with another role",
        "A role binding of this name exists, was not created by anu, and grants another ClusterRole. Kubernetes does not allow the role to change.",
        "Delete the binding, or give one of the two another name.",
        KUBERNETES, Shown;
    EXISTS_ALREADY: Error "exists-already" "… exists already",
        "An object exists and was not created by anu. It is not changed without your word.",
        "Set `adopt_existing = true` on the resource, import it, or choose another name.",
        REGISTRY, Shown;
    OF_ANOTHER_REGISTRY: Error "of-another-registry" "… belongs to the registry …",
        "An object carries the ownership label of another registry. anu never adopts what another registry manages.",
        "Choose another name. To transfer it, abandon it there and remove its labels.",
        REMOVING, Shown;
    BEING_DELETED: Error "being-deleted" "… is being deleted",
        "A project or namespace is being deleted, so nothing can be created in it.",
        "Wait until it is deleted, remove what blocks the deletion, or undelete the project.",
        KUBERNETES, Shown;
    UNKNOWN_ROLES: Warning "unknown-roles" "…: … unknown",
        "Roles have the form of Google's predefined ones and are not in their list. Google refuses a role that does not exist.",
        "Correct them, or ignore the warning if they are newer than this version of anu.",
        BUILT_IN, Shown;
    ENDED_GRANTS: Warning "ended-grants" "…: … ended",
        "The end of grants has passed, so they give no access any more.",
        "Remove them from `members`, or write another end.",
        GOOGLE, Shown;
}
