//! Whether a cluster answers, and what we may do there.

use std::time::Duration;

use futures_util::future::try_join_all;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::{Api, Client};

use super::super::environment::Environment;
use super::super::error_chain::root_cause;
use super::context::context_client;
use crate::printable::excerpt;

/// What a cluster answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The version of its API server: `v1.37.0`.
    pub version: String,
    /// Each action that was asked about, and whether it is permitted, in the order of the question.
    pub permitted: Vec<bool>,
}

/// An action in a cluster: a verb on a resource in any namespace.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// `list`, `create`, …
    pub verb: &'static str,
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
}

/// Asks the cluster of a context for its version, and whether these actions are permitted.
///
/// # Errors
/// Why it did not answer within this time.
pub async fn probe(
    environment: &Environment,
    context: &str,
    actions: &[Action],
    most: Duration,
) -> Result<Probe, String> {
    let asked = async {
        let why = |error: kube::Error| excerpt(&root_cause(&error));
        let client = context_client(environment, Some(context)).await.map_err(|error| error.to_string())?.client;
        let version = excerpt(&client.apiserver_version().await.map_err(why)?.git_version);
        let permitted = try_join_all(actions.iter().map(|action| may(&client, action))).await.map_err(why)?;
        Ok(Probe { version, permitted })
    };
    match tokio::time::timeout(most, asked).await {
        Ok(answered) => answered,
        Err(_) => Err(format!("no answer in {} s", most.as_secs())),
    }
}

async fn may(client: &Client, action: &Action) -> Result<bool, kube::Error> {
    let attributes = ResourceAttributes {
        verb: Some(action.verb.to_owned()),
        group: Some(action.group.to_owned()),
        resource: Some(action.resource.to_owned()),
        ..ResourceAttributes::default()
    };
    let spec = SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() };
    let review = SelfSubjectAccessReview { spec, ..Default::default() };
    let answer = Api::all(client.clone()).create(&Default::default(), &review).await?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}
