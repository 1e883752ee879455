//! Registries in buckets.
//!
//! | file | what |
//! |---|---|
//! | `form` | what the forms of all stores have in common |
//! | `address` | the forms, whichever store they name |
//! | `gs` | `gs://BUCKET/OBJECT[#GENERATION]` |
//! | `failure` | what can go wrong, with the next step |
//! | `read` | reading an object |

mod address;
mod failure;
mod form;
mod gs;
mod read;

pub(super) use address::{parse, remote_name, shown, signature};
pub use failure::ObjectFailure;
pub use form::FormError;
pub(super) use read::{Objects, Request};
