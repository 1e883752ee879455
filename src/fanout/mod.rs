//! From a registry to the resources it asks for. Pure.
pub mod removal;
pub mod resource;
