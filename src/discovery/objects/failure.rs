//! Why an object could not be read, where that is not said of documents on the web as well.

use crate::connect::objects::{Bucket, ObjectAddress, Purpose, StoreAnswer, TokenProblem};
use crate::printable::escape;

/// What can go wrong with an object. Each text ends with the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectFailure {
    /// The bucket is there.
    #[error(
        "not found (404): {bucket} contains no object `{key}`: check the name, and that the registry is published there"
    )]
    NoObject {
        /// The bucket, as its store calls it.
        bucket: String,
        /// The object's.
        key: String,
    },
    /// No bucket.
    #[error("not found (404): {bucket} does not exist: check the name")]
    NoBucket {
        /// The bucket, as its store calls it.
        bucket: String,
    },
    /// The store does not say which of them.
    #[error("not found (404): {bucket} does not exist, or contains no object `{key}`: check both names")]
    NoneOfThem {
        /// The bucket, as its store calls it.
        bucket: String,
        /// The object's.
        key: String,
    },
    /// Not in this version.
    #[error(
        "not found (404): {bucket} contains no {kind} `{version}` of `{key}`: write the address without it to read the newest, or check that old ones are kept"
    )]
    NoVersion {
        /// What the store calls versions.
        kind: &'static str,
        /// Which.
        version: String,
        /// The bucket, as its store calls it.
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
    /// The bucket is elsewhere.
    #[error(
        "bucket `{bucket}` is in region `{region}`: write `?region={region}` after the address, or set `AWS_REGION`"
    )]
    Region {
        /// The bucket, as its store calls it.
        bucket: String,
        /// Where it is.
        region: String,
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

    /// The bucket does not exist.
    pub(super) fn no_bucket(object: &ObjectAddress) -> Self {
        Self::NoBucket { bucket: bucket(&object.bucket) }
    }

    /// The version does not exist, or the server knows no versions.
    pub(super) fn no_version(object: &ObjectAddress) -> Self {
        Self::NoVersion {
            kind: version_kind(&object.bucket),
            version: escape(object.version.as_deref().unwrap_or_default()).into_owned(),
            bucket: bucket(&object.bucket),
            key: escape(&object.key).into_owned(),
        }
    }

    /// What a store's answer means, if not that the store is busy or broken.
    pub(super) fn of(answer: &StoreAnswer, object: &ObjectAddress, purpose: Purpose) -> Self {
        let (bucket, key) = (bucket(&object.bucket), escape(&object.key).into_owned());
        let store = &object.bucket;
        let code = answer.code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
        let shown = format!("{}{code}", answer.status);
        if let (Bucket::S3 { .. }, 301 | 307 | 400, Some(region)) = (store, answer.status, &answer.region) {
            return Self::Region { bucket, region: region.clone() };
        }
        match answer.status {
            404 if answer.is(&["NoSuchBucket", "ContainerNotFound"]) => Self::NoBucket { bucket },
            404 => match &object.version {
                Some(_) => Self::no_version(object),
                None if answer.is(&["NoSuchKey", "BlobNotFound"]) => Self::NoObject { bucket, key },
                None => Self::NoneOfThem { bucket, key },
            },
            401 => Self::Unauthenticated { answer: shown, advice: login(store) },
            403 if answer.is(&NOT_ACCEPTED) => Self::Unauthenticated { answer: shown, advice: login(store) },
            403 => Self::Forbidden { answer: shown, advice: permission(store, purpose) },
            _ => Self::Answer { answer: shown },
        }
    }
}

/// With what stores say 403 of an identity that they do not know.
const NOT_ACCEPTED: [&str; 6] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "AuthenticationFailed",
];

/// A bucket, as its store calls it.
fn bucket(store: &Bucket) -> String {
    let noun = match store {
        Bucket::Gs { .. } | Bucket::S3 { .. } => "bucket",
        Bucket::Az { .. } => "container",
    };
    format!("{noun} `{}`", store.name())
}

/// What a store calls versions of an object.
fn version_kind(store: &Bucket) -> &'static str {
    match store {
        Bucket::Gs { .. } => "generation",
        Bucket::S3 { .. } | Bucket::Az { .. } => "version",
    }
}

/// What to do where the identity is not accepted.
fn login(store: &Bucket) -> &'static str {
    match store {
        Bucket::Gs { .. } => {
            "log in again, for example with `gcloud auth application-default login`, or check the file in `GOOGLE_APPLICATION_CREDENTIALS`"
        }
        Bucket::S3 { .. } => {
            "check `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or the role of this machine; temporary ones expire, and this machine's clock must be right"
        }
        Bucket::Az { .. } => {
            "check `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_SAS_TOKEN` or the identity in `AZURE_CLIENT_ID`; temporary ones expire, and this machine's clock must be right"
        }
    }
}

/// What to do where the identity may not read or write.
fn permission(store: &Bucket, purpose: Purpose) -> String {
    match store {
        Bucket::Gs { name } => format!(
            "grant `{}` on bucket `{name}` to the identity of Google's Application Default Credentials, and check the names (Google sends 403 for a missing object as well, to an identity that may not list the bucket)",
            match purpose {
                Purpose::Read => "roles/storage.objectViewer",
                Purpose::Write => "roles/storage.objectUser",
            }
        ),
        Bucket::S3 { name, .. } => {
            let actions = match purpose {
                Purpose::Read => "`s3:GetObject`",
                Purpose::Write => "`s3:GetObject` and `s3:PutObject`",
            };
            format!(
                "grant {actions} on `arn:aws:s3:::{name}/*`, and `s3:ListBucket` on the bucket, without which S3 sends 403 for a missing object as well"
            )
        }
        Bucket::Az { container, .. } => format!(
            "grant `{}` on container `{container}` to the identity that anu uses",
            match purpose {
                Purpose::Read => "Storage Blob Data Reader",
                Purpose::Write => "Storage Blob Data Contributor",
            }
        ),
    }
}
