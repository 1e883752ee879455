//! Durations in the provider block, such as `90s` or `10m`.

use std::time::Duration;

use jiff::SignedDuration;

use crate::sdk::Predicate;

/// The rule of an attribute that is a duration.
pub(super) const RULE: Predicate =
    Predicate { describe: "a duration such as `5m`", check: |text| parse(text).map(drop) };

/// The duration that a text states.
///
/// # Errors
/// If it states none, or no time at all.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("`{text}` is not a duration; write for example `90s` or `10m`"))
}
