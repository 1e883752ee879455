//! What acceptance tests stand on: cores, workspaces, plans, and what the cores print.

mod core;
mod mirror;
mod output;
mod plan;
mod process;
mod timing;
mod workspace;

pub use core::{Core, on, on_one, skip, tool};
pub use output::{Diagnostic, Output, Severity, plain};
pub use plan::{Change, Plan, State};
pub use process::Running;
pub use workspace::{Workspace, copy};

use std::path::{Path, PathBuf};

/// The checkout.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `examples/NAME` of the checkout.
pub fn example(name: &str) -> PathBuf {
    repository().join("examples").join(name)
}

/// Makes one `#[test]` per core of each function: `fn name(core: &Core) { … }` becomes `name::terraform` and
/// `name::tofu`. For rules that core takes part in; the others are for [`on_one_core`]. On a core that is not there the test passes, after one line that says how to get it; with
/// `ANU_TEST_REQUIRE=1` it fails instead.
macro_rules! on_every_core {
    ($( $(#[$attribute:meta])* fn $name:ident($core:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "what a test needs is its own affair")]
            use super::*;

            fn test($core: $type) $body

            #[test]
            fn terraform() {
                $crate::support::on("terraform", test);
            }

            #[test]
            fn tofu() {
                $crate::support::on("tofu", test);
            }
        }
    )+ };
}

/// As [`on_every_core`], on the cores that know resource identities: `name::tofu` and `name::terraform_new`, the newest Terraform that can
/// be built. For what older ones do not call.
macro_rules! on_newer_cores {
    ($( $(#[$attribute:meta])* fn $name:ident($core:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "what a test needs is its own affair")]
            use super::*;

            fn test($core: $type) $body

            #[test]
            fn tofu() {
                $crate::support::on("tofu", test);
            }

            #[test]
            fn terraform_new() {
                $crate::support::on("terraform_new", test);
            }
        }
    )+ };
}

/// As [`on_newer_cores`], and on the Terraform of [`on_every_core`]: `name::terraform`, `name::tofu` and `name::terraform_new`.
macro_rules! on_all_cores {
    ($( $(#[$attribute:meta])* fn $name:ident($core:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "what a test needs is its own affair")]
            use super::*;

            fn test($core: $type) $body

            #[test]
            fn terraform() {
                $crate::support::on("terraform", test);
            }

            #[test]
            fn tofu() {
                $crate::support::on("tofu", test);
            }

            #[test]
            fn terraform_new() {
                $crate::support::on("terraform_new", test);
            }
        }
    )+ };
}

/// Makes one `#[test]` of each function, `fn name(core: &Core) { … }`, which runs on one core: for a rule that holds or fails
/// in the provider or on its platform, whatever core calls it. docs/development/testing.md says which rules those are.
macro_rules! on_one_core {
    ($( $(#[$attribute:meta])* fn $name:ident($core:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        #[test]
        fn $name() {
            fn test($core: $type) $body

            $crate::support::on_one(concat!(module_path!(), "::", stringify!($name)), test);
        }
    )+ };
}
