//! Compressed registries, from a file and from a server.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anu::connect::RequestContext;
use anu::discovery::{Mode, RegistryConfig, Verify};
use anu::estate::{LoadRequest, load};
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::server::{Reply, Server};
use crate::signer::Signer;
use crate::{Place, REGISTRY, from};

pub fn gzip(document: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(document.as_ref()).expect("in memory");
    encoder.finish().expect("in memory")
}

pub fn zstandard(document: impl AsRef<[u8]>) -> Vec<u8> {
    compress_to_vec(document.as_ref(), CompressionLevel::Fastest)
}

#[tokio::test]
async fn a_pin_and_a_signature_are_of_the_document_and_not_of_its_compression() {
    let (place, ours) = (Place::new(), Signer::new(1));
    let signature = ours.sign(REGISTRY, "registry:acme");
    let forms = [
        ("registry.json", REGISTRY.into()),
        ("registry.json.gz", gzip(REGISTRY)),
        ("registry.json.zst", zstandard(REGISTRY)),
    ];
    for (name, bytes) in &forms {
        place.write(name, bytes);
        place.write(&format!("{name}.minisig"), &signature);
    }
    let served = forms.clone();
    let server = Server::start(move |request, _| {
        let (path, _) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match served.iter().find(|(name, _)| path[1..] == **name) {
            Some((_, bytes)) => Reply::ok(bytes),
            None => Reply::ok(&signature),
        }
    })
    .await;
    for (name, _) in &forms {
        for source in [(*name).to_owned(), server.url(&format!("/{name}?version=3.gz"))] {
            let config = RegistryConfig {
                sha256: Some("dc8ab9ab77b8ba4a8fde5aca34f59da38ad5c890e516f117343464a746741929".into()),
                verify: Some(Verify {
                    minisign: vec![ours.public_key().parse().expect("a key")],
                    trusted_comment: Vec::new(),
                }),
                ..from(&source)
            };
            let (fetched, warnings) = place.discover(&config, Mode::Apply).await.expect(&source);
            assert_eq!((fetched.bytes.as_slice(), warnings.len()), (REGISTRY.as_bytes(), 0), "{source}");
            let proof = fetched.proof.expect("a proof");
            assert_eq!((proof.registry.as_str(), proof.key), ("acme", ours.public_key()));
        }
    }
    let signatures: Vec<String> =
        server.requests().into_iter().map(|it| it.path).filter(|path| path.contains("minisig")).collect();
    assert_eq!(
        signatures,
        [
            "/registry.json.minisig?version=3.gz",
            "/registry.json.gz.minisig?version=3.gz",
            "/registry.json.zst.minisig?version=3.gz"
        ]
    );
}

#[tokio::test]
async fn the_last_good_copy_is_the_document() {
    let place = Place::new();
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let server = Server::start(move |request, _| match request.header("if-none-match") {
        _ if down.load(Ordering::SeqCst) => Reply::status("404 Not Found", &[], ""),
        Some(_) => Reply::status("304 Not Modified", &[], ""),
        None => Reply::status("200 OK", &[("etag", "\"v1\"")], gzip(REGISTRY)),
    })
    .await;
    let config = from(&server.url("/registry.json.gz"));
    for _ in 0..2 {
        let (fetched, _) = place.discover(&config, Mode::Apply).await.expect("200, then 304");
        assert_eq!(fetched.bytes, REGISTRY.as_bytes());
    }
    is_down.store(true, Ordering::SeqCst);
    let (copy, _) = place.discover(&config, Mode::Read).await.expect("the copy");
    assert_eq!((copy.bytes.as_slice(), copy.stale_age.is_some()), (REGISTRY.as_bytes(), true));
}

/// Apache announces the compression of `registry.json.gz` as that of the transfer, others do not.
#[tokio::test]
async fn a_transfer_encoding_of_a_compressed_document_is_not_undone_twice() {
    let place = Place::new();
    let server = Server::start(|request, _| {
        let packed = request.path.ends_with(".gz");
        assert_eq!(request.header("accept-encoding").is_some_and(|value| value.contains("gzip")), !packed);
        Reply::status("200 OK", &[("content-encoding", "gzip")], gzip(REGISTRY))
    })
    .await;
    for path in ["/registry.json.gz", "/registry.json"] {
        assert_eq!(place.read(&server.url(path)).await.expect(path).bytes, REGISTRY.as_bytes());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_compressed_document_is_told() {
    let place = Place::new();
    place.write("plain.json.gz", REGISTRY);
    place.write("hidden.json", zstandard(REGISTRY));
    place.write("cut.json.gz", &gzip(REGISTRY)[..20]);
    place.write("bomb.json.zst", zstandard(vec![b' '; 1 << 20]));
    place.write("empty.json.gz", gzip(" "));
    place.write("page.json.gz", "<!doctype html><title>Sign in</title>");
    place.write("packed-page.json.gz", gzip("<!doctype html><title>Sign in</title>"));
    let mut all = String::new();
    for name in [
        "plain.json.gz",
        "hidden.json",
        "cut.json.gz",
        "bomb.json.zst",
        "empty.json.gz",
        "page.json.gz",
        "packed-page.json.gz",
    ] {
        all += &place.refusal(name).await.replace("the registry could not be read:\n  ", "");
        all += "\n";
    }
    insta::assert_snapshot!(all, @"
    source `plain.json.gz`: the name ends in `.gz`, and the document is not compressed: compress it with `gzip`, or publish it under a name without `.gz`
    source `hidden.json`: the document is compressed with Zstandard, and its name does not end in `.zst`: publish it under such a name
    source `cut.json.gz`: the compressed document ends too early, so it was cut off: publish it again
    source `bomb.json.zst`: larger than 64 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file
    source `empty.json.gz`: the document is empty: publish the registry again
    source `page.json.gz`: the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`
    source `packed-page.json.gz`: the document is a web page (HTML), not a registry: it may be from a proxy or a login page, or the address is that of a page about the file. Check the address with `curl`
    ");
}

#[tokio::test]
async fn a_program_and_yaml_are_compiled_from_what_they_unpack_to() {
    let place = Place::new();
    let program = "local s = import 'service.libsonnet'; {services: [s]}";
    place.write("service.libsonnet", r#"{type: "Service", spec: {name: "ledger"}}"#);
    place.write("registry.jsonnet.gz", gzip(program));
    place.write("registry.yaml.zst", zstandard("services:\n- {type: Service, spec: {name: ledger}}\n"));
    place.write("wrong.jsonnet.gz", gzip("{services: [s]}"));
    let load = async |name: &str| {
        let request = LoadRequest {
            registry: from(name),
            jsonnet: Default::default(),
            mode: Mode::Apply,
            fan_out: Default::default(),
            allow_empty: false,
            name: Some("acme".parse().expect("a name")),
            accept_older: None,
        };
        load(&RequestContext::default(), &request, &place.context()).await
    };
    for name in ["registry.jsonnet.gz", "registry.yaml.zst"] {
        assert!(load(name).await.expect(name).fan_out.service("ledger").is_some(), "{name}");
    }
    insta::assert_snapshot!(load("wrong.jsonnet.gz").await.expect_err("refused"), @"
    `wrong.jsonnet.gz` does not compile: Unknown variable: s
      --> wrong.jsonnet.gz:1:13
      |
    1 | {services: [s]}
      |             ^
    ");
}
