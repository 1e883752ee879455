//! One client of each API, built on first use and shared.

use std::sync::Arc;
use std::time::Duration;

use google_cloud_api_serviceusage_v1::client::ServiceUsage;
use google_cloud_auth::credentials::Credentials;
use google_cloud_billing_v1::client::CloudBilling;
use google_cloud_gax::options::RequestOptions;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_resourcemanager_v3::client::Projects;
use http::Extensions;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

use super::super::address::is_loopback;
use super::super::context::{Cancelled, RequestContext};
use super::super::error_chain::error_chain;
use super::super::http::with_proxies;
use super::super::retry::{AttemptError, RetryError};
use super::credentials;
use super::failure::{Failure, Judged, Kind, PAUSES, judge};
use super::given_token::GOOGLE;
use super::limits::Limits;
use super::settings::{Api, GoogleAccess};
use super::token::LONGEST;

/// How long one attempt may take. Google answers within seconds, or starts an operation.
const ATTEMPT: Duration = Duration::from_secs(60);

const USER_AGENT: &str = concat!("terraform-provider-anu/", env!("CARGO_PKG_VERSION"));

/// Google's APIs, as one identity uses them.
#[derive(Debug)]
pub struct GoogleApis {
    access: GoogleAccess,
    limits: Limits,
    /// Built once; an error that would be the same again, too.
    clients: OnceCell<Result<Arc<Clients>, Failure>>,
}

/// The clients. Requests are made with [`GoogleApis::call`].
#[derive(Debug)]
pub struct Clients {
    /// Resource Manager.
    pub projects: Projects,
    /// Service Usage.
    pub service_usage: ServiceUsage,
    /// Cloud Billing.
    pub billing: CloudBilling,
    /// IAM: service accounts.
    pub iam: Iam,
    /// For requests that these clients do not have.
    pub(super) http: reqwest::Client,
    pub(super) credentials: Credentials,
    addresses: [String; Api::ALL.len()],
}

impl Clients {
    /// The address of an API, without a slash at its end.
    pub(super) fn address(&self, api: Api) -> &str {
        &self.addresses[api as usize]
    }
}

impl GoogleApis {
    /// APIs with these settings. Reads nothing and connects to nothing.
    pub fn new(access: GoogleAccess) -> Self {
        Self { limits: Limits::new(access.quotas), access, clients: OnceCell::new() }
    }

    /// How long a request is repeated.
    pub fn retry_budget(&self) -> Duration {
        self.access.retry_budget
    }

    pub(super) fn access(&self) -> &GoogleAccess {
        &self.access
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What every request has: the setting of the quota project overrides the one of credentials and environment.
    pub(super) fn options(&self) -> RequestOptions {
        let mut options = RequestOptions::default();
        options.set_user_agent(USER_AGENT);
        if let Some(project) = &self.access.quota_project {
            options.set_quota_project(project);
        }
        options
    }

    /// The clients, or why there are none; an error if the run is cancelled. All requests wait for the first token together, and a
    /// failure is that of all: repeated for each project, it would take hours.
    pub(super) async fn clients(&self, ctx: &RequestContext) -> Result<Result<Arc<Clients>, Failure>, Cancelled> {
        let attempt = || async {
            self.build().await.map_err(|Judged { failure, attempts, retry_after, .. }| match attempts {
                Some(max_attempts) => AttemptError::Temporary { error: failure, max_attempts, retry_after },
                None => AttemptError::Final(failure),
            })
        };
        let deadline = Instant::now() + self.retry_budget();
        let built = self.clients.get_or_try_init(|| async {
            match PAUSES.run(ctx, Some(deadline), attempt).await {
                Ok(clients) => Ok(Ok(Arc::new(clients))),
                Err(RetryError::Cancelled) => Err(Cancelled),
                Err(RetryError::Failed { error, .. }) => Ok(Err(error)),
            }
        });
        built.await.cloned()
    }

    async fn build(&self) -> Result<Clients, Judged> {
        let wrong = |text: String| last(Failure::new(Kind::Settings, text));
        let universe = self.access.universe_domain.as_deref().unwrap_or(GOOGLE);
        let mut addresses = Api::ALL.map(|api| format!("https://{}.{universe}", api.host()));
        let mut local = true;
        for api in Api::ALL {
            if let Some(address) = self.access.endpoints.checked(api).map_err(wrong)? {
                addresses[api as usize] = address;
            }
            local &= addresses[api as usize].parse::<Url>().is_ok_and(|url| is_loopback(&url));
        }
        let address = |api: Api| addresses[api as usize].clone();
        #[allow(clippy::disallowed_methods, reason = "the other client of this room")]
        let mut http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .timeout(ATTEMPT)
            .redirect(reqwest::redirect::Policy::none());
        http = if local { http.no_proxy() } else { with_proxies(http).map_err(|error| wrong(error.to_string()))? };
        let http = http.build().map_err(|error| wrong(error_chain(&error)))?;

        let none = |text: String| last(Failure::new(Kind::Credentials, text));
        let credentials =
            credentials::build(&self.access, &address(Api::IamCredentials), http.clone()).map_err(none)?;
        // Where there are no credentials, a metadata server is tried that may not exist either.
        let token = tokio::time::timeout(LONGEST, credentials.headers(Extensions::new())).await;
        match token {
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) if self.access.access_token.is_none() && !credentials::are_in_a_file() => {
                return Err(none(credentials::not_found()));
            }
            Ok(Err(error)) => return Err(judge(&google_cloud_gax::error::Error::authentication(error))),
            Err(_) => {
                let error = std::io::Error::other(format!("no answer in {} s", LONGEST.as_secs()));
                return Err(none(credentials::explain(&error)));
            }
        }
        macro_rules! client {
            ($client:ident, $api:expr) => {{
                let builder = $client::builder()
                    .with_endpoint(address($api))
                    .with_credentials(credentials.clone())
                    .with_retry_policy(NeverRetry)
                    .with_attempt_timeout(ATTEMPT);
                let builder = match &self.access.universe_domain {
                    Some(universe) => builder.with_universe_domain(universe),
                    None => builder,
                };
                builder.build().await.map_err(|error| {
                    wrong(format!("cannot use Google's {} API: {}", $api.name(), error_chain(&error)))
                })?
            }};
        }
        Ok(Clients {
            projects: client!(Projects, Api::ResourceManager),
            service_usage: client!(ServiceUsage, Api::ServiceUsage),
            billing: client!(CloudBilling, Api::Billing),
            iam: client!(Iam, Api::Iam),
            http,
            credentials,
            addresses,
        })
    }
}

/// A failure that another attempt would meet again.
fn last(failure: Failure) -> Judged {
    Judged { failure, status: None, attempts: None, retry_after: None }
}
