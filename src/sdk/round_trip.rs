//! Properties of both codecs: what is written is read again, for every type and value; any bytes are a value or an error.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::{Number, Type, Value, decode, encode, from_json, to_json};

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool), Just(Type::Dynamic)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(|element| Type::Set(Box::new(element))),
            inner.clone().prop_map(Type::map),
            vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            btree_map(any::<String>(), inner, 0..4).prop_map(Type::Object),
        ]
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    let float = any::<f64>().prop_filter("finite", |number| number.is_finite());
    let decimal = "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,9})?";
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        float.prop_map(Number::from),
        decimal.prop_map(|text| text.parse().expect("JSON's grammar")),
    ]
}

/// Values of a type, with unknown ones or without. A dynamic value contains further ones to this depth.
fn values(ty: &Type, unknown: bool, depth: u32) -> BoxedStrategy<Value> {
    let inner = |ty: &Type| values(ty, unknown, depth);
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::String => any::<String>().prop_map(Value::String).boxed(),
        Type::Number => numbers().prop_map(Value::Number).boxed(),
        Type::List(element) | Type::Set(element) => vec(inner(element), 0..4).prop_map(Value::List).boxed(),
        Type::Map(element) => btree_map(any::<String>(), inner(element), 0..4).prop_map(Value::Map).boxed(),
        Type::Tuple(elements) => elements.iter().map(inner).collect::<Vec<_>>().prop_map(Value::List).boxed(),
        Type::Object(attributes) => {
            let names: Vec<String> = attributes.keys().cloned().collect();
            let values: Vec<_> = attributes.values().map(inner).collect();
            values.prop_map(move |values| Value::Map(names.iter().cloned().zip(values).collect())).boxed()
        }
        Type::Dynamic if depth == 0 => Just(Value::Null).boxed(),
        Type::Dynamic => types()
            .prop_filter("a dynamic value has a type", |ty| *ty != Type::Dynamic)
            .prop_flat_map(move |ty| {
                let value = values(&ty, unknown, depth - 1);
                value.prop_map(move |value| Value::Dynamic(Box::new((ty.clone(), value))))
            })
            .boxed(),
    };
    let other = if unknown {
        prop_oneof![Just(Value::Null), Just(Value::unknown())].boxed()
    } else {
        Just(Value::Null).boxed()
    };
    prop_oneof![8 => known, 1 => other].boxed()
}

fn typed(unknown: bool) -> impl Strategy<Value = (Type, Value)> {
    types().prop_flat_map(move |ty| {
        let value = values(&ty, unknown, 2);
        (Just(ty), value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_msgpack_encodes_it_decodes((ty, value) in typed(true)) {
        prop_assert_eq!(decode(&encode(&value, &ty), &ty), Ok(value));
    }

    #[test]
    fn what_is_written_as_json_is_read_again((ty, value) in typed(false)) {
        let text = to_json(&value).to_string();
        let json = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(from_json(&json, &ty), Ok(value));
    }

    #[test]
    fn types_have_one_spelling(ty in types()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()), Some(ty));
    }

    /// Bytes of a value with one of them changed reach further than random ones.
    #[test]
    fn a_damaged_value_is_an_error_or_another_value((ty, value) in typed(true), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = encode(&value, &ty);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = decode(&bytes, &ty) {
            prop_assert_eq!(decode(&encode(&other, &ty), &ty), Ok(other));
        }
    }
}

#[test]
fn a_value_nested_without_end_is_an_error() {
    // An array of two: the type, as bytes, and an array of one, which begins the next level.
    let ty = br#"["tuple",["dynamic"]]"#;
    let length = u8::try_from(ty.len()).expect("short");
    let level = [&[0x92, 0xc4, length][..], ty, &[0x91]].concat();
    let error = decode(&level.repeat(100_000), &Type::Dynamic).expect_err("too deep");
    assert!(error.to_string().ends_with("nested more than 128 levels deep"), "{error}");
}

#[test]
fn a_number_without_end_is_an_error() {
    for bytes in
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|number| [&[0xcb], &number.to_be_bytes()[..]].concat())
    {
        assert!(decode(&bytes, &Type::Number).is_err(), "{bytes:?}");
    }
}
