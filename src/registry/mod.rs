//! The service registry: model, parsing, validation, queries. Pure.
pub mod names;
