//! What the forms of all stores have in common: `SCHEME://BUCKET/OBJECT`, and what can be wrong with it.

use crate::printable::escape;

/// Bytes of an object's name: the limit of all stores.
const LONGEST_KEY: usize = 1024;

/// Why a text is not the address of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The name of the bucket, or of the object, is missing.
    #[error("`{written}` is not the whole address of an object: write `{form}`")]
    Incomplete {
        /// As the user wrote it.
        written: String,
        /// The form.
        form: &'static str,
    },
    /// A bucket of that name cannot exist.
    #[error("`{name}` cannot be the name of a {noun}: {rule}")]
    Bucket {
        /// What the store calls it.
        noun: &'static str,
        /// As the user wrote it.
        name: String,
        /// The store's rule.
        rule: &'static str,
    },
    /// An object of that name is not read.
    #[error("`{key}` is not accepted as the name of an object: {rule}")]
    Key {
        /// As the user wrote it.
        key: String,
        /// The rule.
        rule: &'static str,
    },
    /// A parameter that the store does not have.
    #[error("`{name}` is not a parameter of such an address, which are {known}.{suggestion}")]
    Parameter {
        /// As the user wrote it.
        name: String,
        /// ` Did you mean …?`, or nothing.
        suggestion: String,
        /// Those that there are.
        known: String,
    },
    /// A parameter that is empty.
    #[error("the parameter `{name}` has no value: write `{name}=VALUE`, or remove it")]
    NoValue {
        /// Its name.
        name: &'static str,
    },
    /// A parameter more than once.
    #[error("the parameter `{name}` is written twice: remove one of them")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// A server that is not one.
    #[error("the parameter `endpoint` is {rule}")]
    Endpoint {
        /// The rule.
        rule: String,
    },
    /// After `#`, or after `?`, is something else than the store has.
    #[error("`{written}` {rule}")]
    Suffix {
        /// What is written there.
        written: String,
        /// The rule.
        rule: &'static str,
    },
}

/// Bucket and object of `SCHEME://BUCKET/OBJECT`.
pub(super) fn split<'w>(written: &'w str, rest: &'w str, form: &'static str) -> Result<(&'w str, &'w str), FormError> {
    let incomplete = || FormError::Incomplete { written: escape(written).into_owned(), form };
    let (bucket, key) = rest.split_once('/').ok_or_else(incomplete)?;
    if bucket.is_empty() || key.is_empty() {
        return Err(incomplete());
    }
    Ok((bucket, key))
}

/// Whether a bucket may have this name: 3 to `most` lowercase letters, digits and these characters, with a letter or digit at both
/// ends.
pub(super) fn is_bucket(name: &str, most: usize, others: &[u8]) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=most).contains(&bytes.len())
        && bytes.iter().all(|&byte| alphanumeric(byte) || others.contains(&byte))
        && [bytes.first(), bytes.last()].into_iter().flatten().all(|&byte| alphanumeric(byte))
}

/// Refuses the name of an object that no store keeps as it is.
pub(super) fn check_key(key: &str) -> Result<(), FormError> {
    let refused = |rule| FormError::Key { key: escape(key).into_owned(), rule };
    if key.len() > LONGEST_KEY {
        let beginning = key.chars().take(32).collect::<String>() + "…";
        return Err(FormError::Key { key: escape(&beginning).into_owned(), rule: "it has at most 1024 bytes" });
    }
    if key.chars().any(char::is_control) {
        return Err(refused("it contains no control characters"));
    }
    if key.ends_with('/') {
        return Err(refused("it names a folder: write the name of the object in it"));
    }
    if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused("it has no part between slashes that is empty, `.` or `..`"));
    }
    Ok(())
}
