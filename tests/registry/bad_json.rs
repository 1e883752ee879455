//! Documents that are not a registry: invalid JSON, invalid text, or too large.

use std::time::{Duration, Instant};

use crate::{report, report_bytes};

#[test]
fn empty() {
    insta::assert_snapshot!(report(""), @r#"
    error: Registry is not valid JSON
      The document is empty (line 1, column 1). A registry is a JSON object: `{"services": [ … ]}`.
      anu:not-json
    "#);
    insta::assert_snapshot!(report(" \n "), @r#"
    error: Registry is not valid JSON
      The document is empty (line 1, column 1). A registry is a JSON object: `{"services": [ … ]}`.
      anu:not-json
    "#);
}

#[test]
fn a_truncated_document() {
    insta::assert_snapshot!(report("{\"services\": [\n  {\"type\": \"Serv"), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 2, column 16, after 31 bytes. It is truncated: write or fetch it again.
      anu:not-json
    ");
}

#[test]
fn a_trailing_comma() {
    insta::assert_snapshot!(report("{\n  \"services\": [],\n}"), @"
    error: Registry is not valid JSON
      At line 3, column 1: trailing comma. Correct the program or template that writes the registry.
      anu:not-json
    ");
}

#[test]
fn jsonnet_instead_of_json() {
    insta::assert_snapshot!(report("local team = 'x';\n{ services: [] }"), @"
    error: Registry is not valid JSON
      The document starts with `local` at line 1, column 1, not with `{`. It looks like Jsonnet: give it a name that ends in `.jsonnet`, or compile it first (`anu registry compile`).
      anu:not-json
    ");
}

#[test]
fn trailing_text() {
    insta::assert_snapshot!(report("{\"services\": []}\n{}"), @"
    error: Registry is not valid JSON
      At line 2, column 1: the JSON document has ended, and more text follows. A registry is one JSON object: remove the text after it.
      anu:not-json
    ");
}

#[test]
fn a_byte_order_mark() {
    insta::assert_snapshot!(report_bytes(b"\xEF\xBB\xBF{\"services\": []}"), @"
    error: Registry is not UTF-8 text
      The document starts with a byte order mark (EF BB BF) at line 1, column 1. A registry is UTF-8 text without a byte order mark. Save it in that encoding, for example with `jsonnet -o registry.json`.
      anu:not-utf8
    ");
}

#[test]
fn utf_16() {
    let bytes: Vec<u8> = "{\"services\": []}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(report_bytes(&bytes), @"
    error: Registry is not UTF-8 text
      The document starts with UTF-16 (little endian) at line 1, column 1. A registry is UTF-8 text without a byte order mark. Save it in that encoding, for example with `jsonnet -o registry.json`.
      anu:not-utf8
    ");
    let bytes: Vec<u8> = "\u{FEFF}{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    insta::assert_snapshot!(report_bytes(&bytes), @"
    error: Registry is not UTF-8 text
      The document starts with UTF-16 (big endian) at line 1, column 1. A registry is UTF-8 text without a byte order mark. Save it in that encoding, for example with `jsonnet -o registry.json`.
      anu:not-utf8
    ");
}

#[test]
fn latin_1() {
    insta::assert_snapshot!(report_bytes(b"{\n  \"name\": \"caf\xE9\"}"), @"
    error: Registry is not UTF-8 text
      The byte E9 at line 2, column 15 is not valid UTF-8. A registry is UTF-8 text: save it in that encoding.
      anu:not-utf8
    ");
}

#[test]
fn an_incomplete_utf8_sequence() {
    insta::assert_snapshot!(report(r#"{"services": [], "x": "\ud800"}"#), @"
    error: Registry is not valid JSON
      At line 1, column 30: unexpected end of hex escape. Correct the program or template that writes the registry.
      anu:not-json
    ");
}

#[test]
fn duplicate_keys() {
    let document = r#"{
  "services": [
    {"type": "Service", "spec": {"name": "ledger", "team": "a", "team": "b", "environments": []}}
  ],
  "services": []
}"#;
    insta::assert_snapshot!(report(document), @"
    error: Duplicate key
      at `/services`
      `services` is a duplicate in the same object at line 5, column 4. JSON parsers use either the first or the last value, so the meaning is ambiguous. Remove one of them.
      anu:duplicate-key
    error: Duplicate key
      at `/services/0/spec/team`
      `team` is a duplicate in the same object at line 3, column 66. JSON parsers use either the first or the last value, so the meaning is ambiguous. Remove one of them.
      anu:duplicate-key
    ");
}

/// Not a benchmark: quadratic time would take minutes, and the limit is seconds.
#[test]
fn a_key_that_is_there_a_hundred_thousand_times_takes_linear_time() {
    let document = format!("{{{}\"services\": []}}", "\"x\": 1, ".repeat(100_000));
    let start = std::time::Instant::now();
    assert!(report(&document).contains("`x` is a duplicate in the same object"));
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_wrong_document_type() {
    insta::assert_snapshot!(report("[]"), @"
    error: Wrong JSON type
      The document is an array. It must be an object.
      anu:wrong-type
    ");
    insta::assert_snapshot!(report("null"), @"
    error: Wrong JSON type
      The document is null. It must be an object.
      anu:wrong-type
    ");
}

#[test]
fn deep_nesting_ends_at_the_limit() {
    let start = Instant::now();
    let arrays = vec![b'['; 100 * 1024 * 1024];
    insta::assert_snapshot!(report_bytes(&arrays), @"
    error: Registry is not valid JSON
      At line 1, column 65: arrays and objects exceed the limit of 64 nested levels.
      anu:not-json
    ");
    let objects = "{\"a\":".repeat(20 * 1024 * 1024);
    insta::assert_snapshot!(report(&objects), @"
    error: Registry is not valid JSON
      At line 1, column 324: arrays and objects exceed the limit of 64 nested levels.
      anu:not-json
    ");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_document_over_the_size_limit_is_not_parsed() {
    let bytes = vec![b' '; anu::registry::MAX_BYTES + 1];
    insta::assert_snapshot!(report_bytes(&bytes), @"
    error: Registry is too large
      The document has 268435457 bytes. The limit is 268435456. Split the registry, or remove data that does not describe services.
      anu:too-large
    ");
}

#[test]
fn a_document_over_the_value_limit_is_refused() {
    let text = format!("[{}0]", "0,".repeat(anu::registry::MAX_VALUES));
    insta::assert_snapshot!(report(&text), @"
    error: Registry is too large
      At line 1, column 16000000: the document exceeds the limit of 8,000,000 values.
      anu:too-large
    ");
}

#[test]
fn serde_jsons_internal_keys_are_ordinary_keys() {
    for key in ["$serde_json::private::Number", "$serde_json::private::RawValue", r"\u0024serde_json::private::Number"]
    {
        let document =
            format!(r#"{{"services": [{{"type": "Service", "spec": {{"name": "a", "team": {{"{key}": "1"}}}}}}]}}"#);
        assert!(report(&document).contains("`team` is an object. It must be a string"), "{}", report(&document));
    }
}

#[test]
fn a_number_is_reported_as_written() {
    for number in ["0", "-1", "1.5", "123456789012345678901234567890"] {
        let document = format!(r#"{{"services": [{{"type": "Service", "spec": {{"name": {number}}}}}]}}"#);
        assert!(report(&document).contains(&format!("is a number: `{number}`")), "{}", report(&document));
    }
}
