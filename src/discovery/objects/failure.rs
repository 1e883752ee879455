//! Why an object could not be read, where that is not said of documents on the web as well.

use crate::connect::objects::{Bucket, ObjectAddress, StoreAnswer, TokenProblem};
use crate::printable::escape;

/// What can go wrong with an object. Each text ends with the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectFailure {
    /// The bucket is there.
    #[error(
        "not found (404): bucket `{bucket}` contains no object `{key}`: check the name, and that the registry is published there"
    )]
    NoObject {
        /// The bucket's name.
        bucket: String,
        /// The object's.
        key: String,
    },
    /// No bucket.
    #[error("not found (404): bucket `{bucket}` does not exist: check the name")]
    NoBucket {
        /// Its name.
        bucket: String,
    },
    /// The store does not say which of them.
    #[error("not found (404): bucket `{bucket}` does not exist, or contains no object `{key}`: check both names")]
    NoneOfThem {
        /// The bucket's name.
        bucket: String,
        /// The object's.
        key: String,
    },
    /// Not in this version.
    #[error(
        "not found (404): bucket `{bucket}` contains no {kind} `{version}` of `{key}`: write the address without it to read the newest, or check that old ones are kept"
    )]
    NoVersion {
        /// What the store calls versions.
        kind: &'static str,
        /// Which.
        version: String,
        /// The bucket's name.
        bucket: String,
        /// The object's.
        key: String,
    },
    /// Who we are is not accepted.
    #[error("authentication required ({answer}): {advice}")]
    Unauthenticated {
        /// The status, and the store's word for it.
        answer: String,
        /// What to do.
        advice: &'static str,
    },
    /// What we are permitted is not enough.
    #[error("permission denied ({answer}): {advice}")]
    Forbidden {
        /// The status, and the store's word for it.
        answer: String,
        /// What to do.
        advice: String,
    },
    /// No credentials.
    #[error("{text}")]
    Credentials {
        /// Why, and what to do.
        text: String,
        /// Of what kind.
        problem: TokenProblem,
    },
    /// A setting outside the address.
    #[error("{0}")]
    Setting(String),
    /// Any other error of the store.
    #[error("unexpected answer ({answer}): check the address")]
    Answer {
        /// The status, and the store's word for it.
        answer: String,
    },
    /// Packed in a way that is not read.
    #[error("the object has the content encoding `{encoding}`: store it without one, or with `gzip`")]
    Encoding {
        /// `Content-Encoding`
        encoding: String,
    },
    /// Something that is not a store.
    #[error("the server does not respond as an object store: check the endpoint, and any proxy")]
    NoStore,
}

impl ObjectFailure {
    /// Whether the place has no such document.
    pub(in crate::discovery) fn is_missing(&self) -> bool {
        matches!(self, Self::NoObject { .. } | Self::NoBucket { .. } | Self::NoneOfThem { .. } | Self::NoVersion { .. })
    }

    /// Whether the place refuses access. Credentials that are missing or not accepted are a refusal, too: whose access was
    /// withdrawn may have none.
    pub(in crate::discovery) fn is_not_allowed(&self) -> bool {
        match self {
            Self::Unauthenticated { .. } | Self::Forbidden { .. } => true,
            Self::Credentials { problem, .. } => *problem == TokenProblem::Refused,
            _ => false,
        }
    }

    /// What a store's answer means, if not that the store is busy or broken.
    pub(super) fn of(answer: &StoreAnswer, object: &ObjectAddress) -> Self {
        let (bucket, key) = (object.bucket.name().to_owned(), escape(&object.key).into_owned());
        let store = &object.bucket;
        let code = answer.code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
        let shown = format!("{}{code}", answer.status);
        match answer.status {
            404 if answer.is(&["NoSuchBucket"]) => Self::NoBucket { bucket },
            404 => match &object.version {
                Some(version) => Self::NoVersion { kind: version_kind(store), version: version.clone(), bucket, key },
                None if answer.is(&["NoSuchKey"]) => Self::NoObject { bucket, key },
                None => Self::NoneOfThem { bucket, key },
            },
            401 => Self::Unauthenticated { answer: shown, advice: login(store) },
            403 => Self::Forbidden { answer: shown, advice: permission(store) },
            _ => Self::Answer { answer: shown },
        }
    }
}

/// What a store calls versions of an object.
fn version_kind(store: &Bucket) -> &'static str {
    match store {
        Bucket::Gs { .. } => "generation",
    }
}

/// What to do where the identity is not accepted.
fn login(store: &Bucket) -> &'static str {
    match store {
        Bucket::Gs { .. } => {
            "log in again, for example with `gcloud auth application-default login`, or check the file in `GOOGLE_APPLICATION_CREDENTIALS`"
        }
    }
}

/// What to do where the identity may not read.
fn permission(store: &Bucket) -> String {
    match store {
        Bucket::Gs { name } => format!(
            "grant `roles/storage.objectViewer` on bucket `{name}` to the identity of Google's Application Default Credentials, and check the names (Google sends 403 for a missing object as well, to an identity that may not list the bucket)"
        ),
    }
}
