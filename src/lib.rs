//! terraform-provider-anu: a company's infrastructure, run from its service registry.
pub mod discovery;
pub mod fanout;
pub mod platform;
pub mod registry;
