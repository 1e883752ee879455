//! The state of `anu_project_iam`, and the grants it means.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::{DeletionPolicy, Grants, Member, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::leaf::values::{List, all_items, items, listed};
use crate::provider::lifecycle::refresh::{Numbers, Refreshed};
use crate::provider::lifecycle::wording::PROJECT_IAM;
use crate::provider::lifecycle::{Desired, Partial, Presence, StateModel, messages};
use crate::registry::names::{NameError, ProjectId, RegistryName};
use crate::sdk::{Attr, Diagnostic, Diagnostics};

/// Members by role, as a user writes them.
pub type Members = Attr<BTreeMap<String, List>>;

crate::model! {
    /// Configuration, plan and state of the resource.
    pub struct ProjectIamModel {
        pub project_id: Attr<String>,
        pub members: Members,
        pub id: Attr<String>,
    }
}

impl StateModel for ProjectIamModel {
    fn identity(&self) -> Option<Identity> {
        self.project_id.known()?.parse().ok().map(Identity::ProjectIam)
    }

    fn stored_identity(&self) -> Result<Identity, Diagnostics> {
        self.stored_id().map(Identity::ProjectIam)
    }

    /// An unknown member hides nothing: a plan shows that all are revoked that it does not know, and an apply may revoke fewer.
    fn hides_removals(&self, managed: &ResourceSet) -> Option<&'static str> {
        let had = |role: &String| managed.iam.values().any(|grants| grants.contains_key(role.as_str()));
        let members = match &self.members {
            Attr::Known(roles) => roles.iter().any(|(role, members)| members.is_unknown() && had(role)),
            members => members.is_unknown(),
        };
        let all = [("project_id", self.project_id.is_unknown()), ("members", members)];
        all.into_iter().find(|(_, unknown)| *unknown && !managed.is_empty()).map(|(name, _)| name)
    }

    fn managed(&self) -> Result<ResourceSet, Diagnostics> {
        self.desired(&self.stored_id()?, &ResourceSet::default())
    }

    /// Members carry no ownership label. The registry's name is in private state.
    fn registry(&self) -> Option<&String> {
        None
    }

    fn policy(&self) -> DeletionPolicy {
        DeletionPolicy::Delete
    }

    fn adopts(&self) -> bool {
        false
    }

    fn set_unknown(&mut self, _: &Self) {
        self.id = Attr::Unknown;
    }

    fn set_planned(&mut self, prior: Option<&Self>, _: &Self, desired: &Desired, _: &Numbers) {
        // Another order or spelling means the same.
        if let Some(prior) = prior
            && self.grants().is_some_and(|grants| Some(grants) == prior.grants())
        {
            self.members = prior.members.clone();
        }
        self.id = id_of(&desired.identity).ok().map(ToString::to_string).into();
    }

    fn set_partial(&mut self, partial: &Partial<'_, Self>) {
        self.set_members(partial.managed);
    }

    fn set_observed(&mut self, _: &ResourceSet, refreshed: Refreshed, _: &RegistryName) -> Presence {
        self.set_members(&refreshed.managed);
        // Without any of its members it is still in the state: the next plan grants them again.
        Presence::Present
    }

    fn set_imported(&mut self, desired: &Desired, refreshed: &Refreshed) {
        self.project_id = id_of(&desired.identity).ok().map(ToString::to_string).into();
        self.id = self.project_id.clone();
        self.set_members(&refreshed.managed);
    }
}

impl ProjectIamModel {
    /// The project of a stored state. A state always has one.
    fn stored_id(&self) -> Result<ProjectId, Diagnostics> {
        self.project_id.known().map_or("", String::as_str).parse().map_err(invalid)
    }

    /// The desired members: those that are known. Where all of a role, or all roles, are not known yet, they are taken to stay as
    /// they are.
    ///
    /// # Errors
    /// When a name in it is not valid, which the check of the arguments has reported already.
    pub fn desired(&self, id: &ProjectId, managed: &ResourceSet) -> Result<ResourceSet, Diagnostics> {
        let had = managed.iam.get(id).cloned().unwrap_or_default();
        let grants = if self.members.is_unknown() { had } else { self.known_grants(&had).map_err(invalid)? };
        let mut resources = ResourceSet { iam: [(id.clone(), grants)].into(), ..ResourceSet::default() };
        resources.prune();
        Ok(resources)
    }

    fn known_grants(&self, had: &Grants) -> Result<Grants, NameError> {
        let mut grants = Grants::new();
        for (role, members) in self.members.known().into_iter().flatten() {
            let known = items(members).map(|member| Ok(member.parse::<Member>()?.as_google()));
            let known = known.collect::<Result<BTreeSet<Member>, NameError>>()?;
            let stay = members.is_unknown().then(|| had.get(role.as_str()).cloned()).flatten().unwrap_or_default();
            grants.insert(role.parse()?, known.into_iter().chain(stay).collect());
        }
        Ok(grants)
    }

    /// What all of it means, once all of it is known.
    fn grants(&self) -> Option<Grants> {
        self.members.known()?.values().all(|members| all_items(members).is_some()).then_some(())?;
        self.known_grants(&Grants::new()).ok()
    }

    /// Puts members into the attribute, in the user's own spelling and order where that still means the same.
    fn set_members(&mut self, resources: &ResourceSet) {
        let Ok(id) = self.stored_id() else { return };
        let before = std::mem::take(&mut self.members).into_known().unwrap_or_default();
        let mut all = BTreeMap::new();
        for (role, members) in resources.iam.get(&id).into_iter().flatten().filter(|(_, members)| !members.is_empty()) {
            let order = before.get(role.as_str()).unwrap_or(&Attr::Null);
            let texts = members.iter().map(ToString::to_string).collect();
            all.insert(role.to_string(), listed(order, &texts, meaning));
        }
        self.members = Attr::Known(all);
    }
}

/// What the text of a member means: the same in the spelling of Google.
pub fn meaning(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |member: Member| member.as_google().to_string())
}

/// The project of an identity.
pub fn id_of(identity: &Identity) -> Result<&ProjectId, Diagnostics> {
    match identity {
        Identity::ProjectIam(id) => Ok(id),
        _ => Err(Diagnostic::bug("IAM members of a project have the identity of another resource.").into()),
    }
}

fn invalid(error: NameError) -> Diagnostics {
    messages::invalid_state(&PROJECT_IAM, &error).into()
}
