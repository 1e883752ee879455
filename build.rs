//! Compiles `proto/` with protox, so that a build does not need `protoc`, and compresses the list of Google's roles.

use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    roles()?;
    let files = ["proto/tfplugin6.proto", "proto/go_plugin.proto", "proto/health.proto"];
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(files, ["proto"])?;
    tonic_prost_build::configure()
        // The client is for tests. It is generic over the transport, so the provider binary, which never names one,
        // carries nothing of it.
        .build_client(true)
        .build_transport(false)
        // Two calls use Timestamp and Empty; generating both here saves depending on prost-types for them.
        .compile_well_known_types(true)
        // A schema is a map; sorted, the same schema is the same bytes every time.
        .btree_map(".")
        // Schemas and states are moved out of requests by the million; without this each `bytes` would be copied.
        .bytes(".tfplugin6.DynamicValue")
        .include_file("protocol.rs")
        .compile_fds(descriptors)?;
    Ok(())
}

fn roles() -> Result<(), Box<dyn std::error::Error>> {
    let list = "src/registry/google_roles.txt";
    println!("cargo::rerun-if-changed={list}");
    let file = std::fs::File::create(Path::new(&std::env::var("OUT_DIR")?).join("google_roles.deflate"))?;
    let mut compressed = flate2::write::DeflateEncoder::new(file, flate2::Compression::best());
    compressed.write_all(&std::fs::read(list)?)?;
    compressed.finish()?;
    Ok(())
}
