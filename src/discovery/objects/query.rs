//! Addresses of objects with parameters after `?`.

use std::collections::BTreeMap;

use url::{Url, form_urlencoded};

use crate::connect::objects::{ObjectAddress, endpoint};
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest_field};

use super::form::{FormError, check_key, split};

/// The values of parameters.
#[derive(Debug)]
pub(super) struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Reads what is after `?`: each parameter is one of these, and is there once.
    pub(super) fn parse(text: &str, known: &[&'static str]) -> Result<Self, FormError> {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let Some(&name) = known.iter().find(|known| **known == name) else {
                let suggestion = did_you_mean(nearest_field(&name, known));
                let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return Err(FormError::Parameter { name: escape(&name).into_owned(), suggestion, known });
            };
            let value = value.trim().to_owned();
            if value.is_empty() {
                return Err(FormError::NoValue { name });
            }
            if values.insert(name, value).is_some() {
                return Err(FormError::Twice { name });
            }
        }
        Ok(Self(values))
    }

    /// The value of a parameter.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The value of `endpoint`.
    pub(super) fn endpoint(&mut self) -> Result<Option<Url>, FormError> {
        let Some(text) = self.take("endpoint") else { return Ok(None) };
        endpoint(&text).map(Some).map_err(|error| FormError::Endpoint { rule: error.to_string() })
    }
}

/// The parts of an address with parameters: `SCHEME://BUCKET/OBJECT?NAME=VALUE&…`.
pub(super) struct Parts<'w> {
    pub(super) bucket: &'w str,
    pub(super) key: &'w str,
    pub(super) query: Query,
}

impl<'w> Parts<'w> {
    /// Reads an address of this form with these parameters.
    pub(super) fn of(text: &'w str, form: &'static str, known: &[&'static str]) -> Result<Self, FormError> {
        let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        if let Some((_, fragment)) = rest.split_once('#') {
            let rule = "is not part of such an address: a version is written as `?versionId=VERSION`";
            return Err(FormError::Suffix { written: escape(&format!("#{fragment}")).into_owned(), rule });
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, key) = split(text, rest, form)?;
        check_key(key)?;
        Ok(Self { bucket, key, query: Query::parse(query, known)? })
    }
}

/// The address of an object, as it is written: with the parameters that have a value.
pub(super) fn written(
    scheme: &str,
    bucket: &str,
    object: &ObjectAddress,
    own: (&str, Option<&str>),
    endpoint: Option<&Url>,
) -> String {
    let endpoint = endpoint.map(|url| url.as_str().trim_end_matches('/'));
    let parameters = [own, ("endpoint", endpoint), ("versionId", object.version.as_deref())];
    let pairs = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let query: String = pairs
        .enumerate()
        .map(|(nth, (name, value))| format!("{}{name}={value}", if nth == 0 { '?' } else { '&' }))
        .collect();
    format!("{scheme}://{bucket}/{}{query}", object.key)
}
