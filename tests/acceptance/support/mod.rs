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

/// A configuration on the embedded platform that reads `registry.json`, and what follows.
macro_rules! on_embedded {
    ($rest:literal) => {
        concat!(
            r#"
terraform {
  required_providers { anu = { source = "anu-registry/anu" } }
}

provider "anu" {
  registry { source = "registry.json" }
  embedded { path = "anu.db" }
}

data "anu_registry" "this" {}
"#,
            $rest
        )
    };
}

/// Makes one `#[test]` for each core in the brackets of each function: `fn name(core: &Core) { … }` becomes `name::terraform`,
/// `name::tofu` and so on. On a core that is not there the test passes, after one line that says how to get it; with
/// `ANU_TEST_REQUIRE=1` it fails instead.
macro_rules! on_cores {
    (@each [$($core:ident)+]) => { $(
        #[test]
        fn $core() {
            $crate::support::on(stringify!($core), test);
        }
    )+ };
    ($cores:tt $( $(#[$attribute:meta])* fn $name:ident($core:ident: $type:ty) $body:block )+) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "what a test needs is its own affair")]
            use super::*;

            fn test($core: $type) $body

            on_cores! { @each $cores }
        }
    )+ };
}

/// For rules that core takes part in; the others are for [`on_one_core`].
macro_rules! on_every_core {
    ($($functions:tt)+) => { on_cores! { [terraform tofu] $($functions)+ } };
}

/// On the cores that know resource identities: `terraform_new` is the newest Terraform that can be built. For what older ones do not
/// call.
macro_rules! on_newer_cores {
    ($($functions:tt)+) => { on_cores! { [tofu terraform_new] $($functions)+ } };
}

/// On all of them.
macro_rules! on_all_cores {
    ($($functions:tt)+) => { on_cores! { [terraform tofu terraform_new] $($functions)+ } };
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
