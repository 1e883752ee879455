//! The tree of a value, built by a visitor over serde_json's deserializer. Its text is in normalization form C.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::nfc::nfc;
use super::super::problem::{Rule, rules};
use super::node::Node;

/// The limit for the nesting of objects and arrays. The format needs ten levels.
pub const MAX_DEPTH: usize = 64;
/// The limit for the number of values in a document: about 80,000 services, and at most 320 MB of memory.
pub const MAX_VALUES: usize = 8_000_000;

/// The state that all visitors of one document share.
pub(super) struct Build<'a> {
    pub(super) text: &'a str,
    values: Cell<usize>,
    pub(super) duplicates: Cell<bool>,
    /// Our reason for the error, for the message. serde_json's error has the place.
    pub(super) fault: RefCell<Option<(Rule, &'static str)>>,
}

impl<'a> Build<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, values: Cell::new(0), duplicates: Cell::new(false), fault: RefCell::new(None) }
    }

    /// With `arbitrary_precision` serde_json presents a number as a map with one constant key. The same key in a document is
    /// borrowed from the document's text, or owned.
    #[allow(clippy::ptr_arg, reason = "whether it is borrowed is what matters")]
    pub(super) fn is_number(&self, key: &Cow<'_, str>) -> bool {
        matches!(key, Cow::Borrowed(key) if key.starts_with("$serde_json::") && offset_in(self.text, key).is_none())
    }

    pub(super) fn fail(&self, rule: Rule, what: &'static str) {
        self.fault.borrow_mut().get_or_insert((rule, what));
    }

    fn stop<E: de::Error>(&self, rule: Rule, what: &'static str) -> E {
        self.fail(rule, what);
        E::custom(what)
    }

    pub(super) fn count<E: de::Error>(&self) -> Result<(), E> {
        let values = self.values.get() + 1;
        self.values.set(values);
        if values > MAX_VALUES {
            return Err(self.stop(rules::TOO_LARGE, "the document exceeds the limit of 8,000,000 values"));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
pub(super) struct Seed<'b, 'a> {
    pub(super) build: &'b Build<'a>,
    pub(super) depth: usize,
}

impl<'b, 'a> Seed<'b, 'a> {
    pub(super) fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            let what = "arrays and objects exceed the limit of 64 nested levels";
            return Err(self.build.stop(rules::NOT_JSON, what));
        }
        Ok(Seed { build: self.build, depth: self.depth + 1 })
    }
}

impl<'a> DeserializeSeed<'a> for Seed<'_, 'a> {
    type Value = Node<'a>;
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Node<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Seed<'_, 'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::Bool(value))
    }

    // With `arbitrary_precision` numbers arrive in `visit_map`. These methods are for a serde_json without it.
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::Number(value.to_string().into_boxed_str()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::Number(value.to_string().into_boxed_str()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::Number(value.to_string().into_boxed_str()))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'a str) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::String(nfc(Cow::Borrowed(text))))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node<'a>, E> {
        self.build.count().map(|()| Node::String(nfc(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Node<'a>, A::Error> {
        self.build.count()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper()?)? {
            items.push(item);
        }
        Ok(Node::Array(items))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Node<'a>, A::Error> {
        self.build.count()?;
        let mut entries: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
        let mut seen: Option<HashSet<Cow<'a, str>>> = None;
        while let Some(key) = map.next_key_seed(Key)? {
            if self.build.is_number(&key) {
                return Ok(Node::Number(map.next_value::<String>()?.into_boxed_str()));
            }
            let value = map.next_value_seed(self.deeper()?)?;
            if entries.is_empty() {
                // Enough for a usual object: growing twice is a measurable cost for a short-lived tree.
                entries.reserve(8);
            }
            // For the dozen keys of a usual object a scan is faster than a hash set.
            let duplicate = match &mut seen {
                Some(seen) => !seen.insert(key.clone()),
                None if entries.len() < 24 => entries.iter().any(|(known, _)| *known == key),
                None => {
                    let mut keys: HashSet<_> = entries.iter().map(|(known, _)| known.clone()).collect();
                    let duplicate = !keys.insert(key.clone());
                    seen = Some(keys);
                    duplicate
                }
            };
            if duplicate {
                self.build.duplicates.set(true);
            }
            entries.push((key, value));
        }
        Ok(Node::Object(entries))
    }
}

/// A key, borrowed if possible.
pub(super) struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E: de::Error>(self, key: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(nfc(Cow::Borrowed(key)))
    }
    fn visit_str<E: de::Error>(self, key: &str) -> Result<Cow<'a, str>, E> {
        Ok(nfc(Cow::Owned(key.to_owned())))
    }
}

/// The offset of a borrowed piece in its text.
pub(super) fn offset_in(text: &str, piece: &str) -> Option<usize> {
    let offset = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (offset < text.len()).then_some(offset)
}
