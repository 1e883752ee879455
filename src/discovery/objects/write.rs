//! Writing an object with a precondition.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::connect::AttemptError;
use crate::connect::objects::{ObjectError, ObjectVersion, Write};

use super::super::failure::Failure;
use super::super::remote::{Attempt, RequestError};
use super::clients::{Objects, Target};
use super::failure::ObjectFailure;

/// What came of a conditional write.
#[derive(Debug)]
pub(in crate::discovery) enum Written {
    /// It is there.
    As(ObjectVersion),
    /// Something else is there than was required.
    Changed,
}

impl Objects {
    /// Writes the object if what it replaces is there, with further attempts where they may help.
    ///
    /// # Errors
    /// Why it was not written; `None` when the run is cancelled.
    pub(in crate::discovery) async fn write(
        &self,
        target: &Target<'_>,
        write: &Write<'_>,
    ) -> Result<Written, Option<Failure>> {
        let client = self.client(target)?;
        // Whether an attempt before may have written it although it failed.
        let is_uncertain = AtomicBool::new(false);
        let attempt = || async {
            let error = match client.put(target.object, write).await {
                Ok(version) => return Ok(Written::As(version)),
                Err(error) => error,
            };
            if let ObjectError::Answered(answer) = &error
                && answer.status == 404
                && !is_precondition(&error, write)
            {
                // What is written need not exist.
                let failure = Failure::Object(ObjectFailure::no_bucket(target.object));
                return Err(AttemptError::Final(RequestError::Failure(failure)));
            }
            if !is_precondition(&error, write) {
                let error = self.judge(target, error);
                if matches!(error, AttemptError::Temporary { .. }) {
                    is_uncertain.store(true, Ordering::Relaxed);
                }
                return Err(error);
            }
            if is_uncertain.load(Ordering::Relaxed) {
                return self.is_ours(target, write).await;
            }
            Ok(Written::Changed)
        };
        target.requests().run(target.ctx, attempt).await
    }

    /// After a lost response: whether what is there now is what was to be written.
    async fn is_ours(&self, target: &Target<'_>, write: &Write<'_>) -> Attempt<Written> {
        let client = self.client(target).map_err(|failure| AttemptError::Final(RequestError::Failure(failure)))?;
        match self.read_once(target, &client, None, write.bytes.len() as u64).await {
            Ok(Some((bytes, version))) if bytes == write.bytes => Ok(Written::As(version)),
            Ok(_) | Err(AttemptError::Final(_)) => Ok(Written::Changed),
            Err(error) => Err(error),
        }
    }
}

/// Whether the store refused because something else is there than was required.
fn is_precondition(error: &ObjectError, write: &Write<'_>) -> bool {
    let ObjectError::Answered(answer) = error else { return false };
    match answer.status {
        412 | 304 => true,
        // S3 sends it for two conditional writes at the same time, Azure for an object that is there already.
        409 => answer.is(&["ConditionalRequestConflict", "BlobAlreadyExists", "OperationAborted"]),
        // S3 sends it for a version that is required of an object that was deleted.
        404 => write.replaces.is_some() && answer.is(&["NoSuchKey"]),
        _ => false,
    }
}
