//! The code that `build.rs` generates from `proto/`. Public for the tests' client; other code uses
//! [`crate::plugin::serve`].
#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated, with the documentation that its proto files have"
)]

include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
