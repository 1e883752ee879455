//! Any text as a program in Jsonnet: an error that can be printed, or JSON. A program may loop or grow for ever, which only the limits
//! of a child process end: run it with `-fork=1 -ignore_timeouts=1 -ignore_ooms=1`.
#![no_main]

use anu::compile::{Request, evaluate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request = Request { max_stack: 100, ..Request::of_text("registry.jsonnet", text) };
    match evaluate(&request) {
        Ok(compiled) => {
            let _: serde_json::Value = serde_json::from_str(&compiled.json).expect("what was compiled is JSON");
        }
        Err(error) => {
            let printed = error.to_string();
            assert!(!printed.is_empty());
            assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
        }
    }
});
