//! Whether a registry is the one that its signature names, and new enough.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Unit};

use super::error::LoadError;
use super::request::LoadRequest;
use crate::discovery::Proof;
use crate::registry::Metadata;

/// An age such as `12h` or `7d`. A day has 24 hours.
///
/// # Errors
/// If the text is none, or no time at all.
pub fn parse_age(text: &str) -> Result<Duration, String> {
    duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("`{text}` is not an age; write for example `12h` or `7d`"))
}

/// An age, or `0`.
///
/// # Errors
/// If the text is neither.
pub fn parse_age_or_zero(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    duration(text).ok_or_else(|| format!("`{text}` is not an age; write for example `24h` or `7d`, or `0`"))
}

fn duration(text: &str) -> Option<Duration> {
    let duration = text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// Refuses a registry that its signature does not name, and one that is older than `max_age`.
pub(super) fn check(
    request: &LoadRequest,
    source_name: &str,
    proof: Option<&Proof>,
    metadata: &Metadata,
    now: Timestamp,
) -> Result<(), LoadError> {
    let source_name = || source_name.to_owned();
    if let (Some(proof), Some(name)) = (proof, &metadata.name)
        && proof.registry != name.as_str()
    {
        let (signed, found) = (proof.registry.clone(), name.to_string());
        return Err(LoadError::SignedForAnother { source_name: source_name(), signed, found });
    }
    let Some(max_age) = request.registry.max_age else { return Ok(()) };
    let setting = request.registry.names.max_age;
    let Some(compiled_at) = metadata.compiled_at else {
        return Err(LoadError::NoAge { source_name: source_name(), setting });
    };
    let age = now.duration_since(compiled_at);
    let max_age = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
    if age <= max_age {
        return Ok(());
    }
    let rounded = |duration: SignedDuration| match duration.as_hours() {
        0..48 => format!("{:#}", duration.round(Unit::Second).unwrap_or(duration)),
        hours => format!("{} days", hours / 24),
    };
    Err(LoadError::TooOld {
        source_name: source_name(),
        compiled_at: compiled_at.to_string(),
        age: rounded(age),
        max_age: rounded(max_age),
        setting,
    })
}
