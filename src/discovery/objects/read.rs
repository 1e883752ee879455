//! Reading an object.

use crate::connect::objects::{ObjectBody, ObjectClient, ObjectVersion, Read};
use crate::connect::{AttemptError, Encoding, HttpError};
use crate::printable::excerpt;

use super::super::failure::Failure;
use super::super::remote::{Answer, Attempt, Body, RequestError};
use super::clients::{Objects, Target};
use super::failure::ObjectFailure;

impl Objects {
    /// Gets the object unless it has this ETag, with further attempts where they may help.
    ///
    /// # Errors
    /// Why there is none; `None` when the run is cancelled.
    pub(in crate::discovery) async fn fetch(
        &self,
        target: &Target<'_>,
        etag: Option<&str>,
        size: u64,
    ) -> Result<Answer, Option<Failure>> {
        let client = self.client(target)?;
        let found = target.requests().run(target.ctx, || self.read_once(target, &client, etag, size)).await?;
        Ok(match found {
            Some((bytes, version)) => Answer::Document { bytes, etag: version.etag },
            None => Answer::NotModified,
        })
    }

    /// Gets the object with its version, as [`fetch`](Self::fetch) does.
    ///
    /// # Errors
    /// Why there is none; `None` when the run is cancelled.
    pub(in crate::discovery) async fn current(
        &self,
        target: &Target<'_>,
        size: u64,
    ) -> Result<(Vec<u8>, ObjectVersion), Option<Failure>> {
        let client = self.client(target)?;
        let found = target.requests().run(target.ctx, || self.read_once(target, &client, None, size)).await?;
        found.ok_or(Some(Failure::Status { status: 304 }))
    }

    /// One request; nothing if the object has this ETag.
    pub(super) async fn read_once(
        &self,
        target: &Target<'_>,
        client: &ObjectClient,
        etag: Option<&str>,
        size: u64,
    ) -> Attempt<Option<(Vec<u8>, ObjectVersion)>> {
        let object = target.object;
        match client.get(object, etag).await.map_err(|error| self.judge(target, error))? {
            Read::Unchanged => Ok(None),
            Read::Object { version, body } => {
                if let Some(encoding) = body.encoding.as_deref().filter(|name| !is_read(name, &object.key)) {
                    let encoding = excerpt(encoding);
                    let failure = Failure::Object(ObjectFailure::Encoding { encoding });
                    return Err(AttemptError::Final(RequestError::Failure(failure)));
                }
                let bytes = target.requests().body(body.size, size, body).await?;
                Ok(Some((bytes, version)))
            }
        }
    }
}

impl Body for ObjectBody {
    async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + Send>, HttpError> {
        self.chunk().await
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
