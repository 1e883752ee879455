//! The form of an input: a type in JSON, a line break, and a value. Without a type the value is of any.

use anu::sdk::Type;

/// The type, and the bytes of the value.
pub fn split(data: &[u8]) -> (Type, &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n');
    let typed = at.and_then(|at| {
        let ty = Type::from_json(&serde_json::from_slice(&data[..at]).ok()?)?;
        Some((ty, &data[at + 1..]))
    });
    typed.unwrap_or((Type::Dynamic, data))
}
