//! What is no registry at all: no JSON, no text, or built to hurt.

use std::time::{Duration, Instant};

use crate::{told, told_bytes};

#[test]
fn empty() {
    insta::assert_snapshot!(told(""), @r#"
    error: Registry is not valid JSON
      The document is empty (line 1, column 1). A registry is a JSON object: `{"services": [ … ]}`.
    "#);
    insta::assert_snapshot!(told(" \n "), @r#"
    error: Registry is not valid JSON
      The document is empty (line 1, column 1). A registry is a JSON object: `{"services": [ … ]}`.
    "#);
}

#[test]
fn cut_short() {
    insta::assert_snapshot!(told("{\"services\": [\n  {\"type\": \"Serv"), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 2, column 16, after 31 bytes. It was cut short: write or fetch it again.
    ");
}

#[test]
fn a_comma_too_many() {
    insta::assert_snapshot!(told("{\n  \"services\": [],\n}"), @"
    error: Registry is not valid JSON
      At line 3, column 1: trailing comma. Registries are compiled, so look for the mistake where the JSON is made.
    ");
}

#[test]
fn jsonnet_instead_of_json() {
    insta::assert_snapshot!(told("local team = 'x';\n{ services: [] }"), @"
    error: Registry is not valid JSON
      At line 1, column 1 stands `local`, where a registry starts with `{`. A registry is JSON: compile Jsonnet first, and make sure that no page or message was fetched in its place.
    ");
}

#[test]
fn trailing_text() {
    insta::assert_snapshot!(told("{\"services\": []}\n{}"), @"
    error: Registry is not valid JSON
      At line 2, column 1 the document ends before this, and more text follows. A registry is one JSON object and nothing after it: remove what follows.
    ");
}

#[test]
fn a_byte_order_mark() {
    insta::assert_snapshot!(told_bytes(b"\xEF\xBB\xBF{\"services\": []}"), @"
    error: Registry is not UTF-8 text
      The document starts with a byte order mark (EF BB BF) at line 1, column 1. A registry is UTF-8 without a byte order mark: save it so, or write it with a tool that does, such as `jsonnet -o registry.json`.
    ");
}

#[test]
fn utf_16() {
    let bytes: Vec<u8> = "{\"services\": []}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(told_bytes(&bytes), @"
    error: Registry is not UTF-8 text
      The document starts with UTF-16 (little endian) at line 1, column 1. A registry is UTF-8 without a byte order mark: save it so, or write it with a tool that does, such as `jsonnet -o registry.json`.
    ");
    let bytes: Vec<u8> = "\u{FEFF}{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    insta::assert_snapshot!(told_bytes(&bytes), @"
    error: Registry is not UTF-8 text
      The document starts with UTF-16 (big endian) at line 1, column 1. A registry is UTF-8 without a byte order mark: save it so, or write it with a tool that does, such as `jsonnet -o registry.json`.
    ");
}

#[test]
fn latin_1() {
    insta::assert_snapshot!(told_bytes(b"{\n  \"name\": \"caf\xE9\"}"), @"
    error: Registry is not UTF-8 text
      At line 2, column 15 stands the byte E9, which is not UTF-8. A registry is UTF-8 text: save it so.
    ");
}

#[test]
fn half_a_character() {
    insta::assert_snapshot!(told(r#"{"services": [], "x": "\ud800"}"#), @"
    error: Registry is not valid JSON
      At line 1, column 30: unexpected end of hex escape. Registries are compiled, so look for the mistake where the JSON is made.
    ");
}

#[test]
fn keys_that_stand_twice() {
    let document = r#"{
  "services": [
    {"type": "Service", "spec": {"name": "ledger", "team": "a", "team": "b", "environments": []}}
  ],
  "services": []
}"#;
    insta::assert_snapshot!(told(document), @"
    error: Duplicate key
      at `/services`
      `services` stands a second time in the same object at line 5, column 4. JSON readers keep either one or the other, so what this means depends on who reads it: remove one of them.
    error: Duplicate key
      at `/services/0/spec/team`
      `team` stands a second time in the same object at line 3, column 66. JSON readers keep either one or the other, so what this means depends on who reads it: remove one of them.
    ");
}

#[test]
fn a_wrong_document_type() {
    insta::assert_snapshot!(told("[]"), @"
    error: Wrong JSON type
      The document has to be an object, and is an array.
    ");
    insta::assert_snapshot!(told("null"), @"
    error: Wrong JSON type
      The document has to be an object, and is null.
    ");
}

#[test]
fn a_hundred_megabytes_of_nesting_end_at_once() {
    let start = Instant::now();
    let arrays = vec![b'['; 100 * 1024 * 1024];
    insta::assert_snapshot!(told_bytes(&arrays), @"
    error: Registry is not valid JSON
      At line 1, column 65 arrays and objects are nested more than 64 deep, which no registry is.
    ");
    let objects = "{\"a\":".repeat(20 * 1024 * 1024);
    insta::assert_snapshot!(told(&objects), @"
    error: Registry is not valid JSON
      At line 1, column 324 arrays and objects are nested more than 64 deep, which no registry is.
    ");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_document_too_large_is_not_even_looked_at() {
    let bytes = vec![b' '; anu::registry::MAX_BYTES + 1];
    insta::assert_snapshot!(told_bytes(&bytes), @"
    error: Registry is too large
      The document has 268435457 bytes, and 268435456 are read at most. Split the registry, or leave out what is not about services.
    ");
}

#[test]
fn millions_of_values_end_when_there_are_too_many() {
    let text = format!("[{}0]", "0,".repeat(anu::registry::MAX_VALUES));
    insta::assert_snapshot!(told(&text), @"
    error: Registry is too large
      At line 1, column 16000000 there are more than 8,000,000 values, and no more are read.
    ");
}

#[test]
fn a_key_of_serde_jsons_own_is_a_key_like_any_other() {
    for key in ["$serde_json::private::Number", "$serde_json::private::RawValue", r"\u0024serde_json::private::Number"]
    {
        let document =
            format!(r#"{{"services": [{{"type": "Service", "spec": {{"name": "a", "team": {{"{key}": "1"}}}}}}]}}"#);
        assert!(told(&document).contains("`team` has to be a string, and is an object"), "{}", told(&document));
    }
}

#[test]
fn numbers_are_numbers() {
    for number in ["0", "-1", "1.5", "123456789012345678901234567890"] {
        let document = format!(r#"{{"services": [{{"type": "Service", "spec": {{"name": {number}}}}}]}}"#);
        assert!(told(&document).contains(&format!("is a number: `{number}`")), "{}", told(&document));
    }
}
