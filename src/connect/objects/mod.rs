//! Objects in buckets: one client for each store, with the rules of this room.
//!
//! The protocols (addresses, signatures, preconditions) are `object_store`'s. Its connections, retries and readers of
//! environment variables are not used: every request goes through `service`, which logs it, keeps what the store answered,
//! and refuses connections that are not encrypted; repeating and ending requests is the business of the caller.
//!
//! | file | what |
//! |---|---|
//! | `address` | a bucket and an object in it |
//! | `client` | reading, and writing with a precondition |
//! | `service` | the HTTP requests of `object_store` |
//! | `endpoint` | the address of a server that is not the cloud's own |
//! | `error` | what went wrong, as callers decide on it |
//! | `settings` | which environment, which timeouts |
//! | `gs` | Google Cloud Storage |
//! | `s3` | Amazon S3 and servers of its kind |
//! | `az` | Azure Blob Storage |

mod address;
mod az;
mod client;
mod endpoint;
mod error;
mod gs;
mod s3;
mod service;
mod settings;

pub use address::{Bucket, ObjectAddress};
pub use az::is_account;
pub use client::{ObjectBody, ObjectClient, Read};
pub use endpoint::{EndpointError, endpoint};
pub use error::{ObjectError, StoreAnswer, TokenProblem};
pub use s3::is_region;
pub use settings::{ObjectSettings, ObjectVersion, Purpose, Write};
