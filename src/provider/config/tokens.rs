//! How tokens are written. No message shows one.

use crate::sdk::Predicate;

/// The rule of every token that is sent as `Authorization: Bearer …`.
pub(super) const TOKEN: Predicate = Predicate { describe: "a token without spaces and line breaks", check: token };

fn token(text: &str) -> Result<(), String> {
    match text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err("this is not a token, which has no spaces and no line breaks; apply `trimspace(…)` to the content of a file or \
                      the output of a command"
            .to_owned()),
    }
}
