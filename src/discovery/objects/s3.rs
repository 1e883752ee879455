//! `s3://BUCKET/KEY[?region=&endpoint=&versionId=]`: Amazon S3 and servers of its kind.

use crate::connect::objects::{Bucket, ObjectAddress, is_region};
use crate::printable::escape;

use super::form::{FormError, check_key, split};
use super::query::{Query, written};

const FORM: &str = "s3://BUCKET/KEY?region=REGION";
const PARAMETERS: [&str; 3] = ["region", "endpoint", "versionId"];

/// Reads the form.
pub(super) fn parse(text: &str) -> Result<ObjectAddress, FormError> {
    let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    if let Some((_, fragment)) = rest.split_once('#') {
        let rule = "is not part of such an address: a version is written as `?versionId=VERSION`";
        return Err(FormError::Suffix { written: escape(&format!("#{fragment}")).into_owned(), rule });
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, key) = split(text, rest, FORM)?;
    if !is_bucket(name) {
        let rule = "it has 3 to 63 lowercase letters, digits, `-` and `.`, and begins and ends with a letter or digit";
        return Err(FormError::Bucket { noun: "bucket", name: escape(name).into_owned(), rule });
    }
    check_key(key)?;
    let mut query = Query::parse(query, &PARAMETERS)?;
    let (region, endpoint, version) = (query.take("region"), query.endpoint()?, query.take("versionId"));
    if let Some(region) = region.as_deref().filter(|region| !is_region(region)) {
        let rule = "is not the name of a region, such as `eu-west-1`";
        return Err(FormError::Suffix { written: escape(&format!("region={region}")).into_owned(), rule });
    }
    let bucket = Bucket::S3 { name: name.to_owned(), region, endpoint };
    Ok(ObjectAddress { bucket, key: key.to_owned(), version })
}

/// As it is written.
pub(super) fn shown(object: &ObjectAddress) -> String {
    let Bucket::S3 { name, region, endpoint } = &object.bucket else { return String::new() };
    let endpoint = endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/'));
    let parameters = [("region", region.as_deref()), ("endpoint", endpoint), ("versionId", object.version.as_deref())];
    format!("s3://{name}/{}{}", object.key, written(&parameters))
}

/// Amazon's rule. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| alphanumeric(byte) || b"-.".contains(&byte))
        && [bytes.first(), bytes.last()].into_iter().flatten().all(|&byte| alphanumeric(byte))
        && !name.contains("..")
}
