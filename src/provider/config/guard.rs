//! The `guard` block: how much one run may remove before it has to be acknowledged.

use super::digests::digest;
use crate::fanout::impact::guard::{Guard, Limit};
use crate::sdk::{Attr, Attribute, Predicate};

crate::model! {
    /// The block.
    pub(super) struct GuardBlock {
        max_removals: Attr<String>,
        max_revocations: Attr<String>,
        acknowledge: Attr<String>,
    }
}

/// The settings of the block.
#[derive(Debug, Clone, Default)]
pub struct GuardSettings {
    /// The limits.
    pub limits: Guard,
    /// What is acknowledged, as it is written.
    pub acknowledge: Option<String>,
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    let limit = |name: &str, text: String| {
        Attribute::string(name)
            .rule(Predicate { describe: Limit::RULE, check: |text| text.parse::<Limit>().map(drop) })
            .describe(text)
    };
    let default = Limit::DEFAULT;
    Attribute::block(
        "guard",
        vec![
            limit("max_removals", format!("How many projects, namespaces and service accounts one run may remove (delete or abandon): a share of what the registry and the run have, a number, or both, and then whichever is more. Default: `{default}`. `100%` switches it off. The same limit is that of resources which would be created and exist already with this registry's label: then the state is lost, or an old one.")),
            limit("max_revocations", format!("How many principals one run may withdraw access from; each counts once for each project and namespace that remains, and only if it gets no other role in its place. Default: `{default}`. `100%` switches it off.")),
            Attribute::string("acknowledge")
                .rule(Predicate { describe: "the digest that the refusal shows, `sha256:…`", check: digest })
                .describe("Permits what the guard has refused: the digest that its error shows. It is of one revision of the registry, and has no effect after the registry changes."),
        ],
    )
    .describe("The guard against mass removal: a run that removes much, or adopts much, is refused at plan and lists what. On by default.")
}

/// The settings.
pub(super) fn read(block: Attr<GuardBlock>) -> GuardSettings {
    let Some(block) = block.into_known() else { return GuardSettings::default() };
    let limit = |text: Attr<String>| text.into_known().and_then(|text| text.parse().ok()).unwrap_or(Limit::DEFAULT);
    GuardSettings {
        limits: Guard { removals: limit(block.max_removals), revocations: limit(block.max_revocations) },
        acknowledge: block.acknowledge.into_known(),
    }
}
