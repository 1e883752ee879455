//! Files, and texts that are no source at all.

use anu::discovery::Mode;

use crate::{Place, REGISTRY, from};

#[tokio::test]
async fn a_path_is_taken_from_the_base_folder() {
    let place = Place::new();
    place.write("registry.json", REGISTRY);
    let absolute = place.path().join("registry.json");
    for source in ["registry.json", "./registry.json", absolute.to_str().expect("text")] {
        let fetched = place.read(source).await.expect("read");
        assert_eq!((fetched.bytes.as_slice(), fetched.source.as_str()), (REGISTRY.as_bytes(), source));
        assert_eq!((fetched.from_fallback, fetched.stale_age, fetched.version), (false, None, None));
    }
    let url = format!("file://{}", absolute.display());
    assert_eq!(place.read(&url).await.expect("read").source, url);
}

#[tokio::test]
async fn a_file_that_is_no_registry_says_why() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("folder")).expect("made");
    place.write("empty.json", "\u{feff} \n");
    place.write("page.json", "\n<!DOCTYPE html><html>Sign in</html>");
    place.write("large.json", vec![b' '; (64 << 10) + 1]);
    place.write("full.json", [vec![b' '; (64 << 10) - 2], b"{}".to_vec()].concat());
    insta::assert_snapshot!(place.refusal("missing.json").await, @"
    the registry could not be read:
      source `missing.json`: file not found: check the path (`DIR/missing.json`)
    ");
    insta::assert_snapshot!(place.refusal("empty.json/missing.json").await, @"
    the registry could not be read:
      source `empty.json/missing.json`: file not found: check the path (`DIR/empty.json/missing.json`)
    ");
    insta::assert_snapshot!(place.refusal("folder").await, @"
    the registry could not be read:
      source `folder`: the path is a folder: write the path of the file in it
    ");
    insta::assert_snapshot!(place.refusal("empty.json").await, @"
    the registry could not be read:
      source `empty.json`: the document is empty: publish the registry again
    ");
    insta::assert_snapshot!(place.refusal("page.json").await, @"
    the registry could not be read:
      source `page.json`: the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`
    ");
    insta::assert_snapshot!(place.refusal("large.json").await, @"
    the registry could not be read:
      source `large.json`: larger than 64 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file
    ");
    assert_eq!(place.read("full.json").await.expect("just not too large").bytes.len(), 64 << 10);
}

#[tokio::test]
async fn a_text_that_is_no_source_says_what_is_one() {
    let place = Place::new();
    for (source, said) in [("oci://acme/registry", "oci:"), ("ftp://example.com/r", "ftp:"), ("GIT://acme/r", "git:")] {
        let refusal = place.refusal(source).await;
        assert!(refusal.contains(&format!("`{said}` is not a source anu can read")), "{refusal}");
    }
    insta::assert_snapshot!(place.refusal("oci://acme/registry").await, @"`source` is not a valid registry source: `oci:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
    insta::assert_snapshot!(place.refusal("  ").await, @"`source` is not a valid registry source: the value is empty: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
    insta::assert_snapshot!(place.refusal("http://user:hunter2@example.com:8080/registry.json?sig=hunter3").await, @"`source` is not a valid registry source: `http://example.com:8080/registry.json?…` is not encrypted: use `https://` (`http://` is permitted only for servers on this machine)");
    insta::assert_snapshot!(place.refusal("https://user:hunter2@/registry.json").await, @"`source` is not a valid registry source: `https:…` is not a well-formed address: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
    insta::assert_snapshot!(place.refusal("https:example.com/registry.json").await, @"`source` is not a valid registry source: `https:…` is not a well-formed address: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
    insta::assert_snapshot!(place.refusal("file:registry.json").await, @"`source` is not a valid registry source: `file:…` is not a well-formed address: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
    let mut config = from("registry.json");
    config.fallbacks = vec!["registry.json".into(), "ftp://acme/registry.json".into()];
    let error = place.discover(&config, Mode::Apply).await.expect_err("refused");
    insta::assert_snapshot!(error, @"`fallbacks[1]` is not a valid registry source: `ftp:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)");
}

#[tokio::test]
async fn a_path_may_look_odd() {
    let place = Place::new();
    for name in ["a:b.json", "registry v1.json", "100%.json"] {
        place.write(name, REGISTRY);
        assert_eq!(place.read(name).await.expect("read").source, name);
    }
}

#[tokio::test]
async fn a_pin_holds_the_content() {
    let place = Place::new();
    place.write("registry.json", REGISTRY);
    let mut config = from("registry.json");
    config.sha256 = Some("sha256:8C4D2C66C2B0CDDB5FEBF8AF4D9B4B6B8BCDAE7E4D4B6B0A9B8C7D6E5F4A3B2C".into());
    let error = place.discover(&config, Mode::Read).await.expect_err("another content");
    insta::assert_snapshot!(error, @"
    the registry could not be read:
      source `registry.json`: its SHA-256 is `dc8ab9ab77b8ba4a8fde5aca34f59da38ad5c890e516f117343464a746741929`, and `sha256` requires `8c4d2c66c2b0cddb5febf8af4d9b4b6b8bcdae7e4d4b6b0a9b8c7d6e5f4a3b2c`: to accept the new content, change `sha256`
    ");
    let found = error.to_string().split('`').nth(3).expect("the digest").to_owned();
    config.sha256 = Some(found.to_uppercase());
    place.discover(&config, Mode::Apply).await.expect("the content that was pinned");
    config.sha256 = Some("latest".into());
    insta::assert_snapshot!(place.discover(&config, Mode::Read).await.expect_err("no digest"), @"`sha256` is `latest`, and must be 64 hexadecimal digits, as `sha256sum registry.json` prints them");
}
