//! What reaching another machine takes: the parts that sources of registries and platforms share, each once.
//!
//! A leaf: it sees no other room.
//!
//! - `context`: whether the run goes on, carried through every call that waits for something

mod context;

pub use context::{Cancelled, RequestContext};
