//! Any bytes as MessagePack of any type: an error, or a value that both codecs write and read again.
#![no_main]

mod typed;

use anu::sdk::{decode, encode, from_json, to_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (ty, bytes) = typed::split(data);
    let Ok(value) = decode(bytes, &ty) else { return };
    assert_eq!(decode(&encode(&value, &ty), &ty), Ok(value.clone()));
    if value.is_wholly_known() {
        assert_eq!(from_json(&to_json(&value), &ty), Ok(value));
    }
});
