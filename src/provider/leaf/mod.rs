//! What the resources have in common that manage one object by itself, without an entry in the registry: `anu_namespace`,
//! `anu_project`, `anu_project_iam`. Their lifecycle is that of all resources ([`lifecycle`](super::lifecycle)).
//!
//! - [`values`]: maps and lists as users write them; [`arguments`]: the rules of names, labels and lists;
//! - [`desired`]: what the registry and the provider block forbid of every such object;
//! - [`owned`]: states of objects with an ownership label;
//! - [`messages`]: what users read.

pub mod arguments;
pub mod desired;
pub mod messages;
pub mod owned;
pub mod values;
