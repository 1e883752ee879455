//! Reading an object.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connect::objects::{
    Bucket, ObjectAddress, ObjectBody, ObjectClient, ObjectError, ObjectSettings, Purpose, Read, TokenProblem,
};
use crate::connect::{AttemptError, Encoding, HttpError, RequestContext};
use crate::printable::escape;

use super::super::config::{Clock, FetchContext};
use super::super::failure::Failure;
use super::super::names::SettingNames;
use super::super::remote::{Answer, Attempt, Body, RequestError, Requests};
use super::failure::ObjectFailure;

/// The buckets of one run. A document and its signature have one client, with one token.
#[derive(Debug, Default)]
pub(in crate::discovery) struct Objects {
    clients: Mutex<HashMap<Bucket, Arc<ObjectClient>>>,
}

/// What is requested.
pub(in crate::discovery) struct Request<'r> {
    pub object: &'r ObjectAddress,
    /// Of the copy we have.
    pub etag: Option<&'r str>,
    /// PEM, trusted beside the operating system's.
    pub ca_certificate: Option<&'r str>,
    pub names: &'r SettingNames,
    /// Bytes of what is read.
    pub size: u64,
}

impl Objects {
    /// The client of a bucket, to read.
    fn client(&self, request: &Request<'_>, context: &FetchContext) -> Result<Arc<ObjectClient>, ObjectError> {
        let bucket = &request.object.bucket;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(bucket) {
            return Ok(Arc::clone(client));
        }
        let settings = ObjectSettings {
            environment: context.environment.clone(),
            ca_certificate: request.ca_certificate.map(str::to_owned),
            connect_timeout: context.limits.connect,
            purpose: Purpose::Read,
        };
        let client = Arc::new(ObjectClient::new(bucket, &settings)?);
        clients.insert(bucket.clone(), Arc::clone(&client));
        Ok(client)
    }

    /// Gets the object, with further attempts where they may help.
    ///
    /// # Errors
    /// Why there is none; `None` when the run is cancelled.
    pub(in crate::discovery) async fn fetch(
        &self,
        ctx: &RequestContext,
        request: &Request<'_>,
        context: &FetchContext,
    ) -> Result<Answer, Option<Failure>> {
        let requests = Requests { limits: &context.limits, names: request.names };
        let fetch = Fetch { request, requests, clock: &*context.clock };
        let client = match self.client(request, context) {
            Ok(client) => client,
            Err(error) => {
                let (AttemptError::Final(error) | AttemptError::Temporary { error, .. }) = fetch.error(error);
                return Err(match error {
                    RequestError::Failure(failure) => Some(failure),
                    RequestError::Status(status) => Some(Failure::Status { status }),
                });
            }
        };
        requests.run(ctx, || fetch.attempt(&client)).await
    }
}

impl Body for ObjectBody {
    async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + Send>, HttpError> {
        self.chunk().await
    }
}

struct Fetch<'f> {
    request: &'f Request<'f>,
    requests: Requests<'f>,
    clock: &'f dyn Clock,
}

impl Fetch<'_> {
    /// One request.
    async fn attempt(&self, client: &ObjectClient) -> Attempt<Answer> {
        let Request { object, etag, size, .. } = *self.request;
        match client.get(object, etag).await.map_err(|error| self.error(error))? {
            Read::Unchanged => Ok(Answer::NotModified),
            Read::Object { version, body } => {
                if let Some(encoding) = body.encoding.as_deref().filter(|name| !is_read(name, &object.key)) {
                    let encoding = escape(encoding).into_owned();
                    return Err(AttemptError::Final(RequestError::Failure(
                        ObjectFailure::Encoding { encoding }.into(),
                    )));
                }
                let bytes = self.requests.body(body.size, size, body).await?;
                Ok(Answer::Document { bytes, etag: version.etag })
            }
        }
    }

    fn error(&self, error: ObjectError) -> AttemptError<RequestError> {
        let failure = |failure| RequestError::Failure(Failure::Object(failure));
        match error {
            ObjectError::Connection(error) => self.requests.error(error),
            ObjectError::Answered(answer) => match answer.status {
                status @ (429 | 500..=599) => {
                    self.requests.temporary(RequestError::Status(status), answer.retry_after(self.clock.now()))
                }
                _ => AttemptError::Final(failure(ObjectFailure::of(&answer, self.request.object))),
            },
            ObjectError::Credentials { text, problem } => {
                let error = failure(ObjectFailure::Credentials { text, problem });
                match problem {
                    TokenProblem::Temporary => self.requests.temporary(error, None),
                    TokenProblem::Refused | TokenProblem::Unreachable => AttemptError::Final(error),
                }
            }
            ObjectError::Setting { text } => AttemptError::Final(failure(ObjectFailure::Setting(text))),
            ObjectError::Unreadable => AttemptError::Final(failure(ObjectFailure::NoStore)),
        }
    }
}

/// Whether an object is read whose `Content-Encoding` has this value. What was unpacked on the way has none any more.
fn is_read(encoding: &str, key: &str) -> bool {
    match encoding {
        "" | "identity" | "aws-chunked" => true,
        // The name says the same, and it is unpacked once.
        "gzip" => Encoding::of(key) == Some(Encoding::Gzip),
        "zstd" => Encoding::of(key) == Some(Encoding::Zstandard),
        _ => false,
    }
}
