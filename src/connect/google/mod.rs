//! Google's APIs: credentials, clients, and the one way to make a request.
//!
//! The clients are Google's own. Their retries are switched off: every request goes through [`GoogleApis::call`], which keeps
//! it within the quotas, repeats it, ends it when the run is cancelled, and logs it.
//!
//! | file | what |
//! |---|---|
//! | `settings` | which identity, which addresses, how many requests |
//! | `credentials` | which of Application Default Credentials, impersonation and a given token |
//! | `clients` | one client of each API, built on first use |
//! | `limits` | requests a minute |
//! | `call` | a request with its retries |
//! | `failure` | what Google's error says |
//! | `operation` | long-running operations |
//! | `liens` | the requests that Google's clients do not have |
//! | `token` | an access token for GKE |
//! | `access_tokens` | access tokens for Cloud Storage |

mod access_tokens;
mod call;
mod clients;
mod credentials;
mod failure;
mod given_token;
mod impersonation;
mod liens;
mod limits;
mod operation;
mod settings;
mod token;

pub(super) use self::access_tokens::AccessTokens;
pub use self::call::Call;
pub use self::clients::{Clients, GoogleApis};
pub use self::failure::{CallError, Called, Failure, Kind};
pub use self::liens::Lien;
pub use self::settings::{Api, Endpoints, GoogleAccess, Quotas};
pub(super) use self::token::access_token;
pub use self::token::has_credentials;
