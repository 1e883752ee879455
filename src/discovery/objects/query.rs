//! The parameters after `?` in the address of an object.

use std::collections::BTreeMap;

use url::{Url, form_urlencoded};

use crate::connect::objects::endpoint;
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest_field};

use super::form::FormError;

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

/// The parameters of an address that have a value, as they are written.
pub(super) fn written(parameters: &[(&str, Option<&str>)]) -> String {
    let pairs = parameters.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    pairs
        .enumerate()
        .map(|(nth, (name, value))| format!("{}{name}={value}", if nth == 0 { '?' } else { '&' }))
        .collect()
}
