//! Loading a registry, once for the provider and the command line: read it, compile it, check it, fan it out.
//!
//! [`load`] does it; [`Loader`] does it at most once for a process. What comes back is typed: a [`LoadedRegistry`] with
//! [`Warning`]s, or a [`LoadError`]. Each surface makes its own text of them: the provider diagnostics, the command line lines.
//!
//! - `request`: which registry, and how
//! - `load`: the steps, and where they run
//! - `document`: the JSON document, of what was read or given
//! - `origin`: what people wrote, where problems are located
//! - `trust`: whether it is the registry that its signature names, and new enough
//! - `loader`: once for a process, and what a cancelled call leaves behind
//! - `loaded`: the registry, as it was read
//! - `error`: the ways to fail

mod document;
mod error;
mod load;
mod loaded;
mod loader;
mod origin;
mod request;
#[cfg(test)]
mod tests;
mod trust;

pub use document::{Document, GivenText, read, read_given};
pub use error::LoadError;
pub use load::{check, check_trust, load};
pub use loaded::{LoadedRegistry, Warning};
pub use loader::Loader;
pub use request::LoadRequest;
pub use trust::{parse_age, parse_age_or_zero};
