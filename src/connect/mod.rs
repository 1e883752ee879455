//! Connections to other machines: the parts that registry sources and platforms share.
//!
//! A leaf: it sees no other room. No other room builds an HTTP or Kubernetes client or reads Google's credentials
//! (`tests/architecture` checks it), so that what is decided here is true of every request: secrets are not printed, a
//! cancelled run ends, each request has its line in the log.
//!
//! | file | what |
//! |---|---|
//! | `context` | cancellation of the run, carried through every call that waits for something |
//! | `secret` | a text that cannot be printed |
//! | `environment` | environment variables, or those of a test |
//! | `retry` | when to make a request again, and after how long |
//! | `error_chain` | an error and its causes in one line |
//! | `address` | addresses as users may see them |
//! | `encoding` | how a document is compressed, by its name |
//! | `request_log`, `keys` | the log line of each request, and the names of its fields |
//! | `header` | a header whose value is a secret |
//! | `http` | documents on the web |
//! | `proxy` | which proxy a connection takes |
//! | [`google`] | Google's APIs: credentials, clients, requests |
//! | [`objects`] | objects in buckets |
//! | [`kubernetes`] | a client for a cluster, which logs in again |

mod address;
mod context;
mod encoding;
mod environment;
mod error_chain;
pub mod google;
mod header;
mod http;
mod keys;
pub mod kubernetes;
pub mod objects;
mod proxy;
mod request_log;
mod retry;
mod secret;

pub use address::{is_loopback, without_secrets};
pub use context::{Cancelled, RequestContext};
pub use encoding::{Encoding, document_name};
pub use environment::Environment;
pub use error_chain::{error_chain, find_cause, root_cause};
pub use header::{Header, HeaderError};
pub use http::{CertificateProblem, HttpClient, HttpError, HttpRequest, HttpResponse, MAX_REDIRECTS, Transfer};
pub use proxy::ProxyError;
pub use retry::{AttemptError, RetryError, RetryPolicy, retry_after};
pub use secret::Secret;
