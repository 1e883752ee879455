//! Places in a text.

use std::fmt;
use std::sync::Arc;

use crate::printable::escape;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The positions of bytes in a text, in the order of their offsets. The text is read once, however many there are and however
    /// long its lines.
    pub fn of_all(text: &str, offsets: &[usize]) -> Vec<Self> {
        let mut order: Vec<usize> = (0..offsets.len()).collect();
        order.sort_by_key(|&nth| offsets[nth]);
        let mut positions = vec![Self { line: 1, column: 1 }; offsets.len()];
        let (mut read, mut at) = (0, Self { line: 1, column: 1 });
        for nth in order {
            let part = text.get(read..offsets[nth]).unwrap_or_default();
            if let Some(end) = part.rfind('\n') {
                at.line += part.bytes().filter(|&byte| byte == b'\n').count();
                at.column = 1 + part[end + 1..].chars().count();
            } else {
                at.column += part.chars().count();
            }
            read += part.len();
            positions[nth] = at;
        }
        positions
    }
}

/// A place in a file or at an address. `Display` is `registry.json:412:23`, without hidden characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file or address, as users may see it.
    pub file: Arc<str>,
    /// Where in it.
    pub position: Position,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", escape(&self.file), self.position.line, self.position.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "ä b\ncd\n\ne";
        let offsets = [text.len() - 1, 0, 3, 5, 3, text.len(), 6];
        let positions: Vec<_> = Position::of_all(text, &offsets).iter().map(|at| (at.line, at.column)).collect();
        assert_eq!(positions, [(4, 1), (1, 1), (1, 3), (2, 1), (1, 3), (4, 2), (2, 2)]);
    }
}
