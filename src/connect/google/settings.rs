//! Which identity is used, which addresses, and how many requests a minute.

use std::time::Duration;

use url::Url;

use super::super::address::is_loopback;
use super::super::secret::Secret;

/// How Google's APIs are reached. By default: with Application Default Credentials, at Google's addresses.
#[derive(Debug, Clone)]
pub struct GoogleAccess {
    /// The project that requests are billed and counted to, instead of the one of the credentials.
    pub quota_project: Option<String>,
    /// The service account to act as.
    pub impersonate_service_account: Option<String>,
    /// The domain of the APIs, instead of `googleapis.com`.
    pub universe_domain: Option<String>,
    /// A token to send instead of those of Application Default Credentials.
    pub access_token: Option<Secret>,
    /// Addresses other than Google's.
    pub endpoints: Endpoints,
    /// How long a request is repeated while Google is busy, or others change the same policy.
    pub retry_budget: Duration,
    /// How many requests a minute are made.
    pub quotas: Quotas,
}

impl GoogleAccess {
    /// The default of [`GoogleAccess::retry_budget`].
    pub const RETRY_BUDGET: Duration = Duration::from_secs(300);
}

impl Default for GoogleAccess {
    fn default() -> Self {
        Self {
            quota_project: None,
            impersonate_service_account: None,
            universe_domain: None,
            access_token: None,
            endpoints: Endpoints::default(),
            retry_budget: Self::RETRY_BUDGET,
            quotas: Quotas::Published(None),
        }
    }
}

/// An API of Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Resource Manager: projects, liens, IAM policies.
    ResourceManager,
    /// Service Usage: enabled APIs.
    ServiceUsage,
    /// Cloud Billing.
    Billing,
    /// IAM: service accounts.
    Iam,
    /// IAM Service Account Credentials: impersonation.
    IamCredentials,
}

impl Api {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::ResourceManager, Self::ServiceUsage, Self::Billing, Self::Iam, Self::IamCredentials];

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceManager => "Resource Manager",
            Self::ServiceUsage => "Service Usage",
            Self::Billing => "Cloud Billing",
            Self::Iam => "IAM",
            Self::IamCredentials => "IAM Credentials",
        }
    }

    /// The first part of its host name.
    pub(super) fn host(self) -> &'static str {
        match self {
            Self::ResourceManager => "cloudresourcemanager",
            Self::ServiceUsage => "serviceusage",
            Self::Billing => "cloudbilling",
            Self::Iam => "iam",
            Self::IamCredentials => "iamcredentials",
        }
    }
}

/// The address of each API, where it is not Google's. Without a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Of the APIs that have no address of their own.
    pub default: Option<String>,
    /// Resource Manager: projects, liens, IAM policies.
    pub resource_manager: Option<String>,
    /// Service Usage: enabled APIs.
    pub service_usage: Option<String>,
    /// Cloud Billing.
    pub billing: Option<String>,
    /// IAM: service accounts.
    pub iam: Option<String>,
}

impl Endpoints {
    /// The address that the settings name for an API.
    fn custom(&self, api: Api) -> Option<&String> {
        let own = match api {
            Api::ResourceManager => &self.resource_manager,
            Api::ServiceUsage => &self.service_usage,
            Api::Billing => &self.billing,
            Api::Iam => &self.iam,
            Api::IamCredentials => &None,
        };
        own.as_ref().or(self.default.as_ref())
    }

    /// The same, checked and without a slash at its end: a token is sent over TLS, or stays on this machine.
    pub(super) fn checked(&self, api: Api) -> Result<Option<String>, String> {
        let Some(text) = self.custom(api) else { return Ok(None) };
        let refused = |why: &str| Err(format!("the endpoint of Google's {} API, `{text}`, {why}", api.name()));
        match text.parse::<Url>() {
            Err(_) => refused("is not an address such as `https://cloudresourcemanager.googleapis.com`"),
            Ok(url) if url.host_str().is_none() => refused("has no host name"),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                // The text itself is not repeated: it has a secret in it.
                Err(format!("the endpoint of Google's {} API contains a user name or a password", api.name()))
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => refused("has a query or a fragment"),
            Ok(url) if url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url) => {
                Ok(Some(text.trim_end_matches('/').to_owned()))
            }
            Ok(_) => refused("must begin with `https://`: only an address of this machine may be `http://`"),
        }
    }
}

/// How many requests a minute are made, by API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotas {
    /// Less than Google's published quotas; also than this number, where there is one.
    Published(Option<u32>),
    /// Any number. For tests.
    Unlimited,
    /// Less than the published quotas, with minutes of this length. For tests.
    ShortMinutes(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_over_tls_or_stays_on_this_machine() {
        let checked = |text: &str| {
            let endpoints = Endpoints { default: Some(text.to_owned()), ..Endpoints::default() };
            endpoints.checked(Api::Billing).map(Option::unwrap_or_default).unwrap_or_else(|error| error)
        };
        assert_eq!(checked("https://example.com/"), "https://example.com");
        assert_eq!(checked("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(checked("http://localhost:8080/"), "http://localhost:8080");
        insta::assert_snapshot!(
            ["http://example.com", "example.com", "https://me:hunter2@example.com", "https://example.com?key=1", "ftp://[::1]"]
                .map(checked)
                .join("\n"),
            @r#"
            the endpoint of Google's Cloud Billing API, `http://example.com`, must begin with `https://`: only an address of this machine may be `http://`
            the endpoint of Google's Cloud Billing API, `example.com`, is not an address such as `https://cloudresourcemanager.googleapis.com`
            the endpoint of Google's Cloud Billing API contains a user name or a password
            the endpoint of Google's Cloud Billing API, `https://example.com?key=1`, has a query or a fragment
            the endpoint of Google's Cloud Billing API, `ftp://[::1]`, must begin with `https://`: only an address of this machine may be `http://`
            "#
        );
    }

    #[test]
    fn an_api_without_an_address_of_its_own_has_the_default() {
        let own = Some("https://billing.example.com".to_owned());
        let endpoints =
            Endpoints { billing: own.clone(), default: Some("https://example.com".to_owned()), ..Endpoints::default() };
        assert_eq!(endpoints.checked(Api::Billing), Ok(own));
        for api in Api::ALL.into_iter().filter(|api| *api != Api::Billing) {
            assert_eq!(endpoints.checked(api), Ok(Some("https://example.com".to_owned())));
            assert_eq!(Endpoints::default().checked(api), Ok(None));
        }
    }
}
