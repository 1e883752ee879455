//! Canonical JSON: one text for one content, the input of digests.
//!
//! Keys are sorted. Lists without a meaningful order are sorted as well: entries (`{"type", "spec"}`) by their text, and the
//! lists of names in [`SETS`]. Numbers are unchanged, strings are escaped as little as JSON allows, and there is no white
//! space.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::document::{DocumentPart, Node};

/// Lists of names without a meaningful order, anywhere in the document.
const SETS: [&str; 8] =
    ["admins", "googleServices", "operators", "previousNames", "services", "sharedWith", "sharedWithTeams", "viewers"];

/// `sha256:` and the hex of the SHA-256 of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(hash: &[u8]) -> String {
    let mut text = String::with_capacity(7 + 64);
    text.push_str("sha256:");
    for byte in hash {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The canonical text of a document, built from its parts.
#[derive(Default)]
pub(crate) struct Canonical {
    /// By top-level key.
    fields: BTreeMap<String, Field>,
    /// The capacity to reserve for `services`, which is nearly all of the document.
    capacity: usize,
}

#[derive(Default)]
struct Field {
    text: Vec<u8>,
    /// Of a list, the end offset of each item.
    items: Option<Vec<usize>>,
    /// Of a list, whether all items are entries.
    entries: bool,
}

impl Canonical {
    /// For a document of this size in bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { fields: BTreeMap::new(), capacity: bytes }
    }

    /// Adds the next part.
    pub(crate) fn add(&mut self, part: &DocumentPart<'_, '_>) {
        match part {
            DocumentPart::Root(_) => {}
            DocumentPart::Field(key, node) => {
                let mut field = Field::default();
                write_node(&mut field.text, node, false);
                self.fields.insert((*key).to_owned(), field);
            }
            DocumentPart::List(key) => {
                let capacity = if *key == "services" { self.capacity } else { 0 };
                let field = Field { text: Vec::with_capacity(capacity), items: Some(Vec::new()), entries: true };
                self.fields.insert((*key).to_owned(), field);
            }
            DocumentPart::Item(key, _, node) => {
                let Some(field) = self.fields.get_mut(*key) else { return };
                write_node(&mut field.text, node, false);
                field.entries &= is_entry(node);
                field.items.get_or_insert_default().push(field.text.len());
            }
        }
    }

    /// The digest of the whole.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut key = Vec::new();
        for (position, (name, field)) in self.fields.iter().enumerate() {
            key.clear();
            key.push(if position > 0 { b',' } else { b'{' });
            write_string(&mut key, name);
            key.push(b':');
            hash.update(&key);
            let Some(ends) = &field.items else {
                hash.update(&field.text);
                continue;
            };
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let mut items: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &field.text[start..*end]).collect();
            if field.entries {
                items.sort_unstable();
            }
            for (position, item) in items.iter().enumerate() {
                hash.update(if position > 0 { b"," } else { b"[" });
                hash.update(item);
            }
            hash.update(if items.is_empty() { &b"[]"[..] } else { b"]" });
        }
        hash.update(if self.fields.is_empty() { &b"{}"[..] } else { b"}" });
        hex(&hash.finalize())
    }
}

fn is_entry(node: &Node<'_>) -> bool {
    node.get("spec").is_some()
}

fn write_node(out: &mut Vec<u8>, node: &Node<'_>, is_set: bool) {
    match node {
        Node::Null => out.extend_from_slice(b"null"),
        Node::Bool(true) => out.extend_from_slice(b"true"),
        Node::Bool(false) => out.extend_from_slice(b"false"),
        Node::Number(text) => out.extend_from_slice(text.as_bytes()),
        Node::String(text) => write_text(out, text),
        Node::Array(items) => write_array(out, items, is_set),
        Node::Object(entries) => write_object(out, entries),
    }
}

fn write_object(out: &mut Vec<u8>, entries: &[(Cow<'_, str>, Node<'_>)]) {
    /// Jsonnet sorts its output, and most objects are small: neither case allocates.
    const SMALL: usize = 16;
    let mut small = [0_usize; SMALL];
    let mut large;
    let order: &mut [usize] = if entries.len() <= SMALL {
        &mut small[..entries.len()]
    } else {
        large = vec![0; entries.len()];
        &mut large
    };
    for (position, place) in order.iter_mut().enumerate() {
        *place = position;
    }
    if !entries.is_sorted_by(|a, b| a.0 <= b.0) {
        order.sort_by(|a, b| entries[*a].0.cmp(&entries[*b].0));
    }
    out.push(b'{');
    for (position, place) in order.iter().enumerate() {
        let (key, value) = &entries[*place];
        if position > 0 {
            out.push(b',');
        }
        write_text(out, key);
        out.push(b':');
        write_node(out, value, SETS.contains(&key.as_ref()));
    }
    out.push(b'}');
}

fn write_array(out: &mut Vec<u8>, items: &[Node<'_>], is_set: bool) {
    let sorted = items.len() > 1 && (is_set || items.iter().all(is_entry));
    out.push(b'[');
    let start = out.len();
    let mut ranges = Vec::with_capacity(if sorted { items.len() } else { 0 });
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        let from = out.len();
        write_node(out, item, false);
        if sorted {
            ranges.push(from..out.len());
        }
    }
    // Items are written in their order, and copied only if that order is not sorted.
    if sorted && !ranges.is_sorted_by(|a, b| out[a.clone()] <= out[b.clone()]) {
        ranges.sort_by(|a, b| out[a.clone()].cmp(&out[b.clone()]));
        let mut text = Vec::with_capacity(out.len() - start);
        for (position, range) in ranges.into_iter().enumerate() {
            if position > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&out[range]);
        }
        out.truncate(start);
        out.extend_from_slice(&text);
    }
    out.push(b']');
}

/// A string of a document. A borrowed string had no escapes, so it needs none.
#[allow(clippy::ptr_arg, reason = "whether it is borrowed is what matters")]
fn write_text(out: &mut Vec<u8>, text: &Cow<'_, str>) {
    match text {
        Cow::Borrowed(text) => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        Cow::Owned(text) => write_string(out, text),
    }
}

/// A JSON string, escaped as little as JSON allows.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    out.push(b'"');
    // Nearly all strings need no escapes. Without an early exit the compiler vectorizes this check.
    if !text.bytes().fold(false, |found, byte| found | escaped(byte)) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    let mut plain = 0;
    for (position, byte) in text.bytes().enumerate() {
        if !escaped(byte) {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[plain..position]);
        plain = position + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text.as_bytes()[plain..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use crate::registry::document;

    fn canonical(text: &str) -> String {
        let node = document::tree(text.as_bytes()).expect("JSON");
        let mut out = Vec::new();
        super::write_node(&mut out, &node, false);
        String::from_utf8(out).expect("UTF-8")
    }

    /// The digest can be reproduced from the text by its rule.
    #[test]
    fn the_digest_of_the_parts_is_the_digest_of_the_text() {
        for text in [
            "{}",
            r#"{"services": []}"#,
            r#"{"x": [2, 1], "services": [{"spec": {"name": "b"}}, {"spec": {"name": "a"}}], "teams": [1, 0], "a": {"b": null}}"#,
        ] {
            let mut pieces = super::Canonical::new(0);
            let read = document::stream(text.as_bytes(), &["services", "teams"], &mut |part, _| pieces.add(&part));
            assert!(read.is_ok_and(|read| !read.duplicates));
            assert_eq!(pieces.digest(), super::digest(canonical(text).as_bytes()), "{text}");
        }
    }

    #[test]
    fn keys_and_entries_are_sorted_and_other_lists_are_not() {
        let text = r#" {"b": [3, 1, 2], "a": {"viewers": ["y", "x"]}, "e": [{"spec": {"name": "b"}}, {"spec": {"name": "a"}}], "n": 1.50, "s": "\u0041\n\u0007\"é"} "#;
        insta::assert_snapshot!(canonical(text), @r#"{"a":{"viewers":["x","y"]},"b":[3,1,2],"e":[{"spec":{"name":"a"}},{"spec":{"name":"b"}}],"n":1.50,"s":"A\n\u0007\"é"}"#);
    }
}
