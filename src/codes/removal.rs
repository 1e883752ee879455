//! Codes of removals: what a plan deletes, and what it refuses to.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{KUBERNETES, REMOVING};

codes! {
    WILL_BE_DELETED: Warning "will-be-deleted" "…: … will be deleted",
        "Apply deletes the resources that the message lists. The plan of an update does not show removals by itself, so each resource has this warning.",
        "Check the list. If it is not intended, do not apply.",
        REMOVING, Shown;
    CONTENTS_UNKNOWN: Error "contents-unknown" "…: contents are not known",
        "The plan deletes a namespace with the policy `delete`, which deletes nothing that anu did not create, and what the namespace contains cannot be listed.",
        "Correct the cause, such as a missing permission to list, and plan again. Or set the policy `delete-with-contents`.",
        REMOVING, Shown;
    WILL_BE_ABANDONED: Warning "will-be-abandoned" "…: … will be abandoned",
        "Apply removes the resources from the state and does not delete them, grants included.",
        "Check the list: afterwards nothing manages them.",
        REMOVING, Shown;
    WILL_BE_RELEASED: Warning "will-be-released" "…: … will be released",
        "Other services use these resources, or own them. This one stops managing them and does not delete them.",
        "The message says who deletes them later, and what no service deletes.",
        REMOVING, Shown;
    RECREATED: Warning "recreated" "…: … will be deleted and created again",
        "Something of an object cannot be changed, so apply deletes it and creates it again.",
        "The message says what is lost in between, and how to avoid it.",
        KUBERNETES, Shown;
    MUCH_IS_DELETED: Warning "much-is-deleted" "This run deletes … or more",
        "The resources planned so far delete many projects or namespaces.",
        "Check that all of it is intended. The warnings of the resources have the lists.",
        REMOVING, Shown;
    SETTINGS_NO_LONGER_MANAGED: Warning "settings-no-longer-managed" "…: … no longer managed",
        "The registry no longer states settings that it stated before. They keep their values, and drift of them is no longer reverted.",
        "State them in the entry again to manage them.",
        REMOVING, Shown;
    REMOVAL_REFUSED: Error "removal-refused" "…: deletion of … is refused",
        "The registry no longer lists resources of a service, and their deletion policy in the state is `prevent`. Nothing was changed.",
        "Put the entry back; or remove it in two reviewed steps: set the policy `delete` while the entry is there and apply, then remove the entry. With `abandon` they leave the state and are not deleted.",
        REMOVING, Shown;
    DELETION_REFUSED: Error "deletion-refused" "…: deletion is refused",
        "A resource that is managed by itself would be deleted, and its deletion policy in the state is `prevent`. Nothing was changed.",
        "Put the resource back; or first set `deletion_policy = \"delete\"` and apply, then remove it. With `abandon`, or `terraform state rm ADDRESS`, it is not deleted.",
        REMOVING, Shown;
    DESTROY_REFUSED: Error "destroy-refused" "… is still in the registry; destroy is refused",
        "A destroy of something that the registry still lists, with the deletion policy `prevent` in the state.",
        "Remove it from the registry instead. To destroy it anyway, first set `deletion_policy = \"delete\"` and apply.",
        REMOVING, Shown;
    DESTROY_WITHOUT_REGISTRY: Warning "destroy-without-registry" "…: destroy is planned without the registry",
        "The registry is not readable, so what others use is unknown at plan. Apply reads it again and refuses the destroy if it cannot.",
        "Make the registry readable before the apply.",
        REMOVING, Shown;
    DESTROY_NEEDS_REGISTRY: Error "destroy-needs-registry" "…: destroy needs the registry",
        "A planned destroy is applied, and the registry is not readable: others may use the resources by now. Nothing was changed.",
        "Apply again when the registry is readable.",
        REMOVING, Shown;
    REGISTERED_AFTER_PLANNING: Error "registered-after-planning" "… was registered after planning",
        "A destroy was planned when the registry did not list the service, and it does now. Nothing was changed.",
        "Plan again, and review that plan.",
        REMOVING, Shown;
    STILL_IN_USE: Error "still-in-use" "…: … cannot be deleted while in use",
        "A project has left its entry with the policy `delete`, and environments of the registry still name it.",
        "Remove it from the environments first. To keep it and only stop managing it, use the policy `abandon`.",
        REMOVING, Shown;
    IN_USE_SINCE_PLANNING: Error "in-use-since-planning" "…: … in use since planning",
        "Others use resources that a planned destroy would delete. Nothing was changed.",
        "Plan again, and review that plan.",
        REMOVING, Shown;
    MORE_THAN_PLANNED: Error "more-than-planned" "…: … more than planned would be deleted",
        "The registry changed after planning, and the destroy would now delete more. Nothing was changed.",
        "Plan again, and review that plan.",
        REMOVING, Shown;
    REMOVAL_NOT_IN_PLAN: Error "removal-not-in-plan" "…: … not in the plan would be removed",
        "An update would remove what its plan did not show: a value was not known, or the registry changed after planning. Nothing was changed.",
        "Plan again, and review that plan.",
        REMOVING, Shown;
    REMOVALS_UNKNOWN: Error "removals-unknown" "…: … is not known at plan",
        "An argument depends on something that is applied first, so the plan cannot show what the update removes, and this version of Terraform or OpenTofu does not tell the apply what was shown.",
        "Set a value that is known, or apply first what it depends on (`-target=ADDRESS`), then plan again.",
        REMOVING, Shown;
    REPLACEMENT_REFUSED: Error "replacement-refused" "Replacement of … is refused",
        "Terraform plans to delete an object and create it again, because of `-replace`, `replace_triggered_by` or a tainted state. That would delete what is in it.",
        "Remove the flag or trigger: a plain `terraform apply` repairs whatever differs. For a tainted state, run `terraform untaint ADDRESS`.",
        REMOVING, Shown;
    MASS_REMOVAL_REFUSED: Error "mass-removal-refused" "…: mass removal refused",
        "The run would remove more than `guard.max_removals` permits. This is often a mistake: another branch's registry, one that is cut off, a `for_each` without entries.",
        "If all of it is intended, write the `acknowledge` that the message shows in the `guard` block, and remove it after the apply.",
        REMOVING, Shown;
    MASS_REVOCATION_REFUSED: Error "mass-revocation-refused" "…: mass revocation refused",
        "The run would withdraw more access than `guard.max_revocations` permits.",
        "If all of it is intended, write the `acknowledge` that the message shows in the `guard` block, and remove it after the apply.",
        REMOVING, Shown;
    MASS_ADOPTION_REFUSED: Error "mass-adoption-refused" "…: mass adoption refused",
        "The run would adopt many resources that carry this registry's label and are in no state: the state is lost or an older one was restored, or services were renamed without `moved` blocks.",
        "Restore the newest state and plan again. If there is none, import the services, or acknowledge their adoption.",
        REMOVING, Shown;
    ACKNOWLEDGEMENT_WITHOUT_EFFECT: Warning "acknowledgement-without-effect" "The acknowledgement of the guard has no effect on registry …",
        "`acknowledge` in the `guard` block is not a digest of the registry as it is now.",
        "Remove it, or write the present digest, which the error of a refused run shows.",
        REMOVING, Shown;
}
