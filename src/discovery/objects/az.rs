//! `az://CONTAINER/BLOB[?account=&endpoint=&versionId=]`: Azure Blob Storage.

use crate::connect::objects::{Bucket, ObjectAddress, is_account};
use crate::printable::escape;

use super::form::{FormError, check_key, split};
use super::query::{Query, written};

const FORM: &str = "az://CONTAINER/BLOB?account=NAME";
const PARAMETERS: [&str; 3] = ["account", "endpoint", "versionId"];

/// Reads the form.
pub(super) fn parse(text: &str) -> Result<ObjectAddress, FormError> {
    let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    if let Some((_, fragment)) = rest.split_once('#') {
        let rule = "is not part of such an address: a version is written as `?versionId=VERSION`";
        return Err(FormError::Suffix { written: escape(&format!("#{fragment}")).into_owned(), rule });
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (container, key) = split(text, rest, FORM)?;
    if !is_container(container) {
        let rule = "it has 3 to 63 lowercase letters, digits and `-`, and begins and ends with a letter or digit";
        return Err(FormError::Bucket { noun: "container", name: escape(container).into_owned(), rule });
    }
    check_key(key)?;
    let mut query = Query::parse(query, &PARAMETERS)?;
    let (account, endpoint, version) = (query.take("account"), query.endpoint()?, query.take("versionId"));
    if let Some(account) = account.as_deref().filter(|account| !is_account(account)) {
        let rule = "is not the name of a storage account, which has 3 to 24 lowercase letters and digits";
        return Err(FormError::Suffix { written: escape(&format!("account={account}")).into_owned(), rule });
    }
    let bucket = Bucket::Az { container: container.to_owned(), account, endpoint };
    Ok(ObjectAddress { bucket, key: key.to_owned(), version })
}

/// As it is written.
pub(super) fn shown(object: &ObjectAddress) -> String {
    let Bucket::Az { container, account, endpoint } = &object.bucket else { return String::new() };
    let endpoint = endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/'));
    let parameters =
        [("account", account.as_deref()), ("endpoint", endpoint), ("versionId", object.version.as_deref())];
    format!("az://{container}/{}{}", object.key, written(&parameters))
}

/// Azure's rule, with the two containers that have names of their own.
fn is_container(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let is_regular = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| alphanumeric(byte) || byte == b'-')
        && [bytes.first(), bytes.last()].into_iter().flatten().all(|&byte| alphanumeric(byte))
        && !name.contains("--");
    is_regular || matches!(name, "$root" | "$web")
}
