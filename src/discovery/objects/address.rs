//! The addresses of objects, whichever store they are in.

use crate::connect::objects::{Bucket, ObjectAddress};
use crate::printable::escape;

use super::form::FormError;
use super::gs;

/// Reads an address whose scheme is one of a store.
pub(in crate::discovery) fn parse(scheme: &str, written: &str) -> Option<Result<ObjectAddress, FormError>> {
    match scheme {
        "gs" => Some(gs::parse(written)),
        _ => None,
    }
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
