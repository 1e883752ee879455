//! What a user reads about services only. See [`lifecycle::messages`](crate::provider::lifecycle::messages).

use crate::codes;
use crate::fanout::FanOut;
use crate::fanout::removal::Removals;
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::provider::lifecycle::messages::counts;
use crate::registry::suggest::{did_you_mean, nearest};
use crate::sdk::{Diagnostic, Path};

pub(in crate::provider) fn unknown_service(name: &str, fan_out: &FanOut, source: &str) -> Diagnostic {
    let names = fan_out.services().map(|(name, _)| name.as_str());
    let hint = did_you_mean(nearest(name, names));
    Diagnostic::titled(
        codes::SERVICE_NOT_IN_REGISTRY,
        format!("Service `{name}` is not in the registry"),
        format!(
            "The registry `{source}` has no service `{name}`.{hint}\n\nIf it was renamed, add a `moved` block. If it is to be \
             deleted, remove it from the configuration too; with `for_each` over `service_digests` that happens by itself."
        ),
    )
    .at(Path::attribute("name"))
}

pub(super) fn unknown_environment<'e>(
    service: &str,
    name: &str,
    existing: impl Iterator<Item = &'e str> + Clone,
    source: &str,
) -> Diagnostic {
    let hint = did_you_mean(nearest(name, existing.clone()));
    let all: Vec<String> = existing.map(|name| format!("`{name}`")).collect();
    let has = if all.is_empty() { "It has none".to_owned() } else { format!("Environments: {}", all.join(", ")) };
    Diagnostic::titled(
        codes::ENVIRONMENT_NOT_IN_REGISTRY,
        format!("Service `{service}` has no environment `{name}`"),
        format!("The registry `{source}` has no environment `{name}` of service `{service}`. {has}.{hint}"),
    )
}

pub(super) fn registry_changed(name: &str, approved: &str, now: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::CHANGED_AFTER_PLANNING,
        format!("Service `{name}` changed in the registry after planning"),
        format!(
            "What service `{name}` fans out into is not what was approved.\n\n  approved: {approved}\n  now:      {now}\n\n\
             Nothing was changed. Plan again, review the difference, and apply that plan. If that plan is refused too, `digest` \
             is a literal: {}",
            instead_of_literal(name)
        ),
    )
}

/// At plan, where the digest of the registry is known to be the newest.
pub(super) fn outdated_digest(name: &str, approved: &str, now: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::OUTDATED_DIGEST,
        format!("Service `{name}`: `digest` is out of date"),
        format!(
            "`digest` is not the digest of service `{name}` in the registry.\n\n  digest:   {approved}\n  registry: {now}\n\nNothing \
             was changed. A literal digest, as Terraform before 1.14 and OpenTofu write it into generated configuration \
             (`-generate-config-out`), is out of date after each change of the service: {}",
            instead_of_literal(name)
        ),
    )
}

fn instead_of_literal(name: &str) -> String {
    format!(
        "write\n\n  digest = data.anu_registry.this.service_digests[\"{name}\"]\n\nwith the name of your data source, or remove the \
         line. A literal `deletion_policy` overrides the registry's: remove it too, unless you wrote it."
    )
}

pub(super) fn removal_refused(identity: &Identity, removals: &Removals) -> Diagnostic {
    Diagnostic::titled(
        codes::REMOVAL_REFUSED,
        format!("{}: deletion of {} is refused", identity.title(), counts(&removals.refused)),
        format!(
            "Apply would delete these protected resources of {identity}: the registry no longer lists them for it, and their \
             deletion policy in the state is `prevent`.\n{}\n\nNothing was changed. Put the entry back, or remove it in two \
             reviewed steps: first set `deletion_policy = \"delete\"` on this resource (or `\"deletionPolicy\": \"delete\"` on \
             the entry, which a `deletion_policy` on this resource overrides) while the entry is still there, and apply; then \
             remove the entry. With `abandon` they are not deleted and leave the state. See the guide \"Removing and moving\".",
            lines(&removals.refused)
        ),
    )
}

pub(super) fn no_longer_managed(identity: &Identity, settings: &[String]) -> Option<Diagnostic> {
    let number =
        if settings.len() == 1 { "1 setting is".to_owned() } else { format!("{} settings are", settings.len()) };
    let lines: String = settings.iter().map(|line| format!("\n  {line}")).collect();
    (!settings.is_empty()).then(|| {
        Diagnostic::titled(
            codes::SETTINGS_NO_LONGER_MANAGED,
            format!("{}: {number} no longer managed", identity.title()),
            format!(
                "The registry no longer states these settings for {identity}. Apply does not change them, and what others change \
                 of them later is not reverted:\n{lines}\n\nTo manage them, state them in the entries again."
            ),
        )
    })
}

#[cfg(test)]
mod tests;
