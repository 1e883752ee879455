//! Writing a key of a ConfigMap, if what was read before is still there.
//!
//! What is required is the content of the key: another key of the ConfigMap, such as the signature, may change in between. The
//! server compares the version of the whole ConfigMap with the one that was read a moment ago, so nothing is lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::failure::Failure;
use super::super::remote::{RequestError, Requests};
use super::address::ConfigMapAddress;
use super::failure::ConfigMapFailure;
use super::read::{client, refused};
use crate::connect::kubernetes::{ConfigMapCondition, ConfigMapError};
use crate::connect::{AttemptError, Environment, RequestContext};

/// How often another key may be written at the same moment.
const TRIES: usize = 20;

/// Writes a key if `is_required` of what is there. The answer is whether it was written.
///
/// # Errors
/// Why not; `None` when the run is cancelled.
pub(in crate::discovery) async fn write(
    ctx: &RequestContext,
    environment: &Environment,
    address: &ConfigMapAddress,
    bytes: &[u8],
    is_required: impl Fn(Option<&[u8]>) -> bool,
    requests: Requests<'_>,
) -> Result<bool, Option<Failure>> {
    let client = &ctx.run(client(environment, address)).await.map_err(|_| None)??;
    let (name, key) = (&address.config_map, &address.key);
    let entries = &BTreeMap::from([(key.clone(), bytes.to_vec())]);
    // Whether an attempt before may have written it although it failed.
    let (is_uncertain, is_required) = (&AtomicBool::new(false), &is_required);
    let refused = |failure: ConfigMapFailure| Err(AttemptError::Final(RequestError::Failure(failure.into())));
    let attempt = || async move {
        for _ in 0..TRIES {
            let found = match client.config_map(name).await {
                Ok(found) => Some(found),
                Err(ConfigMapError::Status { code: 404, .. }) => None,
                Err(error) => return Err(self::refused(name, error, requests)),
            };
            let current = found.as_ref().and_then(|found| found.entries.get(key)).map(Vec::as_slice);
            if !is_required(current) {
                return Ok(is_uncertain.load(Ordering::Relaxed) && current == Some(bytes));
            }
            let condition =
                found.as_ref().map_or(ConfigMapCondition::Absent, |found| ConfigMapCondition::Version(&found.version));
            match client.write_config_map(name, entries, condition).await {
                Ok(_) => return Ok(true),
                Err(ConfigMapError::Status { code: 409, .. }) => {}
                Err(ConfigMapError::Status { code: 403, .. }) => {
                    return refused(ConfigMapFailure::NotWritable(name.clone()));
                }
                Err(ConfigMapError::Status { code: 404, .. }) if found.is_none() => {
                    return refused(ConfigMapFailure::NoNamespace(name.namespace.clone()));
                }
                Err(ConfigMapError::Status { code: 404, .. }) => {}
                Err(ConfigMapError::Status { code: 413 | 422, .. }) => return refused(ConfigMapFailure::TooLarge),
                Err(error) => {
                    is_uncertain.store(true, Ordering::Relaxed);
                    return Err(self::refused(name, error, requests));
                }
            }
        }
        Err(requests.temporary(RequestError::Status(409), None))
    };
    requests.run(ctx, attempt).await
}
