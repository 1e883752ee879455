//! The service registry: one document that lists teams, clusters, projects, namespaces and services. Pure.
//!
//! [`load`] is the entry point. It runs these stages and returns a [`Registry`] with warnings, or every problem of the
//! document in the document's order:
//!
//! | stage | from → to | finds |
//! |---|---|---|
//! | `document` | bytes → trees, one entry at a time | invalid JSON, duplicate keys |
//! | `read` | trees → [`Registry`] | wrong types, missing fields, invalid names, labels, quotas |
//! | `validate` | [`Registry`] | duplicates, unknown references, undeclared sharing |
//! | `derived` | problems | nothing: it leaves out what follows from another problem |
//! | `canonical` | trees → digest | nothing: it produces one text for one content |

pub mod access;
pub mod builtin;
pub(crate) mod canonical;
mod characters;
mod clock;
mod derived;
pub(crate) mod document;
pub mod entries;
mod envelope;
mod excerpt;
mod expiry;
mod extra;
pub(crate) mod google_roles;
mod kubernetes_role;
pub mod labels;
pub mod link;
mod load;
mod location;
pub mod model;
pub mod names;
pub(crate) mod nfc;
mod options;
pub mod owner_label;
pub mod permissions;
pub(crate) mod pointer;
pub mod policy;
mod pools;
mod principal;
pub mod problem;
mod project_ids;
mod quantity;
pub mod query;
pub mod quota;
pub(crate) mod quote;
pub(crate) mod read;
pub(crate) mod references;
pub(crate) mod remedy;
mod rfc3339;
mod schema;
pub(crate) mod suggest;
mod validate;

pub use access::{Access, AccessEntry, AccessLevel};
pub use clock::clock_warnings;
pub use document::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, positions_of};
pub use entries::{
    BoundRole, Cluster, Environment, Gke, Labels, Metadata, Named, Namespace, Principals, Project, Quota, Requires,
    Section, Service, ServiceAccount, Target, Team,
};
pub use excerpt::{Excerpt, MOST_SHOWN};
pub use expiry::Expiry;
pub use extra::Extra;
pub use link::Links;
pub(crate) use load::load_partly;
pub use load::{load, load_permissions};
pub use location::{Location, Position};
pub use model::Registry;
pub use options::LoadOptions;
pub use permissions::{GoogleRows, Permissions, Row};
pub use policy::DeletionPolicy;
pub use problem::{Problem, Severity};
pub(crate) use quantity::same as same_quantity;
pub use query::{Selected, Selection, SelectionError};
pub use schema::schema;
