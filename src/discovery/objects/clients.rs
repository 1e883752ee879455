//! The clients of buckets, and what an error of theirs means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connect::objects::{
    Bucket, ObjectAddress, ObjectClient, ObjectError, ObjectSettings, Purpose, TokenProblem,
};
use crate::connect::{AttemptError, RequestContext};

use super::super::config::FetchContext;
use super::super::failure::Failure;
use super::super::names::SettingNames;
use super::super::remote::{RequestError, Requests};
use super::failure::ObjectFailure;

/// The buckets of one run. A document and its signature have one client, with one token.
#[derive(Debug)]
pub(in crate::discovery) struct Objects {
    purpose: Purpose,
    clients: Mutex<HashMap<Bucket, Arc<ObjectClient>>>,
}

/// An object, and what requests for it need.
#[derive(Clone, Copy)]
pub(in crate::discovery) struct Target<'t> {
    pub ctx: &'t RequestContext,
    pub object: &'t ObjectAddress,
    pub context: &'t FetchContext,
    /// PEM, trusted beside the operating system's.
    pub ca_certificate: Option<&'t str>,
    pub names: &'t SettingNames,
}

impl Objects {
    pub(in crate::discovery) fn new(purpose: Purpose) -> Self {
        Self { purpose, clients: Mutex::default() }
    }

    /// The client of a bucket.
    pub(super) fn client(&self, target: &Target<'_>) -> Result<Arc<ObjectClient>, Failure> {
        let bucket = &target.object.bucket;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(bucket) {
            return Ok(Arc::clone(client));
        }
        let settings = ObjectSettings {
            environment: target.context.environment.clone(),
            ca_certificate: target.ca_certificate.map(str::to_owned),
            connect_timeout: target.context.limits.connect,
            purpose: self.purpose,
        };
        let client = ObjectClient::new(bucket, &settings).map_err(|error| {
            let (AttemptError::Final(error) | AttemptError::Temporary { error, .. }) = self.judge(target, error);
            match error {
                RequestError::Failure(failure) => failure,
                RequestError::Status(status) => Failure::Status { status },
            }
        })?;
        let client = Arc::new(client);
        clients.insert(bucket.clone(), Arc::clone(&client));
        Ok(client)
    }

    /// What an error means to the user, and whether another attempt may help.
    pub(super) fn judge(&self, target: &Target<'_>, error: ObjectError) -> AttemptError<RequestError> {
        let requests = target.requests();
        let failure = |failure| RequestError::Failure(Failure::Object(failure));
        match error {
            ObjectError::Connection(error) => requests.error(error),
            ObjectError::Answered(answer) => match answer.status {
                status @ (429 | 500..=599) => {
                    requests.temporary(RequestError::Status(status), answer.retry_after(target.context.clock.now()))
                }
                _ => AttemptError::Final(failure(ObjectFailure::of(&answer, target.object, self.purpose))),
            },
            ObjectError::Credentials { text, problem } => {
                let error = failure(ObjectFailure::Credentials { text, problem });
                match problem {
                    TokenProblem::Temporary => requests.temporary(error, None),
                    TokenProblem::Refused | TokenProblem::Unreachable => AttemptError::Final(error),
                }
            }
            ObjectError::Setting { text } => AttemptError::Final(failure(ObjectFailure::Setting(text))),
            ObjectError::OtherVersion => AttemptError::Final(failure(ObjectFailure::no_version(target.object))),
            ObjectError::Unreadable => AttemptError::Final(failure(ObjectFailure::NoStore)),
        }
    }
}

impl Target<'_> {
    pub(super) fn requests(&self) -> Requests<'_> {
        Requests { limits: &self.context.limits, names: self.names }
    }
}
