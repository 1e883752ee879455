//! Reads a document part by part.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::node::{DocumentPart, Node};
use super::tree::{Build, Key, Seed};

/// The document: passes its parts to `each`.
pub(super) struct Root<'b, 'a, 'e> {
    pub(super) build: &'b Build<'a>,
    pub(super) lists: &'e [&'e str],
    pub(super) each: &'e mut dyn FnMut(DocumentPart<'_, 'a>, bool),
}

impl<'b, 'a> Root<'b, 'a, '_> {
    fn whole(self, node: Node<'a>) {
        (self.each)(DocumentPart::Root(node), false);
    }

    fn seed(&self) -> Seed<'b, 'a> {
        Seed { build: self.build, depth: 0 }
    }
}

impl<'a> DeserializeSeed<'a> for Root<'_, 'a, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Root<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a registry")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.seed().visit_unit().map(|node| self.whole(node))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.seed().visit_bool(value).map(|node| self.whole(node))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.seed().visit_str(text).map(|node| self.whole(node))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, seq: A) -> Result<(), A::Error> {
        self.seed().visit_seq(seq).map(|node| self.whole(node))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: HashSet<Cow<'a, str>> = HashSet::new();
        while let Some(key) = map.next_key_seed(Key)? {
            if self.build.is_number(&key) {
                let number = map.next_value::<String>()?;
                self.whole(Node::Number(number.into_boxed_str()));
                return Ok(());
            }
            let inner = self.seed().deeper()?;
            if !seen.insert(key.clone()) {
                self.build.duplicates.set(true);
                map.next_value_seed(inner)?;
            } else if self.lists.contains(&key.as_ref()) {
                map.next_value_seed(List { key: &key, inner, each: self.each })?;
            } else {
                let node = map.next_value_seed(inner)?;
                (self.each)(DocumentPart::Field(&key, node), self.build.duplicates.get());
            }
        }
        Ok(())
    }
}

/// A top-level list: passes its items to `each`. A value that is not a list is an ordinary field.
struct List<'b, 'a, 'e> {
    key: &'e str,
    inner: Seed<'b, 'a>,
    each: &'e mut dyn FnMut(DocumentPart<'_, 'a>, bool),
}

impl<'a> List<'_, 'a, '_> {
    fn other(self, node: Node<'a>) {
        (self.each)(DocumentPart::Field(self.key, node), self.inner.build.duplicates.get());
    }
}

impl<'a> DeserializeSeed<'a> for List<'_, 'a, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for List<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.inner.visit_unit().map(|node| self.other(node))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.inner.visit_bool(value).map(|node| self.other(node))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.inner.visit_str(text).map(|node| self.other(node))
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<(), A::Error> {
        self.inner.visit_map(map).map(|node| self.other(node))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        self.inner.build.count()?;
        (self.each)(DocumentPart::List(self.key), self.inner.build.duplicates.get());
        let mut index = 0;
        while let Some(item) = seq.next_element_seed(self.inner.deeper()?)? {
            (self.each)(DocumentPart::Item(self.key, index, item), self.inner.build.duplicates.get());
            index += 1;
        }
        Ok(())
    }
}
