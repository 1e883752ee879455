//! Acceptance tests: the real provider binary, run by the real cores.
//!
//! One test binary, so that the crate is linked once; one module per subject. Every test runs on each core, under its
//! name (`quickstart::an_edit_touches_its_own_service_only::terraform`, `…::tofu`): see [`on_every_core`]. docs/development/testing.md says which
//! variables steer this.

#[macro_use]
#[allow(dead_code, unused_imports, reason = "a vocabulary for tests: not every word is in use at every time")]
mod support;

mod article;
mod demo;
mod docs;
mod examples;
mod harness;
mod lifecycle;
mod quickstart;
