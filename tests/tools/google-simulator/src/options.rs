//! What a simulator is started with.

use std::path::PathBuf;
use std::time::Duration;

use crate::quotas::Quotas;

/// The settings of a simulator. The default answers at once, accepts every caller, and has Google's published quotas.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on the loopback interface; 0 is a free one.
    pub port: u16,
    /// A file with the state: read at the start if it exists, written after each change.
    pub state: Option<PathBuf>,
    /// A file that gets one line of JSON for each exchange.
    pub transcript: Option<PathBuf>,
    /// How long each answer takes.
    pub latency: Duration,
    /// How long an operation runs before it is done.
    pub operation_delay: Duration,
    /// How long reads answer with the state before a write.
    pub read_delay: Duration,
    /// Requests a minute.
    pub quotas: Quotas,
    /// How long the minute of a quota is: shorter for tests of many requests, whose client must know.
    pub quota_minute: Duration,
    /// The most projects that there may be, including those that are pending deletion.
    pub project_quota: Option<usize>,
    /// Which callers are accepted.
    pub authentication: Authentication,
    /// The service account whose tokens the metadata server issues.
    pub metadata_account: String,
    /// The organization.
    pub organization: String,
    /// Folders below the organization.
    pub folders: Vec<String>,
    /// Open billing accounts.
    pub billing_accounts: Vec<String>,
    /// The APIs that Google enables on each new project.
    pub default_services: Vec<String>,
    /// Whether the APIs that cost money refuse a project without an open billing account.
    pub require_billing: bool,
    /// Whether enumerations are numbers in the answer to a client that accepts numbers, as with Google.
    pub integer_enums: bool,
    /// Whether each exchange is checked against Google's discovery documents.
    pub validation: Validation,
}

/// Which callers are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// A request without a token, or with one that is not known, is the administrator's: [`crate::ADMINISTRATOR`]. A token that a
    /// service account has signed itself is that account's.
    Optional,
    /// Such a request is answered with 401.
    Required,
}

/// How exchanges are checked against Google's discovery documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validation {
    /// With the documents that `tests/tools/install google-client` has installed. Without them one line is printed; with
    /// `ANU_TEST_REQUIRE=1` in the environment the start fails.
    Installed,
    /// With the documents in this folder.
    Folder(PathBuf),
    /// Not at all.
    Off,
}

impl Default for Options {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            port: 0,
            state: None,
            transcript: None,
            latency: Duration::ZERO,
            operation_delay: Duration::ZERO,
            read_delay: Duration::ZERO,
            quotas: Quotas::published(),
            quota_minute: Duration::from_secs(60),
            project_quota: None,
            authentication: Authentication::Optional,
            metadata_account: "metadata-server@example.iam.gserviceaccount.com".to_owned(),
            organization: "organizations/100000000001".to_owned(),
            folders: names(&["folders/1234", "folders/5678"]),
            billing_accounts: names(&["000000-AAAAAA-000000", "000000-BBBBBB-000000"]),
            default_services: names(DEFAULT_SERVICES),
            require_billing: true,
            integer_enums: false,
            validation: Validation::Installed,
        }
    }
}

/// Believed, not verified: Google has changed this list over the years.
const DEFAULT_SERVICES: &[&str] = &[
    "bigquery.googleapis.com",
    "cloudapis.googleapis.com",
    "cloudtrace.googleapis.com",
    "datastore.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "servicemanagement.googleapis.com",
    "serviceusage.googleapis.com",
    "sql-component.googleapis.com",
    "storage-api.googleapis.com",
    "storage-component.googleapis.com",
    "storage.googleapis.com",
];
