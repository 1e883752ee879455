//! An object in a bucket that a registry is written to. Its store compares what is replaced.

use tokio::time::Instant;

use super::step::Action;
use super::target::{Target, Version};
use crate::cli::common::{Error, Source};
use crate::connect::objects::{
    ObjectAddress, ObjectClient, ObjectError, ObjectSettings, ObjectVersion, Purpose, Read, TokenProblem, Write,
};
use crate::connect::{AttemptError, Encoding, Environment, HttpError, RequestContext, RetryError, RetryPolicy};
use crate::discovery::{Clock as _, Limits, SystemClock};

/// Readers ask the store for each read whether it changed.
const CACHE: &str = "no-cache";
/// How often a signature is written again because another publisher has written one.
const SIGNATURES: usize = 5;

/// An object.
#[derive(Debug)]
pub(super) struct ObjectTarget {
    document: ObjectAddress,
    signature: ObjectAddress,
    client: ObjectClient,
}

impl ObjectTarget {
    pub(super) fn of(document: ObjectAddress, source: &Source) -> Result<Self, Error> {
        if let Some(version) = &document.version {
            return Err(Error::usage(format!("`--to` names the version `{version}` of an object"))
                .because("A version is never written again.")
                .hint("leave the version out of the address"));
        }
        let settings = ObjectSettings {
            environment: Environment::of_this_process(),
            ca_certificate: source.ca_certificate()?,
            connect_timeout: Limits::default().connect,
            purpose: Purpose::Write,
        };
        let client =
            ObjectClient::new(&document.bucket, &settings).map_err(|error| failed("open", &document, &error))?;
        let signature = ObjectAddress { key: format!("{}.minisig", document.key), ..document.clone() };
        Ok(Self { document, signature, client })
    }

    pub(super) async fn head(&self) -> Result<Option<Version>, Error> {
        Ok(self.version(&self.document).await?.map(Version::Object))
    }

    pub(super) async fn write(
        &self,
        target: &Target,
        bytes: &[u8],
        signature: Option<&str>,
        replaces: Option<&Version>,
        action: Action,
    ) -> Result<(), Error> {
        let replaces = match replaces {
            Some(Version::Object(version)) => Some(version.clone()),
            _ => None,
        };
        let written = match action {
            Action::Write => self.put(target, &self.document, bytes, replaces.as_ref(), "application/json").await?,
            Action::Nothing | Action::Sign => replaces.ok_or_else(|| target.changed())?,
        };
        let Some(signature) = signature else { return Ok(()) };
        for _ in 0..SIGNATURES {
            let there = self.version(&self.signature).await?;
            let put = self.put(target, &self.signature, signature.as_bytes(), there.as_ref(), "text/plain").await;
            // The signature belongs to the document that is there now.
            if self.version(&self.document).await?.as_ref() != Some(&written) {
                return Err(target.changed());
            }
            if put.is_ok() {
                return Ok(());
            }
        }
        Err(target.changed())
    }

    /// Writes an object in place of a version.
    async fn put(
        &self,
        target: &Target,
        object: &ObjectAddress,
        bytes: &[u8],
        replaces: Option<&ObjectVersion>,
        content_type: &str,
    ) -> Result<ObjectVersion, Error> {
        let content_type = match Encoding::of(&object.key) {
            None => content_type,
            Some(Encoding::Gzip) => "application/gzip",
            Some(Encoding::Zstandard) => "application/zstd",
        };
        let write = Write { bytes, replaces, content_type, cache_control: CACHE };
        let done = attempts(|| self.client.put(object, &write)).await;
        match done {
            Ok(version) => Ok(version),
            // An attempt before may have written it, although its answer was lost.
            Err(error) if is_conflict(&error) => match self.same(object, bytes).await? {
                Some(version) => Ok(version),
                None => Err(target.changed()),
            },
            Err(error) => Err(failed("write", object, &error)),
        }
    }

    /// The version of an object with exactly these bytes.
    async fn same(&self, object: &ObjectAddress, bytes: &[u8]) -> Result<Option<ObjectVersion>, Error> {
        let read = attempts(|| self.client.get(object, None)).await.map_err(|error| failed("read", object, &error))?;
        let Read::Object { version, mut body } = read else { return Ok(None) };
        let mut found = Vec::new();
        while let Some(chunk) =
            body.chunk().await.map_err(|error| failed("read", object, &ObjectError::Connection(error)))?
        {
            found.extend_from_slice(&chunk);
            if found.len() > bytes.len() {
                return Ok(None);
            }
        }
        Ok((found == bytes).then_some(version))
    }

    async fn version(&self, object: &ObjectAddress) -> Result<Option<ObjectVersion>, Error> {
        match attempts(|| self.client.head(object)).await {
            Ok(version) => Ok(Some(version)),
            Err(ObjectError::Answered(answer)) if answer.status == 404 => Ok(None),
            Err(error) => Err(failed("read", object, &error)),
        }
    }
}

/// Makes attempts while another may help.
async fn attempts<T, F: Future<Output = Result<T, ObjectError>>>(attempt: impl Fn() -> F) -> Result<T, ObjectError> {
    let limits = Limits::default();
    let policy = RetryPolicy {
        first_pause: limits.pause,
        longest_pause: limits.longest_pause,
        longest_retry_after: limits.longest_pause,
    };
    let deadline = Instant::now() + limits.total;
    let attempt = || async {
        let attempt = tokio::time::timeout_at(deadline, attempt()).await;
        attempt.unwrap_or(Err(ObjectError::Connection(HttpError::Timeout))).map_err(|error| {
            let retry_after = match &error {
                ObjectError::Answered(answer) => answer.retry_after(SystemClock.now()),
                _ => None,
            };
            let is_temporary = match &error {
                ObjectError::Answered(answer) => answer.status == 429 || answer.status >= 500,
                ObjectError::Connection(error) => !matches!(error, HttpError::Timeout),
                ObjectError::Credentials { problem, .. } => *problem == TokenProblem::Temporary,
                ObjectError::Setting { .. } | ObjectError::Unreadable => false,
            };
            match is_temporary {
                true => AttemptError::Temporary { error, max_attempts: limits.attempts, retry_after },
                false => AttemptError::Final(error),
            }
        })
    };
    match policy.run(&RequestContext::default(), Some(deadline), attempt).await {
        Ok(done) => Ok(done),
        Err(RetryError::Failed { error, .. }) => Err(error),
        Err(RetryError::Cancelled) => Err(ObjectError::Connection(HttpError::Interrupted)),
    }
}

/// What was expected to be there is not: 412, and 409 of some stores.
fn is_conflict(error: &ObjectError) -> bool {
    matches!(error, ObjectError::Answered(answer) if [409, 412].contains(&answer.status))
}

fn failed(doing: &str, object: &ObjectAddress, error: &ObjectError) -> Error {
    let shown = crate::printable::escape(&object.key).into_owned();
    Error::failed(format!("Cannot {doing} the object `{shown}` of bucket `{}`", object.bucket.name()))
        .because(format!("{error}."))
}
