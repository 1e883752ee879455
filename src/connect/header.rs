//! A header that a user gives, whose value is a secret.

use http::HeaderName;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};

use super::secret::Secret;

/// What anu sets itself, and what belongs to the connection.
const RESERVED: [HeaderName; 13] = [
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    RANGE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// A header with a secret value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    name: HeaderName,
    value: Secret,
}

/// Why a name and a value are no header. The value is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The name has a character that names do not have.
    #[error("it is not the name of a header: write letters, digits and `-`, such as `X-Api-Key`")]
    Name,
    /// The name is one that anu sets.
    #[error("anu sets this header itself")]
    Reserved,
    /// The value has a character that values do not have.
    #[error("the value ({0} characters) is empty, or has a line break or another character that no header may have")]
    Value(usize),
}

impl Header {
    /// A header that requests may have.
    ///
    /// # Errors
    /// If the name or the value is not permitted.
    pub fn new(name: &str, value: &str) -> Result<Self, HeaderError> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderError::Name)?;
        if RESERVED.contains(&name) {
            return Err(HeaderError::Reserved);
        }
        if value.trim().is_empty() || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(HeaderError::Value(value.chars().count()));
        }
        Ok(Self { name, value: Secret::new(value) })
    }

    /// Its name, in lower case.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Both parts, for the code of this room that sends them.
    pub(super) fn expose(&self) -> (&HeaderName, &str) {
        (&self.name, self.value.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_a_name_and_a_printable_value() {
        let header = Header::new("X-Api-Key", "hunter2 = yes").expect("a header");
        assert_eq!((header.name(), header.expose().1), ("x-api-key", "hunter2 = yes"));
        assert!(!format!("{header:?}").contains("hunter2"));
        for (name, value, error) in [
            ("X Api", "v", HeaderError::Name),
            ("", "v", HeaderError::Name),
            ("x:y", "v", HeaderError::Name),
            ("Host", "v", HeaderError::Reserved),
            ("IF-NONE-MATCH", "v", HeaderError::Reserved),
            ("x", "", HeaderError::Value(0)),
            ("x", " ", HeaderError::Value(1)),
            ("x", "a\r\nb: c", HeaderError::Value(7)),
            ("x", "ä", HeaderError::Value(1)),
        ] {
            assert_eq!(Header::new(name, value), Err(error), "{name}: {value}");
        }
    }
}
