//! A value whose changes readers see later.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The versions of a value, the newest last. Those that no reader can see any more are dropped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delayed<T> {
    versions: Vec<(Timestamp, T)>,
}

impl<T: Clone> Delayed<T> {
    pub fn new(now: Timestamp, value: T) -> Self {
        Self { versions: vec![(now, value)] }
    }

    /// What was written last.
    pub fn current(&self) -> &T {
        &self.versions.last().expect("there is always one version").1
    }

    /// What a reader sees that sees the state of `seen`: nothing, where the value is newer.
    pub fn seen(&self, seen: Timestamp) -> Option<&T> {
        self.versions.iter().rev().find(|(at, _)| *at <= seen).map(|(_, value)| value)
    }

    /// Changes the value for readers that see the state of `now`.
    pub fn change(&mut self, now: Timestamp, seen: Timestamp, change: impl FnOnce(&mut T)) {
        let mut value = self.current().clone();
        change(&mut value);
        self.versions.push((now, value));
        let visible = self.versions.iter().rposition(|(at, _)| *at <= seen).unwrap_or(0);
        self.versions.drain(..visible);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_the_version_of_its_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut value = Delayed::new(at(10), 'a');
        value.change(at(20), at(15), |value| *value = 'b');
        value.change(at(21), at(16), |value| *value = 'c');
        assert_eq!(value.current(), &'c');
        assert_eq!(
            [9, 10, 19, 20, 30].map(|second| value.seen(at(second)).copied()),
            [None, Some('a'), Some('a'), Some('b'), Some('c')]
        );
        value.change(at(40), at(35), |value| *value = 'd');
        assert_eq!(value.versions.len(), 2);
    }
}
