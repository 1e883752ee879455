//! Registries in buckets.
//!
//! | file | what |
//! |---|---|
//! | `address` | what the forms of all stores have in common |
//! | `gs` | `gs://BUCKET/OBJECT[#GENERATION]` |
//! | `failure` | what can go wrong, with the next step |
//! | `read` | reading an object |

mod address;
mod failure;
mod gs;
mod read;

pub use address::FormError;
pub(super) use address::{parse, remote_name, shown, signature};
pub use failure::ObjectFailure;
pub(super) use read::{Objects, Request};
