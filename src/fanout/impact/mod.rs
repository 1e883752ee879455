//! What a change of the registry does, and for whom: from two fan-outs. Pure; the same for the provider and the command line.
//!
//! [`Impact::between`] compares them in time linear in both. What is equal by its digest is not fanned out. Order depends on names
//! only, so two runs give the same bytes.
//!
//! - `pairs`: which entry continues which, also under another name
//! - `edits`, `entries`: what the author of the change edited
//! - `resources`, `fields`, `kind`, `counts`: what follows from it for each resource
//! - `reach`, `access`, `sharing`: what follows from it for people
//! - [`guard`]: whether it removes so much that it has to be acknowledged; `present`: how much there is
//! - `findings`: what a reviewer should read first

mod access;
mod counts;
mod edits;
mod entries;
mod fields;
mod findings;
pub mod guard;
mod kind;
mod pairs;
mod present;
mod reach;
mod resources;
mod sentence;
mod service;
mod sharing;

use serde::Serialize;

use crate::registry::canonical;

use super::FanOut;

pub use access::{AccessChange, First, LastAdmin};
pub use counts::{AccessCount, Count, Counts};
pub use edits::Edit;
pub use entries::EntryEdit;
pub use fields::FieldChange;
pub use findings::{Finding, RULES, Rule, Severity};
pub use kind::{Kind, PROTECTED};
pub use present::Present;
pub use reach::AccessStep;
pub use resources::{Change, Outcome, ResourceChange};
pub use sentence::{Part, Sentence};
pub use service::{ServiceChange, ServiceImpact};
pub use sharing::SharingChange;

use access::Pairs;
use findings::Material;
use resources::Comparison;

/// What a change of the registry does. The JSON form is documented in `docs/guides/reviewing-changes.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// `sha256:` and the hex of the SHA-256 of the services, entries and sharing that change.
    pub digest: String,
    /// How much changes.
    pub counts: Counts,
    /// What a reviewer should read first, the gravest first.
    pub findings: Vec<Finding>,
    /// Services that change, by name.
    pub services: Vec<ServiceImpact>,
    /// Edits outside of the services.
    pub entries: Vec<EntryEdit>,
    /// Changes of access, by principal.
    pub access: Vec<AccessChange>,
    /// Environments that lose their last admin.
    pub last_admins: Vec<LastAdmin>,
    /// Changes of sharing, by project and namespace.
    pub sharing: Vec<SharingChange>,
}

impl Impact {
    /// What the new fan-out changes of the old one.
    pub fn between(old: &FanOut, new: &FanOut) -> Self {
        let pairs = pairs::services(&old.registry, &new.registry);
        let pairs: Vec<_> = pairs.into_iter().map(|pair| (pair, pair.environments())).collect();
        let mut comparison = Comparison::new(old, new);
        let services = services(&mut comparison, &pairs);
        let mut counts = comparison.counts;
        for service in &services {
            match service.change {
                ServiceChange::Created => counts.services.created += 1,
                ServiceChange::Changed => counts.services.changed += 1,
                ServiceChange::Removed => counts.services.removed += 1,
            }
        }
        counts.sum_up();
        let (access, last_admins) = access::changes(old, new, &pairs);
        let sharing = sharing::changes(old, new, &pairs);
        let entries = entries::edits(old, new);
        let environments = pairs.iter().flat_map(|(service, environments)| {
            let were_there = environments.iter().filter(|pair| pair.old.is_some());
            were_there.filter_map(|pair| service.name().zip(pair.name()))
        });
        let material = Material {
            old,
            new,
            counts: &counts,
            services: &services,
            access: &access,
            last_admins: &last_admins,
            sharing: &sharing,
            entries: &entries,
            environments: environments.collect(),
        };
        let findings = material.findings();
        // What the rest follows from: neither the words of a finding nor the order of a document.
        let content = serde_json::to_vec(&(&services, &entries, &sharing)).unwrap_or_default();
        let digest = canonical::digest(&content);
        Self { digest, counts, findings, services, entries, access, last_admins, sharing }
    }

    /// Whether the registries fan out into the same, and no entry was edited.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && self.entries.is_empty() && self.sharing.is_empty() && self.access.is_empty()
    }
}

fn services(comparison: &mut Comparison<'_>, pairs: &Pairs<'_>) -> Vec<ServiceImpact> {
    let mut services = Vec::new();
    for (pair, environments) in pairs {
        let Some(service) = pair.name().cloned() else { continue };
        let change = match (pair.old, pair.new) {
            (Some(_), Some(_)) => ServiceChange::Changed,
            (None, _) => ServiceChange::Created,
            (_, None) => ServiceChange::Removed,
        };
        let edits = edits::of_service(pair, environments);
        let resources = comparison.of(pair, environments);
        if change == ServiceChange::Changed && edits.is_empty() && resources.is_empty() {
            continue;
        }
        services.push(ServiceImpact {
            service,
            previous_name: pair.previous_name().cloned(),
            change,
            edits,
            resources,
        });
    }
    services
}
