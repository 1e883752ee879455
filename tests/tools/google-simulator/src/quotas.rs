//! Requests a minute: what Google allows, what was used, and the most in any minute.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::error::{ApiError, Code};

/// One of the simulated APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Resource Manager.
    ResourceManager,
    /// Service Usage.
    ServiceUsage,
    /// Cloud Billing.
    Billing,
    /// IAM: service accounts.
    Iam,
    /// IAM credentials: impersonation.
    IamCredentials,
    /// Security Token Service and the OAuth token endpoint.
    Tokens,
    /// The metadata server of a machine.
    Metadata,
}

impl Api {
    /// The name of the service.
    pub fn service(self) -> &'static str {
        match self {
            Self::ResourceManager => "cloudresourcemanager.googleapis.com",
            Self::ServiceUsage => "serviceusage.googleapis.com",
            Self::Billing => "cloudbilling.googleapis.com",
            Self::Iam => "iam.googleapis.com",
            Self::IamCredentials => "iamcredentials.googleapis.com",
            Self::Tokens => "sts.googleapis.com",
            Self::Metadata => "metadata.google.internal",
        }
    }

    /// Its name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::ResourceManager => "Cloud Resource Manager API",
            Self::ServiceUsage => "Service Usage API",
            Self::Billing => "Cloud Billing API",
            Self::Iam => "Identity and Access Management (IAM) API",
            Self::IamCredentials => "IAM Service Account Credentials API",
            Self::Tokens => "Security Token Service API",
            Self::Metadata => "Metadata server",
        }
    }
}

/// What a request is counted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Requests that change nothing.
    Read,
    /// Searches for projects, which have a quota of their own.
    Search,
    /// Requests that change something.
    Write,
}

/// The most requests a minute, by API and metric. What has no entry is not limited.
#[derive(Debug, Clone, Default)]
pub struct Quotas(BTreeMap<(Api, Metric), u64>);

impl Quotas {
    /// Google's published numbers. (That of Billing is believed, not verified.)
    pub fn published() -> Self {
        use {Api::*, Metric::*};
        Self(BTreeMap::from([
            ((ResourceManager, Read), 600),
            ((ResourceManager, Search), 240),
            ((ResourceManager, Write), 600),
            ((ServiceUsage, Read), 240),
            ((ServiceUsage, Write), 60),
            ((Billing, Read), 300),
            ((Billing, Write), 300),
            ((Iam, Read), 6000),
            ((Iam, Write), 600),
            ((IamCredentials, Write), 6000),
        ]))
    }

    /// No limits.
    pub fn off() -> Self {
        Self::default()
    }

    /// With another limit.
    pub fn with(mut self, api: Api, metric: Metric, per_minute: u64) -> Self {
        self.0.insert((api, metric), per_minute);
        self
    }
}

/// Requests of the last minute, by API and metric.
#[derive(Debug)]
pub(crate) struct Usage {
    quotas: Quotas,
    minute: SignedDuration,
    windows: BTreeMap<(Api, Metric), Window>,
}

/// The requests of one minute that ends now, with what each costs.
#[derive(Debug, Default)]
struct Window {
    requests: VecDeque<(Timestamp, u64)>,
    used: u64,
    peak: u64,
}

impl Usage {
    pub fn new(quotas: Quotas, minute: Duration) -> Self {
        let minute = SignedDuration::try_from(minute).unwrap_or(SignedDuration::MAX);
        Self { quotas, minute, windows: BTreeMap::new() }
    }

    /// Counts a request. One that exceeds the quota is refused and uses nothing.
    pub fn count(&mut self, api: Api, metric: Metric, cost: u64, now: Timestamp) -> Result<(), ApiError> {
        let window = self.windows.entry((api, metric)).or_default();
        while let Some(&(at, cost)) = window.requests.front()
            && now.duration_since(at) >= self.minute
        {
            window.requests.pop_front();
            window.used -= cost;
        }
        let limit = self.quotas.0.get(&(api, metric)).copied();
        if limit.is_some_and(|limit| window.used + cost > limit) {
            return Err(exceeded(api, metric, limit.unwrap_or_default()));
        }
        window.requests.push_back((now, cost));
        window.used += cost;
        window.peak = window.peak.max(window.used);
        Ok(())
    }

    /// The most that was used in any minute.
    pub fn peak(&self, api: Api, metric: Metric) -> u64 {
        self.windows.get(&(api, metric)).map_or(0, |window| window.peak)
    }
}

fn exceeded(api: Api, metric: Metric, limit: u64) -> ApiError {
    let (name, service) = (
        match metric {
            Metric::Read => "Read requests",
            Metric::Search => "Search requests",
            Metric::Write => "Write requests",
        },
        api.service(),
    );
    let consumer = "projects/123456789012";
    ApiError::new(
        Code::ResourceExhausted,
        format!(
            "Quota exceeded for quota metric '{name}' and limit '{name} per minute' of service '{service}' for consumer 'project_number:123456789012'."
        ),
    )
    .reason(
        "RATE_LIMIT_EXCEEDED",
        "googleapis.com",
        json!({
            "consumer": consumer,
            "quota_limit": format!("{}PerMinutePerProject", name.replace(' ', "")),
            "quota_limit_value": limit.to_string(),
            "quota_location": "global",
            "quota_metric": format!("{service}/{}", name.to_lowercase().replace(' ', "_")),
            "quota_unit": "1/min/{project}",
            "service": service,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_slides_and_remembers_its_peak() {
        let mut usage = Usage::new(Quotas::off().with(Api::ServiceUsage, Metric::Write, 60), Duration::from_secs(60));
        let at = |second| Timestamp::from_second(second).unwrap();
        for second in 0..12 {
            usage.count(Api::ServiceUsage, Metric::Write, 5, at(second)).unwrap();
        }
        let refused = usage.count(Api::ServiceUsage, Metric::Write, 5, at(59)).unwrap_err();
        assert_eq!(refused.code, Code::ResourceExhausted);
        usage.count(Api::ServiceUsage, Metric::Write, 5, at(60)).unwrap();
        assert_eq!(usage.peak(Api::ServiceUsage, Metric::Write), 60);
        assert_eq!(usage.peak(Api::ServiceUsage, Metric::Read), 0);
    }
}
