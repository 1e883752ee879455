//! What Google's error says: a kind for programs, and a text for people.

use std::time::{Duration, SystemTime};

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::{Code, Status, StatusDetails};

use super::super::context::Cancelled;
use super::super::error_chain::root_cause;
use super::super::retry::{RetryPolicy, retry_after};
use crate::printable::excerpt;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The run was cancelled.
    Cancelled,
    /// Google refused the request, or could not be reached.
    Failed(Failure),
}

/// What a request results in.
pub type Called<T> = Result<T, CallError>;

impl From<Cancelled> for CallError {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What a caller decides on.
    pub kind: Kind,
    /// Google's message, with its details and its status. In one line.
    pub text: String,
    /// Google's message alone.
    pub message: String,
}

/// What a caller decides on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no identity, or Google does not accept it.
    Credentials,
    /// The settings of the provider are not valid.
    Settings,
    /// 404.
    NotFound,
    /// 403 of the kind that a project also has which does not exist.
    NoPermission,
    /// Another 403: an API that is not enabled, a quota project that may not be used, an organization's rule.
    Refused,
    /// 409: the name is taken.
    Exists,
    /// 409: another writer was faster.
    Conflict,
    /// 400: the request does not fit the state of the resource.
    Precondition,
    /// 400: the request is not valid.
    Invalid,
    /// A quota that does not refill within a minute.
    Quota,
    /// Busy, broken or not reachable. Later attempts may succeed.
    Unavailable,
}

/// How a failed attempt is repeated.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub failure: Failure,
    /// The status of the HTTP answer, if there was one.
    pub status: Option<u16>,
    /// How many attempts it is worth, where another one may succeed.
    pub attempts: Option<u32>,
    /// When the server wants the next one.
    pub retry_after: Option<Duration>,
}

/// The pauses between attempts. How long it goes on is a setting.
pub(super) const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(250),
    longest_pause: Duration::from_secs(30),
    longest_retry_after: Duration::from_secs(120),
};

/// For an answer that says when it is better, or that it will be.
const UNTIL_THE_DEADLINE: u32 = u32::MAX;
/// For a server that cannot be reached: about half a minute.
const UNREACHABLE: u32 = 8;

/// How many details of an error are printed.
const MOST_DETAILS: usize = 10;

impl Failure {
    pub(super) fn new(kind: Kind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, message: text.clone(), text }
    }

    /// The error of an operation.
    pub(super) fn of_operation(status: &Status) -> Self {
        let (kind, _) = judge_status(status, None);
        Self::of_status(kind, status)
    }

    fn of_status(kind: Kind, status: &Status) -> Self {
        let message = excerpt(&status.message);
        let mut text = if message.is_empty() { "no message".to_owned() } else { message.clone() };
        text = format!("{} ({})", text.trim_end_matches('.'), status.code.name());
        for detail in status.details.iter().flat_map(details).take(MOST_DETAILS) {
            // Google often says the same twice.
            if !text.contains(&detail) && !detail.ends_with(message.trim_end_matches('.')) {
                text = format!("{text}; {detail}");
            }
        }
        Self { kind, text, message }
    }
}

/// Sorts the error of an attempt.
#[allow(clippy::disallowed_methods, reason = "a Retry-After may be a date, by the server's real time")]
pub(super) fn judge(error: &Error) -> Judged {
    let status = error.http_status_code();
    let header = error.http_headers().and_then(|headers| headers.get(http::header::RETRY_AFTER)?.to_str().ok());
    let header = header.and_then(|value| retry_after(value, SystemTime::now()));
    if let Some(answer) = error.status() {
        let (kind, attempts) = judge_status(answer, status);
        let told = answer.details.iter().find_map(|detail| match detail {
            StatusDetails::RetryInfo(info) => {
                info.retry_delay.as_ref()?.seconds().try_into().ok().map(Duration::from_secs)
            }
            _ => None,
        });
        return Judged { failure: Failure::of_status(kind, answer), status, attempts, retry_after: header.or(told) };
    }
    if error.is_authentication() {
        // The causes may quote the answer of a token server.
        return Judged {
            failure: Failure::new(Kind::Credentials, super::credentials::explain(error)),
            status: None,
            attempts: transient(error).then_some(UNREACHABLE),
            retry_after: None,
        };
    }
    if let Some(status) = status {
        let busy = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
        let kind = match status {
            401 => Kind::Credentials,
            403 => Kind::Refused,
            404 => Kind::NotFound,
            _ => Kind::Unavailable,
        };
        let body = error.http_payload().map(|body| excerpt(&String::from_utf8_lossy(body))).unwrap_or_default();
        let body = if body.is_empty() { "no message".to_owned() } else { body };
        return Judged {
            failure: Failure::new(kind, format!("an answer that is not Google's: {body} ({status})")),
            status: Some(status),
            attempts: busy.then_some(UNTIL_THE_DEADLINE),
            retry_after: header,
        };
    }
    let reached = error.is_io() || error.is_connect() || error.is_timeout();
    let what = match () {
        () if error.is_timeout() => "no answer in time",
        () if error.is_connect() => "cannot connect",
        () if error.is_io() => "the connection broke",
        () => "an answer that cannot be read",
    };
    Judged {
        failure: Failure::new(Kind::Unavailable, format!("{what}: {}", excerpt(&root_cause(error)))),
        status: None,
        attempts: reached.then_some(UNREACHABLE),
        retry_after: None,
    }
}

/// Whether a token server may answer at the next attempt.
fn transient(error: &Error) -> bool {
    super::super::error_chain::find_cause::<google_cloud_auth::errors::CredentialsError>(error)
        .is_some_and(google_cloud_auth::errors::CredentialsError::is_transient)
}

fn judge_status(status: &Status, http: Option<u16>) -> (Kind, Option<u32>) {
    let reason = status.details.iter().find_map(|detail| match detail {
        StatusDetails::ErrorInfo(info) => Some(info.reason.as_str()),
        _ => None,
    });
    if is_rate_limit(status, reason) {
        return (Kind::Unavailable, Some(UNTIL_THE_DEADLINE));
    }
    let kind = match status.code {
        Code::Unauthenticated => Kind::Credentials,
        Code::NotFound => Kind::NotFound,
        Code::PermissionDenied => match reason {
            None | Some("IAM_PERMISSION_DENIED" | "RESOURCES_NOT_FOUND") => Kind::NoPermission,
            Some(_) => Kind::Refused,
        },
        Code::AlreadyExists => Kind::Exists,
        Code::Aborted => Kind::Conflict,
        Code::FailedPrecondition => Kind::Precondition,
        Code::ResourceExhausted => Kind::Quota,
        Code::Unavailable | Code::DeadlineExceeded | Code::Internal | Code::Unknown | Code::Cancelled => {
            Kind::Unavailable
        }
        _ => Kind::Invalid,
    };
    let kind = match http {
        Some(409) if kind == Kind::Invalid => Kind::Conflict,
        Some(408 | 500 | 502 | 503 | 504) => Kind::Unavailable,
        _ => kind,
    };
    (kind, (kind == Kind::Unavailable).then_some(UNTIL_THE_DEADLINE))
}

/// A quota that refills within a minute: 429, and sometimes 403. One that is about the number of projects is not.
fn is_rate_limit(status: &Status, reason: Option<&str>) -> bool {
    if reason == Some("RATE_LIMIT_EXCEEDED") {
        return true;
    }
    let per_minute = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("per minute") || text.contains("per 100 seconds") || text.contains("per second")
    };
    let violations = status.details.iter().filter_map(|detail| match detail {
        StatusDetails::QuotaFailure(failure) => Some(&failure.violations),
        _ => None,
    });
    let mut violations = violations.flatten().peekable();
    match status.code {
        Code::PermissionDenied => status.message.contains("Quota exceeded") && per_minute(&status.message),
        Code::ResourceExhausted if violations.peek().is_some() => {
            per_minute(&status.message) || violations.any(|violation| per_minute(&violation.description))
        }
        Code::ResourceExhausted => !status.message.contains("per day"),
        _ => false,
    }
}

/// What a detail of an error adds for people.
fn details(detail: &StatusDetails) -> Vec<String> {
    match detail {
        StatusDetails::QuotaFailure(failure) => {
            failure.violations.iter().map(|one| about(&one.subject, &one.description)).collect()
        }
        StatusDetails::PreconditionFailure(failure) => {
            // Service Usage has subjects for programs: `?error_code=…`.
            let for_people = failure.violations.iter().filter(|one| !one.subject.starts_with('?'));
            for_people.map(|one| about(&one.subject, &one.description)).collect()
        }
        StatusDetails::BadRequest(request) => {
            request.field_violations.iter().map(|one| about(&one.field, &one.description)).collect()
        }
        StatusDetails::ErrorInfo(info) => {
            let mut texts = vec![format!("reason {}", excerpt(&info.reason))];
            for key in ["permission", "service", "quota_limit", "quota_limit_value"] {
                if let Some(value) = info.metadata.get(key) {
                    texts.push(format!("{} {}", key.replace('_', " "), excerpt(value)));
                }
            }
            vec![texts.join(", ")]
        }
        StatusDetails::Help(help) => help.links.iter().map(|link| about(&link.description, &link.url)).collect(),
        StatusDetails::LocalizedMessage(message) => vec![excerpt(&message.message)],
        _ => Vec::new(),
    }
}

fn about(subject: &str, description: &str) -> String {
    let (subject, description) = (excerpt(subject), excerpt(description));
    let description = description.trim_end_matches('.');
    match (subject.is_empty(), description.is_empty()) {
        (false, false) => format!("{}: {description}", subject.trim_end_matches([':', '.'])),
        _ => subject + description,
    }
}

#[cfg(test)]
mod tests {
    use google_cloud_gax::error::rpc::Status;
    use serde_json::{Value, json};

    use super::*;

    fn status(error: Value) -> Status {
        serde_json::from_value(error).expect("a status")
    }

    fn kind(code: u16, name: &str, message: &str, details: Value) -> (Kind, bool) {
        let body =
            json!({"code": Code::try_from(name).expect("a code") as i32, "message": message, "details": details});
        let error = Error::service_with_http_metadata(status(body), Some(code), None);
        let judged = judge(&error);
        (judged.failure.kind, judged.attempts.is_some())
    }

    #[test]
    fn what_refills_within_a_minute_is_repeated_and_a_number_of_projects_is_not() {
        let per_minute =
            "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute' of service 's'.";
        let rate = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}]);
        let quota = |text: &str| json!([{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": "user:1", "description": text}]}]);
        let none = json!([]);
        for (code, name, message, details, expected) in [
            (429, "RESOURCE_EXHAUSTED", "busy", none.clone(), (Kind::Unavailable, true)),
            (429, "RESOURCE_EXHAUSTED", "busy", rate, (Kind::Unavailable, true)),
            (403, "PERMISSION_DENIED", per_minute, none.clone(), (Kind::Unavailable, true)),
            (429, "RESOURCE_EXHAUSTED", "no", quota("too many projects"), (Kind::Quota, false)),
            (429, "RESOURCE_EXHAUSTED", "no", quota("1 per minute"), (Kind::Unavailable, true)),
            (
                403,
                "PERMISSION_DENIED",
                "The caller does not have permission",
                none.clone(),
                (Kind::NoPermission, false),
            ),
            (503, "UNAVAILABLE", "busy", none.clone(), (Kind::Unavailable, true)),
            (500, "INTERNAL", "busy", none.clone(), (Kind::Unavailable, true)),
            (409, "ABORTED", "There were concurrent policy changes", none.clone(), (Kind::Conflict, false)),
            (409, "ALREADY_EXISTS", "Requested entity already exists", none.clone(), (Kind::Exists, false)),
            (400, "FAILED_PRECONDITION", "no", none.clone(), (Kind::Precondition, false)),
            (404, "NOT_FOUND", "no", none, (Kind::NotFound, false)),
        ] {
            assert_eq!(kind(code, name, message, details), expected, "{code} {message}");
        }
    }

    #[test]
    fn a_403_that_names_another_reason_is_no_missing_project() {
        let because = |reason: &str| {
            let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]);
            kind(403, "PERMISSION_DENIED", "no", details).0
        };
        assert_eq!(because("IAM_PERMISSION_DENIED"), Kind::NoPermission);
        for reason in
            ["SERVICE_DISABLED", "USER_PROJECT_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "SECURITY_POLICY_VIOLATED"]
        {
            assert_eq!(because(reason), Kind::Refused, "{reason}");
        }
    }

    #[test]
    fn an_answer_of_a_megabyte_is_an_excerpt() {
        let long = "no \u{1b}[2J\u{202e}".repeat(1 << 17);
        let violation = json!({"subject": long, "description": long});
        let violations = vec![violation; 100];
        let details = json!([
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": long, "metadata": {"permission": long}},
        ]);
        let status = status(json!({"code": 7, "message": long, "details": details}));
        let answer = Error::service_with_http_metadata(status, Some(403), None);
        let page = Error::http(502, http::HeaderMap::new(), long.clone().into());
        let io = Error::io(std::io::Error::other(long));
        for error in [answer, page, io] {
            let Judged { failure: Failure { text, message, .. }, .. } = judge(&error);
            assert!(text.len() <= 12 << 10 && message.chars().count() <= 600, "{} {}", text.len(), message.len());
            assert!(!text.chars().chain(message.chars()).any(crate::printable::is_hidden), "{text}");
        }
    }

    #[test]
    fn the_details_of_an_error_are_printed() {
        let failure = Failure::of_operation(&status(json!({
            "code": 8,
            "message": "The project cannot be created because you have exceeded your allotted project quota.",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
                    {"subject": "user:applier@example.com", "description": "Projects: 25 of 25.\nIncrease it."}
                ]},
                {"@type": "type.googleapis.com/google.rpc.Help", "links": [
                    {"description": "Request an increase:", "url": "https://support.google.com/code/contact/project_quota_increase"}
                ]}
            ]
        })));
        insta::assert_snapshot!(failure.text, @"The project cannot be created because you have exceeded your allotted project quota (RESOURCE_EXHAUSTED); user:applier@example.com: Projects: 25 of 25. Increase it; Request an increase: https://support.google.com/code/contact/project_quota_increase");
        let failure = Failure::of_operation(&status(json!({
            "code": 9,
            "message": "Precondition check failed.",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": [
                    {"type": "BILLING", "subject": "billingAccounts/000000-AAAAAA-000000", "description": "The account is closed."}
                ]},
                {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "BILLING_DISABLED", "domain": "googleapis.com",
                 "metadata": {"service": "compute.googleapis.com", "consumer": "projects/1"}}
            ]
        })));
        insta::assert_snapshot!(failure.text, @"Precondition check failed (FAILED_PRECONDITION); billingAccounts/000000-AAAAAA-000000: The account is closed; reason BILLING_DISABLED, service compute.googleapis.com");
    }
}
