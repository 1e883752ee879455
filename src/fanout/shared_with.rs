//! Who uses what a service owns: its plan shows it, so that a new user is reviewed with the owner.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::registry::Registry;
use crate::registry::names::{EnvironmentName, ServiceName};
use crate::registry::references::Reference;

/// The other services that use a project or namespace, by its resource key, in order.
pub type SharedWith = BTreeMap<String, Vec<ServiceName>>;

/// The shared projects and namespaces of every owner, by the owner's position in the document. Projects that exist without anu
/// are included: access to them is granted too.
#[derive(Debug, Default)]
pub(crate) struct Owners(HashMap<u32, Vec<Owned>>);

/// One shared project or namespace.
#[derive(Debug)]
struct Owned {
    key: String,
    users: Vec<ServiceName>,
    /// The owner's environments that use it.
    environments: BTreeSet<EnvironmentName>,
}

impl Owners {
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut owners = Self::default();
        for entry in &registry.projects {
            owners.add(registry, entry.owner.as_ref(), entry.id.to_string(), registry.references.of_project(&entry.id));
        }
        for entry in &registry.namespaces {
            let key = entry.key();
            owners.add(registry, entry.owner.as_ref(), key.to_string(), registry.references.of_namespace(&key));
        }
        owners
    }

    fn add(&mut self, registry: &Registry, owner: Option<&ServiceName>, key: String, references: &[Reference]) {
        let Some(position) = owner.and_then(|owner| registry.services.position(owner.as_str())) else { return };
        let position = position as u32;
        let (own, others): (Vec<&Reference>, Vec<&Reference>) =
            references.iter().partition(|reference| reference.service == position);
        let users: BTreeSet<&ServiceName> =
            others.into_iter().map(|reference| &reference.service(&registry.services).name).collect();
        if users.is_empty() {
            return;
        }
        let environments =
            own.into_iter().map(|reference| reference.environment(&registry.services).name.clone()).collect();
        let owned = Owned { key, users: users.into_iter().cloned().collect(), environments };
        self.0.entry(position).or_default().push(owned);
    }

    /// What the service owns and others use. With a selection: what the selected environments use, and what none of its
    /// environments does.
    pub(crate) fn shared_with(&self, service: u32, selected: Option<&BTreeSet<EnvironmentName>>) -> SharedWith {
        let belongs = |owned: &&Owned| {
            selected.is_none_or(|selected| owned.environments.is_empty() || !owned.environments.is_disjoint(selected))
        };
        let owned = self.0.get(&service).into_iter().flatten().filter(belongs);
        owned.map(|owned| (owned.key.clone(), owned.users.clone())).collect()
    }
}
