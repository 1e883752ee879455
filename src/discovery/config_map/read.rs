//! Reading a key of a ConfigMap.
//!
//! Whether it is unchanged is told by its metadata alone, so an unchanged one costs no body; a changed one costs two requests.
//! Document and signature are two keys of one ConfigMap and come from one response, so a reader never sees one without the other.

use std::sync::{Mutex, PoisonError};

use super::super::failure::Failure;
use super::super::remote::{Answer, Attempt, RequestError, Requests};
use super::address::ConfigMapAddress;
use super::failure::ConfigMapFailure;
use crate::connect::kubernetes::{
    ConfigMapContent, ConfigMapError, ConfigMapName, ContextClient, ContextError, context_client,
};
use crate::connect::{AttemptError, Environment, RequestContext};
use crate::printable::excerpt;

/// The ConfigMaps that a run has read.
#[derive(Default)]
pub(in super::super) struct ConfigMaps {
    latest: Mutex<Option<(ConfigMapAddress, ConfigMapContent)>>,
}

/// What is requested.
pub(in super::super) struct Request<'r> {
    pub address: &'r ConfigMapAddress,
    pub environment: &'r Environment,
    /// The version of the copy we have.
    pub version: Option<&'r str>,
    /// Whether a response in which the document was read will do.
    pub is_signature: bool,
    /// Bytes of the key.
    pub size: u64,
}

impl ConfigMaps {
    /// Reads a key.
    ///
    /// # Errors
    /// Why there is none; `None` when the run is cancelled.
    pub(in super::super) async fn fetch(
        &self,
        ctx: &RequestContext,
        request: &Request<'_>,
        requests: Requests<'_>,
    ) -> Result<Answer, Option<Failure>> {
        let address = request.address;
        if let Some(content) = self.latest(address).filter(|_| request.is_signature) {
            return Ok(entry(request, &content)?);
        }
        let client = client(request.environment, address).await?;
        let content = requests.run(ctx, || attempt(&client, request, requests)).await?;
        let Some(content) = content else { return Ok(Answer::NotModified) };
        let answer = entry(request, &content);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = Some((address.clone(), content));
        Ok(answer?)
    }

    fn latest(&self, of: &ConfigMapAddress) -> Option<ConfigMapContent> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let (address, content) = latest.as_ref()?;
        (address.context == of.context && address.config_map == of.config_map).then(|| content.clone())
    }
}

/// A client for the cluster of an address.
pub(super) async fn client(environment: &Environment, address: &ConfigMapAddress) -> Result<ContextClient, Failure> {
    context_client(environment, address.context.as_deref()).await.map_err(|error| match error {
        ContextError::Connect(error) => ConfigMapFailure::Connect(error).into(),
        error => ConfigMapFailure::Context(error).into(),
    })
}

/// The contents, unless they are those of the version at hand.
async fn attempt(
    client: &ContextClient,
    request: &Request<'_>,
    requests: Requests<'_>,
) -> Attempt<Option<ConfigMapContent>> {
    let name = &request.address.config_map;
    let failed = |error| refused(name, error, requests);
    if let Some(known) = request.version
        && client.config_map_version(name).await.map_err(failed)? == known
    {
        return Ok(None);
    }
    client.config_map(name).await.map(Some).map_err(failed)
}

fn entry(request: &Request<'_>, content: &ConfigMapContent) -> Result<Answer, Failure> {
    let key = &request.address.key;
    let Some(bytes) = content.entries.get(key) else {
        let existing: Vec<String> = content.entries.keys().map(|key| format!("`{key}`")).collect();
        let existing = if existing.is_empty() { "none".to_owned() } else { excerpt(&existing.join(", ")) };
        return Err(ConfigMapFailure::NoKey { key: key.clone(), existing }.into());
    };
    if bytes.len() as u64 > request.size {
        return Err(Failure::TooLarge { limit: request.size });
    }
    Ok(Answer::Document { bytes: bytes.clone(), etag: Some(content.version.clone()) })
}

pub(super) fn refused(
    name: &ConfigMapName,
    error: ConfigMapError,
    requests: Requests<'_>,
) -> AttemptError<RequestError> {
    let failure = match error {
        ConfigMapError::Http(error) => return requests.error(error),
        ConfigMapError::Connect(error) => ConfigMapFailure::Connect(error).into(),
        ConfigMapError::NotKubernetes => ConfigMapFailure::NoCluster.into(),
        ConfigMapError::Status { code: 401, .. } => ConfigMapFailure::Unauthenticated.into(),
        ConfigMapError::Status { code: 403, .. } => ConfigMapFailure::Forbidden(name.clone()).into(),
        ConfigMapError::Status { code: 404, .. } => ConfigMapFailure::NotFound(name.clone()).into(),
        ConfigMapError::Status { code: code @ (429 | 500..=599), .. } => {
            return requests.temporary(RequestError::Status(code), None);
        }
        ConfigMapError::Status { code, .. } => Failure::Status { status: code },
    };
    AttemptError::Final(RequestError::Failure(failure))
}
