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
    let s3 = [
        "s3://bucket",
        "s3://Bucket/registry.json",
        "s3://bucket/registry.json#1",
        "s3://bucket/registry.json?regoin=eu-west-1",
        "s3://bucket/registry.json?color=blue",
        "s3://bucket/registry.json?region=",
        "s3://bucket/registry.json?region=eu-west-1&region=eu-west-2",
        "s3://bucket/registry.json?region=EU",
        "s3://bucket/registry.json?endpoint=http://minio.example.com",
        "s3://bucket/registry.json?endpoint=https://user:hunter2@minio.example.com",
    ];
    insta::assert_snapshot!("wrong_s3", refusals(&place, &s3).await);
    let az = [
        "az://container",
        "az://Container/registry.json",
        "az://container/registry.json#1",
        "az://container/registry.json?accuont=acme",
        "az://container/registry.json?account=acme.example.com",
        "az://container/registry.json?account=acme&endpoint=minio",
    ];
    insta::assert_snapshot!("wrong_az", refusals(&place, &az).await);
}

/// What is missing from the environment.
#[tokio::test]
async fn a_setting_that_is_missing_is_named() {
    let place = Place::new();
    let places = ["s3://bucket/registry.json", "az://container/registry.json"];
    insta::assert_snapshot!("missing_settings", refusals(&place, &places).await);
    let disabled = [("AWS_EC2_METADATA_DISABLED", "true")];
    let place = Place { environment: anu::connect::Environment::of(disabled), ..place };
    insta::assert_snapshot!(
        "missing_credentials",
        refusals(&place, &["s3://bucket/registry.json?region=eu-west-1"]).await
    );
}
