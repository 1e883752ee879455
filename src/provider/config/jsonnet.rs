//! The `jsonnet` block within `registry`: how a registry written in Jsonnet is compiled.

use crate::codes;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::compile::{JsonnetSettings, SourceFormat, Variables};
use crate::sdk::{Attr, Attribute, Diagnostic, Path, Type};

crate::model! {
    /// The block.
    pub(super) struct JsonnetBlock {
        library_paths: Attr<Vec<Attr<String>>>,
        ext_vars: Attr<BTreeMap<String, Attr<String>>>,
        ext_code: Attr<BTreeMap<String, Attr<String>>>,
        top_level_arguments: Attr<BTreeMap<String, Attr<String>>>,
        top_level_code: Attr<BTreeMap<String, Attr<String>>>,
    }
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    let variables = |name: &'static str| Attribute::of(name, Type::map(Type::String));
    Attribute::block(
        "jsonnet",
        vec![
            Attribute::of("library_paths", Type::list(Type::String))
                .describe("Folders that are searched for imports that are not beside the importing file, in this order. Relative to the folder in which Terraform runs. Besides these a program may import only from its own repository (the nearest folder above it with a `.git`) and `anu/registry.libsonnet`."),
            variables("ext_vars").describe("External variables (`std.extVar`) that are strings."),
            variables("ext_code").describe("External variables that are Jsonnet expressions."),
            variables("top_level_arguments")
                .describe("Top-level arguments that are strings, for a program that is a function."),
            variables("top_level_code").describe("Top-level arguments that are Jsonnet expressions."),
        ],
    )
    .describe("How a source whose name ends in `.jsonnet` is compiled. Compilation is limited to 60 s and 2 GiB of memory, and sees neither environment variables nor files outside the repository.")
}

/// An error, if there is a block and no source that it could apply to. Sources that are unknown may be programs.
pub(super) fn check(block: &Attr<JsonnetBlock>, sources: &[Option<&str>]) -> Option<Diagnostic> {
    block.known()?;
    if sources.iter().any(|source| source.is_none_or(|source| SourceFormat::of(source) == SourceFormat::Jsonnet)) {
        return None;
    }
    let detail = "The block has an effect only on a registry that is compiled when it is read, and neither `source` nor \
                  `fallbacks` has a name that ends in `.jsonnet`. Remove the block, or name the program in `source`.";
    Some(Diagnostic::new(codes::BLOCK_WITHOUT_EFFECT, detail).at(Path::attribute("registry").then("jsonnet")))
}

/// The settings of the block.
pub(super) fn read(block: Attr<JsonnetBlock>) -> JsonnetSettings {
    let Some(block) = block.into_known() else { return JsonnetSettings::default() };
    let texts = |map: Attr<BTreeMap<String, Attr<String>>>| -> BTreeMap<String, String> {
        let known = map.into_known().into_iter().flatten();
        known.filter_map(|(name, value)| Some((name, value.into_known()?))).collect()
    };
    JsonnetSettings {
        library_paths: block
            .library_paths
            .into_known_items()
            .unwrap_or_default()
            .into_iter()
            .map(PathBuf::from)
            .collect(),
        variables: Variables {
            ext_vars: texts(block.ext_vars),
            ext_code: texts(block.ext_code),
            top_level_arguments: texts(block.top_level_arguments),
            top_level_code: texts(block.top_level_code),
        },
    }
}
