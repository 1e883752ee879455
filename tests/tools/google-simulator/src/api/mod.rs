//! The methods of the simulated APIs, a file for each collection.

pub(crate) mod accounts;
pub(crate) mod billing;
pub(crate) mod folders;
pub(crate) mod liens;
pub(crate) mod metadata;
pub(crate) mod operations;
pub(crate) mod policies;
pub(crate) mod project_rules;
pub(crate) mod projects;
pub(crate) mod services;
pub(crate) mod tokens;
