//! What the forms of all stores have in common.

use crate::connect::objects::{Bucket, ObjectAddress};
use crate::printable::escape;

use super::gs;

/// Bytes of an object's name: the limit of all stores.
const LONGEST_KEY: usize = 1024;

/// Why a text is not the address of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The name of the bucket, or of the object, is missing.
    #[error("`{written}` is not the whole address of an object: write `{form}`")]
    Incomplete {
        /// As the user wrote it.
        written: String,
        /// The form.
        form: &'static str,
    },
    /// A bucket of that name cannot exist.
    #[error("`{name}` cannot be the name of a bucket: {rule}")]
    Bucket {
        /// As the user wrote it.
        name: String,
        /// The store's rule.
        rule: &'static str,
    },
    /// An object of that name is not read.
    #[error("`{key}` is not accepted as the name of an object: {rule}")]
    Key {
        /// As the user wrote it.
        key: String,
        /// The rule.
        rule: &'static str,
    },
    /// After `#`, or after `?`, is something else than the store has.
    #[error("`{written}` {rule}")]
    Suffix {
        /// What is written there.
        written: String,
        /// The rule.
        rule: &'static str,
    },
}

/// Reads an address whose scheme is one of a store.
pub(in crate::discovery) fn parse(scheme: &str, written: &str) -> Option<Result<ObjectAddress, FormError>> {
    match scheme {
        "gs" => Some(gs::parse(written)),
        _ => None,
    }
}

/// Bucket and object of `SCHEME://BUCKET/OBJECT`.
pub(super) fn split<'w>(written: &'w str, rest: &'w str, form: &'static str) -> Result<(&'w str, &'w str), FormError> {
    let incomplete = || FormError::Incomplete { written: escape(written).into_owned(), form };
    let (bucket, key) = rest.split_once('/').ok_or_else(incomplete)?;
    if bucket.is_empty() || key.is_empty() {
        return Err(incomplete());
    }
    Ok((bucket, key))
}

/// Refuses the name of an object that no store keeps as it is.
pub(super) fn check_key(key: &str) -> Result<(), FormError> {
    let refused = |rule| FormError::Key { key: escape(key).into_owned(), rule };
    if key.len() > LONGEST_KEY {
        return Err(refused("it has at most 1024 bytes"));
    }
    if key.chars().any(char::is_control) {
        return Err(refused("it contains no control characters"));
    }
    if key.ends_with('/') {
        return Err(refused("it names a folder: write the name of the object in it"));
    }
    if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused("it has no part between slashes that is empty, `.` or `..`"));
    }
    Ok(())
}

/// The address as users may see it. It has no secrets.
pub(in crate::discovery) fn shown(object: &ObjectAddress) -> String {
    let text = match &object.bucket {
        Bucket::Gs { .. } => gs::shown(object),
    };
    escape(&text).into_owned()
}

/// By what a copy of the object is found again.
pub(in crate::discovery) fn remote_name(object: &ObjectAddress) -> String {
    match &object.bucket {
        Bucket::Gs { .. } => gs::shown(object),
    }
}

/// The object with the signature: the newest, whichever version the document is.
pub(in crate::discovery) fn signature(object: &ObjectAddress, suffix: &str) -> ObjectAddress {
    ObjectAddress { key: format!("{}{suffix}", object.key), version: None, ..object.clone() }
}
