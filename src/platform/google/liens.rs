//! The lien that keeps a project from being deleted by others than anu.

use super::Google;
use super::error::Attempt;
use crate::connect::google::Lien;
use crate::platform::{RequestContext, Result};
use crate::registry::names::ProjectId;

/// Who created it: only these are removed again.
const ORIGIN: &str = "terraform-provider-anu";
const DELETION: &str = "resourcemanager.projects.delete";
const PERMISSION: &str = "resourcemanager.projects.updateLiens";

fn is_ours(lien: &Lien) -> bool {
    lien.origin == ORIGIN && lien.restrictions.iter().any(|restriction| restriction == DELETION)
}

impl Google {
    /// Makes sure that a project, `projects/NUMBER`, has our lien.
    pub(super) async fn ensure_lien(&self, ctx: &RequestContext, id: &ProjectId, name: &str) -> Result<()> {
        let attempt = Attempt { project: id, what: "its lien cannot be created", permission: PERMISSION };
        let liens = self.apis.liens(ctx, name).await.map_err(|error| attempt.failed(error))?;
        if liens.iter().any(is_ours) {
            return Ok(());
        }
        let lien = Lien {
            name: String::new(),
            parent: name.to_owned(),
            restrictions: vec![DELETION.to_owned()],
            reason: "The project is in a service registry. It is deleted by its deletion policy there.".to_owned(),
            origin: ORIGIN.to_owned(),
        };
        self.apis.create_lien(ctx, &lien).await.map(drop).map_err(|error| attempt.failed(error))
    }

    /// Removes our liens from a project; how many there were.
    pub(super) async fn remove_liens(&self, ctx: &RequestContext, id: &ProjectId, name: &str) -> Result<usize> {
        let attempt = Attempt { project: id, what: "its lien cannot be removed", permission: PERMISSION };
        let liens = self.apis.liens(ctx, name).await.map_err(|error| attempt.failed(error))?;
        let mut removed = 0;
        for lien in liens.iter().filter(|lien| is_ours(lien)) {
            self.apis.delete_lien(ctx, &lien.name).await.map_err(|error| attempt.failed(error))?;
            removed += 1;
        }
        Ok(removed)
    }
}
