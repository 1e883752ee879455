//! Every place of a configuration, by its schema: attributes and blocks, and the items of lists and maps, at any depth.

use super::{Attribute, Kind, Path, Schema, Type, Value};

/// What a place is.
#[derive(Debug, Clone, Copy)]
pub enum Place<'s> {
    /// An attribute or block. Its value is null if it is not set.
    Attribute(&'s Attribute),
    /// An item of a list or map.
    Item,
}

/// What is called for every place.
type Visitor<'f> = dyn FnMut(&Path, &Value, Place<'_>) + 'f;

/// Visits every place of a configuration, outer ones first. Below null and unknown values there are none.
pub fn visit(schema: &Schema, config: &Value, visitor: &mut Visitor<'_>) {
    object(&schema.attributes, config, &Path::root(), visitor);
}

/// The outermost places of a configuration that are unknown.
pub fn unknown_places(schema: &Schema, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    visit(schema, config, &mut |path, value, _| {
        if value.is_unknown() {
            paths.push(path.clone());
        }
    });
    paths
}

fn object(attributes: &[Attribute], value: &Value, path: &Path, visitor: &mut Visitor<'_>) {
    let Value::Map(values) = value else { return };
    for attribute in attributes {
        let path = path.clone().then(&attribute.name);
        let value = values.get(&attribute.name).unwrap_or(&Value::Null);
        visitor(&path, value, Place::Attribute(attribute));
        match &attribute.kind {
            Kind::Plain(ty) => items(ty, value, &path, visitor),
            Kind::Single(nested) | Kind::Block(nested) => object(nested, value, &path, visitor),
            Kind::List(nested) | Kind::Map(nested) | Kind::Blocks(nested) | Kind::LabelledBlocks(nested) => {
                each(value, &path, visitor, |value, path, visitor| object(nested, value, path, visitor));
            }
        }
    }
}

/// The items of a value of a type. Dynamic values have a type of their own, which no rule of a schema is about.
fn items(ty: &Type, value: &Value, path: &Path, visitor: &mut Visitor<'_>) {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            each(value, path, visitor, |value, path, visitor| items(element, value, path, visitor));
        }
        Type::String | Type::Number | Type::Bool | Type::Dynamic | Type::Tuple(_) | Type::Object(_) => {}
    }
}

fn each(value: &Value, path: &Path, visitor: &mut Visitor<'_>, within: impl Fn(&Value, &Path, &mut Visitor<'_>)) {
    let mut item = |value: &Value, path: Path| {
        visitor(&path, value, Place::Item);
        within(value, &path, visitor);
    };
    match value {
        Value::List(items) => items.iter().enumerate().for_each(|(at, value)| item(value, path.clone().index(at))),
        Value::Map(items) => items.iter().for_each(|(key, value)| item(value, path.clone().key(key))),
        _ => {}
    }
}

/// For tests: the places of a configuration that a user sets, and whether null is refused there.
#[cfg(any(test, feature = "testing"))]
pub fn configured_places(schema: &Schema, config: &Value) -> Vec<(Path, bool)> {
    use super::Presence;
    let mut all = Vec::new();
    visit(schema, config, &mut |path, _, place| match place {
        Place::Item => all.push((path.clone(), true)),
        Place::Attribute(attribute) if attribute.presence == Presence::Computed => {}
        Place::Attribute(attribute) => all.push((path.clone(), attribute.presence == Presence::Required)),
    });
    all
}

/// For tests: a value with another one at this path, whose containers exist.
#[cfg(any(test, feature = "testing"))]
pub fn replaced(value: &Value, path: &Path, new: &Value) -> Value {
    fn within(value: &Value, steps: &[super::Step], new: &Value) -> Value {
        use super::Step;
        let Some((first, rest)) = steps.split_first() else { return new.clone() };
        match (value, first) {
            (Value::Map(all), Step::Attribute(name) | Step::Key(name)) => {
                let mut all = all.clone();
                let inner = within(all.get(name).unwrap_or(&Value::Null), rest, new);
                all.insert(name.clone(), inner);
                Value::Map(all)
            }
            (Value::List(all), Step::Index(index)) => {
                let at = |(position, item): (usize, &Value)| match usize::try_from(*index) {
                    Ok(index) if index == position => within(item, rest, new),
                    _ => item.clone(),
                };
                Value::List(all.iter().enumerate().map(at).collect())
            }
            (other, _) => other.clone(),
        }
    }
    within(value, path.steps(), new)
}
