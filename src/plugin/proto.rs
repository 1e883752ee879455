//! What `build.rs` makes of `proto/`. Public so that the tests' client can speak it; everything else goes through
//! [`crate::plugin::serve`].
#![allow(missing_docs, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
