//! RFC 3339 timestamps.

/// An RFC 3339 timestamp. jiff accepts more forms (weeks, time zone names, hours alone) that other programs do not.
pub(super) fn parse(text: &str) -> Option<jiff::Timestamp> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = bytes.len() > shape.len()
        && shape.iter().zip(bytes).all(|(shape, byte)| match shape {
            b'd' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't'),
            other => other == byte,
        });
    if !fits {
        return None;
    }
    let rest = &text[shape.len()..];
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| &fraction[digits..])?
        }
        None => rest,
    };
    let offset = rest.as_bytes();
    let fits = matches!(offset, b"Z" | b"z")
        || (offset.len() == 6
            && matches!(offset[0], b'+' | b'-')
            && offset[3] == b':'
            && [1, 2, 4, 5].iter().all(|position| offset[*position].is_ascii_digit()));
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_rfc_3339_timestamps_are_accepted() {
        for good in ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.123456+01:00", "2026-11-20t10:00:00z"] {
            assert!(parse(good).is_some(), "{good}");
        }
        assert_eq!(parse("2026-11-20T11:00:00+01:00"), parse("2026-11-20T10:00:00Z"));
        for bad in [
            "",
            "now",
            "2026-11-20",
            "2026-11-20T10:00:00",
            "2026-11-20 10:00:00Z",
            "2026-13-20T10:00:00Z",
            "2026-11-20T10:00:00.Z",
            "2026-11-20T10:00Z",
            "2026-11-20T10:00:00+0100",
            "2026-11-20T25:00:00Z",
            "2026-11-20T10:00:00é",
            "2026-11-20T10:00:00Z[UTC]",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
