//! The service registry: one document that says which teams, clusters, projects and services there are. Pure.
//!
//! [`load`] is the way in. It goes through four rooms, and comes back with a [`Registry`] and warnings, or with every
//! problem of the document in the document's order:
//!
//! | room | from → to | finds |
//! |---|---|---|
//! | `document` | bytes → trees, one entry at a time | what is no JSON, keys that stand twice |
//! | `read` | trees → [`Registry`] | wrong types, missing fields, bad names, labels, quotas |
//! | `validate` | [`Registry`] | duplicates, references to nothing, sharing that nobody declared |
//! | `canonical` | trees → digest | nothing: it gives one text for one content |

pub mod access;
pub mod builtin;
pub(crate) mod canonical;
pub(crate) mod document;
pub mod entries;
mod envelope;
mod extra;
pub mod labels;
mod load;
pub mod model;
pub mod names;
mod options;
pub mod owner_label;
pub mod permissions;
pub(crate) mod pointer;
pub mod policy;
pub mod problem;
mod quantity;
pub mod query;
pub(crate) mod quote;
pub(crate) mod read;
pub(crate) mod references;
mod schema;
pub(crate) mod suggest;
mod validate;

pub use access::{Access, AccessEntry, AccessLevel};
pub use document::{MAX_BYTES, MAX_DEPTH, MAX_VALUES};
pub use entries::{
    Cluster, Environment, Labels, Metadata, Named, Namespace, Principals, Project, Quota, Requires, Section, Service,
    Target, Team,
};
pub use extra::Extra;
pub(crate) use load::load_partly;
pub use load::{load, load_permissions};
pub use model::{DEFAULT_REGISTRY_NAME, Registry};
pub use options::LoadOptions;
pub use permissions::{GoogleRows, Permissions, Row};
pub use policy::DeletionPolicy;
pub use problem::{Problem, Severity};
pub(crate) use quantity::{check_limit, same as same_quantity};
pub use query::{Selected, Selection, SelectionError};
pub use schema::schema;
