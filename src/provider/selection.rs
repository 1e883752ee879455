//! The part of the registry that a data source reads.

use super::session::LoadedRegistry;
use crate::codes;
use crate::registry::{Selected, Selection};
use crate::sdk::{Attr, Attribute, Diagnostic, Diagnostics, LengthAtLeast, Path, Type};

crate::model! {
    /// The `select` block.
    pub struct SelectBlock {
        pub services: Attr<Vec<Attr<String>>>,
        pub teams: Attr<Vec<Attr<String>>>,
        pub environments: Attr<Vec<Attr<String>>>,
        pub clusters: Attr<Vec<Attr<String>>>,
    }
}

/// The `select` block.
pub fn attribute() -> Attribute {
    let names =
        |name: &str, text: &str| Attribute::of(name, Type::list(Type::String)).rule(LengthAtLeast(1)).describe(text);
    Attribute::block(
        "select",
        vec![
            names("services", "Only these services."),
            names("teams", "Only services that these teams own."),
            names("environments", "Only environments with these names, and services that have one."),
            names("clusters", "Only environments with a target on these clusters, and services that have one."),
        ],
    )
    .describe("The part of the registry to read: what matches every filter that is set. Default: all of it.")
}

/// Names that are known. All are, by the time a data source is read.
pub fn names(list: &Attr<Vec<Attr<String>>>) -> Option<Vec<String>> {
    list.known().map(|names| names.iter().filter_map(Attr::known).cloned().collect())
}

/// What is selected, in the document's order.
///
/// # Errors
/// For each name that matches nothing.
pub fn select<'l>(loaded: &'l LoadedRegistry, block: &Attr<SelectBlock>) -> Result<Selected<'l>, Diagnostics> {
    let selection = block.known().map_or_else(Selection::default, |block| Selection {
        services: names(&block.services),
        teams: names(&block.teams),
        environments: names(&block.environments),
        clusters: names(&block.clusters),
    });
    loaded.fan_out.registry().select(&selection).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| {
                Diagnostic::new(codes::EMPTY_SELECTION, format!("{error}\n\nIn `{}`.", loaded.source))
                    .at(Path::attribute("select").then(error.filter).index(error.index))
            })
            .collect()
    })
}
