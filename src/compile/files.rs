//! The texts that were read, and the places in them.

use std::path::PathBuf;
use std::rc::Rc;

use super::error::Place;

/// A text that the program consists of.
#[derive(Debug)]
pub(super) struct SourceText {
    /// Its name in messages, and what `std.thisFile` says.
    pub(super) name: String,
    /// The folder that its imports are relative to.
    pub(super) folder: Option<PathBuf>,
    /// Whether it is part of this program and not the user's.
    pub(super) built_in: bool,
    /// What it contains.
    pub(super) bytes: Rc<[u8]>,
}

impl SourceText {
    /// The place of the bytes from `start` to `end`. Of more than one line, the first.
    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        let start = start.min(self.bytes.len());
        let line_start = self.bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line_end =
            self.bytes[start..].iter().position(|&byte| byte == b'\n').map_or(self.bytes.len(), |at| start + at);
        let end = end.clamp(start, line_end);
        let characters = |from: usize, to: usize| String::from_utf8_lossy(&self.bytes[from..to]).chars().count();
        Place {
            file: self.name.clone(),
            line: self.bytes[..line_start].iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: characters(line_start, start) + 1,
            width: characters(start, end),
            text: String::from_utf8_lossy(&self.bytes[line_start..line_end]).trim_end_matches('\r').to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> SourceText {
        SourceText { name: "a.jsonnet".into(), folder: None, built_in: false, bytes: content.as_bytes().into() }
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = text("local ä = 1;\r\n  bcd\nlast");
        let place = source.place(17, 20);
        assert_eq!((place.line, place.column, place.width, place.text.as_str()), (2, 3, 3, "  bcd"));
        assert_eq!(source.place(9, 10).column, 9, "a character of two bytes is one column");
        let place = source.place(17, 25);
        assert_eq!((place.line, place.width), (2, 3), "what spans lines is shown on its first");
        let place = source.place(99, 120);
        assert_eq!((place.line, place.column, place.width), (3, 5, 0), "past the end is the end");
    }
}
