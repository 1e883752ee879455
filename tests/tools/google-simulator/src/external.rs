//! Writes of others: changes outside the APIs, at once, without permissions, quotas or etags.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Simulator;
use crate::members;
use crate::state::{
    Condition, Delayed, Effect, Lien, Lifecycle, Policy, Project, ServiceAccount, State, Token, project_of,
};
use crate::storage;

impl Simulator {
    /// Creates a project in the organization, of the administrator's, with these labels and without billing.
    ///
    /// # Panics
    ///
    /// If there is one of this id.
    pub fn add_project(&self, id: &str, labels: &[(&str, &str)]) {
        let services = self.engine.options.default_services.iter().cloned().collect();
        self.engine.with_state(|state| {
            assert!(!state.is_taken(id), "there is a project `{id}`");
            let now = state.now();
            let project = Project {
                id: id.to_owned(),
                number: 100_000_000_000 + state.next_number(),
                parent: Some(state.organization.clone()),
                display_name: id.to_owned(),
                labels: labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect(),
                state: Lifecycle::Active,
                create_time: now,
                update_time: now,
                delete_time: None,
                etag: state.next_etag(),
                billing_account: None,
                services,
                creator: crate::ADMINISTRATOR.to_owned(),
            };
            let owner = Policy::of_owner(&project.creator);
            state.projects.insert(id.to_owned(), Delayed::new(now, project));
            state.write_policy(&format!("projects/{id}"), owner);
        });
    }

    fn change_project(&self, id: &str, change: impl FnOnce(&mut Project)) {
        self.engine.with_state(|state| {
            assert!(state.projects.contains_key(id), "there is no project `{id}`");
            state.change_project(id, change);
        });
    }

    /// Sets a label of a project.
    pub fn set_label(&self, id: &str, key: &str, value: &str) {
        self.change_project(id, |project| drop(project.labels.insert(key.to_owned(), value.to_owned())));
    }

    /// Removes a label of a project.
    pub fn remove_label(&self, id: &str, key: &str) {
        self.change_project(id, |project| drop(project.labels.remove(key)));
    }

    /// Changes the display name of a project.
    pub fn set_display_name(&self, id: &str, name: &str) {
        self.change_project(id, |project| name.clone_into(&mut project.display_name));
    }

    /// Moves a project.
    pub fn set_parent(&self, id: &str, parent: &str) {
        self.change_project(id, |project| project.parent = Some(parent.to_owned()));
    }

    /// Links a project to a billing account (`billingAccounts/X`), or to none.
    pub fn set_billing_account(&self, id: &str, account: Option<&str>) {
        self.change_project(id, |project| project.billing_account = account.map(str::to_owned));
    }

    /// Enables an API, without those that it depends on.
    pub fn enable_service(&self, id: &str, service: &str) {
        self.change_project(id, |project| {
            project.services.insert(service.to_owned());
        });
    }

    /// Disables an API, and none that depend on it.
    pub fn disable_service(&self, id: &str, service: &str) {
        self.change_project(id, |project| {
            project.services.remove(service);
        });
    }

    /// Deletes a project: it can be restored for 30 days, and its billing is disconnected.
    pub fn delete_project(&self, id: &str) {
        self.effect(Effect::DeleteProject { id: id.to_owned() });
    }

    /// Restores a project, without its billing.
    pub fn restore_project(&self, id: &str) {
        self.effect(Effect::UndeleteProject { id: id.to_owned() });
    }

    fn effect(&self, effect: Effect) {
        self.engine.with_state(|state| state.apply(effect));
    }

    /// Ends the 30 days of a deleted project: it is gone, and its id stays taken.
    pub fn purge_project(&self, id: &str) {
        self.engine.with_state(|state| state.purge(id));
    }

    /// Grants a role on a resource: `projects/ID`, `folders/N`, `organizations/N`, `billingAccounts/X`, `serviceAccounts/EMAIL`.
    pub fn add_member(&self, resource: &str, role: &str, member: &str) {
        self.change_policy(resource, |policy| policy.add(role, member, None));
    }

    /// Grants a role under a condition.
    pub fn add_conditional_member(&self, resource: &str, role: &str, member: &str, condition: Condition) {
        self.change_policy(resource, |policy| policy.add(role, member, Some(condition)));
    }

    /// Revokes a grant without a condition.
    pub fn remove_member(&self, resource: &str, role: &str, member: &str) {
        self.change_policy(resource, |policy| policy.remove(role, member, None));
    }

    fn change_policy(&self, resource: &str, change: impl FnOnce(&mut Policy)) {
        self.engine.with_state(|state| {
            let mut policy = state.policy(resource);
            change(&mut policy);
            state.write_policy(resource, policy);
        });
    }

    /// Creates a service account of a simulated project, by its e-mail address.
    ///
    /// # Panics
    ///
    /// If the address is not that of a service account in a simulated project.
    pub fn add_service_account(&self, email: &str) {
        self.engine.with_state(|state| {
            let project = project_of(email);
            let project = project.and_then(|id| state.project_id(&id)).expect("the address names a simulated project");
            let (now, account) = (state.now(), ServiceAccount::new(state, email, &project));
            state.accounts.insert(email.to_owned(), Delayed::new(now, account));
        });
    }

    /// Puts a lien on a project, so that it cannot be deleted.
    pub fn add_lien(&self, id: &str, reason: &str, origin: &str) {
        self.engine.with_state(|state| {
            let name = format!("liens/{}", state.next_number());
            let lien = Lien {
                name: name.clone(),
                project: id.to_owned(),
                restrictions: vec!["resourcemanager.projects.delete".to_owned()],
                reason: reason.to_owned(),
                origin: origin.to_owned(),
                create_time: state.now(),
            };
            state.liens.insert(name, lien);
        });
    }

    /// Writes the description of a service account.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    pub fn describe_service_account(&self, email: &str, description: &str) {
        self.engine.with_state(|state| {
            let now = state.now();
            let account = state.accounts.get_mut(email).expect("the service account exists");
            account.change(now, now, |account| description.clone_into(&mut account.description));
        });
    }

    /// Makes a member, a role or an API one that does not exist: `group:missing@example.com`, `roles/nope`, `nope.googleapis.com`.
    pub fn add_missing(&self, name: &str) {
        let name = members::normalize(name).unwrap_or_else(|_| name.to_owned());
        self.engine.with_state(|state| state.missing.insert(name));
    }

    /// Makes something exist that [`Simulator::add_missing`] has removed.
    pub fn remove_missing(&self, name: &str) {
        let name = members::normalize(name).unwrap_or_else(|_| name.to_owned());
        self.engine.with_state(|state| state.missing.remove(&name));
    }

    /// Makes an access token one of this principal, written as a member of a policy.
    pub fn add_token(&self, token: &str, principal: &str) {
        let (token, principal) = (token.to_owned(), principal.to_owned());
        self.engine.with_state(|state| drop(state.tokens.insert(token, Token { principal, expires: None })));
    }

    /// Adds a principal to a group: `group:x@example.com`.
    pub fn add_group_member(&self, group: &str, principal: &str) {
        self.engine.with_state(|state| {
            state.groups.entry(group.to_owned()).or_default().insert(principal.to_owned());
        });
    }

    /// Defines a custom role, or replaces the permissions of a predefined one.
    pub fn define_role(&self, role: &str, permissions: &[&str]) {
        let permissions = permissions.iter().map(|&permission| permission.to_owned()).collect();
        self.engine.with_state(|state| drop(state.roles.insert(role.to_owned(), permissions)));
    }

    /// Adds a folder: `folders/N`.
    pub fn add_folder(&self, name: &str, parent: &str) {
        self.engine.with_state(|state| storage::add_folder(state, name, parent));
    }

    /// Adds an open billing account, unless it is there.
    pub fn add_billing_account(&self, account: &str) {
        self.engine.with_state(|state| storage::add_billing_account(state, account));
    }

    /// Adds a billing account that at most so many projects may be linked to, or changes that number.
    pub fn set_billing_cap(&self, account: &str, projects: Option<usize>) {
        self.change_billing(account, |account| account.project_cap = projects);
    }

    /// Adds a billing account of this name, or renames it.
    pub fn set_billing_name(&self, account: &str, name: &str) {
        self.change_billing(account, |account| name.clone_into(&mut account.display_name));
    }

    /// Closes a billing account, or opens it.
    pub fn set_billing_open(&self, account: &str, open: bool) {
        self.change_billing(account, |account| account.open = open);
    }

    fn change_billing(&self, name: &str, change: impl FnOnce(&mut crate::state::BillingAccount)) {
        self.engine.with_state(|state: &mut State| {
            storage::add_billing_account(state, name);
            let name = format!("billingAccounts/{}", name.trim_start_matches("billingAccounts/"));
            if let Some(account) = state.billing_accounts.get_mut(&name) {
                change(account);
            }
        });
    }

    /// Moves the simulated clock: deadlines, quotas and the 30 days of deleted projects follow it.
    pub fn advance(&self, time: Duration) {
        self.engine.with_state(|state| state.advance(time));
    }

    /// Labels of a project; none, if there is no such project.
    pub fn labels(&self, id: &str) -> BTreeMap<String, String> {
        self.engine.with_state(|state| {
            state.projects.get(id).map(|project| project.current().labels.clone()).unwrap_or_default()
        })
    }
}
