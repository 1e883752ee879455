//! When access ends: `expires` of an entry of an access list.

use std::borrow::Cow;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::quote::quote;
use super::rfc3339;

/// The moment at which access ends, in whole seconds from 1970 on. Printed in UTC, in one form: `2027-01-31T00:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry(Timestamp);

impl Expiry {
    /// The rule, for messages and the JSON Schema.
    pub(crate) const RULE: &'static str =
        "an RFC 3339 timestamp with a time zone, in whole seconds: `2027-01-31T00:00:00Z`";

    /// Reads a timestamp of a document, with any offset.
    ///
    /// # Errors
    /// The value, the rule and the next step, as sentences.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(time) = rfc3339::parse(text) else { return Err(wrong(text)) };
        if time.subsec_nanosecond() != 0 {
            let whole = time.as_second().saturating_add(1);
            let rounded = Timestamp::from_second(whole).map_or_else(|_| String::new(), |time| format!(": `{time}`"));
            return Err(format!("{} has a fraction of a second. Write whole seconds{rounded}.", quote(text)));
        }
        if time < Timestamp::UNIX_EPOCH {
            return Err(format!("{} is before 1970. Write {}.", quote(text), Self::RULE));
        }
        Ok(Self(time))
    }

    /// Reads the one form in which an expiry is printed.
    pub fn parse_printed(text: &str) -> Option<Self> {
        Self::parse(text).ok().filter(|expiry| expiry.to_string() == text)
    }

    /// Whether access has ended at this time.
    pub fn has_passed(self, now: Timestamp) -> bool {
        self.0 <= now
    }

    /// Whether access ends later than `limit` from this time on.
    pub fn is_beyond(self, now: Timestamp, limit: SignedDuration) -> bool {
        self.0.duration_since(now) > limit
    }
}

/// What is wrong with a text that is no timestamp, and the timestamp that was probably meant.
fn wrong(text: &str) -> String {
    if let Some(next) =
        text.parse().ok().and_then(|day: jiff::civil::Date| day.tomorrow().ok()).filter(|_| text.len() == 10)
    {
        return format!(
            "{} is a date without a time, which leaves open when on that day access ends. Write {}; `{next}T00:00:00Z` is the \
             end of that day in UTC.",
            quote(text),
            Expiry::RULE
        );
    }
    if rfc3339::parse(&format!("{text}Z")).is_some() {
        return format!(
            "{} has no time zone. Add `Z` for UTC (`{text}Z`), or an offset such as `+01:00`.",
            quote(text)
        );
    }
    format!("{} is not a timestamp. Write {}.", quote(text), Expiry::RULE)
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Expiry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Expiry {
    fn schema_name() -> Cow<'static, str> {
        "Expiry".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "An RFC 3339 timestamp with a time zone, in whole seconds: `2027-01-31T00:00:00Z`.",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.0+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_is_printed_alike() {
        for text in [
            "2027-01-31T00:00:00Z",
            "2027-01-31t00:00:00z",
            "2027-01-31T00:00:00.000Z",
            "2027-01-31T01:00:00+01:00",
            "2027-01-30T19:00:00-05:00",
        ] {
            assert_eq!(Expiry::parse(text).map(|expiry| expiry.to_string()), Ok("2027-01-31T00:00:00Z".to_owned()));
        }
        assert!(Expiry::parse_printed("2027-01-31T00:00:00Z").is_some());
        assert_eq!(Expiry::parse_printed("2027-01-31T01:00:00+01:00"), None);
    }

    #[test]
    fn access_ends_at_the_moment_itself() {
        let expiry = Expiry::parse("2027-01-31T00:00:00Z").expect("a timestamp");
        let second = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        assert!(!expiry.has_passed(second("2027-01-30T23:59:59Z")));
        assert!(expiry.has_passed(second("2027-01-31T00:00:00Z")));
        let day = SignedDuration::from_hours(24);
        assert!(expiry.is_beyond(second("2027-01-29T23:59:59Z"), day));
        assert!(!expiry.is_beyond(second("2027-01-30T00:00:00Z"), day));
    }

    #[test]
    fn a_wrong_timestamp_is_explained() {
        let reasons = [
            "2027-01-31",
            "2027-01-31T00:00:00",
            "2027-01-31T00:00:00.5Z",
            "2027-02-30T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00+01:00",
            "tomorrow",
            "",
        ]
        .map(|text| Expiry::parse(text).expect_err(text));
        insta::assert_snapshot!(reasons.join("\n"));
    }
}
