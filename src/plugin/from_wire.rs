//! Received protocol messages to the types of [`crate::sdk`].

use crate::codes;
use std::fmt::Display;

use super::proto::tfplugin6::{DynamicValue, RawState};
use crate::sdk::{Diagnostic, Private, Type, Value, decode, from_json};

/// A value of a type. Core encodes null as a message with both encodings empty, or as no message.
pub(super) fn value(wire: Option<DynamicValue>, ty: &Type) -> Result<Value, Diagnostic> {
    let Some(wire) = wire else { return Ok(Value::Null) };
    if !wire.msgpack.is_empty() {
        return decode(&wire.msgpack, ty).map_err(unreadable);
    }
    if wire.json.is_empty() {
        return Ok(Value::Null);
    }
    let json = serde_json::from_slice(&wire.json).map_err(unreadable)?;
    from_json(&json, ty).map_err(unreadable)
}

fn unreadable(error: impl Display) -> Diagnostic {
    Diagnostic::bug(format!("A value from Terraform cannot be read: {error}."))
}

/// Private state. Core does not change it, so unreadable bytes were written by another program.
pub(super) fn private(bytes: &[u8]) -> Result<Private, Diagnostic> {
    Private::from_bytes(bytes).map_err(|error| {
        tracing::debug!(%error, "unreadable private state");
        Diagnostic::new(
            codes::UNREADABLE_PRIVATE_STATE,
            "The private state of the resource was not written by this provider: it is not a JSON object. Restore an earlier \
             state, or take the object out with `terraform state rm` and import it again.",
        )
    })
}

/// The JSON of a state file.
pub(super) fn raw_state(raw: Option<RawState>) -> Result<serde_json::Value, Diagnostic> {
    let raw = raw.unwrap_or_default();
    if raw.json.is_empty() {
        return Err(Diagnostic::new(
            codes::UNREADABLE_STATE,
            "The state contains no JSON: it was written by a Terraform older than 0.12, or is empty. No release of this \
             provider ever wrote such a state; take the object out with `terraform state rm` and import it again.",
        ));
    }
    serde_json::from_slice(&raw.json).map_err(|error| {
        Diagnostic::new(
            codes::UNREADABLE_STATE,
            format!(
                "The stored state is not JSON: {error}. It was edited manually or is corrupt. Restore an earlier state, or \
                 take the object out with `terraform state rm` and import it again."
            ),
        )
    })
}

/// The JSON of an identity in a state file.
pub(super) fn raw_identity(raw: Option<RawState>) -> Result<serde_json::Value, Diagnostic> {
    serde_json::from_slice(&raw.unwrap_or_default().json).map_err(unreadable_identity)
}

/// An identity that was not written by this provider.
pub(super) fn unreadable_identity(error: impl Display) -> Diagnostic {
    Diagnostic::new(
        codes::UNREADABLE_IDENTITY,
        format!(
            "The stored identity does not conform to its schema: {error}. It was edited manually or written by another program. \
             Restore an earlier state, or remove the object with `terraform state rm` and import it again."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::encode;

    #[test]
    fn a_value_has_either_encoding_or_none() {
        let ty = Type::object([("name", Type::String)]);
        let expected = Value::object([("name", "a".into())]);
        let msgpack = DynamicValue { msgpack: encode(&expected, &ty).into(), ..Default::default() };
        let json = DynamicValue { json: br#"{"name":"a"}"#.as_slice().into(), ..Default::default() };
        assert_eq!(value(Some(msgpack), &ty), Ok(expected.clone()));
        assert_eq!(value(Some(json), &ty), Ok(expected));
        assert_eq!(value(Some(DynamicValue::default()), &ty), Ok(Value::Null));
        assert_eq!(value(None, &ty), Ok(Value::Null));
    }

    #[test]
    fn unreadable_messages_are_errors() {
        let ty = Type::object([("name", Type::String)]);
        for (msgpack, json) in [(&b"\x01"[..], &b""[..]), (b"", b"{"), (b"", b"[]")] {
            let wire = DynamicValue { msgpack: msgpack.into(), json: json.into() };
            let error = value(Some(wire), &ty).expect_err("unreadable");
            assert_eq!(error.summary, "Bug in anu");
        }
        assert!(private(b"salted").is_err());
        assert_eq!(private(b"").expect("empty"), Private::default());
        let error = raw_identity(None).expect_err("no JSON");
        insta::assert_snapshot!(format!("{:?}: {}\n\n{}", error.severity, error.summary, error.text()), @"
        Error: Identity of a resource is not readable

        The stored identity does not conform to its schema: EOF while parsing a value at line 1 column 0. It was edited manually or written by another program. Restore an earlier state, or remove the object with `terraform state rm` and import it again.

        anu:unreadable-identity
        ");
        assert!(raw_state(None).is_err());
        assert!(raw_state(Some(RawState { json: b"{".to_vec(), ..Default::default() })).is_err());
    }
}
