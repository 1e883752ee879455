//! Grants that have ended. The registry still contains them, and a plan removes them.
//!
//! Core plans a change a second time at apply and requires the same answer, so what has ended cannot be what the clock says at each
//! of the two. It is what it said once:
//!
//! - An update uses what the refresh before it has noted ([`note`]): core hands that private state to both plans.
//! - A create has no private state. It uses the clock, and notes it in the plan, which Terraform 1.16 and later send with the second
//!   plan. On others a grant that ends between the plan and the apply of a create is refused by core, with the warning about
//!   it beside the error; nothing is created, and the next plan is right.
//! - An apply uses what its plan has noted: what ends in between is granted as planned, gives no access, and is removed by the
//!   next plan.
//!
//! Noted is the latest end that has passed, and not the time: a state changes only when something has ended.

use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::LoadedRegistry;
use crate::registry::Expiry;
use crate::sdk::{Call, Private};

/// In private state: the latest end of a grant that had passed.
const ENDED: &str = "ended";

/// Which grants count as ended: those that end at this time or earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended(Option<Expiry>);

impl Ended {
    /// None: for an import, whose next plan removes them.
    pub const NONE: Self = Self(None);

    /// In a plan request, of an object that is new or has a state.
    pub fn of_plan(call: &Call, is_new: bool, loaded: &LoadedRegistry, identity: &Identity) -> Self {
        match &call.planned_private {
            Some(private) => Self::noted(private),
            None if is_new => Self::now(loaded, identity, &ResourceSet::default()),
            None => Self::noted(&call.private),
        }
    }

    /// What a refresh or plan has noted.
    pub fn noted(private: &Private) -> Self {
        Self(private.get::<String>(ENDED).and_then(|text| Expiry::parse_printed(&text)))
    }

    /// What the clock says of the grants that a service's entry contains, and of those that its state records. A service that the
    /// registry does not contain may have been renamed, and be planned under its new name: then of all services.
    fn now(loaded: &LoadedRegistry, identity: &Identity, managed: &ResourceSet) -> Self {
        let Identity::Service { name, .. } = identity else { return Self::NONE };
        let desired = loaded.fan_out.service(name).map(|service| &service.resources);
        let renamed = if desired.is_none() { loaded.latest_ended() } else { None };
        let grants = desired.into_iter().chain([managed]).flat_map(|resources| resources.iam.values());
        let members = grants.flat_map(|grants| grants.values().flatten());
        let ends = members.filter_map(|member| member.expires).filter(|expires| expires.has_passed(loaded.now));
        Self(ends.chain(renamed).max())
    }

    /// Whether a grant has ended.
    pub fn includes(self, key: &Key) -> bool {
        matches!(key, Key::IamMember(_, _, member) if member.expires.is_some_and(|expires| Some(expires) <= self.0))
    }

    /// Removes the grants that have ended.
    pub fn remove_from(self, resources: &mut ResourceSet) {
        let Some(last) = self.0 else { return };
        let grants = resources.iam.values_mut().flat_map(|grants| grants.values_mut());
        grants.for_each(|members| members.retain(|member| member.expires.is_none_or(|expires| expires > last)));
        resources.prune();
    }

    /// Notes it for the second plan and the apply.
    pub fn write(self, private: &mut Private) {
        match self.0 {
            Some(last) => private.set(ENDED, last),
            None => private.remove(ENDED),
        }
    }
}

/// Notes at a refresh what has ended by now.
pub fn note(loaded: &LoadedRegistry, identity: &Identity, managed: &ResourceSet, private: &mut Private) {
    Ended::now(loaded, identity, managed).write(private);
}
