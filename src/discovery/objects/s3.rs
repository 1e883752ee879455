//! `s3://BUCKET/KEY[?region=&endpoint=&versionId=]`: Amazon S3 and servers of its kind.

use crate::connect::objects::{Bucket, ObjectAddress, is_region};
use crate::printable::escape;

use super::form::{FormError, is_bucket};
use super::query::{Parts, written};

const FORM: &str = "s3://BUCKET/KEY?region=REGION";
const PARAMETERS: [&str; 3] = ["region", "endpoint", "versionId"];

/// Reads the form.
pub(super) fn parse(text: &str) -> Result<ObjectAddress, FormError> {
    let Parts { bucket, key, mut query } = Parts::of(text, FORM, &PARAMETERS)?;
    // Amazon's rule. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
    if !is_bucket(bucket, 63, b"-.") || bucket.contains("..") {
        let rule = "it has 3 to 63 lowercase letters, digits, `-` and `.`, and begins and ends with a letter or digit";
        return Err(FormError::Bucket { noun: "bucket", name: escape(bucket).into_owned(), rule });
    }
    let (region, endpoint, version) = (query.take("region"), query.endpoint()?, query.take("versionId"));
    if let Some(region) = region.as_deref().filter(|region| !is_region(region)) {
        let rule = "is not the name of a region, such as `eu-west-1`";
        return Err(FormError::Suffix { written: escape(&format!("region={region}")).into_owned(), rule });
    }
    let bucket = Bucket::S3 { name: bucket.to_owned(), region, endpoint };
    Ok(ObjectAddress { bucket, key: key.to_owned(), version })
}

/// As it is written.
pub(super) fn shown(object: &ObjectAddress) -> String {
    let Bucket::S3 { name, region, endpoint } = &object.bucket else { return String::new() };
    written("s3", name, object, ("region", region.as_deref()), endpoint.as_ref())
}
