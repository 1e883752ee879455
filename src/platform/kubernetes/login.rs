//! A client that logs in again when the cluster no longer accepts its credentials.
//!
//! A token may be withdrawn, or run out earlier than it said, in the middle of an apply. What gave it is then asked once
//! more: the kubeconfig is read anew and its plugin is run. The request that was refused is made again, since a server that
//! does not know who asks has done nothing.

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use tokio::sync::Mutex;

use super::{Settings, connect};
use crate::platform::Result;
use crate::registry::names::ClusterName;

/// A client for a cluster. Opens no connection yet.
pub(super) async fn client(settings: Arc<Settings>, cluster: ClusterName) -> Result<Client> {
    let client = connect::client(&settings, &cluster).await?;
    let login =
        Arc::new(Login { settings, cluster, current: Mutex::new(Current { client, logins: 1, rejected: false }) });
    let service = tower::service_fn(move |request| {
        let login = Arc::clone(&login);
        async move { login.send(request).await }
    });
    Ok(Client::new(service, "default"))
}

struct Login {
    settings: Arc<Settings>,
    cluster: ClusterName,
    current: Mutex<Current>,
}

struct Current {
    client: Client,
    /// How often we have logged in.
    logins: u32,
    /// New credentials were no better: there is no use in asking for more.
    rejected: bool,
}

impl Login {
    async fn send(&self, request: Request<Body>) -> kube::Result<Response<Body>> {
        let again = copy(&request);
        let (client, logins) = {
            let current = self.current.lock().await;
            (current.client.clone(), current.logins)
        };
        let answer = client.send(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let (Some(again), Some(client)) = (again, self.login_again(logins).await) else { return Ok(answer) };
        let answer = client.send(again).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.current.lock().await.rejected = true;
        }
        Ok(answer)
    }

    /// A client with newer credentials than those of the login that was refused, if there are any.
    async fn login_again(&self, refused: u32) -> Option<Client> {
        let mut current = self.current.lock().await;
        if current.rejected {
            return None;
        }
        // Of all requests that were refused at the same time, the first logs in for the others.
        if current.logins == refused {
            match connect::client(&self.settings, &self.cluster).await {
                Ok(client) => {
                    tracing::info!(cluster = %self.cluster, "logged in again");
                    current.client = client;
                    current.logins += 1;
                }
                Err(error) => {
                    tracing::warn!(cluster = %self.cluster, %error, "logging in again failed");
                    current.rejected = true;
                    return None;
                }
            }
        }
        Some(current.client.clone())
    }
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
