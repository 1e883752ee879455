//! Every code of an error or warning, in one table: the only source of the last line of every text (`anu:unknown-team`), of the
//! codes in machine formats, and of the pages under `docs/errors/`. Pure.
//!
//! A code is a kind of mistake with its own ways out, bound to one severity and one summary. Each has one row in one of the files
//! here, and a diagnostic or problem cannot be made without one.

/// Rows: the constant, the severity, the name, the summary; what it means, what to do, the guide, the example.
macro_rules! codes {
    ($($constant:ident: $severity:ident $name:literal $summary:literal,
        $cause:literal, $way_out:literal, $guide:ident, $example:expr;)+) => {
        $(
            #[doc = concat!("`anu:", $name, "`: ", $summary)]
            pub const $constant: Code = Code(&Entry {
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                cause: $cause,
                way_out: $way_out,
                guide: $guide,
                example: $example,
            });
        )+
        /// All rows of this file.
        pub(super) const ALL: &[Code] = &[$($constant),+];
    };
}

mod access;
mod apply;
mod code;
mod command;
mod configuration;
mod document;
mod example;
mod page;
mod places;
mod plan;
mod reading;
mod removal;
mod shown;
#[cfg(test)]
mod tests;

pub use access::*;
pub use apply::*;
pub use code::{Code, Severity};
pub use command::*;
pub use configuration::*;
pub use document::*;
pub use example::Example;
pub use page::{index, table};
pub use places::*;
pub use plan::*;
pub use reading::*;
pub use removal::*;
pub use shown::BETWEEN;

/// The files of the table, in order. Each is a group of the guide about troubleshooting.
const TABLE: [(&str, &[Code]); 9] = [
    ("document", document::ALL),
    ("access", access::ALL),
    ("places", places::ALL),
    ("configuration", configuration::ALL),
    ("reading", reading::ALL),
    ("plan", plan::ALL),
    ("removal", removal::ALL),
    ("apply", apply::ALL),
    ("command", command::ALL),
];

/// Every code, in the order of the table.
pub fn all() -> impl Iterator<Item = Code> {
    TABLE.iter().flat_map(|(_, file)| file.iter().copied())
}

/// The codes of a file of the table: `removal`.
pub fn group(name: &str) -> Option<&'static [Code]> {
    TABLE.iter().find(|(group, _)| *group == name).map(|(_, codes)| *codes)
}

/// The code of a name.
pub fn find(name: &str) -> Option<Code> {
    all().find(|code| code.name() == name)
}
