//! Kubernetes quantities as an API server keeps them: what it parses, rounds and caps, and the text that it returns. Rules:
//! apimachinery `resource.Quantity`, and the API server's default for resource lists (rounded up to thousandths).

use bigdecimal::num_bigint::{BigInt, Sign};

/// Longer texts are not parsed: a number of a million digits takes seconds.
const LONGEST: usize = 256;

/// The limit for exponents. An API server writes out all digits of a number to compare it: `1e2000000000` makes it stop responding.
const LARGEST_EXPONENT: i32 = 99;

const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Why a text is no quantity.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Form,
    Exponent,
}

/// A quantity, rounded and capped as an API server does.
#[derive(Debug)]
pub(super) struct Quantity<'t> {
    amount: Amount,
    notation: Notation,
    /// The text as it was written, where the API server takes it for canonical and keeps it.
    written: Option<&'t str>,
}

/// The notation in which an API server returns a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Decimal,
    Exponent,
    Binary,
}

/// The API server calculates small numbers in 64 bits, and what fits differs between the two.
#[derive(Debug)]
enum Amount {
    /// `value` times ten to the power of `exponent`, which is -3 or more.
    Small { value: i64, exponent: i32 },
    /// In thousandths.
    Large { milli: BigInt },
}

/// A text in parts: no part is checked against the others yet.
struct Parts<'t> {
    negative: bool,
    integer: &'t str,
    fraction: &'t str,
    suffix: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let number = !(fraction.contains('.') || integer.is_empty() && fraction.is_empty());
        number.then_some(Self { negative, integer, fraction, suffix })
    }

    /// The notation, and the exponent of ten or the power of two.
    fn scale(&self) -> Result<(Notation, i32), Fault> {
        if let Some((_, exponent)) = DECIMAL.iter().find(|(suffix, _)| *suffix == self.suffix) {
            return Ok((Notation::Decimal, *exponent));
        }
        if let Some(kibi) = BINARY.iter().position(|suffix| *suffix == self.suffix) {
            return Ok((Notation::Binary, 10 * kibi as i32));
        }
        let digits = self.suffix.strip_prefix(['e', 'E']).ok_or(Fault::Form)?;
        let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Fault::Form);
        }
        let exponent = digits.parse::<i32>().ok().filter(|exponent| exponent.abs() <= LARGEST_EXPONENT);
        Ok((Notation::Exponent, exponent.ok_or(Fault::Exponent)?))
    }

    fn large(&self, notation: Notation, exponent: i32) -> Option<Quantity<'t>> {
        let digits: BigInt = [self.integer, self.fraction].concat().parse().ok()?;
        let (digits, exponent) = match notation {
            Notation::Binary => (digits << exponent, 0),
            _ => (digits, exponent),
        };
        // Rounded twice as there: to billionths, and to thousandths.
        let nano = rounded_up(digits, exponent - self.fraction.len() as i32 + 9);
        let most = BigInt::from(i64::MAX) * BigInt::from(1_000_000_000);
        let one = BigInt::from(1_000_000_000);
        let small = notation == Notation::Binary && nano.sign() != Sign::NoSign && nano < one;
        let nano = if notation == Notation::Binary && nano > most { most } else { nano };
        let milli = rounded_up(nano, -6);
        let milli = if self.negative { -milli } else { milli };
        let notation = if small { Notation::Decimal } else { notation };
        Some(Quantity { amount: Amount::Large { milli }, notation, written: None })
    }
}

impl<'t> Quantity<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, Fault> {
        let parts = Parts::of(text).ok_or(Fault::Form)?;
        let (notation, exponent) = parts.scale()?;
        match Self::small(text, &parts, notation, exponent) {
            Some(quantity) => Ok(quantity),
            None => parts.large(notation, exponent).ok_or(Fault::Form),
        }
    }

    /// The quantity, if an API server calculates it in 64 bits.
    fn small(text: &'t str, parts: &Parts<'t>, notation: Notation, exponent: i32) -> Option<Self> {
        let integer = parts.integer.trim_start_matches('0');
        let integer = if integer.is_empty() { "0" } else { integer };
        let (room, factor, exponent) = match notation {
            Notation::Binary if parts.fraction.is_empty() => {
                (14 - exponent * 3 / 10, 1_i64.checked_shl(exponent.unsigned_abs())?, 0)
            }
            Notation::Binary => return None,
            _ => (18, 1, exponent),
        };
        let digits = [integer, parts.fraction].concat();
        let exponent = exponent - parts.fraction.len() as i32;
        if digits.len() as i32 > room || exponent < -9 {
            return None;
        }
        let number: i64 = digits.parse().ok()?;
        let value = number.checked_mul(factor)?;
        let value = if parts.negative { -value } else { value };
        let canonical = match notation {
            Notation::Binary => number % 8 != 0,
            _ => exponent % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0'),
        };
        let mut written = (canonical || text == "0").then_some(text);
        let (mut value, mut exponent) = (value, exponent);
        if exponent < -3 {
            written = None;
            let power = 10_i64.pow((-3 - exponent).unsigned_abs());
            let up = if value % power == 0 { 0 } else { value.signum() };
            (value, exponent) = (value / power + up, -3);
        }
        Some(Self { amount: Amount::Small { value, exponent }, notation, written })
    }

    /// The value in thousandths.
    pub(super) fn milli(&self) -> BigInt {
        match &self.amount {
            Amount::Small { value, exponent } => {
                BigInt::from(*value) * BigInt::from(10).pow((exponent + 3).unsigned_abs())
            }
            Amount::Large { milli } => milli.clone(),
        }
    }

    pub(super) fn is_negative(&self) -> bool {
        self.milli().sign() == Sign::Minus
    }

    /// Whether the value is a whole number.
    pub(super) fn is_whole(&self) -> bool {
        self.milli() % 1000 == BigInt::ZERO
    }

    /// Whether an API server takes the value for a whole number: it calculates in thousandths of 64 bits, without a check whether
    /// the number has room in them.
    pub(super) fn passes_for_whole(&self) -> bool {
        let milli = match &self.amount {
            Amount::Small { value, exponent } => match exponent + 3 {
                places @ (0..=3 | 6 | 9) => value.wrapping_mul(10_i64.pow(places.unsigned_abs())),
                places => (0..places).try_fold(*value, |value, _| value.checked_mul(10)).unwrap_or_default(),
            },
            Amount::Large { milli } => {
                let low = milli.iter_u64_digits().next().unwrap_or_default().cast_signed();
                if milli.sign() == Sign::Minus { low.wrapping_neg() } else { low }
            }
        };
        milli % 1000 == 0
    }

    /// The text that an API server returns.
    pub(super) fn text(&self) -> String {
        if let Some(written) = self.written {
            return written.to_owned();
        }
        let milli = self.milli();
        if milli.sign() == Sign::NoSign {
            return "0".to_owned();
        }
        let thousand = BigInt::from(1000);
        if self.notation == Notation::Binary && milli.magnitude() >= &(1_024_000_u32.into()) && self.is_whole() {
            let (number, kibi) = without_factor(milli / thousand, &BigInt::from(1024));
            return format!("{number}{}", BINARY.get(kibi as usize).copied().unwrap_or_default());
        }
        let (mut number, tens) = without_factor(milli, &BigInt::from(10));
        let mut exponent = tens - 3;
        while exponent % 3 != 0 {
            number *= 10;
            exponent -= 1;
        }
        match self.notation {
            Notation::Exponent if exponent == 0 => number.to_string(),
            Notation::Exponent => format!("{number}e{exponent}"),
            // Where there is no suffix, an API server writes none: see `keeps`.
            _ => {
                let suffix = DECIMAL.iter().find(|(_, of)| *of == exponent).map_or("", |(suffix, _)| suffix);
                format!("{number}{suffix}")
            }
        }
    }

    /// Whether the text that an API server returns is this quantity. It loses the suffix of `1000E`, and returns `1`.
    pub(super) fn is_kept(&self) -> bool {
        Quantity::parse(&self.text()).is_ok_and(|kept| kept.milli() == self.milli())
    }
}

/// A number that is 0 or more, times ten to the power of `exponent`: rounded up to a whole one.
fn rounded_up(number: BigInt, exponent: i32) -> BigInt {
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    if exponent >= 0 {
        return number * power;
    }
    (number + &power - 1) / power
}

/// The number without any factor of this kind, and how many there were.
fn without_factor(mut number: BigInt, factor: &BigInt) -> (BigInt, i32) {
    let mut count = 0;
    while number.sign() != Sign::NoSign && &number % factor == BigInt::ZERO {
        number /= factor;
        count += 1;
    }
    (number, count)
}

/// Whether an API server keeps two texts as the same quantity.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b
        || match (Quantity::parse(a), Quantity::parse(b)) {
            (Ok(a), Ok(b)) => a.milli() == b.milli(),
            _ => false,
        }
}

/// The text that an API server returns for a quantity; the same text for what is none.
pub(crate) fn kept(text: &str) -> String {
    Quantity::parse(text).map_or_else(|_| text.to_owned(), |quantity| quantity.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_parsed_as_kubernetes_does() {
        for good in [
            "0", "1", "32", "1.5", ".5", "5.", "100m", "32Gi", "1Ki", "2E", "1e3", "1E3", "1e-3", "12e+6", "+1", "1u",
            "1n", "1.5Gi", "0.1", "007", "1e99", "1e-99",
        ] {
            assert!(Quantity::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", ".", "Gi", "1GB", "1gi", "32 Gi", "1..2", "1.2.3", "1e", "1e+", "1KiB", "one", "1K", "--1", "+",
            "1e3Gi", "1mi", "١", "1_000", "0x10", "1,5",
        ] {
            assert_eq!(Quantity::parse(bad).err(), Some(Fault::Form), "{bad}");
        }
        for too_large in ["1e100", "1e-100", "1e2000000000", "1e99999999999999999999"] {
            assert_eq!(Quantity::parse(too_large).err(), Some(Fault::Exponent), "{too_large}");
        }
        assert_eq!(Quantity::parse(&"9".repeat(257)).err(), Some(Fault::Form), "not parsed");
    }

    /// Each text was returned by a real API server: `tests/kubernetes/quotas.rs` compares many more.
    #[test]
    fn quantities_are_kept_as_an_api_server_does() {
        for (written, text) in [
            ("1024Mi", "1Gi"),
            ("1025Mi", "1025Mi"),
            ("0.5", "500m"),
            ("0.035714286", "36m"),
            ("0.1n", "1m"),
            ("-0", "0"),
            ("0Gi", "0"),
            ("2e1", "20"),
            ("1e4", "10e3"),
            ("1e3", "1e3"),
            ("1.5Gi", "1536Mi"),
            ("33.3333Gi", "35791358341940m"),
            ("8Ei", "9223372036854775807"),
            ("16Ei", "9223372036854775807"),
            ("7Ei", "7Ei"),
            ("0.5Ki", "512"),
            ("1000", "1k"),
            ("007", "007"),
            ("123456789123456789123", "123456789123456789123"),
        ] {
            assert_eq!(kept(written), text, "{written}");
            assert!(same(written, text) && Quantity::parse(written).unwrap().is_kept(), "{written}");
        }
        assert!(!Quantity::parse("1000E").unwrap().is_kept());
        assert_eq!(kept("no quantity"), "no quantity");
    }

    #[test]
    fn different_spellings_of_one_quantity_are_equal() {
        for (a, b) in [
            ("1Gi", "1024Mi"),
            ("1", "1000m"),
            ("0.5", "500m"),
            ("20", "2e1"),
            ("1.5Gi", "1536Mi"),
            ("1k", "1000"),
            ("0", "0Gi"),
            ("-0", "0"),
            ("007", "7"),
            ("1e3", "1E3"),
            ("100", "1e2"),
            ("1E", "1e18"),
            ("0.0001", "1m"),
            ("8Ei", "9Ei"),
        ] {
            assert!(same(a, b) && same(b, a), "{a} is {b}");
        }
        for (a, b) in [("1G", "1Gi"), ("1", "1m"), ("1", "-1"), ("1e99", "1"), ("1", "one"), ("10", "1")] {
            assert!(!same(a, b) && !same(b, a), "{a} is not {b}");
        }
    }

    #[test]
    fn every_text_that_is_kept_is_its_own_canonical_form() {
        let numbers = ["0", "1", "3", "7", "8", "12", "999", "1000", "1023", "1024", "1025", "4096", "123456789"];
        let fractions = ["", ".", ".0", ".5", ".25", ".001", ".0001", ".999999999", ".1234567891"];
        let suffixes = DECIMAL.iter().map(|(suffix, _)| *suffix).chain(BINARY).chain(["e0", "e1", "e-4", "E12"]);
        for suffix in suffixes {
            for (number, fraction) in numbers.iter().flat_map(|number| fractions.map(|fraction| (number, fraction))) {
                let written = format!("{number}{fraction}{suffix}");
                let quantity = Quantity::parse(&written).unwrap();
                if quantity.is_kept() {
                    let text = quantity.text();
                    assert_eq!(kept(&text), text, "{written}");
                    assert!(same(&written, &text), "{written} is {text}");
                }
            }
        }
    }
}
