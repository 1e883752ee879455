//! Values, types and diagnostics as core encodes and decodes them, and core's merge of configuration and state.

use anu::codes::{self, Severity};
use anu::plugin::proto::tfplugin6 as wire;
use anu::sdk::{self, Diagnostic, Diagnostics, Path, Type, Value};

/// A value as core sends it.
pub fn to_wire(value: &Value, ty: &Type) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: sdk::encode(value, ty).into(), ..Default::default() }
}

/// A value as core reads it.
pub fn from_wire(value: Option<wire::DynamicValue>, ty: &Type) -> Value {
    let value = value.unwrap_or_default();
    assert!(value.json.is_empty(), "not every core reads JSON from a provider");
    if value.msgpack.is_empty() { Value::Null } else { sdk::decode(&value.msgpack, ty).expect("a value of the type") }
}

/// Diagnostics as core reads them.
pub fn told(diagnostics: Vec<wire::Diagnostic>) -> Diagnostics {
    use wire::attribute_path::step::Selector;
    let read = diagnostics.into_iter().map(|diagnostic| {
        let mut path = Path::root();
        for step in diagnostic.attribute.clone().unwrap_or_default().steps {
            path = match step.selector.expect("a step") {
                Selector::AttributeName(name) => path.then(name),
                Selector::ElementKeyString(key) => path.key(key),
                Selector::ElementKeyInt(index) => path.index(usize::try_from(index).expect("an index")),
            };
        }
        let (detail, name) = diagnostic.detail.rsplit_once("\n\nanu:").expect("a code in the last line");
        let code = codes::find(name).expect("a code of the table");
        let severity = match diagnostic.severity() {
            wire::diagnostic::Severity::Error => Severity::Error,
            wire::diagnostic::Severity::Warning => Severity::Warning,
            wire::diagnostic::Severity::Invalid => panic!("a diagnostic without a severity: {diagnostic:?}"),
        };
        assert_eq!(severity, code.severity(), "{diagnostic:?}");
        Diagnostic::titled(code, &diagnostic.summary, detail).at(path)
    });
    read.collect()
}

/// The type in a schema's JSON form.
pub fn ty(json: &[u8]) -> Type {
    let json = serde_json::from_slice(json).expect("JSON");
    Type::from_json(&json).expect("a type")
}

/// The type of a schema's values.
pub fn type_of(schema: &wire::Schema) -> Type {
    block(schema.block.as_ref().expect("a block"))
}

/// The type of a block, as core derives it: nested blocks are attributes of the object.
fn block(block: &wire::schema::Block) -> Type {
    use wire::schema::nested_block::NestingMode;
    let Type::Object(mut types) = object(&block.attributes) else { unreachable!("an object") };
    for nested in &block.block_types {
        let inner = self::block(nested.block.as_ref().expect("a block"));
        let of = match nested.nesting() {
            NestingMode::Single => inner,
            NestingMode::List => Type::list(inner),
            NestingMode::Map => Type::map(inner),
            other => panic!("{other:?}"),
        };
        assert!(types.insert(nested.type_name.clone(), of).is_none(), "core refuses a block with an attribute's name");
    }
    Type::Object(types)
}

fn object(attributes: &[wire::schema::Attribute]) -> Type {
    use wire::schema::object::NestingMode;
    let types = attributes.iter().map(|attribute| {
        let of = match &attribute.nested_type {
            None => ty(&attribute.r#type),
            Some(nested) => {
                assert!(attribute.r#type.is_empty(), "core refuses both a type and a nested type");
                let element = object(&nested.attributes);
                match nested.nesting() {
                    NestingMode::Single => element,
                    NestingMode::List => Type::list(element),
                    NestingMode::Map => Type::map(element),
                    other => panic!("{other:?}"),
                }
            }
        };
        (attribute.name.clone(), of)
    });
    Type::Object(types.collect())
}

/// Core's merge of configuration and prior state: configured values are used, and computed values that are not configured come
/// from the state. No block has computed attributes, so all blocks are as configured.
pub fn proposed(attributes: &[wire::schema::Attribute], prior: &Value, config: &Value) -> Value {
    let Value::Map(config) = config else { return config.clone() };
    let mut all = config.clone();
    let merged = attributes.iter().map(|attribute| {
        let before = prior.get(&attribute.name).unwrap_or(&Value::Null);
        let value = match (config.get(&attribute.name).unwrap_or(&Value::Null), &attribute.nested_type) {
            (Value::Null, _) if attribute.computed => before.clone(),
            (configured, Some(nested)) => match configured {
                Value::List(items) => Value::List(
                    items
                        .iter()
                        .enumerate()
                        .map(|(position, item)| {
                            let before = match before {
                                Value::List(items) => items.get(position),
                                _ => None,
                            };
                            proposed(&nested.attributes, before.unwrap_or(&Value::Null), item)
                        })
                        .collect(),
                ),
                Value::Map(items) if nested.nesting() == wire::schema::object::NestingMode::Map => Value::Map(
                    items
                        .iter()
                        .map(|(key, item)| {
                            let before = before.get(key).unwrap_or(&Value::Null);
                            (key.clone(), proposed(&nested.attributes, before, item))
                        })
                        .collect(),
                ),
                other => proposed(&nested.attributes, before, other),
            },
            (configured, None) => configured.clone(),
        };
        (attribute.name.clone(), value)
    });
    all.extend(merged);
    Value::Map(all)
}
