//! Codes of applies: what could not be changed, and why.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{GOOGLE, KUBERNETES, REMOVING};

codes! {
    CHANGE_FAILED: Error "change-failed" "…: cannot …",
        "A platform refused a change for a reason that has no code of its own; the message has its answer.",
        "Correct the cause and apply again: anu continues where it stopped.",
        GOOGLE, Shown;
    CHANGE_CANCELLED: Error "change-cancelled" "…: cannot …: cancelled",
        "The run was stopped before this change was made.",
        "Apply again: anu continues where it stopped.",
        GOOGLE, Shown;
    CHANGE_PERMISSION_DENIED: Error "change-permission-denied" "…: cannot …: permission denied",
        "The identity of the run may not make the change.",
        "Grant the permission that the message names, and apply again. The guides of Google and Kubernetes list all roles that an apply needs.",
        GOOGLE, Shown;
    CHANGE_UNAVAILABLE: Error "change-unavailable" "…: cannot …: unavailable",
        "The platform did not respond, or responded with a server error, on every attempt.",
        "Apply again when it is reachable.",
        GOOGLE, Shown;
    CHANGE_NOT_AUTHENTICATED: Error "change-not-authenticated" "…: cannot …: authentication failed",
        "The platform does not accept the credentials, which may have expired during the run.",
        "Correct the credentials and apply again.",
        GOOGLE, Shown;
    CHANGE_SETTINGS_NOT_VALID: Error "change-settings-not-valid" "…: cannot …: platform settings are not valid",
        "The provider block, or a file that it names, has settings that cannot be used for this change.",
        "Correct what the message names and apply again.",
        KUBERNETES, Shown;
    PRINCIPAL_NOT_FOUND: Error "principal-not-found" "…: cannot …: principal not found",
        "Google does not know a group, user or service account that is granted a role. All other grants were made.",
        "Create it, or correct the registry; the message names the team that it comes from.",
        GOOGLE, Shown;
    NOT_CREATED: Error "not-created" "…: … not created",
        "The project or namespace of these resources could not be created, so they were not tried.",
        "Correct the other error of this run and apply again.",
        GOOGLE, Shown;
    NOT_DELETED_YET: Error "not-deleted-yet" "…: … not deleted yet",
        "An addition failed, so removals wait: access is revoked only after its replacement exists.",
        "Correct the other error of this run and apply again.",
        REMOVING, Shown;
    NOT_EMPTY: Error "not-empty" "… is not empty",
        "A namespace or project contains objects that anu did not create, and the policy `delete` never deletes those.",
        "Delete them first, or set the policy `delete-with-contents`.",
        REMOVING, Shown;
    NOT_CREATED_BY_ANU: Error "not-created-by-anu" "… was not created by anu and is not deleted",
        "An object that would be deleted does not carry the ownership label.",
        "If the label was removed manually, put it back. Otherwise delete the object manually.",
        REMOVING, Shown;
    CREATOR_IS_OWNER: Warning "creator-is-owner" "…: the creator of … is an owner",
        "Google grants `roles/owner` on a new project to the identity that creates it. No plan shows this grant, and no apply removes it.",
        "Remove it with the command that the message shows, or set `remove_creator_owner` in the `google` block.",
        GOOGLE, Shown;
}
