//! The `registry` block: where the registry is read from, and what is accepted as the registry.

use crate::codes;
use std::collections::BTreeMap;

use super::tokens::TOKEN;
use super::{digests, jsonnet, verify};
use crate::compile::JsonnetSettings;
use crate::connect::{Header, Secret};
use crate::discovery::{RegistryConfig, SettingNames};
use crate::estate::{parse_age, parse_age_or_zero};
use crate::registry::names::RegistryName;
use crate::sdk::{Attr, Attribute, Diagnostic, Diagnostics, LengthAtLeast, Number, Path, Predicate, Type, WholeNumber};

crate::model! {
    /// The block.
    pub(super) struct RegistryBlock {
        source: Attr<String>,
        name: Attr<String>,
        fallbacks: Attr<Vec<Attr<String>>>,
        sha256: Attr<String>,
        token: Attr<String>,
        headers: Attr<BTreeMap<String, Attr<String>>>,
        ca_certificate: Attr<String>,
        accept_older: Attr<String>,
        verify: Attr<verify::VerifyBlock>,
        max_age: Attr<String>,
        max_stale: Attr<String>,
        max_bytes: Attr<Number>,
        jsonnet: Attr<jsonnet::JsonnetBlock>,
    }
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    Attribute::block(
        "registry",
        vec![
            Attribute::string("source")
                .rule(LengthAtLeast(1))
                .describe("The source of the registry: a local path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://[CONTEXT/]NAMESPACE/NAME[/KEY]`. Paths are relative to the folder in which Terraform runs. What ends in `.jsonnet`, `.yaml` or `.yml` is compiled, and so is a folder of YAML files; what ends in `.gz` or `.zst` is decompressed first. Without it, the variable `ANU_REGISTRY` names the source, and all other settings of the block apply to that."),
            Attribute::string("name")
                .rule(Predicate { describe: RegistryName::RULE, check: registry_name })
                .describe("Name of a registry without `metadata.name`. Everything created carries it in its ownership label. A registry with another name is refused."),
            Attribute::of("fallbacks", Type::list(Type::String))
                .describe("Sources to read if the first one fails, in this order. They serve plans, never an apply. After them the last good copy is tried. None of these is read if access to the source is refused."),
            Attribute::string("sha256")
                .rule(Predicate { describe: "64 hexadecimal digits", check: digests::sha256 })
                .describe("Accept only a registry whose bytes, decompressed, have this SHA-256 (hexadecimal)."),
            Attribute::string("token")
                .sensitive()
                .rule(TOKEN)
                .describe("Bearer token sent to an `https://` source, and to fallbacks on the same host."),
            Attribute::of("headers", Type::map(Type::String))
                .sensitive()
                .describe("Headers sent to an `https://` source, and to fallbacks on the same host, for example `{ \"X-Api-Key\" = var.key }`. A redirect to another host does not get them."),
            Attribute::string("ca_certificate")
                .describe("PEM of a certificate authority to trust for `https://`, in addition to those of the system."),
            Attribute::string("accept_older")
                .rule(Predicate { describe: "the digest of a registry, `sha256:…`", check: digests::digest })
                .describe("Digest of the one registry to accept although it was compiled earlier than the last one applied, or has no `metadata.compiledAt` any more: the `digest` of `data.anu_registry`, which the error shows. States that are applied from it accept later ones again. Remove it when all of them are."),
            verify::attribute(),
            Attribute::string("max_age")
                .rule(Predicate { describe: "an age such as `12h` or `7d`", check: |text| parse_age(text).map(drop) })
                .describe("Accept only a registry whose `metadata.compiledAt` is at most this long ago. Without a limit an old registry with a valid signature is accepted, except where a later one was applied."),
            Attribute::string("max_stale")
                .rule(Predicate { describe: "an age such as `24h` or `7d`, or `0`", check: |text| parse_age_or_zero(text).map(drop) })
                .describe("How old the last good copy may be: how long ago the source had it. `7d` by default; with `0` no copy is stored or read."),
            Attribute::number("max_bytes")
                .rule(WholeNumber { at_least: 1, at_most: u64::MAX })
                .describe("Size limit of the registry in bytes, decompressed. 268435456 (256 MiB) by default."),
            jsonnet::attribute(),
        ],
    )
    .describe("The source of the registry, and what is accepted as the registry. It is read once per process, when it is first needed, and must be known at plan.")
}

fn registry_name(text: &str) -> Result<(), String> {
    text.parse::<RegistryName>().map(drop).map_err(|error| error.to_string())
}

/// Checks that need the whole block. Unknown values pass.
pub(super) fn check(block: &Attr<RegistryBlock>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some(block) = block.known() else { return diagnostics };
    let fallbacks = block.fallbacks.known().into_iter().flatten();
    // A source that is not written may be a program too.
    let sources: Vec<_> =
        std::iter::once(&block.source).chain(fallbacks).map(|text| text.known().map(String::as_str)).collect();
    diagnostics.extend(jsonnet::check(&block.jsonnet, &sources));
    for (name, value) in block.headers.known().into_iter().flatten() {
        let path = Path::attribute("registry").then("headers").key(name);
        let value = value.known().map_or("unknown", String::as_str);
        if name.eq_ignore_ascii_case("authorization") && !block.token.is_null() {
            let detail = "`token` is sent as the header `Authorization`, so both `token` and that header are set. Remove one of them.";
            diagnostics.push(Diagnostic::new(codes::DUPLICATE_HEADER, detail).at(path));
        } else if let Err(error) = Header::new(name, value) {
            diagnostics.push(Diagnostic::new(codes::BAD_HEADER, format!("`{path}`: {error}.")).at(path));
        }
    }
    diagnostics
}

/// What the block sets.
pub(super) struct Settings {
    /// How the registry is read.
    pub(super) config: RegistryConfig,
    /// Its name, if the document has none.
    pub(super) name: Option<RegistryName>,
    /// The digest of an older one that is accepted.
    pub(super) accept_older: Option<String>,
    /// How it is compiled.
    pub(super) jsonnet: JsonnetSettings,
}

/// The settings of the block; of an empty one if there is none.
pub(super) fn read(block: Attr<RegistryBlock>) -> Settings {
    let Some(block) = block.into_known() else {
        return Settings {
            config: RegistryConfig::default(),
            name: None,
            accept_older: None,
            jsonnet: JsonnetSettings::default(),
        };
    };
    let headers = block.headers.into_known().into_iter().flatten();
    let config = RegistryConfig {
        source: block.source.into_known().unwrap_or_default(),
        fallbacks: block.fallbacks.into_known_items().unwrap_or_default(),
        sha256: block.sha256.into_known().map(|hex| hex.to_ascii_lowercase()),
        token: block.token.into_known().map(Secret::new),
        headers: headers.filter_map(|(name, value)| Header::new(&name, &value.into_known()?).ok()).collect(),
        ca_certificate: block.ca_certificate.into_known(),
        verify: verify::read(block.verify),
        max_age: block.max_age.into_known().and_then(|text| parse_age(&text).ok()),
        max_stale: block.max_stale.into_known().and_then(|text| parse_age_or_zero(&text).ok()),
        max_bytes: block.max_bytes.known().and_then(Number::as_u64),
        names: SettingNames::default(),
    };
    Settings {
        config,
        name: block.name.into_known().and_then(|name| name.parse().ok()),
        accept_older: block.accept_older.into_known(),
        jsonnet: jsonnet::read(block.jsonnet),
    }
}
