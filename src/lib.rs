//! terraform-provider-anu: a company's infrastructure, run from its service registry.
pub mod fanout;
pub mod platform;
pub mod plugin;
pub mod registry;
pub mod sdk;
