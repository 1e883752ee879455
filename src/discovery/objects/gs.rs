//! `gs://BUCKET/OBJECT[#GENERATION]`: Google Cloud Storage.

use crate::connect::objects::{Bucket, ObjectAddress};
use crate::printable::escape;

use super::form::{FormError, check_key, is_bucket, split};

const FORM: &str = "gs://BUCKET/OBJECT";

/// Reads the form.
pub(super) fn parse(written: &str) -> Result<ObjectAddress, FormError> {
    let rest = written.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let suffix = |found: &str, rule| FormError::Suffix { written: escape(found).into_owned(), rule };
    if let Some((_, query)) = rest.split_once('?') {
        return Err(suffix(
            &format!("?{query}"),
            "is not part of such an address, which has no query: a generation is written as `gs://BUCKET/OBJECT#GENERATION`",
        ));
    }
    let (rest, generation) = match rest.split_once('#') {
        Some((rest, generation)) => (rest, Some(generation)),
        None => (rest, None),
    };
    let (name, key) = split(written, rest, FORM)?;
    // Google's rule. <https://cloud.google.com/storage/docs/buckets#naming>
    if !is_bucket(name, 222, b"-_.") {
        let rule =
            "it has 3 to 222 lowercase letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit";
        return Err(FormError::Bucket { noun: "bucket", name: escape(name).into_owned(), rule });
    }
    check_key(key)?;
    if let Some(generation) = generation
        && (generation.is_empty() || generation.len() > 19 || !generation.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let rule = "is not a generation, which is a number: `gcloud storage objects list gs://BUCKET/OBJECT --all-versions` lists them";
        return Err(suffix(&format!("#{generation}"), rule));
    }
    let bucket = Bucket::Gs { name: name.to_owned() };
    Ok(ObjectAddress { bucket, key: key.to_owned(), version: generation.map(str::to_owned) })
}

/// As it is written.
pub(super) fn shown(object: &ObjectAddress) -> String {
    let generation = object.version.as_deref().map(|version| format!("#{version}")).unwrap_or_default();
    format!("gs://{}/{}{generation}", object.bucket.name(), object.key)
}
