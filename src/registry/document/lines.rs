//! The lines of JSON pointers, for tools that show a place in a file.

use std::borrow::Cow;

use super::node::Node;
use super::order::Order;
use super::tree::offset_in;
use super::{Lines, tree};

/// The line of each pointer in a document, from 1: that of its key, or of the first key or text of an item of a list. The line of
/// what contains it, if it cannot be told; `None` for the whole document, and for a document that is not JSON.
pub fn lines_of<'p>(document: &str, pointers: impl IntoIterator<Item = &'p str>) -> Vec<Option<usize>> {
    let pointers = pointers.into_iter();
    let Some(root) = tree(document.as_bytes()) else { return pointers.map(|_| None).collect() };
    let lines = Lines::of(document.as_bytes());
    let mut order = Order::of(&root);
    let line = |pointer| {
        let mut node = &root;
        let mut found = None;
        for step in order.position(pointer) {
            let piece;
            (piece, node) = match node {
                Node::Object(entries) => (borrowed(&entries[step].0), &entries[step].1),
                Node::Array(items) => (first(&items[step]), &items[step]),
                _ => break,
            };
            found = piece.and_then(|piece| offset_in(document, piece)).or(found);
        }
        found.map(|offset| lines.position(offset).0)
    };
    pointers.map(line).collect()
}

/// The first text in a value that is a part of the document.
fn first<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match node {
        Node::String(text) => borrowed(text),
        Node::Object(entries) => entries.first().and_then(|(key, _)| borrowed(key)),
        _ => None,
    }
}

#[allow(clippy::ptr_arg, reason = "whether it is borrowed is what matters")]
fn borrowed<'t>(text: &'t Cow<'_, str>) -> Option<&'t str> {
    match text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn a_pointer_has_the_line_of_its_key_or_of_its_first_text() {
        let document =
            "{\n  \"a\": [\n    {\"x\": 1,\n     \"y/z\": [\n       \"one\",\n       \"t\\u0077o\"]},\n    7]\n}";
        let pointers = ["", "/a", "/a/0", "/a/0/y~1z", "/a/0/y~1z/0", "/a/0/y~1z/1", "/a/1", "/a/0/none", "/b"];
        let expected = [None, Some(2), Some(3), Some(4), Some(5), Some(4), Some(2), Some(3), None];
        assert_eq!(lines_of(document, pointers), expected);
        assert_eq!(lines_of("{", ["/a"]), [None]);
    }
}
