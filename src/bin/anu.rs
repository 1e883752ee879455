//! The command line `anu`; and the provider, when it is started under the provider's name.
//!
//! Terraform starts a provider by its file name, `terraform-provider-anu_v0.1.0`. Under such a name this program serves, so
//! that `anu demo` can install itself as the provider. Only the name decides: the variables that Terraform sets for a provider
//! are also in the environment of other programs that Terraform starts, and one of them could be `anu`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anu::plugin::{ServeOptions, serve};
use anu::provider::{ADDRESS, Anu};

/// A registry of ten thousand services is millions of small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = anu::compile::answer_if_child() {
        return code;
    }
    let name = env!("CARGO_PKG_NAME");
    let started_as = std::env::args_os().next().unwrap_or_default();
    let started_as = Path::new(&started_as).file_name().unwrap_or_default().to_string_lossy().into_owned();
    if started_as.starts_with(name) {
        return serve(
            || Arc::new(Anu::new()),
            ServeOptions { address: ADDRESS, version: env!("CARGO_PKG_VERSION"), name },
        );
    }
    anu::cli::run(std::env::args_os())
}
