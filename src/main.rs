//! The provider binary: what Terraform and OpenTofu start.

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
    let options = ServeOptions { address: ADDRESS, version: env!("CARGO_PKG_VERSION"), name: env!("CARGO_PKG_NAME") };
    serve(|| Arc::new(Anu::new()), options)
}
