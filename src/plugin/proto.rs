//! What `build.rs` makes of `proto/`. Public so that the tests' client can speak it; everything else goes through
//! [`crate::plugin::serve`].
#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated, with the documentation that its proto files have"
)]

include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
