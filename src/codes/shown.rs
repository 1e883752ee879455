//! Texts of snapshots of the tests, for pages whose example is not a document.

use super::code::Code;

/// The file: texts between lines of `----`, each with its code in the last line. `anu docs` writes it from the snapshots.
const SHOWN: &str = include_str!("shown.txt");

/// Between two texts.
pub const BETWEEN: &str = "\n----\n";

impl Code {
    /// The text of a snapshot with this code.
    pub fn shown(self) -> Option<&'static str> {
        let last = self.to_string();
        SHOWN
            .split(BETWEEN)
            .map(str::trim_end)
            .find(|text| text.lines().next_back().map(str::trim) == Some(last.as_str()))
    }
}
