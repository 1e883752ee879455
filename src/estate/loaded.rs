//! The registry, as it was read.

use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp, Unit};

use crate::discovery;
use crate::fanout::FanOut;
use crate::registry::{Expiry, Location, Problem};

use super::origin::Origin;

/// A registry without errors, fanned out.
#[derive(Debug)]
pub struct LoadedRegistry {
    /// The desired resources of its services.
    pub fan_out: FanOut,
    /// The document, as it was read.
    pub document: String,
    /// The source that it was read from, without secrets.
    pub source: String,
    /// The public key whose signature was accepted, if one was required.
    pub signed_by: Option<String>,
    /// Why it must not be applied: it is not from the source itself, but from a fallback or the last good copy.
    pub fallback_reason: Option<String>,
    /// Whether it may be older than the states that it is applied to: `accept_older` names exactly this one.
    pub accepts_older: bool,
    /// When it was loaded, by this machine's clock.
    pub now: Timestamp,
    /// Why it must not be applied: what `metadata.compiledAt` and this machine's clock say, if the registry is from the future.
    pub from_the_future: Option<String>,
    pub(super) origin: Origin,
    pub(super) warnings: Mutex<Vec<Warning>>,
    pub(super) latest_ended: OnceLock<Option<Expiry>>,
}

impl LoadedRegistry {
    /// A registry that is compiled later than now would have every later one refused as too old.
    pub(super) fn compare_with_clock(&mut self, most_ahead: SignedDuration) {
        let Some(compiled_at) = self.fan_out.registry().metadata.compiled_at else { return };
        if compiled_at.duration_since(self.now) <= most_ahead {
            return;
        }
        let now = self.now.round(Unit::Second).unwrap_or(self.now);
        let text = format!(
            "`{}` was compiled at `{compiled_at}` (`metadata.compiledAt`), and this machine's clock says `{now}`.",
            self.source
        );
        let warnings = self.warnings.get_mut().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Warning::FromTheFuture(text.clone()));
        self.from_the_future = Some(text);
    }

    /// The latest end of access that had passed when the registry was loaded, of all services.
    pub fn latest_ended(&self) -> Option<Expiry> {
        *self.latest_ended.get_or_init(|| {
            let environments = self.fan_out.registry().services.iter().flat_map(|service| &service.environments);
            let entries = environments.flat_map(|environment| environment.access.entries());
            let ends = entries.filter_map(|(_, _, entry)| entry.expires());
            ends.filter(|end| end.has_passed(self.now)).max()
        })
    }

    /// Where JSON pointers of the document are written, as far as that can be told: worked out once for all of them.
    pub fn locations<'p>(&self, pointers: impl IntoIterator<Item = &'p str>) -> Vec<Option<Location>> {
        self.origin.locations(&self.source, &self.document, pointers.into_iter())
    }

    /// The warnings, to the first caller only: each is shown once.
    pub fn take_warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a user should know about a registry that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// It was not read from its source.
    Discovery(discovery::Warning),
    /// Something in the document.
    Problem(Problem),
    /// It is compiled later than now: what the document and the clock say.
    FromTheFuture(String),
}
