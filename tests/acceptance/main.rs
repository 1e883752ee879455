//! Acceptance tests: the real provider binary, run by the real cores.
//!
//! One test binary, so that the crate is linked once; one module per subject. Every test runs on each core, under its
//! name (`quickstart::an_edit_touches_its_own_service_only::terraform`, `…::tofu`): see [`on_every_core`]. docs/development/testing.md says which
//! variables steer this.

#[macro_use]
#[allow(dead_code, unused_imports, reason = "a vocabulary for tests: not every word is in use at every time")]
mod support;

mod article;
mod cancellation;
#[path = "../support/kubernetes.rs"]
mod clusters;
mod demo;
mod docs;
#[path = "../support/document.rs"]
mod document;
#[allow(dead_code, reason = "shared with the in-process laws")]
#[path = "../lifecycle/edits.rs"]
mod edits;
mod estate;
mod examples;
#[allow(dead_code, reason = "shared with the in-process laws")]
#[path = "../lifecycle/generator.rs"]
mod generator;
mod google;
mod guides;
mod importing;
#[path = "../lifecycle/seeded_rng.rs"]
mod seeded_rng;

mod harness;
mod jsonnet;
mod kubernetes;
mod laws;
mod lifecycle;
mod namespace;
#[path = "../support/namespaces.rs"]
mod namespaces;
mod normalization;
mod object_source;
mod project;
mod proxies;
#[path = "../support/proxy.rs"]
mod proxy;
mod quickstart;
mod request_log;
#[path = "../support/reviews.rs"]
mod reviews;
#[path = "../kubernetes/rights.rs"]
mod rights;
mod signed;
#[path = "../support/signer.rs"]
mod signer;
#[path = "../support/store_server.rs"]
mod store_server;
