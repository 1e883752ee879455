//! A sentence whose names are apart from its words, because each form of output quotes names in its own way.

use std::fmt;

use serde::Serialize;

/// A sentence for people. `Display` has the names in backticks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sentence(Vec<Part>);

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Words of ours.
    Words(&'static str),
    /// A name or value from a registry.
    Name(String),
}

impl Sentence {
    /// From words in which each `{}` is replaced by the next name.
    pub(super) fn of<'n>(words: &'static str, names: impl IntoIterator<Item = &'n dyn fmt::Display>) -> Self {
        let mut names = names.into_iter();
        let mut parts = Vec::new();
        for (position, words) in words.split("{}").enumerate() {
            if position > 0 {
                parts.push(Part::Name(names.next().map(ToString::to_string).unwrap_or_default()));
            }
            if !words.is_empty() {
                parts.push(Part::Words(words));
            }
        }
        Self(parts)
    }

    /// Words without names.
    pub(super) fn words(words: &'static str) -> Self {
        Self(vec![Part::Words(words)])
    }

    /// With another sentence after it.
    pub(super) fn then(mut self, next: Self) -> Self {
        self.0.extend(next.0);
        self
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Words(words) => f.write_str(words),
            Part::Name(name) => write!(f, "`{name}`"),
        })
    }
}

impl Serialize for Sentence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
