//! Every failure, with a text that states the next step.

use std::fmt;
use std::time::Duration;

use super::config::Mode;
use super::failure::{Failure, age};
use super::source::{Source, SourceError};
use crate::codes::{self, Code};
use crate::connect::Cancelled;

/// Why the registry could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// A source or fallback is not valid.
    #[error("{setting} is not a valid registry source: {error}")]
    Source {
        /// What names it.
        setting: String,
        /// What is wrong with it.
        error: SourceError,
    },
    /// The pin is not a SHA-256.
    #[error("{setting} is `{written}`, and must be 64 hexadecimal digits, as `sha256sum registry.json` prints them")]
    Pin {
        /// What the pin is called where it was written.
        setting: &'static str,
        /// As the user wrote it.
        written: String,
    },
    /// No place could be read.
    #[error("{}", nowhere(.attempts, *.mode, *.unused_fallbacks))]
    Nowhere {
        /// Each place, in the order tried.
        attempts: Vec<Attempt>,
        /// What the registry was read for.
        mode: Mode,
        /// How many fallbacks there are that an apply does not use.
        unused_fallbacks: usize,
    },
    /// A place has a document that is not proved to be the publisher's. No other place was tried after it.
    #[error(
        "the registry was refused:{}\nThe registry must be signed. No other place is read after one whose signature is missing or wrong: \
         that can be an attack.", list(.attempts)
    )]
    Unproved {
        /// Each place, in the order tried. The last one is refused.
        attempts: Vec<Attempt>,
    },
    /// A place refuses access. No other place was tried after it.
    #[error(
        "access to the registry was refused:{}\nNo other place is read after one that refuses access, and no last good copy: if access \
         was withdrawn, a copy would hide that.", list(.attempts)
    )]
    NotAllowed {
        /// Each place, in the order tried. The last one refuses access.
        attempts: Vec<Attempt>,
    },
    /// The user stopped the run.
    #[error("the run was cancelled before the registry was read")]
    Cancelled,
}

impl From<Cancelled> for DiscoveryError {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// One place, and why it could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `source`, `fallback` or `last good copy of`.
    pub role: &'static str,
    /// The place, as users may see it.
    pub place: String,
    /// Why it could not be read.
    pub failure: Failure,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.role, self.place, self.failure)
    }
}

pub(super) fn role(nth: usize) -> &'static str {
    if nth == 0 { "source" } else { "fallback" }
}

fn list(attempts: &[Attempt]) -> String {
    attempts.iter().map(|attempt| format!("\n  {attempt}")).collect()
}

fn nowhere(attempts: &[Attempt], mode: Mode, unused_fallbacks: usize) -> String {
    let mut text = format!("the registry could not be read:{}", list(attempts));
    if mode == Mode::Apply {
        text += "\nAn apply reads only the source, never an old copy";
        text += if unused_fallbacks > 0 { "; fallbacks are for reads and plans." } else { "." };
    }
    text
}

/// Something the user should know, although the registry was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Its row in the table of codes.
    pub code: Code,
    /// What happened, and what it means.
    pub detail: String,
}

impl Warning {
    pub(super) fn fallback(attempts: &[Attempt], place: &Source) -> Self {
        Self {
            code: codes::READ_FROM_FALLBACK,
            detail: format!(
                "The registry was read from the fallback `{place}`, because these failed:{}\nThe fallback may be older than the source. An apply does not use it.",
                list(attempts)
            ),
        }
    }

    pub(super) fn last_good(attempts: &[Attempt], place: &Source, old: Duration) -> Self {
        Self {
            code: codes::READ_FROM_LAST_GOOD_COPY,
            detail: format!(
                "The registry is the copy of `{place}` as it was {} ago, because these failed:{}\nAn apply does not use it.",
                age(old),
                list(attempts)
            ),
        }
    }
}
