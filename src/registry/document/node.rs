//! The tree of a document: JSON values that borrow their text, and the parts in which a document is read.

use std::borrow::Cow;

/// A JSON value. Text is borrowed from the input, unless it contains escapes or is in another normalization form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(Box<str>),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// In the document's order, with duplicates.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The value of the first entry of that name, if this is an object that has one.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type, for messages: `a string`.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "an array",
            Node::Object(_) => "an object",
        }
    }

    /// The same as a value that owns its text. Of duplicate keys the first counts; the document is rejected anyway.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(*value),
            Node::Number(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Node::String(text) => Value::String(text.clone().into_owned()),
            Node::Array(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Node::Object(entries) => Value::Object(
                entries.iter().rev().map(|(key, value)| (key.clone().into_owned(), value.to_value())).collect(),
            ),
        }
    }
}

/// A part of a document, in the document's order.
pub(crate) enum DocumentPart<'p, 'a> {
    /// The whole document, if it is not an object.
    Root(Node<'a>),
    /// A top-level field.
    Field(&'p str, Node<'a>),
    /// A top-level field that is one of the requested lists. Its items follow.
    List(&'p str),
    /// An item of such a list.
    Item(&'p str, usize, Node<'a>),
}
