//! Terraform's numbers, exact.
//!
//! HCL numbers have 512 bits. On the wire they are an integer, a float or decimal text. A provider that converts them to
//! `f64` returns a different number, which core reports as a bug. So the received form is stored and returned, and numbers
//! are equal if their decimal values are.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;

/// A number of any size and precision.
#[derive(Debug, Clone)]
pub struct Number(Repr);

#[derive(Debug, Clone)]
enum Repr {
    Int(i64),
    UInt(u64),
    Float(f64),
    /// Decimal text too large or too precise for the others.
    Text(Box<str>),
}

/// The form of a number on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wire<'a> {
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(&'a str),
}

impl Number {
    pub(super) fn wire(&self) -> Wire<'_> {
        match &self.0 {
            Repr::Int(n) => Wire::Int(*n),
            Repr::UInt(n) => Wire::UInt(*n),
            Repr::Float(n) => Wire::Float(*n),
            Repr::Text(text) => Wire::Text(text),
        }
    }

    /// The number as `i64`, if it is exactly one.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(n) => Some(*n),
            Repr::UInt(n) => i64::try_from(*n).ok(),
            _ => self.decimal().and_then(|d| i64::from_str(&plain_integer(&d)?).ok()),
        }
    }

    /// The number as `u64`, if it is exactly one.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::UInt(n) => Some(*n),
            _ => self.as_i64().and_then(|n| u64::try_from(n).ok()),
        }
    }

    fn decimal(&self) -> Option<BigDecimal> {
        match &self.0 {
            Repr::Int(n) => Some((*n).into()),
            Repr::UInt(n) => Some((*n).into()),
            // Shortest round-trip text, as in go-cty's comparison: 0.1 is "0.1" and not its 55 decimal places.
            Repr::Float(n) => BigDecimal::from_str(&n.to_string()).ok(),
            Repr::Text(text) => BigDecimal::from_str(text).ok(),
        }
    }
}

/// An integer's digits without exponent. The exponent is checked first: a number such as `1e-999999999` would otherwise be
/// divided by a power of ten with a billion digits. An integer that long is no `i64`.
fn plain_integer(decimal: &BigDecimal) -> Option<String> {
    let (_, scale) = decimal.as_bigint_and_exponent();
    (scale.abs() < 64 && decimal.is_integer()).then(|| decimal.with_scale(0).to_string())
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::UInt(a), Repr::UInt(b)) => a == b,
            (Repr::Text(a), Repr::Text(b)) if a == b => true,
            (Repr::Float(a), Repr::Float(b)) if a == b => true,
            _ => match (self.decimal(), other.decimal()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self(Repr::UInt(value)), Self::from)
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(Repr::Float(value))
    }
}

impl FromStr for Number {
    type Err = ();
    /// Decimal text, with or without exponent, in a spelling that JSON has too: it goes into state files as it came.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(n) = text.parse::<i64>() {
            return Ok(n.into());
        }
        if let Ok(n) = text.parse::<u64>() {
            return Ok(n.into());
        }
        let json = text.trim() == text && serde_json::from_str::<serde_json::Number>(text).is_ok();
        if json && BigDecimal::from_str(text).is_ok() { Ok(Self(Repr::Text(text.into()))) } else { Err(()) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(n) => n.fmt(f),
            Repr::UInt(n) => n.fmt(f),
            Repr::Float(n) => n.fmt(f),
            Repr::Text(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn equality_is_that_of_decimal_values() {
        assert_eq!(number("0.1"), Number::from(0.1));
        assert_eq!(number("1e2"), Number::from(100_i64));
        assert_eq!(number("18446744073709551615"), Number::from(u64::MAX));
        assert_ne!(number("12345678901234567890123"), number("12345678901234567890124"));
        assert_ne!(number("0.1"), number("0.10000000000000000001"));
    }

    #[test]
    fn text_is_returned_unchanged() {
        for text in ["12345678901234567890123", "1e400", "0.1", "-0.000000000000000000001"] {
            assert_eq!(number(text).to_string(), text);
        }
    }

    #[test]
    fn conversions_are_exact_or_none() {
        assert_eq!(number("1e3").as_i64(), Some(1000));
        assert_eq!(number("1.5").as_i64(), None);
        assert_eq!(number("1e400").as_i64(), None);
        assert_eq!(number("1e999999999").as_i64(), None);
        assert_eq!(number("1e-999999999").as_i64(), None);
        assert_eq!(number("-1").as_u64(), None);
    }

    #[test]
    fn a_spelling_that_state_files_do_not_have_is_refused() {
        for text in ["x", "", ".5", "5.", "+1.5", "1_000.5", " 1.5", "NaN", "inf", "0x1p3", "1e99999999999999999999"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }
}
