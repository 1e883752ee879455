//! What exists, and which requests were received, for the assertions of tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::Simulator;
use crate::discovery;
use crate::quotas::{Api, Metric};
use crate::router;
use crate::state::Condition;
use crate::transcript::Exchange;

impl Simulator {
    /// A project as Resource Manager shows it, also one that is pending deletion.
    pub fn project(&self, id: &str) -> Option<Value> {
        self.engine.with_state(|state| state.projects.get(id).map(|project| project.current().render()))
    }

    /// The ids of all projects, also of those that are pending deletion.
    pub fn projects(&self) -> Vec<String> {
        self.engine.with_state(|state| state.projects.keys().cloned().collect())
    }

    /// The billing account that a project is linked to.
    pub fn billing_account(&self, id: &str) -> Option<String> {
        self.engine.with_state(|state| state.projects.get(id)?.current().billing_account.clone())
    }

    /// The enabled APIs of a project.
    pub fn services(&self, id: &str) -> Vec<String> {
        self.engine.with_state(|state| {
            state
                .projects
                .get(id)
                .map(|project| project.current().services.iter().cloned().collect())
                .unwrap_or_default()
        })
    }

    /// The liens on a project: reason and origin.
    pub fn liens(&self, id: &str) -> Vec<(String, String)> {
        self.engine.with_state(|state| {
            let liens = state.liens.values().filter(|lien| lien.project == id);
            liens.map(|lien| (lien.reason.clone(), lien.origin.clone())).collect()
        })
    }

    /// The policy of a resource, as a client gets it that understands conditions.
    pub fn policy(&self, resource: &str) -> Value {
        self.engine.with_state(|state| state.policy(resource).render(3))
    }

    /// The grants of a resource: role, member and condition.
    pub fn grants(&self, resource: &str) -> Vec<(String, String, Option<Condition>)> {
        self.engine.with_state(|state| {
            let bindings = state.policy(resource).bindings.into_iter();
            bindings
                .flat_map(|binding| {
                    let grant = move |member| (binding.role.clone(), member, binding.condition.clone());
                    binding.members.into_iter().map(grant)
                })
                .collect()
        })
    }

    /// The members of a resource that have a role without a condition.
    pub fn members(&self, resource: &str, role: &str) -> Vec<String> {
        let grants = self.grants(resource).into_iter();
        grants.filter(|(it, _, condition)| it == role && condition.is_none()).map(|(_, member, _)| member).collect()
    }

    /// A service account as IAM shows it, by e-mail address.
    pub fn service_account(&self, email: &str) -> Option<Value> {
        self.engine.with_state(|state| state.accounts.get(email).map(|account| account.current().render()))
    }

    /// How many requests have got no answer, by [`Fault::hang_before`](crate::Fault::hang_before) and
    /// [`Fault::hang_after`](crate::Fault::hang_after).
    pub fn hanging(&self) -> usize {
        self.engine.lock().hanging
    }

    /// Every exchange so far.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.engine.lock().transcript.exchanges.clone()
    }

    /// Every exchange so far, and forgets them.
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.engine.lock().transcript.exchanges)
    }

    /// Forgets the exchanges so far, so that the next ones are counted from 1.
    pub fn forget_exchanges(&self) {
        drop(self.take_exchanges());
    }

    /// The names of all methods that are simulated.
    pub fn methods() -> Vec<&'static str> {
        router::ids().collect()
    }

    /// The folder with Google's Python client, for PYTHONPATH; installed when it is first needed.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed.
    pub fn python_client() -> Result<PathBuf, String> {
        discovery::folder()
    }

    /// How often a method was called: `cloudresourcemanager.projects.setIamPolicy`.
    pub fn requests(&self, id: &str) -> usize {
        self.request_counts().get(id).copied().unwrap_or_default()
    }

    /// How often each method was called.
    pub fn request_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for exchange in &self.engine.lock().transcript.exchanges {
            *counts.entry(exchange.id).or_default() += 1;
        }
        counts
    }

    /// The most that was used of a quota in any minute, in the units of the quota: a project creation costs 10.
    pub fn peak(&self, api: Api, metric: Metric) -> u64 {
        self.engine.lock().peak(api, metric)
    }
}
