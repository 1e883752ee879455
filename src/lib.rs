//! terraform-provider-anu: a company's infrastructure, run from its service registry.
//!
//! A *service registry* lists a company's clusters, teams, projects and services. This crate reads it, works out what every
//! service asks for, and makes that so: as a Terraform provider (`src/main.rs`), and with the command line `anu`.
//!
//! ```text
//!  Terraform, OpenTofu                                  a shell
//!         │                                                │
//!   plugin  the wire                                     cli  one file per verb
//!         ▼                                                ▼
//!       sdk  types, values, schemas, traits ◄──── provider  what users write in HCL
//!                                                          │
//!                     ┌────────────────────────────────────┼───────────────────────┐
//!                     ▼                                    ▼                       ▼
//!       discovery  where the registry is        fanout  who asks for what   platform  where it is made
//!                     └────────────────► registry  the document ◄──────────────────┘
//! ```
//!
//! # The life of one plan
//!
//! 1. Core starts the program; [`plugin`] shakes hands and lets in only the holder of one certificate.
//! 2. `ConfigureProvider`: [`provider`] keeps the block as a session. Nothing is read yet.
//! 3. `PlanResourceChange`: [`plugin`] decodes it into [`sdk`] values, [`sdk::Typed`] into the author's model.
//! 4. The session reads the registry once ([`discovery`], [`registry`]) and fans it out ([`fanout`]).
//! 5. What the service asks for is laid beside what its state claims. [`fanout::removal`] decides over what leaves,
//!    [`platform`] is asked what is there of what is new.
//! 6. The planned state goes back with every key known. At apply the same happens again, and [`apply`] does the work.
//!
//! # Reading on
//!
//! Start with [`provider`], the table of contents; then [`fanout::resource`], the plain data everything is about; then
//! [`platform`], its two traits and the rules every platform keeps. Why things are as they are: `docs/development/design.md`.

#![cfg_attr(
    not(test),
    warn(
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod apply;
pub mod cli;
pub mod connect;
pub mod discovery;
pub mod docgen;
pub mod estate;
pub mod fanout;
pub mod platform;
pub mod plugin;
pub mod provider;
pub mod registry;
pub mod sdk;

/// This release's version.
pub fn version() -> semver::Version {
    // Cargo checks the form of a package's version.
    env!("CARGO_PKG_VERSION").parse().unwrap_or_else(|_| semver::Version::new(0, 0, 0))
}
