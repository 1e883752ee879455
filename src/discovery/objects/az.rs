//! `az://CONTAINER/BLOB[?account=&endpoint=&versionId=]`: Azure Blob Storage.

use crate::connect::objects::{Bucket, ObjectAddress, is_account};
use crate::printable::escape;

use super::form::{FormError, is_bucket};
use super::query::{Parts, written};

const FORM: &str = "az://CONTAINER/BLOB?account=NAME";
const PARAMETERS: [&str; 3] = ["account", "endpoint", "versionId"];

/// Reads the form.
pub(super) fn parse(text: &str) -> Result<ObjectAddress, FormError> {
    let Parts { bucket, key, mut query } = Parts::of(text, FORM, &PARAMETERS)?;
    if !is_container(bucket) {
        let rule = "it has 3 to 63 lowercase letters, digits and `-`, and begins and ends with a letter or digit";
        return Err(FormError::Bucket { noun: "container", name: escape(bucket).into_owned(), rule });
    }
    let (account, endpoint, version) = (query.take("account"), query.endpoint()?, query.take("versionId"));
    if let Some(account) = account.as_deref().filter(|account| !is_account(account)) {
        let rule = "is not the name of a storage account, which has 3 to 24 lowercase letters and digits";
        return Err(FormError::Suffix { written: escape(&format!("account={account}")).into_owned(), rule });
    }
    let bucket = Bucket::Az { container: bucket.to_owned(), account, endpoint };
    Ok(ObjectAddress { bucket, key: key.to_owned(), version })
}

/// As it is written.
pub(super) fn shown(object: &ObjectAddress) -> String {
    let Bucket::Az { container, account, endpoint } = &object.bucket else { return String::new() };
    written("az", container, object, ("account", account.as_deref()), endpoint.as_ref())
}

/// Azure's rule, with the two containers that have names of their own.
fn is_container(name: &str) -> bool {
    (is_bucket(name, 63, b"-") && !name.contains("--")) || matches!(name, "$root" | "$web")
}
