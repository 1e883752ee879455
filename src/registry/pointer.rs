//! JSON pointers (RFC 6901), written as text only for a problem.

use std::fmt::Write;

/// A place in the document, as a chain on the stack: reading a document of a million values allocates no strings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PointerPath<'p> {
    Root,
    Key(&'p PointerPath<'p>, &'p str),
    Index(&'p PointerPath<'p>, usize),
}

impl<'p> PointerPath<'p> {
    pub(crate) fn key(&'p self, key: &'p str) -> PointerPath<'p> {
        PointerPath::Key(self, key)
    }

    pub(crate) fn index(&'p self, index: usize) -> PointerPath<'p> {
        PointerPath::Index(self, index)
    }

    /// The pointer as text.
    pub(crate) fn pointer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// The pointer of another key of the same object, as text.
    pub(crate) fn sibling(&self, key: &str) -> String {
        match self {
            PointerPath::Root => String::new(),
            PointerPath::Key(parent, _) | PointerPath::Index(parent, _) => parent.key(key).pointer(),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            PointerPath::Root => {}
            PointerPath::Key(parent, key) => {
                parent.write(text);
                push_key(text, key);
            }
            PointerPath::Index(parent, index) => {
                parent.write(text);
                let _ = write!(text, "/{index}");
            }
        }
    }
}

/// Appends `/KEY`, escaped.
pub(crate) fn push_key(text: &mut String, key: &str) {
    text.push('/');
    for c in key.chars() {
        match c {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            c => text.push(c),
        }
    }
}

/// The unescaped steps of a pointer.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_escaped_and_split_into_its_steps() {
        let root = PointerPath::Root;
        let labels = root.key("labels");
        let label = labels.key("a/b~c");
        let item = label.index(3);
        assert_eq!(root.pointer(), "");
        assert_eq!(item.pointer(), "/labels/a~1b~0c/3");
        assert_eq!(steps(&item.pointer()).collect::<Vec<_>>(), ["labels", "a/b~c", "3"]);
    }
}
