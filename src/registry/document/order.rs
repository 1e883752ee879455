//! The places of pointers in the document's order.

use std::collections::HashMap;

use super::super::pointer;
use super::node::Node;

/// In an object with fewer keys a scan is faster than an index.
const SMALL: usize = 16;

/// Finds the places of pointers. Of a large object it makes an index of the keys, once: with a scan for each of the problems
/// of one object, time would grow with their square.
pub(crate) struct Order<'t, 'a> {
    root: &'t Node<'a>,
    /// By the address of the object.
    indexes: HashMap<*const Node<'a>, HashMap<&'t str, usize>>,
}

impl<'t, 'a> Order<'t, 'a> {
    pub(crate) fn of(root: &'t Node<'a>) -> Self {
        Self { root, indexes: HashMap::new() }
    }

    /// The position of a pointer in the document's order, comparable with other positions.
    pub(crate) fn position(&mut self, pointer: &str) -> Vec<usize> {
        let mut order = Vec::new();
        let mut node = self.root;
        for step in pointer::steps(pointer) {
            let (position, next) = match node {
                Node::Object(entries) => {
                    let position = if entries.len() <= SMALL {
                        entries.iter().position(|(key, _)| *key == step)
                    } else {
                        let index = self.indexes.entry(std::ptr::from_ref(node)).or_insert_with(|| {
                            // Of duplicate keys the first counts.
                            entries.iter().enumerate().rev().map(|(at, (key, _))| (key.as_ref(), at)).collect()
                        });
                        index.get(step.as_str()).copied()
                    };
                    match position {
                        Some(position) => (position, &entries[position].1),
                        None => break,
                    }
                }
                Node::Array(items) => match step.parse::<usize>().ok().filter(|position| *position < items.len()) {
                    Some(position) => (position, &items[position]),
                    None => break,
                },
                _ => break,
            };
            order.push(position);
            node = next;
        }
        order
    }
}
