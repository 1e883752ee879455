//! terraform-provider-anu: a company's infrastructure, run from its service registry.
//!
//! A *service registry* lists a company's clusters, teams, projects and services. This crate reads it, fans out every service
//! into its desired resources, and manages them: as a Terraform provider (`src/main.rs`), and with the command line `anu`.
//!
//! ```text
//!   Terraform, OpenTofu                                      a shell
//!          │                                                    │
//!       plugin ─────► sdk ◄───────── provider ◄─────────────── cli ─────► docgen
//!      the wire    vocabulary      what users write      one file per verb   pages
//!                                   │          │          │
//!                                   ▼          ▼          │
//!                                estate      apply        │
//!                       loads a registry     the order    │
//!                                   │        of work      │
//!                ┌──────────┬───────┤          │          │
//!                ▼          ▼       │          ▼          │
//!            discovery   compile    │       platform ◄────┘
//!          reads bytes   Jsonnet    │  embedded, google, kubernetes
//!                │          │       ▼          │  │
//!                │          │    fanout ◄──────┘  │
//!                │          │  desired resources  │
//!                └────┬─────┘       │             ▼
//!                     ▼             ▼          connect
//!                  connect       registry    other machines
//!               other machines  the document
//! ```
//!
//! # One plan
//!
//! 1. Core starts the program; [`plugin`] shakes hands and accepts only the holder of one certificate.
//! 2. `ConfigureProvider`: [`provider`] keeps the block as a session. Nothing is read yet.
//! 3. `PlanResourceChange`: [`plugin`] decodes it into [`sdk`] values, [`sdk::Typed`] into the author's model.
//! 4. [`estate`] loads the registry, once per process: [`discovery`] reads it, [`registry`] checks it, [`fanout`] computes the
//!    desired resources.
//! 5. The desired resources are compared with the managed ones of the state. [`fanout::removal`] decides about keys that leave;
//!    [`platform`] reads what exists already of new ones.
//! 6. The planned state goes back with every key known. At apply the same happens again, and [`apply`] makes the changes.
//!
//! `docs/development/architecture.md` has the same walk with the functions to set breakpoints in, the rules between rooms, and
//! the glossary.
//!
//! # Reading on
//!
//! Start with [`provider`], the table of contents; then [`fanout::resource`], the plain data that everything is about; then
//! [`platform`], its two traits and the rules of every platform. The reasons for decisions are in `docs/development/design.md`.

// The build of the fuzz targets computes the layout of the longest futures, which are nested deeper than the default.
#![recursion_limit = "256"]
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

pub mod answers;
pub mod apply;
pub mod cli;
pub mod codes;
pub mod compile;
pub mod connect;
pub mod discovery;
pub mod docgen;
pub mod estate;
pub mod fanout;
pub mod platform;
pub mod plugin;
pub mod printable;
pub mod provider;
pub mod registry;
pub mod sdk;

/// This release's version.
pub fn version() -> semver::Version {
    // Cargo checks the form of a package's version.
    env!("CARGO_PKG_VERSION").parse().unwrap_or_else(|_| semver::Version::new(0, 0, 0))
}
