//! The built-in permissions tables. **A released table is never edited**: a change is a new version, so that an upgrade of
//! anu changes no access.
//!
//! The rows of version 1 follow three rules. Viewers can list objects and read their configuration, not their data. Levels
//! are not cumulative, so each level has all roles that it needs. No role can grant access beyond the service itself: no
//! role is forbidden by the default fences, and there is no row `*`. `iam.googleapis.com` has no row, because every company
//! decides for itself who administers IAM.

use super::access::AccessLevel;

/// A table: rows by Google service, and the ClusterRole of each level.
#[derive(Debug)]
pub(crate) struct Table {
    /// Sorted by service.
    google: &'static [(&'static str, Roles)],
    kubernetes: [&'static str; 3],
}

type Roles = [&'static [&'static str]; 3];

impl Table {
    /// The roles of one service, by level.
    pub(crate) fn google(&self, service: &str) -> Option<&'static Roles> {
        let position = self.google.binary_search_by(|(known, _)| (*known).cmp(service)).ok()?;
        Some(&self.google[position].1)
    }

    /// The ClusterRole of a level.
    pub(crate) fn kubernetes(&self, level: AccessLevel) -> &'static str {
        self.kubernetes[level as usize]
    }

    /// Every service with a row.
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        self.google.iter().map(|(service, _)| *service)
    }
}

/// The version in use if neither the registry nor the provider block has one.
pub const DEFAULT_BUILTIN: u32 = 1;

/// The table of that version.
pub(crate) fn table(version: u32) -> Option<&'static Table> {
    (version == 1).then_some(&V1)
}

/// The message for an unknown version.
pub(crate) fn unknown(version: &str) -> String {
    format!(
        "Version `{version}` of the built-in permissions is unknown. This version of anu contains version 1. Write `1`, or \
         install a version of anu that contains it."
    )
}

#[rustfmt::skip]
static V1: Table = Table {
    kubernetes: ["view", "edit", "admin"],
    google: &[
        ("aiplatform.googleapis.com", [&["roles/aiplatform.viewer"], &["roles/aiplatform.user"], &["roles/aiplatform.admin"]]),
        ("artifactregistry.googleapis.com", [&["roles/artifactregistry.reader"], &["roles/artifactregistry.writer"], &["roles/artifactregistry.admin"]]),
        ("bigquery.googleapis.com", [&["roles/bigquery.metadataViewer"], &["roles/bigquery.dataEditor", "roles/bigquery.jobUser"], &["roles/bigquery.admin"]]),
        ("bigtableadmin.googleapis.com", [&["roles/bigtable.viewer"], &["roles/bigtable.user"], &["roles/bigtable.admin"]]),
        ("cloudbuild.googleapis.com", [&["roles/cloudbuild.builds.viewer"], &["roles/cloudbuild.builds.editor"], &["roles/cloudbuild.builds.editor"]]),
        ("cloudfunctions.googleapis.com", [&["roles/cloudfunctions.viewer"], &["roles/cloudfunctions.developer"], &["roles/cloudfunctions.admin"]]),
        ("cloudkms.googleapis.com", [&["roles/cloudkms.viewer"], &["roles/cloudkms.cryptoKeyEncrypterDecrypter", "roles/cloudkms.viewer"], &["roles/cloudkms.admin"]]),
        ("cloudscheduler.googleapis.com", [&["roles/cloudscheduler.viewer"], &["roles/cloudscheduler.jobRunner", "roles/cloudscheduler.viewer"], &["roles/cloudscheduler.admin"]]),
        ("cloudtasks.googleapis.com", [&["roles/cloudtasks.viewer"], &["roles/cloudtasks.enqueuer", "roles/cloudtasks.taskRunner", "roles/cloudtasks.viewer"], &["roles/cloudtasks.admin"]]),
        ("cloudtrace.googleapis.com", [&["roles/cloudtrace.user"], &["roles/cloudtrace.user"], &["roles/cloudtrace.admin"]]),
        ("compute.googleapis.com", [&["roles/compute.viewer"], &["roles/compute.instanceAdmin.v1"], &["roles/compute.admin"]]),
        ("container.googleapis.com", [&["roles/container.viewer"], &["roles/container.developer"], &["roles/container.admin"]]),
        ("dataflow.googleapis.com", [&["roles/dataflow.viewer"], &["roles/dataflow.developer"], &["roles/dataflow.admin"]]),
        ("dns.googleapis.com", [&["roles/dns.reader"], &["roles/dns.reader"], &["roles/dns.admin"]]),
        ("eventarc.googleapis.com", [&["roles/eventarc.viewer"], &["roles/eventarc.developer"], &["roles/eventarc.admin"]]),
        ("firestore.googleapis.com", [&["roles/datastore.viewer"], &["roles/datastore.user"], &["roles/datastore.owner"]]),
        ("logging.googleapis.com", [&["roles/logging.viewer"], &["roles/logging.configWriter", "roles/logging.viewer"], &["roles/logging.admin"]]),
        ("monitoring.googleapis.com", [&["roles/monitoring.viewer"], &["roles/monitoring.editor"], &["roles/monitoring.admin"]]),
        ("pubsub.googleapis.com", [&["roles/pubsub.viewer"], &["roles/pubsub.editor"], &["roles/pubsub.admin"]]),
        ("redis.googleapis.com", [&["roles/redis.viewer"], &["roles/redis.editor"], &["roles/redis.admin"]]),
        ("run.googleapis.com", [&["roles/run.viewer"], &["roles/run.developer"], &["roles/run.admin"]]),
        ("secretmanager.googleapis.com", [&["roles/secretmanager.viewer"], &["roles/secretmanager.secretVersionManager", "roles/secretmanager.viewer"], &["roles/secretmanager.admin"]]),
        ("spanner.googleapis.com", [&["roles/spanner.viewer"], &["roles/spanner.databaseUser", "roles/spanner.viewer"], &["roles/spanner.admin"]]),
        ("sqladmin.googleapis.com", [&["roles/cloudsql.viewer"], &["roles/cloudsql.editor"], &["roles/cloudsql.admin"]]),
        ("storage.googleapis.com", [&["roles/storage.bucketViewer"], &["roles/storage.objectUser"], &["roles/storage.admin"]]),
        ("workflows.googleapis.com", [&["roles/workflows.viewer"], &["roles/workflows.invoker", "roles/workflows.viewer"], &["roles/workflows.admin"]]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::names::{ClusterRole, GoogleService, IamRole};

    #[test]
    fn the_table_is_sorted_and_every_name_is_valid() {
        assert!(V1.google.is_sorted_by(|a, b| a.0 < b.0));
        for (service, row) in V1.google {
            service.parse::<GoogleService>().expect("a service");
            for role in row.iter().flat_map(|roles| roles.iter()) {
                role.parse::<IamRole>().expect("a role");
            }
            assert!(row.iter().all(|roles| !roles.is_empty() && roles.is_sorted()), "{service}");
        }
        for level in AccessLevel::ALL {
            V1.kubernetes(level).parse::<ClusterRole>().expect("a role");
        }
        assert!(V1.google("*").is_none() && V1.google("iam.googleapis.com").is_none());
    }

    #[test]
    fn version_1_is_released_and_never_edited() {
        let text = format!("{:?} {:?}", V1.google, V1.kubernetes);
        let digest = super::super::canonical::digest(text.as_bytes());
        assert_eq!(
            digest, "sha256:3d032b358005e0eb8701bdf560d7129fca0a4324b4522316988f32510e6547ce",
            "write another version instead"
        );
    }
}
