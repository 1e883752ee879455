//! The `google` block: what new projects have by default, and how Google Cloud is reached.

use url::Url;

use super::duration;
use super::tokens::TOKEN;
use crate::connect::{Secret, is_loopback};
use crate::fanout::ProjectDefaults;
use crate::platform::google::{Endpoints, GoogleAccess, Quotas, Settings};
use crate::registry::names::{BillingAccount, Email, Parent, ProjectId};
use crate::sdk::{Attr, Attribute, LengthAtLeast, Number, Predicate, WholeNumber};

crate::model! {
    /// The block.
    pub(super) struct GoogleBlock {
        parent: Attr<String>,
        billing_account: Attr<String>,
        quota_project: Attr<String>,
        impersonate_service_account: Attr<String>,
        universe_domain: Attr<String>,
        access_token: Attr<String>,
        endpoints: Attr<EndpointsBlock>,
        retry_budget: Attr<String>,
        requests_per_minute: Attr<Number>,
        project_liens: Attr<bool>,
        remove_creator_owner: Attr<bool>,
    }

    pub(super) struct EndpointsBlock {
        default: Attr<String>,
        resource_manager: Attr<String>,
        service_usage: Attr<String>,
        billing: Attr<String>,
        iam: Attr<String>,
    }
}

/// The attributes of the block that shape the fan-out.
pub(in crate::provider) const DEFAULTS: [&str; 2] = ["parent", "billing_account"];

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    let endpoint = |name: &str, text: &str| {
        Attribute::string(name)
            .rule(Predicate { describe: "`https://HOST`, or `http://` on this machine", check: endpoint })
            .describe(text)
    };
    Attribute::block(
        "google",
        vec![
            Attribute::string("parent")
                .rule(Predicate { describe: Parent::RULE, check: parent })
                .describe("The folder or organization of projects whose entry in `projects` has no `parent`, as `folders/NUMBER` or `organizations/NUMBER`. Plans show it; `fences.allowed_parents` applies to it too."),
            Attribute::string("billing_account")
                .rule(Predicate { describe: BillingAccount::RULE, check: billing_account })
                .describe("The billing account of projects whose entry has no `billingAccount`, as `XXXXXX-XXXXXX-XXXXXX`. Plans show it."),
            Attribute::string("quota_project")
                .rule(Predicate { describe: "a project id", check: project_id })
                .describe("The project to which the requests are counted (`x-goog-user-project`), and whose enabled APIs and quotas apply to them. By default that of the credentials."),
            Attribute::string("impersonate_service_account")
                .rule(Predicate { describe: "the e-mail address of a service account", check: service_account })
                .describe("The e-mail address of a service account to act as. The credentials need `roles/iam.serviceAccountTokenCreator` on it."),
            Attribute::string("universe_domain")
                .rule(Predicate { describe: "a domain", check: domain })
                .describe("The domain of the APIs, for clouds other than the public one. `googleapis.com` by default."),
            Attribute::string("access_token")
                .sensitive()
                .rule(LengthAtLeast(1))
                .rule(TOKEN)
                .describe("An access token to send instead of those of Application Default Credentials. It is not renewed, and Google's are valid for an hour."),
            Attribute::block(
                "endpoints",
                vec![
                    endpoint("default", "The address of the APIs that have none of their own here, for example that of a simulator."),
                    endpoint("resource_manager", "Resource Manager: projects, liens and IAM policies."),
                    endpoint("service_usage", "Service Usage: enabled APIs."),
                    endpoint("billing", "Cloud Billing."),
                    endpoint("iam", "IAM: service accounts."),
                ],
            )
            .describe("Addresses to send requests to instead of Google's, without a path: of a simulator, or of Private Service Connect."),
            Attribute::string("retry_budget")
                .rule(duration::RULE)
                .describe("How long one request is repeated while Google is busy or unreachable, or while others change the same IAM policy, such as `90s` or `10m`. `5m` by default."),
            Attribute::number("requests_per_minute")
                .rule(WholeNumber { at_least: 1, at_most: u32::MAX as u64 })
                .describe("The most requests a minute to one API, for a quota project whose quotas are lower than Google's usual ones, or that others use as well. By default somewhat less than the usual quotas."),
            Attribute::bool("project_liens")
                .describe("Put a lien on every project that is created, so that Google refuses its deletion by anyone until the lien is removed. anu removes its own lien when a deletion policy permits the deletion. Off by default."),
            Attribute::bool("remove_creator_owner")
                .describe("Remove `roles/owner` on a new project from the identity that created it, to which Google grants it; if the creation is cut short, the next apply does so. `false` keeps it. Without a value it is kept, and the apply that creates a project warns about it. `anu_unmanaged_grants` lists that role."),
        ],
    )
    .describe("Google Cloud, on which projects are created, APIs enabled and IAM members granted. It can be empty: the credentials are Google's Application Default Credentials, which are the file in `GOOGLE_APPLICATION_CREDENTIALS` (a service account's, or workload identity federation's), `gcloud auth application-default login`, or the machine's own.")
}

fn parent(text: &str) -> Result<(), String> {
    text.parse::<Parent>().map(drop).map_err(|error| error.to_string())
}

fn billing_account(text: &str) -> Result<(), String> {
    text.parse::<BillingAccount>().map(drop).map_err(|error| match text.strip_prefix("billingAccounts/") {
        Some(rest) => format!("`{text}` has a prefix that is not part of the id; write `{rest}`"),
        None => error.to_string(),
    })
}

fn project_id(text: &str) -> Result<(), String> {
    text.parse::<ProjectId>().map(drop).map_err(|error| error.to_string())
}

fn service_account(text: &str) -> Result<(), String> {
    if let Some(rest) = text.strip_prefix("serviceAccount:") {
        return Err(format!("`{text}` has a prefix that is not part of the address; write `{rest}`"));
    }
    let domain = text.parse::<Email>().is_ok().then(|| text.split_once('@')).flatten().map(|(_, domain)| domain);
    match domain {
        Some(domain) if domain == "gserviceaccount.com" || domain.ends_with(".gserviceaccount.com") => Ok(()),
        _ => Err(format!(
            "`{text}` is not the e-mail address of a service account; write for example \
             `applier@example-seed.iam.gserviceaccount.com`"
        )),
    }
}

fn domain(text: &str) -> Result<(), String> {
    let part = |part: &str| {
        let alphanumeric =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        alphanumeric(part.bytes().next())
            && alphanumeric(part.bytes().last())
            && part.bytes().all(|byte| alphanumeric(Some(byte)) || byte == b'-')
    };
    let valid = text.contains('.') && text.split('.').all(part);
    valid.then_some(()).ok_or_else(|| format!("`{text}` is not a lowercase domain; write for example `googleapis.com`"))
}

fn endpoint(text: &str) -> Result<(), String> {
    address(text).map(drop)
}

/// Scheme, host and port of an address that has nothing else.
fn address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        return Err(format!(
            "`{text}` is not an address; write `https://HOST`, or `http://127.0.0.1:PORT` for a simulator"
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "the address has a user or a password. Remove it: credentials are not sent in an address".to_owned()
        );
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "`{text}` has more than a host and a port, and each request adds its own path; write `{}`",
            url.origin().ascii_serialization()
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!("`{text}` is not encrypted. Only an address on this machine may be; write `https://…`"));
    }
    Ok(url.origin().ascii_serialization())
}

/// What new projects have by default.
pub(super) fn defaults(block: &Attr<GoogleBlock>) -> ProjectDefaults {
    let Some(block) = block.known() else { return ProjectDefaults::default() };
    ProjectDefaults {
        parent: block.parent.known().and_then(|text| text.parse().ok()),
        billing_account: block.billing_account.known().and_then(|text| text.parse().ok()),
    }
}

/// How Google is reached, and what is done to new projects.
pub(super) fn read(block: GoogleBlock) -> Settings {
    let requests = block.requests_per_minute.known().and_then(Number::as_u64);
    let budget = block.retry_budget.into_known().and_then(|text| duration::parse(&text).ok());
    Settings {
        access: GoogleAccess {
            quota_project: block.quota_project.into_known(),
            impersonate_service_account: block.impersonate_service_account.into_known(),
            universe_domain: block.universe_domain.into_known(),
            access_token: block.access_token.into_known().map(Secret::new),
            endpoints: block.endpoints.into_known().map(endpoints).unwrap_or_default(),
            retry_budget: budget.unwrap_or(GoogleAccess::RETRY_BUDGET),
            quotas: Quotas::Published(requests.and_then(|requests| u32::try_from(requests).ok())),
        },
        project_liens: block.project_liens.into_known().unwrap_or(false),
        remove_creator_owner: block.remove_creator_owner.into_known(),
    }
}

fn endpoints(block: EndpointsBlock) -> Endpoints {
    let address = |attr: Attr<String>| attr.into_known().and_then(|text| address(&text).ok());
    Endpoints {
        default: address(block.default),
        resource_manager: address(block.resource_manager),
        service_usage: address(block.service_usage),
        billing: address(block.billing),
        iam: address(block.iam),
    }
}
