//! Values on the wire: MessagePack, decoded by type.
//!
//! Specification: terraform's docs/plugin-protocol/object-wire-format.md and go-cty's msgpack package.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self as read, Bytes};
use rmp::encode as write;

use super::number::Wire;
use super::{Number, Refinement, Type, Value};

/// Extension type of a refined unknown.
const REFINED: i8 = 12;
/// go-cty rejects longer refinements.
const MAX_REFINEMENT: u32 = 1024;
/// Values of type [`Type::Dynamic`] can contain further ones. A state file as deep as this is the last that JSON parsers read.
const MAX_DEPTH: usize = 128;

/// The error for bytes that are not a value of the type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(String);

fn error<T>(what: impl Into<String>) -> Result<T, DecodeError> {
    Err(DecodeError(what.into()))
}

/// Encodes a value. It must match the type, which the typed layer ensures.
pub fn encode(value: &Value, ty: &Type) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    put(&mut out, value, ty);
    out
}

fn put(out: &mut Vec<u8>, value: &Value, ty: &Type) {
    // Writing into a Vec cannot fail, so the results are ignored.
    if let (Type::Dynamic, value) = (ty, value) {
        return put_dynamic(out, value);
    }
    match value {
        Value::Null => drop(write::write_nil(out)),
        Value::Unknown(_) => out.extend([0xd4, 0x00, 0x00]),
        Value::Bool(flag) => drop(write::write_bool(out, *flag)),
        Value::String(text) => drop(write::write_str(out, text)),
        Value::Number(number) => match number.wire() {
            Wire::Int(n) => drop(write::write_sint(out, n)),
            Wire::UInt(n) => drop(write::write_uint(out, n)),
            Wire::Float(n) => drop(write::write_f64(out, n)),
            Wire::Text(text) => drop(write::write_str(out, text)),
        },
        Value::List(items) => {
            let _ = write::write_array_len(out, length(items.len()));
            for (position, item) in items.iter().enumerate() {
                put(out, item, element_type(ty, position));
            }
        }
        Value::Map(items) => {
            let _ = write::write_map_len(out, length(items.len()));
            for (key, item) in items {
                let _ = write::write_str(out, key);
                put(out, item, attribute_type(ty, key));
            }
        }
        // A dynamic value for a static type of the schema: its content is encoded.
        Value::Dynamic(inner) => put(out, &inner.1, &inner.0),
    }
}

fn put_dynamic(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Dynamic(inner) => {
            let _ = write::write_array_len(out, 2);
            let _ = write::write_bin(out, inner.0.to_json().to_string().as_bytes());
            put(out, &inner.1, &inner.0);
        }
        Value::Unknown(_) => out.extend([0xd4, 0x00, 0x00]),
        _ => drop(write::write_nil(out)),
    }
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn element_type(ty: &Type, position: usize) -> &Type {
    match ty {
        Type::List(element) | Type::Set(element) => element,
        Type::Tuple(elements) => elements.get(position).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

fn attribute_type<'t>(ty: &'t Type, name: &str) -> &'t Type {
    match ty {
        Type::Map(element) => element,
        Type::Object(attributes) => attributes.get(name).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

/// Decodes a value of the type.
///
/// # Errors
/// If the bytes are not MessagePack, do not match the type, or are followed by more bytes.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    let mut input = Bytes::new(bytes);
    let value = take(&mut input, ty, MAX_DEPTH)?;
    if input.remaining_slice().is_empty() { Ok(value) } else { error("there is more after the value") }
}

fn marker(input: &mut Bytes<'_>) -> Result<Marker, DecodeError> {
    read::read_marker(input).map_err(|_| DecodeError("the value ends early".into()))
}

fn peek(input: &Bytes<'_>) -> Result<Marker, DecodeError> {
    input.remaining_slice().first().map(|byte| Marker::from_u8(*byte)).ok_or(DecodeError("the value ends early".into()))
}

/// Reads a value that is nested at most so deep.
fn take(input: &mut Bytes<'_>, ty: &Type, depth: usize) -> Result<Value, DecodeError> {
    match peek(input)? {
        Marker::Null => {
            marker(input)?;
            return Ok(Value::Null);
        }
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => return take_unknown(input),
        _ => {}
    }
    match ty {
        Type::Bool => read::read_bool(input).map(Value::Bool).or_else(|_| error("expected a bool")),
        Type::String => take_string(input).map(Value::String),
        Type::Number => take_number(input).map(Value::Number),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => {
            let len = read::read_array_len(input).or_else(|_| error("expected a list"))? as usize;
            if let Type::Tuple(elements) = ty
                && elements.len() != len
            {
                return error(format!("expected a tuple of {}, found {len}", elements.len()));
            }
            // Not with_capacity(len): the length is not trusted until the elements have been read.
            let mut items = Vec::new();
            let depth = deeper(depth)?;
            for position in 0..len {
                items.push(take(input, element_type(ty, position), depth)?);
            }
            Ok(Value::List(items))
        }
        Type::Map(_) | Type::Object(_) => take_map(input, ty, deeper(depth)?),
        Type::Dynamic => take_dynamic(input, deeper(depth)?),
    }
}

fn deeper(depth: usize) -> Result<usize, DecodeError> {
    depth.checked_sub(1).ok_or_else(|| DecodeError(format!("the value is nested more than {MAX_DEPTH} levels deep")))
}

fn take_map(input: &mut Bytes<'_>, ty: &Type, depth: usize) -> Result<Value, DecodeError> {
    let len = read::read_map_len(input).or_else(|_| error("expected a map or object"))?;
    let mut items = BTreeMap::new();
    for _ in 0..len {
        let key = take_string(input)?;
        let element = match ty {
            Type::Object(attributes) => match attributes.get(&key) {
                Some(element) => element,
                None => return error(format!("unexpected attribute `{key}`")),
            },
            _ => attribute_type(ty, &key),
        };
        let value = take(input, element, depth).map_err(|e| DecodeError(format!("{key}: {e}")))?;
        items.insert(key, value);
    }
    if let Type::Object(attributes) = ty {
        for name in attributes.keys() {
            items.entry(name.clone()).or_insert(Value::Null);
        }
    }
    Ok(Value::Map(items))
}

fn take_dynamic(input: &mut Bytes<'_>, depth: usize) -> Result<Value, DecodeError> {
    if read::read_array_len(input).ok() != Some(2) {
        return error("expected a dynamic value: its type and itself");
    }
    let spelling = take_bytes(input)?;
    let ty = serde_json::from_slice(&spelling).ok().and_then(|json| Type::from_json(&json));
    let Some(ty) = ty else { return error("the type of a dynamic value is not a type") };
    if ty == Type::Dynamic {
        // Only null and unknown have no type.
        return match take(input, &Type::Bool, depth)? {
            value @ (Value::Null | Value::Unknown(_)) => Ok(value),
            _ => error("the type of a dynamic value is `dynamic`"),
        };
    }
    let value = take(input, &ty, depth)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}

fn take_bytes(input: &mut Bytes<'_>) -> Result<Vec<u8>, DecodeError> {
    let len = match marker(input)? {
        Marker::FixStr(len) => u32::from(len),
        Marker::Str8 | Marker::Bin8 => u32::from(read::RmpRead::read_data_u8(input).map_err(early)?),
        Marker::Str16 | Marker::Bin16 => u32::from(read::RmpRead::read_data_u16(input).map_err(early)?),
        Marker::Str32 | Marker::Bin32 => read::RmpRead::read_data_u32(input).map_err(early)?,
        _ => return error("expected a string"),
    };
    let rest = input.remaining_slice();
    let Some(text) = rest.get(..len as usize) else { return error("the string ends early") };
    let owned = text.to_vec();
    *input = Bytes::new(&rest[len as usize..]);
    Ok(owned)
}

fn early<E>(_: E) -> DecodeError {
    DecodeError("the value ends early".into())
}

fn take_string(input: &mut Bytes<'_>) -> Result<String, DecodeError> {
    String::from_utf8(take_bytes(input)?).or_else(|_| error("a string is not UTF-8"))
}

fn take_number(input: &mut Bytes<'_>) -> Result<Number, DecodeError> {
    match peek(input)? {
        Marker::F32 => finite(read::read_f32(input).map_err(early)?.into()),
        Marker::F64 => finite(read::read_f64(input).map_err(early)?),
        Marker::U64 => read::read_u64(input).map(Number::from).map_err(early),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            let text = take_string(input)?;
            text.parse().or_else(|()| error(format!("`{text}` is not a number")))
        }
        _ => read::read_int::<i64, _>(input).map(Number::from).or_else(|_| error("expected a number")),
    }
}

/// State files cannot hold the others.
fn finite(number: f64) -> Result<Number, DecodeError> {
    if number.is_finite() { Ok(number.into()) } else { error(format!("`{number}` is not a finite number")) }
}

fn take_unknown(input: &mut Bytes<'_>) -> Result<Value, DecodeError> {
    let meta = read::read_ext_meta(input).or_else(|_| error("a broken extension"))?;
    let rest = input.remaining_slice();
    let Some(body) = rest.get(..meta.size as usize) else { return error("an extension ends early") };
    *input = Bytes::new(&rest[meta.size as usize..]);
    if meta.typeid != REFINED {
        return Ok(Value::unknown());
    }
    if meta.size > MAX_REFINEMENT {
        return error("a refinement is longer than 1024 bytes");
    }
    // An unreadable refinement is ignored; the value is unknown.
    Ok(Value::Unknown(take_refinement(&mut Bytes::new(body)).unwrap_or_default()))
}

fn take_refinement(input: &mut Bytes<'_>) -> Option<Refinement> {
    let mut refinement = Refinement::default();
    for _ in 0..read::read_map_len(input).ok()? {
        let bound = |input: &mut Bytes<'_>| {
            (read::read_array_len(input).ok()? == 2).then_some(())?;
            Some((take_number(input).ok()?, read::read_bool(input).ok()?))
        };
        match read::read_int::<i64, _>(input).ok()? {
            1 => refinement.not_null = !read::read_bool(input).ok()?,
            2 => refinement.prefix = Some(take_string(input).ok()?),
            3 => refinement.lower = Some(bound(input)?),
            4 => refinement.upper = Some(bound(input)?),
            5 => refinement.length_min = Some(read::read_int(input).ok()?),
            6 => refinement.length_max = Some(read::read_int(input).ok()?),
            // An unknown kind has an unknown length: the rest is ignored.
            _ => return Some(refinement),
        }
    }
    Some(refinement)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Type {
        Type::object([
            ("s", Type::String),
            ("n", Type::Number),
            ("b", Type::Bool),
            ("l", Type::list(Type::String)),
            ("m", Type::map(Type::Number)),
            ("d", Type::Dynamic),
        ])
    }

    #[test]
    fn an_encoded_value_decodes_to_itself() {
        let value = Value::object([
            ("s", "text".into()),
            ("n", Value::Number("12345678901234567890123".parse().unwrap())),
            ("b", true.into()),
            ("l", Value::List(vec!["a".into(), Value::Null, Value::unknown()])),
            ("m", Value::object([("k", Value::Number(0.5.into()))])),
            ("d", Value::Dynamic(Box::new((Type::Tuple(vec![Type::Bool]), Value::List(vec![true.into()]))))),
        ]);
        assert_eq!(decode(&encode(&value, &everything()), &everything()), Ok(value));
    }

    #[test]
    fn numbers_are_decoded_from_every_form() {
        for (bytes, expected) in [
            (vec![0x05], "5"),
            (vec![0xff], "-1"),
            (vec![0xa3, b'0', b'.', b'1'], "0.1"),
            (vec![0xcf, 255, 255, 255, 255, 255, 255, 255, 255], "18446744073709551615"),
        ] {
            let Ok(Value::Number(number)) = decode(&bytes, &Type::Number) else { panic!("{bytes:?}") };
            assert_eq!(number.to_string(), expected);
        }
    }

    #[test]
    fn a_missing_attribute_is_null_and_an_unknown_one_is_an_error() {
        let ty = Type::object([("a", Type::String)]);
        assert_eq!(decode(&[0x80], &ty), Ok(Value::object([("a", Value::Null)])));
        let error = decode(&[0x81, 0xa1, b'z', 0xc0], &ty).unwrap_err();
        assert_eq!(error.to_string(), "unexpected attribute `z`");
    }

    #[test]
    fn refinements_are_decoded_and_not_encoded() {
        // ext8, 7 bytes, type 12: {1: false, 2: "gc-"}
        let bytes = [0xc7, 8, 12, 0x82, 1, 0xc2, 2, 0xa3, b'g', b'c', b'-'];
        let Ok(Value::Unknown(refinement)) = decode(&bytes, &Type::String) else { panic!() };
        assert!(refinement.not_null);
        assert_eq!(refinement.prefix.as_deref(), Some("gc-"));
        assert_eq!(encode(&Value::Unknown(refinement), &Type::String), [0xd4, 0, 0]);
    }

    proptest::proptest! {
        #[test]
        fn prop_random_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = decode(&bytes, &everything());
            let _ = decode(&bytes, &Type::Dynamic);
        }
    }
}
