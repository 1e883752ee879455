//! Any JSON as a value of any type: an error, or a value that both codecs write and read again.
#![no_main]

mod typed;

use anu::sdk::{decode, encode, from_json, to_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (ty, text) = typed::split(data);
    let Ok(json) = serde_json::from_slice(text) else { return };
    let Ok(value) = from_json(&json, &ty) else { return };
    let written = to_json(&value).to_string();
    let read = serde_json::from_str(&written).expect("what was written is JSON");
    assert_eq!(from_json(&read, &ty), Ok(value.clone()), "{written}");
    assert_eq!(decode(&encode(&value, &ty), &ty), Ok(value), "{written}");
});
