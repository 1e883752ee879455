//! External writes: changes by other users of a platform, for tests and for the fixture of the conformance suite. Feature `testing`.
//!
//! These writes do not fail by fault injection and are not counted. They ignore ownership labels and lifecycles. Roles, members and
//! labels are plain text, because others may write what no registry can contain. They block.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};
use tokio_util::sync::CancellationToken;

use super::namespaces;
use super::project_rows::ProjectPhase;
use super::store::{Author, Outcome, Store, next_revision};
use super::{account_rows, kubernetes_account_rows, policy, project_rows};
use crate::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding, ServiceAccountSettings};
use crate::platform::{Error, Result};
use crate::registry::names::{
    ClusterName, GoogleService, KubernetesServiceAccountName, NamespaceKey, ProjectId, ServiceAccountName,
};

impl Store {
    fn external_write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Result<T> {
        self.write(Author::External, &CancellationToken::new(), String::new, work)
    }

    /// Creates a project with these labels (none: no ownership label; [`OwnerLabel::labels`](crate::platform::OwnerLabel::labels) of
    /// another registry: a project of that one).
    pub fn foreign_project(&self, id: &ProjectId, labels: &Labels) -> Result<()> {
        let settings = ProjectSettings {
            display_name: id.to_string(),
            parent: None,
            billing_account: None,
            labels: labels.clone(),
        };
        self.external_write(|transaction| {
            project_rows::save(transaction, id, ProjectPhase::Active, &settings).map(drop)
        })
    }

    /// Changes a project's settings: `change` gets them as they are. The project must exist.
    pub fn edit_project(&self, id: &ProjectId, change: impl FnOnce(&mut ProjectSettings)) -> Result<()> {
        self.external_write(|transaction| {
            let mut row = project_rows::load(transaction, id)?.ok_or_else(|| missing(format!("project `{id}`")))?;
            change(&mut row.settings);
            project_rows::save(transaction, id, row.phase, &row.settings).map(drop)
        })
    }

    /// Deletes a project: it is pending deletion from now on.
    pub fn delete_project_by_hand(&self, id: &ProjectId) -> Result<()> {
        self.set_phase(id, ProjectPhase::DeleteRequested)
    }

    /// Restores a deleted project.
    pub fn restore_project_by_hand(&self, id: &ProjectId) -> Result<()> {
        self.set_phase(id, ProjectPhase::Active)
    }

    fn set_phase(&self, id: &ProjectId, phase: ProjectPhase) -> Result<()> {
        self.external_write(|transaction| {
            let row = project_rows::load(transaction, id)?.ok_or_else(|| missing(format!("project `{id}`")))?;
            project_rows::save(transaction, id, phase, &row.settings).map(drop)
        })
    }

    /// Removes a project with its APIs and its policy, as after the 30 days of grace.
    pub fn purge_project(&self, id: &ProjectId) -> Result<()> {
        self.external_write(|transaction| {
            next_revision(transaction)?;
            for statement in [
                "DELETE FROM project WHERE id = ?1",
                "DELETE FROM api WHERE project = ?1",
                "DELETE FROM policy_member WHERE project = ?1",
                "DELETE FROM policy WHERE project = ?1",
                "DELETE FROM service_account WHERE project = ?1",
            ] {
                transaction.execute(statement, [id.as_str()])?;
            }
            Ok(())
        })
    }

    /// Enables an API.
    pub fn foreign_api(&self, id: &ProjectId, api: &GoogleService) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO api VALUES (?1, ?2)", [id.as_str(), api.as_str()])?;
            Ok(())
        })
    }

    /// Disables an API.
    pub fn remove_api(&self, id: &ProjectId, api: &GoogleService) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute("DELETE FROM api WHERE project = ?1 AND name = ?2", [id.as_str(), api.as_str()])?;
            Ok(())
        })
    }

    /// Grants a role, without a condition, or (`x until T`) with that of anu.
    pub fn foreign_member(&self, id: &ProjectId, role: &str, member: &str) -> Result<()> {
        let (principal, condition) = policy::principal_and_condition(member);
        self.conditional_member(id, role, &principal, &condition)
    }

    /// Grants a role with a condition (an expression such as `request.time < …`).
    pub fn conditional_member(&self, id: &ProjectId, role: &str, member: &str, condition: &str) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO policy_member (project, role, condition, member) VALUES (?1, ?2, ?3, ?4)",
                [id.as_str(), role, condition, member],
            )?;
            policy::touch(transaction, id)
        })
    }

    /// Revokes a grant: an unconditional one, or (`x until T`) one that ends.
    pub fn remove_member(&self, id: &ProjectId, role: &str, member: &str) -> Result<()> {
        let (principal, condition) = policy::principal_and_condition(member);
        self.external_write(|transaction| {
            transaction.execute(
                "DELETE FROM policy_member WHERE project = ?1 AND role = ?2 AND member = ?3 AND condition = ?4",
                [id.as_str(), role, &principal, &condition],
            )?;
            policy::touch(transaction, id)
        })
    }

    /// Creates or changes a service account, with this description.
    pub fn foreign_service_account(&self, id: &ProjectId, name: &ServiceAccountName, description: &str) -> Result<()> {
        let settings = ServiceAccountSettings { display_name: name.to_string(), description: description.to_owned() };
        self.external_write(|transaction| account_rows::save(transaction, id, name, &settings))
    }

    /// Changes a service account's settings. It must exist.
    pub fn edit_service_account(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: impl FnOnce(&mut ServiceAccountSettings),
    ) -> Result<()> {
        self.external_write(|transaction| {
            let settings = account_rows::settings(transaction, id, name)?;
            let mut settings = settings.ok_or_else(|| missing(format!("service account `{id}/{name}`")))?;
            change(&mut settings);
            account_rows::save(transaction, id, name, &settings)
        })
    }

    /// Deletes a service account.
    pub fn remove_service_account(&self, id: &ProjectId, name: &ServiceAccountName) -> Result<()> {
        self.external_write(|transaction| account_rows::purge(transaction, id, name))
    }

    /// Grants a role on a service account.
    pub fn foreign_account_member(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        role: &str,
        member: &str,
    ) -> Result<()> {
        self.external_write(|transaction| account_rows::add_member(transaction, id, name, role, member))
    }

    /// Revokes a role on a service account.
    pub fn remove_account_member(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        role: &str,
        member: &str,
    ) -> Result<()> {
        self.external_write(|transaction| account_rows::remove_member(transaction, id, name, role, member))
    }

    /// Makes a cluster's name reach the API server with this uid, like an edited kubeconfig. The namespaces of the name stay.
    pub fn set_server(&self, cluster: &ClusterName, uid: &str) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute("INSERT OR REPLACE INTO cluster VALUES (?1, ?2)", [cluster.as_str(), uid])?;
            Ok(())
        })
    }

    /// Creates a namespace with these labels.
    pub fn foreign_namespace(&self, key: &NamespaceKey, labels: &Labels) -> Result<()> {
        let settings = NamespaceSettings { labels: labels.clone(), annotations: Labels::new() };
        self.external_write(|transaction| namespaces::save(transaction, key, false, &settings, &BTreeSet::new()))
    }

    /// Changes a namespace's labels or annotations. The namespace must exist.
    pub fn edit_namespace(&self, key: &NamespaceKey, change: impl FnOnce(&mut NamespaceSettings)) -> Result<()> {
        self.edit_row(key, |row| change(&mut row.settings))
    }

    /// Adds a finalizer to a namespace, or (`held` false) removes it, like a controller.
    pub fn set_finalizer(&self, key: &NamespaceKey, finalizer: &str, held: bool) -> Result<()> {
        self.edit_row(key, |row| {
            if held {
                row.finalizers.insert(finalizer.to_owned());
            } else {
                row.finalizers.remove(finalizer);
            }
        })
    }

    fn edit_row(&self, key: &NamespaceKey, change: impl FnOnce(&mut namespaces::Row)) -> Result<()> {
        self.external_write(|transaction| {
            let mut row = namespaces::load(transaction, key)?.ok_or_else(|| missing(format!("namespace `{key}`")))?;
            change(&mut row);
            namespaces::save(transaction, key, row.terminating, &row.settings, &row.finalizers)
        })
    }

    /// Removes a namespace with everything in it.
    pub fn remove_namespace(&self, key: &NamespaceKey) -> Result<()> {
        self.external_write(|transaction| namespaces::purge(transaction, key))
    }

    /// Sets the ResourceQuota named `anu`, with these labels.
    pub fn foreign_quota(&self, key: &NamespaceKey, labels: &Labels, quota: &Quota) -> Result<()> {
        self.external_write(|transaction| namespaces::save_quota(transaction, key, labels, quota))
    }

    /// Removes the ResourceQuota named `anu`.
    pub fn remove_quota(&self, key: &NamespaceKey) -> Result<()> {
        self.external_write(|transaction| namespaces::drop_quota(transaction, key))
    }

    /// Creates or changes a role binding, with these labels.
    pub fn foreign_role_binding(
        &self,
        key: &NamespaceKey,
        name: &str,
        labels: &Labels,
        binding: &RoleBinding,
    ) -> Result<()> {
        self.external_write(|transaction| namespaces::save_binding(transaction, key, name, labels, binding))
    }

    /// Removes a role binding.
    pub fn remove_role_binding(&self, key: &NamespaceKey, name: &str) -> Result<()> {
        self.external_write(|transaction| namespaces::drop_binding(transaction, key, name))
    }

    /// Creates or changes a Kubernetes service account, with exactly these labels and annotations.
    pub fn foreign_kubernetes_service_account(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        labels: &Labels,
        annotations: &Labels,
    ) -> Result<()> {
        let row = kubernetes_account_rows::Row { labels: labels.clone(), annotations: annotations.clone() };
        self.external_write(|transaction| kubernetes_account_rows::save(transaction, key, name, &row))
    }

    /// Removes a Kubernetes service account.
    pub fn remove_kubernetes_service_account(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
    ) -> Result<()> {
        self.external_write(|transaction| kubernetes_account_rows::remove(transaction, key, name))
    }

    /// Creates an object in a namespace: `Deployment`, `web`.
    pub fn foreign_contents(&self, key: &NamespaceKey, kind: &str, name: &str) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO content VALUES (?1, ?2, ?3, ?4)",
                params![key.cluster.as_str(), key.namespace.as_str(), kind, name],
            )?;
            Ok(())
        })
    }

    /// Removes that object.
    pub fn remove_contents(&self, key: &NamespaceKey, kind: &str, name: &str) -> Result<()> {
        self.external_write(|transaction| {
            transaction.execute(
                "DELETE FROM content WHERE cluster = ?1 AND namespace = ?2 AND kind = ?3 AND name = ?4",
                params![key.cluster.as_str(), key.namespace.as_str(), kind, name],
            )?;
            Ok(())
        })
    }
}

fn missing(what: String) -> Error {
    Error::NotFound(format!("there is no {what}"))
}
