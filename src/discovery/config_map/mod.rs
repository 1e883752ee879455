//! Registries in ConfigMaps.
//!
//! | file | what |
//! |---|---|
//! | `address` | `configmap://[CONTEXT/]NAMESPACE/NAME[/KEY]` |
//! | `failure` | what can go wrong, with the next step |
//! | `read` | reading a key |
//! | `write` | writing a key, with a precondition |

mod address;
mod failure;
mod read;
mod write;

pub use address::{ConfigMapAddress, ConfigMapFormError};
pub use failure::ConfigMapFailure;
pub(super) use read::{ConfigMaps, Request};
pub(super) use write::write;
