//! The guard against mass removal, over all resources of a run.
//!
//! Every plan adds what it removes, revokes and adopts to the run's [`totals`](super::totals), and is refused when a sum is beyond its
//! limit. The verdict is monotonic in the sums, so a run is refused or not in whatever order core plans its resources, and after the
//! first refusal every further resource with a part in the sum is refused too: together the errors list all of it.
//!
//! The apply of an approved plan is not refused: it plans again what the plan has planned, but for the destroys, so no sum is larger.

use std::collections::BTreeSet;

use super::guard_messages::{self as messages, Refusal};
use super::messages::counts;
use super::totals::Counted;
use crate::fanout::impact::Kind;
use crate::fanout::impact::PROTECTED;
use crate::fanout::impact::guard::{Excess, Guarded, removed, revoked};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::provider::session::{LoadedRegistry, Session};
use crate::sdk::{Call, Diagnostic, Diagnostics};

/// The guard, in the plan of one resource.
pub struct Guarding<'g> {
    session: &'g Session,
    identity: &'g Identity,
    /// None if it is not readable, which only a destroy survives.
    loaded: Option<&'g LoadedRegistry>,
    /// Whether this is known to be the second plan, at apply, of what was approved.
    approved: bool,
}

impl<'g> Guarding<'g> {
    /// In a plan. Warns once a run of an acknowledgement that is of another revision of the registry.
    pub fn new(
        session: &'g Session,
        call: &mut Call,
        identity: &'g Identity,
        loaded: Option<&'g LoadedRegistry>,
    ) -> Self {
        let guard = Self { session, identity, loaded, approved: call.planned_private.is_some() };
        if let (Some(loaded), Some(text)) = (loaded, &session.guard().acknowledge)
            && session.acknowledgements(loaded).acknowledged(text).is_empty()
            && !std::mem::replace(&mut session.run_state().totals.spent_is_told, true)
        {
            call.diagnostics.push(messages::spent(loaded, text));
        }
        guard
    }

    /// Counts what an update or a destroy removes. Grants for which `counts` is false do not count.
    ///
    /// # Errors
    /// When the run removes more projects, namespaces and service accounts, or more access, than the limits permit.
    pub fn removals(
        &self,
        before: &ResourceSet,
        after: &ResourceSet,
        removals: &Removals,
        counts: impl Fn(&Key) -> bool,
    ) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        // What `manage` excludes is released by an edit of the provider block, and remains.
        let excluded = self.session.unmanaged_keys(before);
        let gone: BTreeSet<Key> = removed(removals).difference(&excluded).cloned().collect();
        errors.extend(self.protected(Guarded::Removals, &gone));
        let access = revoked(before, after, removals, counts);
        let outside = access.iter().filter(|(scope, who)| !self.has_access(scope, who, before, after)).count();
        let counted = Counted { number: access.len(), outside };
        let own: String = access.iter().map(|(scope, who)| format!("\n  {who} in {} {scope}", scope.kind())).collect();
        let number = access.len();
        let words = format!("{number} principal{}", if number == 1 { "" } else { "s" });
        errors.extend(self.check(Guarded::Revocations, counted, words, &own));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Counts what a create would adopt because it has this registry's label.
    ///
    /// # Errors
    /// When the run adopts more than the limit permits.
    pub fn adoptions(&self, adopted: &BTreeSet<Key>) -> Result<(), Diagnostics> {
        self.protected(Guarded::Adoptions, adopted).map_or(Ok(()), |error| Err(error.into()))
    }

    fn protected(&self, guarded: Guarded, keys: &BTreeSet<Key>) -> Option<Diagnostic> {
        let keys: BTreeSet<&Key> = keys.iter().filter(|key| PROTECTED.contains(&Kind::of(key))).collect();
        let counted =
            Counted { number: keys.len(), outside: keys.iter().filter(|key| !self.is_in_registry(key)).count() };
        self.check(guarded, counted, counts(keys.iter().copied()), &lines(keys))
    }

    /// Adds to the sum; the refusal, if it is too much and was not acknowledged.
    fn check(&self, guarded: Guarded, counted: Counted, words: String, own: &str) -> Option<Diagnostic> {
        if counted.number == 0 {
            return None;
        }
        let Self { session, identity, loaded, .. } = *self;
        let sum = session.run_state().totals.count(guarded, identity, counted, words);
        let settings = session.guard();
        let limit = settings.limits.limit(guarded);
        if self.approved || !limit.may_be_exceeded(sum.number) {
            return None;
        }
        let is_managed = |kind| session.manages(kind);
        let present = loaded.map(|loaded| session.present(loaded)).map_or(0, |present| match guarded {
            Guarded::Revocations => present.access(is_managed),
            Guarded::Removals | Guarded::Adoptions => present.protected(is_managed),
        });
        let excess = Excess { guarded, number: sum.number, total: present + sum.outside, limit };
        if !limit.is_exceeded(excess.number, excess.total) {
            return None;
        }
        let digests = loaded.map(|loaded| session.acknowledgements(loaded));
        let acknowledged = digests.zip(settings.acknowledge.as_deref());
        let acknowledged = acknowledged.map(|(digests, text)| digests.acknowledged(text)).unwrap_or_default();
        if acknowledged.contains(&guarded) {
            return None;
        }
        let mut run_state = session.run_state();
        run_state.totals.exceeded.insert(guarded);
        let together = run_state.totals.exceeded.union(&acknowledged).copied().collect();
        let acknowledge = digests.and_then(|digests| digests.for_these(&together));
        // Of thousands of refusals each lists the first parts only, so that all of them take no longer than the plan.
        let counted = run_state.totals.counted(guarded);
        let more = counted.len().saturating_sub(messages::MOST_LISTED);
        let so_far = counted.take(messages::MOST_LISTED).collect();
        Some(messages::refused(&Refusal {
            identity,
            excess: &excess,
            own,
            so_far,
            more,
            loaded,
            together,
            acknowledge,
        }))
    }

    fn is_in_registry(&self, key: &Key) -> bool {
        self.loaded.is_some_and(|loaded| !loaded.fan_out.users_of(key).is_empty())
    }

    /// Whether a principal has access to a project or namespace by the registry.
    fn has_access(&self, scope: &Key, who: &str, before: &ResourceSet, after: &ResourceSet) -> bool {
        let keys = |of: &ResourceSet| -> Vec<Key> {
            match scope {
                Key::Project(project) => {
                    let grants = of.iam.get(project).into_iter().flatten();
                    let members = grants.flat_map(|(role, members)| members.iter().map(move |member| (role, member)));
                    let own = members.filter(|(_, member)| member.principal.as_str() == who);
                    own.map(|(role, member)| Key::IamMember(project.clone(), role.clone(), member.clone())).collect()
                }
                Key::Namespace(namespace) => {
                    let bindings = of.role_bindings.get(namespace).into_iter().flatten();
                    let own = bindings.filter(|(_, binding)| binding.subjects.contains(who));
                    own.map(|(name, _)| Key::RoleBinding(namespace.clone(), name.clone())).collect()
                }
                _ => Vec::new(),
            }
        };
        !keys(after).is_empty() || keys(before).iter().any(|key| self.is_given(key, who))
    }

    /// Whether the registry gives this key to a principal: a role binding may remain without it.
    fn is_given(&self, key: &Key, who: &str) -> bool {
        let Some(fan_out) = self.loaded.map(|loaded| &loaded.fan_out) else { return false };
        fan_out.users_of(key).into_iter().any(|user| match key {
            Key::RoleBinding(namespace, name) => {
                let service = fan_out.service(user.as_str());
                let bindings = service.and_then(|service| service.resources.role_bindings.get(namespace));
                bindings.and_then(|bindings| bindings.get(name)).is_some_and(|binding| binding.subjects.contains(who))
            }
            _ => true,
        })
    }
}
