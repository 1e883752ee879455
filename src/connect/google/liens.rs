//! Liens: what keeps a project from being deleted, by Google itself. The library has no client for them.

use google_cloud_auth::credentials::CacheableResource;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Status;
use google_cloud_gax::options::RequestOptions;
use http::{Extensions, HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::context::RequestContext;
use super::call::Call;
use super::clients::{Clients, GoogleApis};
use super::failure::Called;
use super::settings::Api;

/// A lien on a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lien {
    /// `liens/…`; empty in a new one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `projects/NUMBER`.
    pub parent: String,
    /// The permissions that it blocks.
    #[serde(default)]
    pub restrictions: Vec<String>,
    /// Why, for people.
    #[serde(default)]
    pub reason: String,
    /// Which program created it.
    #[serde(default)]
    pub origin: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    liens: Vec<Lien>,
    #[serde(default)]
    next_page_token: String,
}

impl GoogleApis {
    /// All liens on `projects/NUMBER`.
    ///
    /// # Errors
    /// Google's.
    pub async fn liens(&self, ctx: &RequestContext, parent: &str) -> Called<Vec<Lien>> {
        let (mut liens, mut token) = (Vec::new(), String::new());
        loop {
            let query = [("parent", parent), ("pageToken", &token)];
            let call = Call::read(Api::ResourceManager, "GET", "v3/liens");
            let page = self.call(ctx, &call, |clients, options| {
                let url = format!("{}/v3/liens", clients.address(Api::ResourceManager));
                let mut request = clients.http.request(Method::GET, url);
                for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
                    request = request.query(&[(key, value)]);
                }
                send::<Page>(clients, options, request)
            });
            let page = page.await?;
            liens.extend(page.liens);
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(liens);
            }
        }
    }

    /// Creates a lien.
    ///
    /// # Errors
    /// Google's.
    pub async fn create_lien(&self, ctx: &RequestContext, lien: &Lien) -> Called<Lien> {
        let call = Call::write(Api::ResourceManager, "POST", "v3/liens");
        self.call(ctx, &call, |clients, options| {
            let url = format!("{}/v3/liens", clients.address(Api::ResourceManager));
            let body = serde_json::to_string(lien).unwrap_or_default();
            let request =
                clients.http.request(Method::POST, url).header(http::header::CONTENT_TYPE, "application/json");
            send(clients, options, request.body(body))
        })
        .await
    }

    /// Deletes a lien, by its name.
    ///
    /// # Errors
    /// Google's.
    pub async fn delete_lien(&self, ctx: &RequestContext, name: &str) -> Called<()> {
        let call = Call::write(Api::ResourceManager, "DELETE", format!("v3/{name}"));
        let deleted = self.call(ctx, &call, |clients, options| {
            let url = format!("{}/v3/{name}", clients.address(Api::ResourceManager));
            send::<Value>(clients, options, clients.http.request(Method::DELETE, url))
        });
        deleted.await.map(drop)
    }
}

/// Makes a request as Google's clients do, with the same errors.
fn send<T: serde::de::DeserializeOwned>(
    clients: &Clients,
    options: RequestOptions,
    request: reqwest::RequestBuilder,
) -> impl Future<Output = google_cloud_gax::Result<T>> + Send + use<T> {
    let credentials = clients.credentials.clone();
    async move {
        let mut headers = match credentials.headers(Extensions::new()).await.map_err(Error::authentication)? {
            CacheableResource::New { data, .. } => data,
            CacheableResource::NotModified => HeaderMap::new(),
        };
        if let Some(project) = options.quota_project() {
            headers.insert("x-goog-user-project", HeaderValue::from_str(project).map_err(Error::ser)?);
        }
        let sent = request.headers(headers).send().await;
        let answer = sent.map_err(|error| match () {
            () if error.is_connect() => Error::connect(error),
            () if error.is_timeout() => Error::timeout(error),
            () => Error::io(error),
        })?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(Error::io)?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(Error::deser);
        }
        Err(match Status::try_from(&body) {
            Ok(error) => Error::service_with_http_metadata(error, Some(status.as_u16()), Some(headers)),
            Err(_) => Error::http(status.as_u16(), headers, body),
        })
    }
}
