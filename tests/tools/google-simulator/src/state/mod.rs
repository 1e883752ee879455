//! Everything that the simulator knows: resources, policies, operations. What a handler may do is not decided here.

mod account;
mod delayed;
mod folder;
mod operation;
mod policy;
mod project;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use self::account::{ServiceAccount, email_of, project_of};
pub(crate) use self::delayed::Delayed;
pub(crate) use self::folder::Folder;
pub(crate) use self::operation::{Effect, Operation, OperationKind};
pub use self::policy::Condition;
pub(crate) use self::policy::{Binding, Policy};
pub(crate) use self::project::{Lifecycle, Project, service_name};

/// How long a deleted project can be restored.
pub(crate) const PROJECT_GRACE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The state of the simulated cloud.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// How far the simulated clock is ahead.
    #[serde(default)]
    clock_ahead: SignedDuration,
    /// How long reads answer with what was before a write.
    #[serde(skip)]
    pub read_delay: Duration,
    /// The last number given out.
    sequence: u64,
    pub organization: String,
    pub folders: BTreeMap<String, Folder>,
    /// By id.
    pub projects: BTreeMap<String, Delayed<Project>>,
    /// Ids that may not be used again.
    pub retired_ids: BTreeSet<String>,
    pub liens: BTreeMap<String, Lien>,
    pub billing_accounts: BTreeMap<String, BillingAccount>,
    /// By e-mail address; those that were deleted are in `deleted_accounts`, by unique id.
    pub accounts: BTreeMap<String, Delayed<ServiceAccount>>,
    pub deleted_accounts: BTreeMap<String, ServiceAccount>,
    /// By name of the resource: `projects/ID`, `folders/N`, `organizations/N`, `billingAccounts/X`, `serviceAccounts/EMAIL`.
    pub policies: BTreeMap<String, Delayed<Policy>>,
    pub operations: BTreeMap<String, Operation>,
    /// Members that policies must not name: they do not exist.
    pub missing: BTreeSet<String>,
    /// Principals by the token that they send.
    pub tokens: BTreeMap<String, Token>,
    /// Members of groups.
    pub groups: BTreeMap<String, BTreeSet<String>>,
    /// Custom roles, and predefined ones that the simulator does not know.
    pub roles: BTreeMap<String, BTreeSet<String>>,
}

/// What keeps a project from being deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lien {
    pub name: String,
    /// The id of the project.
    pub project: String,
    pub restrictions: Vec<String>,
    pub reason: String,
    pub origin: String,
    pub create_time: Timestamp,
}

/// A billing account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BillingAccount {
    pub display_name: String,
    pub open: bool,
    /// The most projects that may be linked to it.
    pub project_cap: Option<usize>,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub principal: String,
    pub expires: Option<Timestamp>,
}

impl State {
    /// The simulated time, in the precision of Google's answers.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now() + self.clock_ahead;
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Moves the simulated clock.
    pub fn advance(&mut self, time: Duration) {
        self.clock_ahead += SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    }

    /// The time whose state reads see.
    pub fn seen_at(&self) -> Timestamp {
        self.now() - SignedDuration::try_from(self.read_delay).unwrap_or_default()
    }

    /// A number that was not used before.
    pub fn next_number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// An etag as IAM has them.
    pub fn next_policy_etag(&mut self) -> String {
        let mut bytes = self.next_number().to_be_bytes();
        bytes[0] = 0x07; // so that it reads `Bw…`, as Google's do
        bytes[1] = 0x06;
        STANDARD.encode(bytes)
    }

    /// An etag as Resource Manager has them.
    pub fn next_etag(&mut self) -> String {
        format!("W/\"{:016x}\"", self.next_number())
    }

    /// Completes what is due: operations, and the end of deleted projects.
    pub fn settle(&mut self) {
        let now = self.now();
        operation::settle(self, now);
        let over: Vec<String> = self
            .projects
            .iter()
            .filter(|(_, project)| project.current().delete_time.is_some_and(|at| at + PROJECT_GRACE <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            self.purge(&id);
        }
    }

    /// Does at once what an operation would do.
    pub fn apply(&mut self, effect: Effect) {
        let now = self.now();
        operation::apply(self, effect, now).expect("what it changes is there");
    }

    /// Removes a project with what is in it. Its id stays taken for ever.
    pub fn purge(&mut self, id: &str) {
        self.projects.remove(id);
        self.retired_ids.insert(id.to_owned());
        self.policies.remove(&format!("projects/{id}"));
        self.liens.retain(|_, lien| lien.project != id);
        let accounts: Vec<String> =
            self.accounts.iter().filter(|(_, it)| it.current().project == id).map(|(email, _)| email.clone()).collect();
        for email in accounts {
            self.accounts.remove(&email);
            self.policies.remove(&format!("serviceAccounts/{email}"));
        }
    }

    /// Whether a project may not have this id: it is used, was used, or is being created.
    pub fn is_taken(&self, id: &str) -> bool {
        self.projects.contains_key(id)
            || self.retired_ids.contains(id)
            || self.operations.values().any(|operation| operation.creates(id))
    }

    /// The id of the project that a request names by id or number.
    pub fn project_id(&self, id_or_number: &str) -> Option<String> {
        if self.projects.contains_key(id_or_number) {
            return Some(id_or_number.to_owned());
        }
        let number: u64 = id_or_number.parse().ok()?;
        self.projects.iter().find(|(_, it)| it.current().number == number).map(|(id, _)| id.clone())
    }

    /// Changes a project, which must exist.
    pub fn change_project(&mut self, id: &str, change: impl FnOnce(&mut Project)) {
        let (now, seen, etag) = (self.now(), self.seen_at(), self.next_etag());
        if let Some(project) = self.projects.get_mut(id) {
            project.change(now, seen, |project| {
                change(project);
                project.etag = etag;
                project.update_time = now;
            });
        }
    }

    /// The policy of a resource as it is now.
    pub fn policy(&self, resource: &str) -> Policy {
        self.policies.get(resource).map(|policy| policy.current().clone()).unwrap_or_default()
    }

    /// Replaces a policy. The etag changes.
    pub fn write_policy(&mut self, resource: &str, mut policy: Policy) {
        let (now, seen) = (self.now(), self.seen_at());
        policy.etag = self.next_policy_etag();
        match self.policies.get_mut(resource) {
            Some(versions) => versions.change(now, seen, |old| *old = policy),
            None => drop(self.policies.insert(resource.to_owned(), Delayed::new(now, policy))),
        }
    }

    /// The resource and what it is in, from the inside out.
    pub fn ancestry(&self, resource: &str) -> Vec<String> {
        let mut ancestry = vec![resource.to_owned()];
        while let Some(parent) = ancestry.last().and_then(|it| self.parent(it)) {
            ancestry.push(parent);
        }
        ancestry
    }

    fn parent(&self, resource: &str) -> Option<String> {
        let (kind, name) = resource.split_once('/')?;
        match kind {
            "projects" => self.projects.get(name)?.current().parent.clone(),
            "folders" => self.folders.get(resource).map(|folder| folder.parent.clone()),
            "billingAccounts" => Some(self.organization.clone()),
            "serviceAccounts" => self.accounts.get(name).map(|it| format!("projects/{}", it.current().project)),
            _ => None,
        }
    }

    /// Whether there is a folder or organization of this name.
    pub fn is_parent(&self, name: &str) -> bool {
        name == self.organization || self.folders.get(name).is_some_and(|folder| folder.state == Lifecycle::Active)
    }
}
