//! What people ask of a registry, as data: where a service runs, who has access, why a resource exists. Pure.
//!
//! Each answer is computed from the fan-out, so it says what the provider would create. `Serialize` is the JSON that programs
//! read, and [`schema`] its JSON Schema; the command line makes text of it.
//!
//! - `services`, `teams`, `projects`, `clusters`: the entries, and who uses them
//! - `places`: where an environment runs
//! - `access`: who may do what, and what a principal may do
//! - `reason`: why a resource exists
//! - `checks`: whether everything is there that anu works with
//! - `code`: what the code of an error means
//! - `repository`: the services of a git repository
//! - `line`: a line of the registry that an answer is based on
//! - `links`: pages about a service
//! - `console`: addresses of Google's console

mod access;
mod checks;
mod clusters;
mod code;
mod console;
mod line;
mod links;
mod places;
mod projects;
mod reason;
mod repository;
mod schema;
mod services;
mod teams;

pub use access::{AccessReport, GrantLine, Subject};
pub use checks::{Check, CheckState, Checks};
pub use clusters::{ClusterSummary, Clusters};
pub use code::CodeExplanation;
pub use line::{EntryPlace, HasEntry, Line};
pub use links::{Link, ServiceLinks};
pub use places::{AccessLine, AccountLine, EnvironmentPlace, RoleBindingLine, ServicePlaces, TargetPlace};
pub use projects::{ProjectDetails, ProjectSummary, Projects, Use};
pub use reason::{Explanation, Explanations};
pub use repository::{Repository, services_of};
pub use schema::schema;
pub use services::{ServiceDetails, ServiceSummary, Services};
pub use teams::{TeamDetails, TeamSummary, Teams};
