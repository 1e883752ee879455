//! Dependencies: which folders of `src/` may name which crate, that each has its reason in the design document, and what must
//! not be compiled into the programs. `deny.toml` checks licences, sources and duplicate versions.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::paths::{module, named};

/// Where a crate may be named.
enum Where {
    /// In any folder: it reaches nothing outside the process.
    Anywhere,
    /// Below these paths in `src/` only.
    In(&'static [&'static str]),
    /// Not in `src/`: build scripts and other crates use it.
    Nowhere,
}

use Where::{Anywhere, In, Nowhere};

/// All folders that are not pure.
const EDGES: &[&str] = &["connect", "compile", "discovery", "platform", "apply", "estate", "provider", "plugin", "cli"];

/// Where Google's clients may be named.
const GOOGLE: &[&str] = &["connect/google", "platform/google"];

/// Every crate that `Cargo.toml` names under `[dependencies]` and `[build-dependencies]`.
const CRATES: &[(&str, Where)] = &[
    ("async_trait", Anywhere),
    ("base64", In(EDGES)),
    ("bigdecimal", In(&["sdk", "registry"])),
    ("clap", In(&["cli"])),
    ("clap_complete", In(&["cli"])),
    ("clap_mangen", In(&["cli"])),
    ("comfy_table", In(&["cli/common"])),
    ("flate2", In(&["cli/registry/publish", "discovery", "registry"])),
    ("futures_util", In(EDGES)),
    ("google_cloud_api_serviceusage_v1", In(GOOGLE)),
    ("google_cloud_auth", In(&["connect"])),
    ("google_cloud_billing_v1", In(GOOGLE)),
    ("google_cloud_gax", In(GOOGLE)),
    ("google_cloud_iam_admin_v1", In(GOOGLE)),
    ("google_cloud_iam_v1", In(GOOGLE)),
    ("google_cloud_longrunning", In(GOOGLE)),
    ("google_cloud_lro", In(GOOGLE)),
    ("google_cloud_resourcemanager_v3", In(GOOGLE)),
    ("google_cloud_wkt", In(GOOGLE)),
    ("http", In(&["connect", "discovery", "platform/kubernetes"])),
    ("icu_normalizer", In(&["registry"])),
    ("jiff", Anywhere), // its clock is refused in pure folders by tests/architecture/rules.rs
    ("k8s_openapi", In(&["connect/kubernetes", "platform/kubernetes"])),
    ("kube", In(&["connect/kubernetes", "platform/kubernetes"])),
    ("libc", In(&["cli", "compile", "platform/embedded", "plugin"])),
    ("mimalloc", In(&["main.rs", "bin"])),
    ("minisign", In(&["cli/registry/publish"])),
    ("minisign_verify", In(&["discovery"])),
    ("object_store", In(&["connect/objects"])),
    ("open", In(&["cli/open_page.rs"])),
    ("prost", In(&["plugin"])),
    ("protox", Nowhere),
    ("quick_junit", In(&["cli/registry/forms"])),
    ("rayon", In(&["fanout", "registry"])),
    ("rcgen", In(&["plugin"])),
    ("reqwest", In(&["connect"])),
    ("rmp", In(&["sdk"])),
    ("rsjsonnet_lang", In(&["compile"])),
    ("rusqlite", In(&["platform/embedded"])),
    ("rustls", In(&["connect", "plugin"])),
    ("ruzstd", In(&["cli/registry/publish", "discovery"])),
    ("saphyr_parser", In(&["compile"])),
    ("schemars", In(&["answers", "registry"])),
    ("semver", In(&["lib.rs", "registry"])),
    ("serde", Anywhere),
    ("serde_json", Anywhere),
    ("serde_saphyr", In(&["connect/kubernetes", "platform/kubernetes"])),
    ("sha2", Anywhere),
    ("strsim", In(&["registry"])),
    ("tempfile", In(EDGES)),
    ("terminal_size", In(&["cli/common"])),
    ("thiserror", Anywhere),
    ("tokio", In(EDGES)),
    ("tokio_rustls", In(&["plugin"])),
    ("tokio_stream", In(&["plugin"])),
    ("tokio_util", Anywhere), // of it, pure folders use cancellation only
    ("tonic", In(&["plugin"])),
    ("tonic_prost", In(&["plugin"])),
    ("tonic_prost_build", Nowhere),
    ("tower", In(&["connect/kubernetes", "platform/kubernetes"])),
    ("tracing", In(EDGES)),
    ("tracing_subscriber", In(&["plugin"])),
    ("url", In(&["connect", "discovery", "provider"])),
];

/// Crates that reach a network, a disk, a database or another process, or write output: no pure folder may name them. Some are
/// no dependencies yet.
const OUTSIDE: &[&str] = &[
    "google_cloud_api_serviceusage_v1",
    "google_cloud_auth",
    "google_cloud_billing_v1",
    "google_cloud_gax",
    "google_cloud_iam_admin_v1",
    "google_cloud_iam_v1",
    "google_cloud_longrunning",
    "google_cloud_lro",
    "google_cloud_resourcemanager_v3",
    "hyper",
    "hyper_util",
    "k8s_openapi",
    "kube",
    "libc",
    "object_store",
    "prost",
    "reqwest",
    "rusqlite",
    "rustls",
    "tempfile",
    "tokio",
    "tokio_rustls",
    "tokio_stream",
    "tonic",
    "tower",
    "tracing",
    "ureq",
];

/// What exists on Unix only.
const UNIX: &[&[&str]] = &[
    &["libc"],
    &["std", "os", "unix"],
    &["tokio", "net", "UnixListener"],
    &["tokio", "net", "UnixStream"],
    &["tokio", "signal", "unix"],
];

/// The files of `src/` that may name it. docs/development/design.md, section Systems, states what each needs it for.
const UNIX_FILES: &[&str] = &[
    "cli/common/folder.rs",
    "cli/common/program.rs",
    "cli/demo/folder.rs",
    "cli/demo/process.rs",
    "compile/child.rs",
    "platform/embedded/faults.rs",
    "plugin/accept.rs",
    "plugin/server.rs",
    "plugin/socket.rs",
];

/// The crates, and what exists on Unix only, that one source names where it may not: one line each.
fn check(path: &str, source: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let Ok(all) = named(source, &module(path)) else { return Vec::new() }; // rules.rs reports what is not Rust
    // A single word that is not imported is a variable or a macro.
    let paths = || all.iter().filter(|named| named.import.is_some() || named.segments.len() > 1);
    let unix = paths().filter(|named| {
        let is_unix = UNIX.iter().any(|path| path.iter().eq(named.segments.iter().take(path.len())));
        is_unix && !UNIX_FILES.contains(&inside)
    });
    let unix = unix.map(|named| {
        let what = named.segments.join("::");
        format!(
            "{path}:{}: `{what}`: exists on Unix only (UNIX_FILES in tests/architecture/dependencies.rs)",
            named.line
        )
    });
    let refused = paths().filter_map(|named| {
        let (name, allowed) =
            CRATES.iter().find(|(name, _)| named.segments.first().is_some_and(|first| first == name))?;
        let why = match allowed {
            Anywhere => return None,
            In(folders) if folders.iter().any(|folder| Path::new(inside).starts_with(folder)) => return None,
            In(folders) => format!("only {} may name this crate", folders.join(", ")),
            Nowhere => "no source may name this crate".into(),
        };
        Some(format!("{path}:{}: `{name}`: {why} (tests/architecture/dependencies.rs)", named.line))
    });
    refused.chain(unix).collect()
}

/// What cargo prints, without using the network.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The names of our direct dependencies, with their kind: `None`, `build` or `dev`.
fn direct() -> Vec<(String, Option<String>)> {
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let ours = packages.iter().find(|package| package["name"] == env!("CARGO_PKG_NAME")).expect("this package");
    let dependencies = ours["dependencies"].as_array().expect("a list");
    assert!(dependencies.len() > 20, "{dependencies:?}");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let all = dependencies.iter().map(|one| (text(&one["name"]).expect("a name"), text(&one["kind"])));
    // The package depends on itself, which turns a feature on for tests.
    all.filter(|(name, _)| name != env!("CARGO_PKG_NAME")).collect()
}

#[test]
fn each_crate_is_named_in_its_folders_only() {
    let refused: Vec<String> = crate::sources().iter().flat_map(|(name, text)| check(name, text)).collect();
    assert!(refused.is_empty(), "{} refused:\n{}\n", refused.len(), refused.join("\n"));
}

#[test]
fn each_dependency_has_its_folders_and_its_reason() {
    let direct = direct();
    let compiled: BTreeSet<String> = direct
        .iter()
        .filter(|(_, kind)| kind.as_deref() != Some("dev"))
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    let listed: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        compiled, listed,
        "Cargo.toml (left) and CRATES in tests/architecture/dependencies.rs name different crates"
    );

    let design = include_str!("../../docs/development/design.md");
    let section = design.split("\n## ").find(|section| section.starts_with("Dependencies\n")).expect("the section");
    let words: BTreeSet<&str> =
        section.split(|letter: char| !(letter.is_alphanumeric() || "-_".contains(letter))).collect();
    let missing: Vec<&String> =
        direct.iter().map(|(name, _)| name).filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "no reason in docs/development/design.md, section Dependencies: {missing:?}");
}

#[test]
fn pure_folders_name_no_crate_that_reaches_outside() {
    for (name, allowed) in CRATES {
        let pure = match allowed {
            Anywhere => true,
            In(folders) => folders.iter().any(|folder| crate::rules::PURE.iter().any(|pure| folder.starts_with(pure))),
            Nowhere => false,
        };
        assert!(!(pure && OUTSIDE.contains(name)), "`{name}` may be named in a pure folder, and reaches outside");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_stays_in_its_folders() {
        for (path, source) in [
            ("src/connect/http.rs", "use reqwest::Client;"),
            ("src/platform/kubernetes/x.rs", "fn f(_: kube::Client) {}"),
            ("src/fanout/x.rs", "use serde::Serialize; fn f() { let http = 1; }"),
            ("src/main.rs", "use mimalloc::MiMalloc;"),
            ("src/plugin/socket.rs", "use std::os::unix::net::UnixListener;"),
        ] {
            assert_eq!(check(path, source), Vec::<String>::new(), "{path}, {source}");
        }
        for (path, source) in [
            ("src/fanout/x.rs", "use reqwest::Client;"),
            ("src/registry/x.rs", "fn f(_: kube::Client) {}"),
            ("src/sdk/x.rs", "mod a { use {std::fmt, tokio::time}; }"),
            ("src/platform/embedded/x.rs", "use kube::Client;"),
            ("src/cli/x.rs", "use protox::compile;"),
            ("src/cli/x.rs", "fn f() { std::os::unix::process::parent_id(); }"),
            ("src/cli/x.rs", "use tokio::{fs, signal::unix::signal};"),
        ] {
            assert_eq!(check(path, source).len(), 1, "{path}, {source}");
        }
    }
}
