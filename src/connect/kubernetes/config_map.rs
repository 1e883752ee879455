//! ConfigMaps: reading one, and writing one under a condition.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, PostParams};

use super::super::error_chain::{causes, find_cause};
use super::super::http::{HttpError, problem};
use super::context::ContextClient;
use super::error::ConnectError;

/// Which ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigMapName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// What a ConfigMap contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigMapContent {
    /// It changes with every write, also of something else than the contents.
    pub version: String,
    /// `data` and `binaryData`.
    pub entries: BTreeMap<String, Vec<u8>>,
}

/// Why a request about a ConfigMap failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigMapError {
    /// The server refused it with this status.
    #[error("status {code}: {message}")]
    Status {
        /// The status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// There was no answer.
    #[error(transparent)]
    Http(HttpError),
    /// Logging in again failed.
    #[error(transparent)]
    Connect(ConnectError),
    /// A response that is no Kubernetes object.
    #[error("the response is no Kubernetes object")]
    NotKubernetes,
}

/// What must be true of a ConfigMap for it to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigMapCondition<'c> {
    /// There is none.
    Absent,
    /// It has this version.
    Version(&'c str),
}

impl ContextClient {
    /// The version of a ConfigMap, for which its contents are not sent.
    ///
    /// # Errors
    /// When the server does not respond with it.
    pub async fn config_map_version(&self, of: &ConfigMapName) -> Result<String, ConfigMapError> {
        let found = self.api(of).get_metadata(&of.name).await.map_err(|error| self.error(&error))?;
        Ok(version(&found.metadata))
    }

    /// A ConfigMap.
    ///
    /// # Errors
    /// When the server does not respond with it.
    pub async fn config_map(&self, of: &ConfigMapName) -> Result<ConfigMapContent, ConfigMapError> {
        let found = self.api(of).get(&of.name).await.map_err(|error| self.error(&error))?;
        let version = version(&found.metadata);
        let text = found.data.into_iter().flatten().map(|(key, text)| (key, text.into_bytes()));
        let binary = found.binary_data.into_iter().flatten().map(|(key, bytes)| (key, bytes.0));
        Ok(ConfigMapContent { version, entries: text.chain(binary).collect() })
    }

    /// Writes entries into a ConfigMap, and leaves its other ones as they are. The version that comes back is the new one.
    ///
    /// # Errors
    /// Status 409 if the condition is not true; others when the server refuses it or does not respond.
    pub async fn write_config_map(
        &self,
        of: &ConfigMapName,
        entries: &BTreeMap<String, Vec<u8>>,
        condition: ConfigMapCondition<'_>,
    ) -> Result<String, ConfigMapError> {
        let (api, params) = (self.api(of), PostParams::default());
        let written = match condition {
            ConfigMapCondition::Absent => {
                let mut new = ConfigMap::default();
                new.metadata.name = Some(of.name.clone());
                put(&mut new, entries);
                api.create(&params, &new).await
            }
            ConfigMapCondition::Version(expected) => {
                // What it has now, with the version of it: the server refuses the write if another one came in between.
                let mut found = api.get(&of.name).await.map_err(|error| self.error(&error))?;
                if version(&found.metadata) != expected {
                    let message = "the ConfigMap has another version than expected".to_owned();
                    return Err(ConfigMapError::Status { code: 409, message });
                }
                put(&mut found, entries);
                api.replace(&of.name, &params, &found).await
            }
        };
        written.map(|written| version(&written.metadata)).map_err(|error| self.error(&error))
    }

    fn api(&self, of: &ConfigMapName) -> Api<ConfigMap> {
        Api::namespaced(self.client.clone(), &of.namespace)
    }

    fn error(&self, error: &kube::Error) -> ConfigMapError {
        if let kube::Error::Api(status) = error {
            return ConfigMapError::Status { code: status.code, message: status.message.clone() };
        }
        tracing::debug!(error = causes(error), "no answer about a ConfigMap");
        if matches!(error, kube::Error::SerdeError(_) | kube::Error::FromUtf8(_)) {
            return ConfigMapError::NotKubernetes;
        }
        match find_cause::<ConnectError>(error) {
            Some(error) => ConfigMapError::Connect(error.clone()),
            None => ConfigMapError::Http(self.http_error(error)),
        }
    }

    fn http_error(&self, error: &kube::Error) -> HttpError {
        use std::io::ErrorKind;
        let host = self.address.clone();
        if let Some(tls) = find_cause::<rustls::Error>(error) {
            return match tls {
                rustls::Error::InvalidCertificate(why) => HttpError::Certificate { host, problem: problem(why) },
                _ => HttpError::Tls { host },
            };
        }
        match find_cause::<std::io::Error>(error).map(std::io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => HttpError::Refused { host },
            Some(ErrorKind::TimedOut) => HttpError::ConnectTimeout { host },
            Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe) => {
                HttpError::Interrupted
            }
            Some(_) => HttpError::Unreachable { host },
            None if matches!(error, kube::Error::HyperError(_) | kube::Error::Service(_)) => HttpError::Interrupted,
            None => HttpError::Unknown,
        }
    }
}

/// A cluster that is created again counts from the beginning, so the object's own id is a part of it.
fn version(metadata: &kube::api::ObjectMeta) -> String {
    format!(
        "{}/{}",
        metadata.uid.as_deref().unwrap_or_default(),
        metadata.resource_version.as_deref().unwrap_or_default()
    )
}

/// A key is either text or bytes.
fn put(into: &mut ConfigMap, entries: &BTreeMap<String, Vec<u8>>) {
    for (key, bytes) in entries {
        let (data, binary) = (into.data.get_or_insert_default(), into.binary_data.get_or_insert_default());
        data.remove(key);
        binary.remove(key);
        match String::from_utf8(bytes.clone()) {
            Ok(text) => drop(data.insert(key.clone(), text)),
            Err(_) => drop(binary.insert(key.clone(), ByteString(bytes.clone()))),
        }
    }
}
