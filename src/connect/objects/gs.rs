//! Google Cloud Storage: which server, and the token of our Google identity.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use object_store::client::{HttpRequestBody, HttpService as _};
use object_store::gcp::{GcpCredential, GoogleCloudStorage, GoogleCloudStorageBuilder};
use object_store::{CredentialProvider, RetryConfig, StaticCredentialProvider};
use serde::Deserialize;
use url::Url;

use super::super::environment::Environment;
use super::super::google::AccessTokens;
use super::endpoint::{base, endpoint};
use super::error::{NoToken, ObjectError, TokenProblem, explain};
use super::service::Service;
use super::settings::{ObjectSettings, Purpose, Write};

/// Google's own server.
const GOOGLE: &str = "https://storage.googleapis.com";
/// Google's convention for a simulator: a server without credentials.
const EMULATOR: &str = "STORAGE_EMULATOR_HOST";
/// The convention of Google's Terraform provider for Private Service Connect: a server with credentials.
const ENDPOINT: &str = "GOOGLE_STORAGE_CUSTOM_ENDPOINT";
/// After the host, where the value of a variable is the address of the JSON API.
const JSON_API: &str = "/storage/v1";

pub(super) const ADVICE: &str = "check the Google credentials of this environment";

/// Which server.
struct Server {
    url: Url,
    is_anonymous: bool,
}

fn server(environment: &Environment) -> Result<Server, ObjectError> {
    let Some((name, value)) = environment.first(&[EMULATOR, ENDPOINT]) else {
        let url = GOOGLE.parse().map_err(|_| ObjectError::Unreadable)?;
        return Ok(Server { url, is_anonymous: false });
    };
    let is_anonymous = name == EMULATOR;
    // Google's convention: without a scheme it is a server on this machine.
    let address = if is_anonymous && !value.contains("://") { format!("http://{value}") } else { value.clone() };
    let address = address.trim_end_matches('/').trim_end_matches(JSON_API);
    let url = endpoint(address)
        .map_err(|error| ObjectError::Setting { text: format!("the variable `{name}` is {error}") })?;
    Ok(Server { url, is_anonymous })
}

type Credentials = Arc<dyn CredentialProvider<Credential = GcpCredential>>;

/// The client of a bucket, and what writes to it.
pub(super) fn store(
    bucket: &str,
    settings: &ObjectSettings,
) -> Result<(GoogleCloudStorage, Uploads, Url), ObjectError> {
    let Server { url, is_anonymous } = server(&settings.environment)?;
    let service =
        Service::new(url.clone(), ADVICE, is_anonymous, settings.ca_certificate.clone(), settings.connect_timeout);
    let credentials: Credentials = if is_anonymous {
        Arc::new(StaticCredentialProvider::new(GcpCredential { bearer: String::new() }))
    } else {
        let scope = match settings.purpose {
            Purpose::Read => "https://www.googleapis.com/auth/devstorage.read_only",
            Purpose::Write => "https://www.googleapis.com/auth/devstorage.read_write",
        };
        let tokens = AccessTokens::of_this_process(scope);
        let refused = |text| ObjectError::Credentials { text, problem: TokenProblem::Refused };
        Arc::new(Identity(tokens.map_err(refused)?))
    };
    let store = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_base_url(&base(&url))
        .with_credentials(Arc::clone(&credentials))
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        .with_http_connector(service.clone())
        .build()
        .map_err(|error| explain(&error, &url, ADVICE))?;
    let uploads = Uploads { service, credentials, server: url.clone(), bucket: bucket.to_owned() };
    Ok((store, uploads, url))
}

/// Writes objects. Not the library's, which uses Google's XML API: no simulator of that has preconditions of writes, so that
/// tests could not show that they work.
#[derive(Debug)]
pub(super) struct Uploads {
    service: Service,
    credentials: Credentials,
    server: Url,
    bucket: String,
}

/// The part of the answer that is requested.
#[derive(Deserialize)]
struct Uploaded {
    generation: String,
}

impl Uploads {
    /// Writes an object if it has this generation; `0`: if it does not exist. Returns the new generation.
    pub(super) async fn put(&self, key: &str, write: &Write<'_>, generation: &str) -> Result<String, ObjectError> {
        let explained = |error: &(dyn std::error::Error + 'static)| explain(error, &self.server, ADVICE);
        let token = self.credentials.get_credential().await.map_err(|error| explained(&error))?;
        let mut url: Url = format!("{}/upload{JSON_API}/b/{}/o", base(&self.server), self.bucket)
            .parse()
            .map_err(|_| ObjectError::Unreadable)?;
        url.query_pairs_mut()
            .append_pair("uploadType", "multipart")
            .append_pair("name", key)
            .append_pair("ifGenerationMatch", generation)
            .append_pair("fields", "generation");
        // A number that no document contains by chance, and none on purpose.
        let boundary = format!("anu-{:016x}", RandomState::new().build_hasher().finish());
        let about = serde_json::json!({"contentType": write.content_type, "cacheControl": write.cache_control});
        let head = format!(
            "--{boundary}\r\ncontent-type: application/json\r\n\r\n{about}\r\n--{boundary}\r\ncontent-type: {}\r\n\r\n",
            write.content_type
        );
        let body = [head.as_bytes(), write.bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        let request = http::Request::post(url.as_str())
            .header(AUTHORIZATION, format!("Bearer {}", token.bearer))
            .header(CONTENT_TYPE, format!("multipart/related; boundary={boundary}"))
            .body(HttpRequestBody::from(body))
            .map_err(|_| ObjectError::Unreadable)?;
        let response = self.service.call(request).await.map_err(|error| explained(&error))?;
        let body = response.into_body().bytes().await.map_err(|error| explained(&error))?;
        let uploaded: Uploaded = serde_json::from_slice(&body).map_err(|_| ObjectError::Unreadable)?;
        Ok(uploaded.generation)
    }
}

/// The one Google identity of this program.
#[derive(Debug)]
struct Identity(AccessTokens);

#[async_trait]
impl CredentialProvider for Identity {
    type Credential = GcpCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<GcpCredential>> {
        match self.0.token().await {
            Ok(token) => Ok(Arc::new(GcpCredential { bearer: token.expose().to_owned() })),
            Err((text, is_temporary)) => {
                let problem = if is_temporary { TokenProblem::Temporary } else { TokenProblem::Refused };
                Err(object_store::Error::Generic { store: "GCS", source: Box::new(NoToken { text, problem }) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_googles_or_the_one_of_a_variable() {
        let shown =
            |variables: &[(&'static str, &'static str)]| match server(&Environment::of(variables.iter().copied())) {
                Ok(Server { url, is_anonymous }) => format!("{} {is_anonymous}", base(&url)),
                Err(error) => error.to_string(),
            };
        insta::assert_snapshot!(shown(&[]), @"https://storage.googleapis.com false");
        insta::assert_snapshot!(shown(&[(EMULATOR, "localhost:4443")]), @"http://localhost:4443 true");
        insta::assert_snapshot!(shown(&[(EMULATOR, "http://127.0.0.1:4443/storage/v1/")]), @"http://127.0.0.1:4443 true");
        insta::assert_snapshot!(
            shown(&[(ENDPOINT, "https://storage-psc.p.googleapis.com/storage/v1/")]),
            @"https://storage-psc.p.googleapis.com false"
        );
        insta::assert_snapshot!(
            shown(&[(EMULATOR, "http://gcs.example.com")]),
            @"the variable `STORAGE_EMULATOR_HOST` is not encrypted: use `https://` (`http://` is permitted only for servers on this machine)"
        );
        insta::assert_snapshot!(
            shown(&[(ENDPOINT, "storage.example.com")]),
            @"the variable `GOOGLE_STORAGE_CUSTOM_ENDPOINT` is not the address of a server: write `https://HOST`, or `http://127.0.0.1:PORT` for a server on this machine"
        );
    }
}
