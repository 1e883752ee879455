//! Reading an object, and writing it with a precondition.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, GetResult, ObjectStore, PutMode, PutOptions, PutPayload, UpdateVersion,
};
use url::Url;

use super::super::http::HttpError;
use super::address::{Bucket, ObjectAddress};
use super::error::{ObjectError, explain};
use super::gs::{self, Uploads};
use super::settings::{ObjectSettings, ObjectVersion, Write};
use super::{az, s3};

/// A client of one bucket. Makes single attempts, without a limit of time: repeating and ending them is the caller's.
#[derive(Debug)]
pub struct ObjectClient {
    store: Box<dyn ObjectStore>,
    server: Url,
    advice: &'static str,
    /// What writes, where that is not the store.
    uploads: Option<Uploads>,
}

/// What a conditional read found.
#[derive(Debug)]
pub enum Read {
    /// The object.
    Object {
        /// Its version.
        version: ObjectVersion,
        /// Its bytes, to be read.
        body: ObjectBody,
    },
    /// The object is the one that is known already. Its bytes were not read.
    Unchanged,
}

/// The bytes of an object.
pub struct ObjectBody {
    /// How many there are.
    pub size: u64,
    /// How they are packed (`Content-Encoding`), if they are.
    pub encoding: Option<String>,
    chunks: BoxStream<'static, object_store::Result<Vec<u8>>>,
    server: Url,
}

impl ObjectClient {
    /// A client. Reads variables and files of credentials; makes no request.
    ///
    /// # Errors
    /// [`ObjectError::Setting`] and [`ObjectError::Credentials`].
    pub fn new(bucket: &Bucket, settings: &ObjectSettings) -> Result<Self, ObjectError> {
        let (store, server, advice): (Box<dyn ObjectStore>, _, _) = match bucket {
            Bucket::Gs { name } => {
                let (store, uploads, server) = gs::store(name, settings)?;
                return Ok(Self { store: Box::new(store), server, advice: gs::ADVICE, uploads: Some(uploads) });
            }
            Bucket::S3 { name, region, endpoint } => {
                let (store, server) = s3::store(name, region.as_deref(), endpoint.as_ref(), settings)?;
                (Box::new(store), server, s3::ADVICE)
            }
            Bucket::Az { container, account, endpoint } => {
                let (store, server) = az::store(container, account.as_deref(), endpoint.as_ref(), settings)?;
                (Box::new(store), server, az::ADVICE)
            }
        };
        Ok(Self { store, server, advice, uploads: None })
    }

    /// One request for an object, unless it is still the one with this ETag.
    ///
    /// # Errors
    /// Why it was not read. That it does not exist is [`ObjectError::Answered`].
    pub async fn get(&self, object: &ObjectAddress, known: Option<&str>) -> Result<Read, ObjectError> {
        let options = GetOptions {
            if_none_match: known.map(str::to_owned),
            version: object.version.clone(),
            ..GetOptions::default()
        };
        let found = match self.store.get_opts(&path(object)?, options).await {
            Ok(found) => found,
            Err(error) => {
                return match self.explain(&error) {
                    ObjectError::Answered(answer) if answer.status == 304 && known.is_some() => Ok(Read::Unchanged),
                    error => Err(error),
                };
            }
        };
        let version = version(&found);
        // Some servers ignore the version, and respond with the newest.
        if object.version.is_some() && version.version != object.version {
            return Err(ObjectError::OtherVersion);
        }
        // Some servers ignore the condition.
        if known.is_some() && version.etag.as_deref() == known {
            return Ok(Read::Unchanged);
        }
        let encoding = found.attributes.get(&Attribute::ContentEncoding).map(|value| value.as_ref().to_owned());
        let (size, server) = (found.meta.size, self.server.clone());
        let chunks = found.into_stream().map(|chunk| chunk.map(Vec::from)).boxed();
        Ok(Read::Object { version, body: ObjectBody { size, encoding, chunks, server } })
    }

    /// One request for the version of an object.
    ///
    /// # Errors
    /// Why it is not known. That the object does not exist is [`ObjectError::Answered`].
    pub async fn head(&self, object: &ObjectAddress) -> Result<ObjectVersion, ObjectError> {
        let options = GetOptions { head: true, version: object.version.clone(), ..GetOptions::default() };
        let found = self.store.get_opts(&path(object)?, options).await.map_err(|error| self.explain(&error))?;
        Ok(version(&found))
    }

    /// One request that writes an object, if what it replaces is there. Returns the new version.
    ///
    /// # Errors
    /// Why it was not written. That another version is there is [`ObjectError::Answered`].
    pub async fn put(&self, object: &ObjectAddress, write: &Write<'_>) -> Result<ObjectVersion, ObjectError> {
        if let Some(uploads) = &self.uploads {
            let generation = match write.replaces {
                None => "0",
                Some(known) => known.version.as_deref().ok_or(ObjectError::Unreadable)?,
            };
            let generation = uploads.put(&object.key, write, generation).await?;
            return Ok(ObjectVersion { etag: None, version: Some(generation) });
        }
        let mode = match write.replaces {
            None => PutMode::Create,
            Some(known) => PutMode::Update(UpdateVersion { e_tag: known.etag.clone(), version: known.version.clone() }),
        };
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, write.content_type.to_owned()),
            (Attribute::CacheControl, write.cache_control.to_owned()),
        ]);
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let payload = PutPayload::from(write.bytes.to_vec());
        let written = self.store.put_opts(&path(object)?, payload, options).await;
        let written = written.map_err(|error| self.explain(&error))?;
        Ok(ObjectVersion { etag: written.e_tag, version: written.version })
    }

    fn explain(&self, error: &object_store::Error) -> ObjectError {
        explain(error, &self.server, self.advice)
    }
}

fn version(found: &GetResult) -> ObjectVersion {
    ObjectVersion { etag: found.meta.e_tag.clone(), version: found.meta.version.clone() }
}

fn path(object: &ObjectAddress) -> Result<Path, ObjectError> {
    Path::parse(&object.key).map_err(|error| ObjectError::Setting { text: error.to_string() })
}

impl ObjectBody {
    /// The next part; none at the end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        match self.chunks.next().await.transpose() {
            Ok(chunk) => Ok(chunk),
            Err(error) => Err(match explain(&error, &self.server, "") {
                ObjectError::Connection(error) => error,
                _ => HttpError::Interrupted,
            }),
        }
    }
}

impl std::fmt::Debug for ObjectBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectBody").field("size", &self.size).field("encoding", &self.encoding).finish_non_exhaustive()
    }
}
