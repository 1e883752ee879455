//! A client that logs in again when its credentials have run out.
//!
//! The token of a credential plugin has an expiry; and a token may be revoked, or expire earlier than that, in the
//! middle of an apply. Then the kubeconfig is read again and its plugin is run again. A request that was refused (401) is
//! made once more: a server that refuses authentication has changed nothing.
//!
//! All of it happens inside the request that needs it, so that giving up the request ends it.

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use kube::client::Body;
use tokio::sync::{Mutex, MutexGuard};
use tower::BoxError;

use super::super::error_chain::root_cause;
use super::super::request_log::RequestLog;
use super::access::ClusterAccess;
use super::connection::{Connection, connect};
use super::error::ConnectError;

/// How long before they expire credentials are replaced.
const EARLY: SignedDuration = SignedDuration::from_secs(60);

/// A client for a cluster. Opens no connection yet; dropping the future ends a credential plugin.
///
/// # Errors
/// When the settings name no cluster of that name or there are no credentials for it.
pub async fn client(access: Arc<ClusterAccess>, cluster: &str) -> Result<Client, ConnectError> {
    let connection = connect(&access, cluster).await?;
    let current = Mutex::new(Current { connection, logins: 1, rejected: false });
    let login = Arc::new(Login { access, cluster: cluster.to_owned(), current });
    let service = tower::service_fn(move |request| {
        let login = Arc::clone(&login);
        async move { login.send(request).await }
    });
    Ok(Client::new(service, "default"))
}

struct Login {
    access: Arc<ClusterAccess>,
    cluster: String,
    current: Mutex<Current>,
}

struct Current {
    connection: Connection,
    /// How often we have logged in.
    logins: u32,
    /// New credentials were no better, so no others are requested.
    rejected: bool,
}

impl Login {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let again = copy(&request);
        let (client, address, logins) = {
            let mut current = self.current.lock().await;
            #[allow(clippy::disallowed_methods, reason = "the server that checks the credential has the real time too")]
            if current.connection.expires.is_some_and(|expires| Timestamp::now() + EARLY >= expires) {
                self.log_in(&mut current).await?;
            }
            (current.connection.client.clone(), current.connection.address.clone(), current.logins)
        };
        let answer = send(&client, &address, request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let (Some(again), Some(client)) = (again, self.after_refusal(logins).await) else { return Ok(answer) };
        let answer = send(&client, &address, again).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.current.lock().await.rejected = true;
        }
        Ok(answer)
    }

    /// A client with newer credentials than those of the login that was refused, if there are any.
    async fn after_refusal(&self, refused: u32) -> Option<Client> {
        let mut current = self.current.lock().await;
        if current.rejected {
            return None;
        }
        // Of all requests that were refused at the same time, the first logs in for the others.
        if current.logins == refused
            && let Err(error) = self.log_in(&mut current).await
        {
            tracing::warn!(cluster = self.cluster, %error, "logging in again failed");
            current.rejected = true;
            return None;
        }
        Some(current.connection.client.clone())
    }

    async fn log_in(&self, current: &mut MutexGuard<'_, Current>) -> Result<(), ConnectError> {
        current.connection = connect(&self.access, &self.cluster).await?;
        current.logins += 1;
        tracing::info!(cluster = self.cluster, "logged in again");
        Ok(())
    }
}

/// One request, and its line in the log.
async fn send(client: &Client, address: &str, request: Request<Body>) -> kube::Result<Response<Body>> {
    // Query strings of the API have no secrets, but are long, and name what is on the page.
    let log = RequestLog::begin(request.method().as_str(), &format!("{address}{}", request.uri().path()));
    let answer = client.send(request).await;
    match &answer {
        Ok(answer) => log.answered(answer.status().as_u16()),
        Err(error) => log.failed(&root_cause(error)),
    }
    answer
}

/// The same request once more. Ours are never streams, which could not be sent twice.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}
