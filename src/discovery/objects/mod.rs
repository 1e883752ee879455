//! Registries in buckets.
//!
//! | file | what |
//! |---|---|
//! | `form` | what the forms of all stores have in common |
//! | `address` | the forms, whichever store they name |
//! | `query` | addresses with parameters |
//! | `gs` | `gs://BUCKET/OBJECT[#GENERATION]` |
//! | `s3` | `s3://BUCKET/KEY[?region=&endpoint=&versionId=]` |
//! | `az` | `az://CONTAINER/BLOB[?account=&endpoint=&versionId=]` |
//! | `failure` | what can go wrong, with the next step |
//! | `clients` | the client of each bucket, and what its errors mean |
//! | `read`, `write` | reading an object, and writing one with a precondition |

mod address;
mod az;
mod clients;
mod failure;
mod form;
mod gs;
mod query;
mod read;
mod s3;
mod write;

pub(super) use address::{parse, remote_name, shown, signature};
pub(super) use clients::{Objects, Target};
pub use failure::ObjectFailure;
pub use form::FormError;
pub(super) use write::Written;
