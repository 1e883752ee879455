//! Canonical JSON: one text for one content, to take digests of.
//!
//! Keys are sorted, and so are the lists whose order means nothing: entries (`{"type", "spec"}`), by their text, and the
//! lists of names in [`SETS`]. Numbers stay as they are written, strings are escaped as little as JSON allows, and there
//! is no white space.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::document::Node;

/// Lists of names whose order means nothing, wherever they stand.
const SETS: [&str; 5] = ["admins", "googleServices", "operators", "sharedWith", "viewers"];

/// `sha256:` and the hex of the SHA-256 of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let mut text = String::with_capacity(7 + 64);
    text.push_str("sha256:");
    for byte in hash {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The canonical text of a document.
pub(crate) fn document(node: &Node<'_>, capacity: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    write_node(&mut out, node, false);
    out
}

fn write_node(out: &mut Vec<u8>, node: &Node<'_>, is_set: bool) {
    match node {
        Node::Null => out.extend_from_slice(b"null"),
        Node::Bool(true) => out.extend_from_slice(b"true"),
        Node::Bool(false) => out.extend_from_slice(b"false"),
        Node::Number(text) => out.extend_from_slice(text.as_bytes()),
        Node::String(text) => write_string(out, text),
        Node::Array(items) => write_array(out, items, is_set),
        Node::Object(entries) => {
            let mut order: Vec<&(_, Node<'_>)> = entries.iter().collect();
            order.sort_by(|a, b| a.0.cmp(&b.0));
            out.push(b'{');
            for (position, (key, value)) in order.into_iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_string(out, key);
                out.push(b':');
                write_node(out, value, SETS.contains(&key.as_ref()));
            }
            out.push(b'}');
        }
    }
}

fn write_array(out: &mut Vec<u8>, items: &[Node<'_>], is_set: bool) {
    out.push(b'[');
    let start = out.len();
    let mut ends = Vec::with_capacity(items.len());
    for item in items {
        write_node(out, item, false);
        ends.push(out.len());
    }
    let ranges = |ends: &[usize]| {
        let mut from = start;
        let mut ranges = Vec::with_capacity(ends.len());
        for end in ends {
            ranges.push(from..*end);
            from = *end;
        }
        ranges
    };
    // Written one after the other, then put in order with commas between: a second copy, which costs less than comparing trees.
    let mut ranges = ranges(&ends);
    if is_set || (!items.is_empty() && items.iter().all(|item| item.get("spec").is_some())) {
        ranges.sort_by(|a, b| out[a.clone()].cmp(&out[b.clone()]));
    }
    let text = out.split_off(start);
    for (position, range) in ranges.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&text[range.start - start..range.end - start]);
    }
    out.push(b']');
}

/// A JSON string, escaped as little as JSON allows.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut plain = 0;
    for (position, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
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
    use crate::registry::problem::Problems;

    fn canonical(text: &str) -> String {
        let node = document::parse(text.as_bytes(), &mut Problems::default()).expect("JSON");
        String::from_utf8(super::document(&node, 0)).expect("UTF-8")
    }

    #[test]
    fn keys_and_entries_are_sorted_and_other_lists_are_not() {
        let text = r#" {"b": [3, 1, 2], "a": {"viewers": ["y", "x"]}, "e": [{"spec": {"name": "b"}}, {"spec": {"name": "a"}}], "n": 1.50, "s": "\u0041\n\u0007\"é"} "#;
        insta::assert_snapshot!(canonical(text), @r#"{"a":{"viewers":["x","y"]},"b":[3,1,2],"e":[{"spec":{"name":"a"}},{"spec":{"name":"b"}}],"n":1.50,"s":"A\n\u0007\"é"}"#);
    }
}
