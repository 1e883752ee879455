//! The addresses of objects, whichever store they are in.

use crate::connect::objects::{Bucket, ObjectAddress};
use crate::printable::escape;

use super::form::FormError;
use super::{az, gs, s3};

/// Reads an address whose scheme is one of a store.
pub(in crate::discovery) fn parse(scheme: &str, written: &str) -> Option<Result<ObjectAddress, FormError>> {
    match scheme {
        "gs" => Some(gs::parse(written)),
        "s3" => Some(s3::parse(written)),
        "az" => Some(az::parse(written)),
        _ => None,
    }
}

/// The address as users may see it. It has no secrets.
pub(in crate::discovery) fn shown(object: &ObjectAddress) -> String {
    escape(&remote_name(object)).into_owned()
}

/// By what a copy of the object is found again.
pub(in crate::discovery) fn remote_name(object: &ObjectAddress) -> String {
    match &object.bucket {
        Bucket::Gs { .. } => gs::shown(object),
        Bucket::S3 { .. } => s3::shown(object),
        Bucket::Az { .. } => az::shown(object),
    }
}

/// The object with the signature: the newest, whichever version the document is.
pub(in crate::discovery) fn signature(object: &ObjectAddress, suffix: &str) -> ObjectAddress {
    ObjectAddress { key: format!("{}{suffix}", object.key), version: None, ..object.clone() }
}
