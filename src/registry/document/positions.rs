//! The positions of JSON pointers in the text of a document.

use std::borrow::Cow;

use super::super::location::Position;
use super::node::Node;
use super::order::Order;
use super::tree;
use super::tree::offset_in;

/// The position of each pointer in a document: that of its key, or of the first key or text of an item of a list. The position of
/// what contains it, if it cannot be told; `None` for the whole document, and for a document that is not JSON.
pub fn positions_of<'p>(document: &str, pointers: impl IntoIterator<Item = &'p str>) -> Vec<Option<Position>> {
    let pointers = pointers.into_iter();
    let Some(root) = tree(document.as_bytes()) else { return pointers.map(|_| None).collect() };
    let mut order = Order::of(&root);
    let offset = |pointer| {
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
        // From the quotation mark on.
        found.map(|offset| offset.saturating_sub(1))
    };
    let offsets: Vec<Option<usize>> = pointers.map(offset).collect();
    let known: Vec<usize> = offsets.iter().flatten().copied().collect();
    let mut positions = Position::of_all(document, &known).into_iter();
    offsets.into_iter().map(|offset| offset.and_then(|_| positions.next())).collect()
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
    use super::*;

    #[test]
    fn a_pointer_has_the_position_of_its_key_or_of_its_first_text() {
        let document = "{\n  \"a\": [\n    {\"x\": 1,\n     \"y/z\": [\n       \"öne\", \"two\",\n       \"t\\u0077o\"]},\n    7]\n}";
        let pointers =
            ["", "/a", "/a/0", "/a/0/y~1z", "/a/0/y~1z/0", "/a/0/y~1z/1", "/a/0/y~1z/2", "/a/1", "/a/0/none", "/b"];
        let positions = positions_of(document, pointers);
        let positions: Vec<_> = positions.iter().map(|found| found.map(|at| (at.line, at.column))).collect();
        let key = Some((2, 3));
        let expected = [
            None,
            key,
            Some((3, 6)),
            Some((4, 6)),
            Some((5, 8)),
            Some((5, 15)),
            Some((4, 6)), // an escaped text has no place of its own
            key,
            Some((3, 6)),
            None,
        ];
        assert_eq!(positions, expected);
        assert_eq!(positions_of("{", ["/a"]), [None]);
    }
}
