//! The rules, and the check of one source.

use crate::paths::{Named, module, named};

/// Each room of `src/`, and the rooms it may see.
///
/// `platform` sees `fanout` because it creates what the fan-out describes; `docgen` sees of `registry` only its JSON Schema,
/// and `plugin` of `connect` only how an error chain is printed.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("printable", &[]),
    ("codes", &[]),
    ("sdk", &["codes", "printable"]),
    ("registry", &["codes", "printable"]),
    ("fanout", &["registry"]),
    ("answers", &["codes", "fanout", "registry"]),
    ("connect", &["printable"]),
    ("compile", &["connect", "registry", "printable"]),
    ("discovery", &["codes", "connect", "registry", "printable"]),
    ("platform", &["connect", "fanout", "registry", "printable"]),
    ("apply", &["platform", "fanout", "registry"]),
    ("estate", &["discovery", "connect", "fanout", "compile", "registry"]),
    (
        "provider",
        &["codes", "sdk", "estate", "apply", "platform", "discovery", "connect", "fanout", "compile", "registry"],
    ),
    ("plugin", &["codes", "sdk", "connect", "printable"]),
    ("docgen", &["codes", "sdk", "registry"]),
    (
        "cli",
        &[
            "answers",
            "codes",
            "printable",
            "sdk",
            "registry",
            "fanout",
            "compile",
            "connect",
            "discovery",
            "platform",
            "apply",
            "estate",
            "provider",
            "docgen",
        ],
    ),
];

/// The programs, and the rooms they may see.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("src/main.rs", &["plugin", "provider", "compile"]),
    ("src/bin/anu.rs", &["plugin", "provider", "cli", "compile"]),
];

/// Rooms without clock, environment, files, network or output: their results depend only on their arguments.
pub const PURE: &[&str] = &["printable", "codes", "sdk", "registry", "fanout", "answers", "docgen"];

/// What pure rooms do not name, nor import anything that has it in it.
const IMPURE: &[&[&str]] = &[
    &["std", "time", "SystemTime"],
    &["std", "time", "Instant"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "os"],
    &["std", "process"],
    &["std", "thread"],
    &["tokio", "fs"],
    &["tokio", "net"],
    &["tokio", "process"],
    &["tokio", "signal"],
    &["tokio", "time"],
    &["libc"],
    &["reqwest"],
    &["rusqlite"],
    &["tempfile"],
];

/// What pure rooms do not name wherever it comes from.
const IMPURE_ANYWHERE: &[&[&str]] = &[
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["SystemTime"],
    &["Instant"],
    &["stdin"],
    &["stdout"],
    &["stderr"],
    &["print"],
    &["println"],
    &["eprint"],
    &["eprintln"],
    &["dbg"],
];

/// The wire's own crates.
const WIRE: &[&str] = &["tonic", "prost", "tonic_prost", "prost_types"];

/// What makes a connection to another machine. Of `kube`, the types of its API are not among it.
const CLIENTS: &[&[&str]] = &[
    &["reqwest"],
    &["hyper"],
    &["hyper_util"],
    &["tower"],
    &["google_cloud_auth"],
    &["object_store"],
    &["kube", "Client"],
    &["kube", "Config"],
    &["kube", "client"],
    &["kube", "config"],
];

/// The folders whose sources name `kube` at all.
const KUBERNETES: &[&str] = &["src/connect/kubernetes/", "src/platform/kubernetes/"];

const MOST_LINES: usize = 500;

/// What a source does against the rules: one line each.
pub fn check(path: &str, source: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = source.lines().count();
    if lines > MOST_LINES {
        broken.push(format!("{path}: {lines} lines, more than {MOST_LINES}: split it by noun"));
    }
    if !source.starts_with("//!") {
        broken.push(format!("{path}: does not begin with a doc comment (`//!`) that describes it"));
    }
    let module = module(path);
    let room = module.first().copied().unwrap_or_default();
    match named(source, &module) {
        Ok(all) => {
            let wrong = all.iter().filter_map(|named| Some((named, wrong(path, room, named)?)));
            broken.extend(
                wrong.map(|(named, why)| format!("{path}:{}: `{}`: {why}", named.line, named.segments.join("::"))),
            );
        }
        Err(why) => broken.push(format!("{path}: {why}")),
    }
    broken
}

fn wrong(path: &str, room: &str, named: &Named) -> Option<String> {
    let segments: Vec<&str> = named.segments.iter().map(String::as_str).collect();
    let first = *segments.first()?;
    if WIRE.contains(&first) && room != "plugin" {
        return Some("only `plugin` speaks the wire's language".into());
    }
    if let Some((_, allowed)) = PROGRAMS.iter().find(|(program, _)| *program == path) {
        let outside = first == "anu" && segments.get(1).is_some_and(|to| !allowed.contains(to));
        return outside.then(|| format!("this program sees only {}", list(allowed)));
    }
    if path == "src/lib.rs" {
        return None;
    }
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return Some(format!("`{room}` is a room without rules: give it a line in tests/architecture/rules.rs"));
    };
    if first == "crate"
        && let Some(to) = segments.get(1)
        && *to != room
    {
        if *to == "*" {
            return Some("a glob over all rooms hides which one is meant".into());
        }
        if ROOMS.iter().any(|(name, _)| name == to) && !allowed.contains(to) {
            let sees = if allowed.is_empty() { "no other room".into() } else { format!("only {}", list(allowed)) };
            return Some(format!("`{room}` sees {sees}"));
        }
        if room == "docgen" && *to == "registry" && segments.get(2) != Some(&"schema") {
            return Some("`docgen` sees of `registry` only `schema`".into());
        }
        if room == "plugin" && *to == "connect" && segments.get(2) != Some(&"error_chain") {
            return Some("`plugin` sees of `connect` only `error_chain`".into());
        }
    }
    if PURE.contains(&room) {
        let direct = IMPURE.iter().any(|impure| {
            let common = impure.len().min(segments.len());
            let below = segments.len() >= impure.len();
            let above = named.import.is_some() && segments.len() < impure.len();
            // `use std::time;` and `use std::*;` bring the clock within reach.
            let glob = segments.last() == Some(&"*") && impure.starts_with(&segments[..segments.len() - 1]);
            glob || ((below || above) && impure[..common] == segments[..common])
        });
        let anywhere =
            IMPURE_ANYWHERE.iter().any(|impure| segments.windows(impure.len()).any(|window| window == *impure));
        if direct || anywhere {
            return Some(format!("`{room}` is pure: no clock, environment, file, network or output"));
        }
    }
    // Tests have servers of their own.
    if !named.test {
        let glob = segments.last() == Some(&"*");
        let client = |client: &&&[&str]| segments.starts_with(client) || glob && client.starts_with(&segments[..1]);
        if room != "connect" && CLIENTS.iter().any(|each| client(&each)) {
            return Some("only `connect` makes connections: its requests are logged, retried and cancelled".into());
        }
        if first == "kube" && !KUBERNETES.iter().any(|folder| path.starts_with(folder)) {
            return Some(format!("only {} speak to Kubernetes", list(KUBERNETES)));
        }
    }
    None
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, source: &str) -> Vec<String> {
        check(path, &format!("//! Made up.\n{source}"))
    }

    #[track_caller]
    fn refused(path: &str, source: &str, why: &str) {
        let found = broken(path, source);
        assert!(found.iter().any(|line| line.contains(why)), "{path}, {source}: {found:?}");
    }

    #[track_caller]
    fn fine(path: &str, source: &str) {
        assert_eq!(broken(path, source), Vec::<String>::new(), "{path}, {source}");
    }

    #[test]
    fn arrows_run_one_way() {
        fine("src/provider/x.rs", "use crate::{fanout::FanOut, sdk::{self, Value}};");
        fine("src/platform/mod.rs", "use crate::fanout::resource::Key;");
        fine("src/cli/demo/mod.rs", "use crate::provider::Anu;");
        refused("src/sdk/x.rs", "use crate::plugin::serve;", "`sdk` sees only `codes`, `printable`");
        refused(
            "src/registry/x.rs",
            "fn f() -> crate::fanout::FanOut { todo!() }",
            "`registry` sees only `codes`, `printable`",
        );
        refused("src/fanout/x.rs", "use crate::{registry, platform};", "`fanout` sees only `registry`");
        refused("src/cli/docs.rs", "use super::super::plugin;", "`cli` sees only");
        refused("src/cli/docs.rs", "mod a { use super::super::super::plugin; }", "`cli` sees only");
        refused("src/plugin/rpc/x.rs", "use crate::*;", "glob");
        refused("src/docgen/x.rs", "use crate::registry::load;", "only `schema`");
        fine("src/docgen/x.rs", "fn f() { crate::registry::schema(); }");
        refused("src/new/mod.rs", "fn f() {}", "room without rules");
    }

    #[test]
    fn programs_see_what_they_start() {
        fine("src/main.rs", "use anu::plugin::serve; use anu::provider::Anu;");
        refused("src/main.rs", "use anu::cli::run;", "this program sees only `plugin`, `provider`");
    }

    #[test]
    fn the_wire_stays_in_its_room() {
        fine("src/plugin/x.rs", "use tonic::Request;");
        refused("src/provider/x.rs", "use tonic::Request;", "only `plugin`");
        refused("src/sdk/x.rs", "fn f(_: prost::bytes::Bytes) {}", "only `plugin`");
        fine("src/sdk/x.rs", "/// Knows nothing of tonic::Request.\nconst A: &str = \"prost\"; // tonic");
    }

    #[test]
    fn connections_are_made_in_one_room() {
        fine("src/connect/http.rs", "use reqwest::Client;");
        fine("src/connect/kubernetes/login.rs", "use kube::{Client, client::Body};");
        fine("src/platform/kubernetes/cluster.rs", "use kube::api::Api; #[cfg(test)] mod tests { use kube::Client; }");
        for source in ["use reqwest::Client;", "fn f() { google_cloud_auth::credentials::Builder::default(); }"] {
            refused("src/discovery/x.rs", source, "only `connect` makes connections");
        }
        for source in
            ["use kube::Client;", "use kube::{Config, api::Api};", "fn f(_: kube::client::Body) {}", "use kube::*;"]
        {
            refused("src/platform/kubernetes/x.rs", source, "only `connect` makes connections");
        }
        refused("src/provider/x.rs", "use kube::api::Api;", "speak to Kubernetes");
        refused("src/connect/http.rs", "use crate::sdk::Diagnostic;", "`connect` sees only `printable`");
        fine("src/plugin/x.rs", "use crate::connect::error_chain;");
        refused("src/plugin/x.rs", "use crate::connect::Secret;", "only `error_chain`");
    }

    #[test]
    fn pure_rooms_stay_pure() {
        fine("src/fanout/x.rs", "use std::time::Duration; use std::{collections::BTreeMap, fmt};");
        fine("src/discovery/x.rs", "use std::fs;");
        for source in [
            "use std::fs;",
            "use std::{fmt, fs::File};",
            "use std::time;",
            "use std::*;",
            "use std::time::Instant as When;",
            "fn f() { std::env::var(\"A\"); }",
            "fn f() { jiff::Timestamp::now(); }",
            "use jiff::Timestamp; fn f() { Timestamp::now(); }",
            "fn f() { println!(); }",
            "mod inner { fn f() { tokio::net::TcpStream::connect(); } }",
            "type A = ::reqwest::Client;",
        ] {
            refused("src/fanout/x.rs", source, "`fanout` is pure");
        }
    }

    #[test]
    fn files_have_a_size_and_a_purpose() {
        assert_eq!(check("src/sdk/x.rs", "//! Long.\n").len(), 0);
        assert!(check("src/sdk/x.rs", "fn f() {}\n")[0].contains("doc comment"));
        assert!(check("src/sdk/x.rs", &format!("//! Long.\n{}", "\n".repeat(500)))[0].contains("501 lines"));
    }
}
