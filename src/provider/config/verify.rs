//! The `verify` block within `registry`: the proof that every document must have.

use crate::discovery::{MinisignKey, Verify, comment_field};
use crate::sdk::{Attr, Attribute, LengthAtLeast, Predicate, Type};

crate::model! {
    /// The block.
    pub(super) struct VerifyBlock {
        minisign: Attr<Vec<Attr<String>>>,
        trusted_comment: Attr<Vec<Attr<String>>>,
    }
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    let is_key = |text: &str| text.parse::<MinisignKey>().map(drop).map_err(|error| error.to_string());
    Attribute::block(
        "verify",
        vec![
            Attribute::of("minisign", Type::list(Type::String))
                .required()
                .rule(LengthAtLeast(1))
                .rule(Predicate { describe: MinisignKey::RULE, check: is_key })
                .describe("Public keys of [minisign](https://jedisct1.github.io/minisign/). A signature by one of them is enough; write the old and the new one while the publisher changes its key."),
            Attribute::of("trusted_comment", Type::list(Type::String))
                .rule(LengthAtLeast(1))
                .rule(Predicate { describe: "`NAME:VALUE` without spaces", check: |text| comment_field(text).map(drop) })
                .describe("Fields that the trusted comment of the signature must contain besides `registry:NAME`, for example `branch:main` if the key signs other branches too."),
        ],
    )
    .describe("Accept only a registry with a valid signature, from the source, the fallbacks and the last good copy alike. The signature is read from `SOURCE.minisig` (of an address: `.minisig` after its path), and its trusted comment must contain `registry:NAME` with the name of the registry: `minisign -Sm registry.json -t 'registry:NAME'`. A source that ends in `.jsonnet` is refused.")
}

/// The settings of the block.
pub(super) fn read(block: Attr<VerifyBlock>) -> Option<Verify> {
    let block = block.into_known()?;
    let keys = block.minisign.into_known_items().unwrap_or_default();
    Some(Verify {
        minisign: keys.iter().filter_map(|key| key.parse().ok()).collect(),
        trusted_comment: block.trusted_comment.into_known_items().unwrap_or_default(),
    })
}
