//! What a failed request means to the caller of a verb.

use crate::connect::google::{CallError, Failure, Kind};
use crate::platform::{Error, Outage};
use crate::registry::names::ProjectId;

/// What was attempted on a project that exists, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub project: &'a ProjectId,
    /// `its APIs cannot be read`
    pub what: &'a str,
    /// What the identity needs.
    pub permission: &'a str,
}

impl Attempt<'_> {
    /// The error of a verb for this one of a request.
    pub(super) fn failed(&self, error: CallError) -> Error {
        let failure = match error {
            CallError::Cancelled => return Error::Cancelled,
            CallError::Failed(failure) => failure,
        };
        let Self { project, what, permission } = self;
        let Failure { kind, text, message } = failure;
        let subject = format!("project `{project}`: {what}");
        match kind {
            Kind::Credentials => Error::Unauthenticated(Outage { what: subject, text, cause: message }),
            Kind::Settings => Error::Misconfigured(Outage { what: subject, text, cause: message }),
            // It was read before: what is missing is the permission. `unseen` is for the other case.
            Kind::NoPermission | Kind::NotFound => {
                Error::PermissionDenied(format!("{subject}: no permission `{permission}`: {text}"))
            }
            Kind::Refused => Error::PermissionDenied(format!("{subject}: {text}")),
            Kind::Conflict => Error::Conflict(format!("{subject}: {text}")),
            Kind::Exists | Kind::Precondition | Kind::Invalid | Kind::Quota => {
                Error::Invalid(format!("{subject}: {text}"))
            }
            Kind::Unavailable => Error::Unavailable(Outage { what: subject, text, cause: message }),
        }
    }
}

/// The project that is not there, as far as we are permitted to see: Google answers 403 in both cases.
pub(super) fn unseen(id: &ProjectId) -> Error {
    Error::NotFound(format!(
        "project `{id}` does not exist, or there is no permission `resourcemanager.projects.get` on it"
    ))
}

/// Whether the answer is the one that a project has which does not exist.
pub(super) fn is_unseen(error: &CallError) -> bool {
    matches!(error, CallError::Failed(failure) if matches!(failure.kind, Kind::NoPermission | Kind::NotFound))
}

/// Whether this identity may not do it, or the object does not exist.
pub(super) fn is_forbidden(error: &CallError) -> bool {
    let CallError::Failed(failure) = error else { return false };
    matches!(failure.kind, Kind::NoPermission | Kind::NotFound | Kind::Refused)
}

/// Whether the answer may be due to the state of the project.
pub(super) fn may_be_state(error: &CallError) -> bool {
    let CallError::Failed(failure) = error else { return false };
    match failure.kind {
        Kind::NoPermission | Kind::NotFound | Kind::Refused | Kind::Precondition | Kind::Invalid => true,
        Kind::Credentials | Kind::Settings | Kind::Exists | Kind::Conflict | Kind::Quota | Kind::Unavailable => false,
    }
}
