//! Every code of an error or warning, in one table: the only source of the last line of every text (`anu:unknown-team`), of the
//! codes in machine formats, and of the pages under `docs/errors/`. Pure.
//!
//! A code is a kind of mistake with its own ways out, bound to one severity and one summary. Each has one row in one of the files
//! here, and a diagnostic or problem cannot be made without one.

/// Rows: the constant, the severity, the name, the summary.
macro_rules! codes {
    ($($constant:ident: $severity:ident $name:literal $summary:literal;)+) => {
        $(
            #[doc = concat!("`anu:", $name, "`: ", $summary)]
            pub const $constant: Code = Code(&Entry { name: $name, severity: Severity::$severity, summary: $summary });
        )+
        /// All rows of this file.
        pub(super) const ALL: &[Code] = &[$($constant),+];
    };
}

mod code;
mod command;
mod lifecycle;
mod provider;
mod registry;

pub use code::{Code, Severity};
pub use command::*;
pub use lifecycle::*;
pub use provider::*;
pub use registry::*;

/// Every code, in the order of the table.
pub fn all() -> impl Iterator<Item = Code> {
    [registry::ALL, provider::ALL, lifecycle::ALL, command::ALL].concat().into_iter()
}

/// The code of a name.
pub fn find(name: &str) -> Option<Code> {
    all().find(|code| code.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_kebab_case_and_has_one_row() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            let name = code.name();
            let plain = name.split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
            assert!(plain, "{name}");
            assert!(seen.insert(name), "{name} has two rows");
            assert_eq!(find(name), Some(code));
        }
        assert!(seen.len() > 150, "{}", seen.len());
    }
}
