//! What is no address of an object, and what the user reads.

use std::fmt::Write as _;

use crate::Place;

async fn refusals(place: &Place, addresses: &[&str]) -> String {
    let mut table = String::new();
    for address in addresses {
        let shown: String = address.chars().take(40).collect();
        let refusal = place.refusal(address).await;
        let text = refusal.strip_prefix("`source` is not a valid registry source: ").unwrap_or(&refusal);
        let _ = writeln!(table, "{}\n  {text}", shown.escape_debug());
    }
    table
}

#[tokio::test]
async fn a_wrong_address_says_what_is_wrong_with_it() {
    let place = Place::new();
    let long = format!("gs://bucket/{}", "a".repeat(1025));
    let gs = [
        "gs://bucket",
        "gs://bucket/",
        "gs:///registry.json",
        "GS://Bucket/registry.json",
        "gs://ab/registry.json",
        "gs://bucket/folder/",
        "gs://bucket//registry.json",
        "gs://bucket/../registry.json",
        "gs://bucket/registry\u{7}.json",
        "gs://bucket/registry.json?generation=1",
        "gs://bucket/registry.json#newest",
        "gs://bucket/registry.json#",
        &long,
    ];
    insta::assert_snapshot!("wrong_gs", refusals(&place, &gs).await);
}
