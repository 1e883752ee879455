//! Registries that must be signed: what is accepted, from which place, and what each attack on the way is refused with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anu::connect::{RequestContext, Secret};
use anu::discovery::{Mode, RegistryConfig, Verify};
use anu::estate::{LoadError, LoadRequest, LoadedRegistry, load};

use crate::server::{Reply, Server};
use crate::signer::Signer;
use crate::tls::company;
use crate::{Place, REGISTRY, from};

/// A web server with a folder of files. What is not in it is not found.
struct Site {
    server: Server,
    authority: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Site {
    async fn start() -> Self {
        let files = Arc::new(Mutex::new(BTreeMap::<String, Vec<u8>>::new()));
        let served = Arc::clone(&files);
        let (authority, tls) = company(&["127.0.0.1"], false);
        let server = Server::start_tls(tls, move |request, _| {
            let (path, _) = request.path.split_once('?').unwrap_or((&request.path, ""));
            let Some(body) = served.lock().expect("no panic").get(path).cloned() else {
                return Reply::status("404 Not Found", &[], "");
            };
            let etag = format!("\"{}\"", body.len());
            match request.header("if-none-match") {
                Some(known) if known == etag => Reply::status("304 Not Modified", &[], ""),
                _ if body.is_empty() => Reply::status("418 I'm a teapot", &[], ""),
                _ if body.starts_with(&[0x1f, 0x8b]) => Reply::status("200 OK", &[("content-encoding", "gzip")], body),
                _ => Reply::status("200 OK", &[("etag", &etag)], body),
            }
        })
        .await;
        Self { server, authority, files }
    }

    fn publish(&self, path: &str, document: impl AsRef<[u8]>, signature: impl AsRef<[u8]>) {
        self.put(path, document);
        self.put(&format!("{path}.minisig"), signature);
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.files.lock().expect("no panic").insert(path.to_owned(), bytes.as_ref().to_vec());
    }

    fn remove(&self, path: &str) {
        self.files.lock().expect("no panic").remove(path);
    }

    fn url(&self, path: &str) -> String {
        self.server.url(path).replace("http://", "https://")
    }

    fn paths(&self) -> Vec<String> {
        self.server.requests().into_iter().map(|request| request.path).collect()
    }

    /// A registry here that must be signed by one of these.
    fn config(&self, path: &str, signers: &[&Signer]) -> RegistryConfig {
        RegistryConfig { ca_certificate: Some(self.authority.clone()), ..signed(&self.url(path), signers) }
    }
}

/// A registry that must be signed by one of these.
fn signed(source: &str, signers: &[&Signer]) -> RegistryConfig {
    let minisign = signers.iter().map(|signer| signer.public_key().parse().expect("a key")).collect();
    RegistryConfig { verify: Some(Verify { minisign, trusted_comment: Vec::new() }), ..from(source) }
}

/// The registry, as a provider loads it.
async fn loaded(place: &Place, registry: &RegistryConfig, mode: Mode) -> Result<LoadedRegistry, LoadError> {
    let request = LoadRequest {
        registry: registry.clone(),
        jsonnet: Default::default(),
        mode,
        fan_out: Default::default(),
        allow_empty: false,
        name: Some("acme".parse().expect("a name")),
        accept_older: None,
    };
    load(&RequestContext::default(), &request, &place.context()).await
}

/// A registry with one service, compiled so many days before [`Place`]'s clock.
fn registry(service: &str, days: u64) -> String {
    let compiled = std::time::UNIX_EPOCH + Duration::from_secs(1_800_000_000 - days * 86_400);
    let compiled = jiff::Timestamp::try_from(compiled).expect("a time");
    format!(
        r#"{{"metadata": {{"compiledAt": "{compiled}"}}, "services": [{{"type": "Service", "spec": {{"name": "{service}"}}}}]}}"#
    )
}

/// A mebibyte of spaces, packed.
fn bomb() -> Vec<u8> {
    crate::web::hex(crate::web::BOMB)
}

#[tokio::test]
async fn twelve_attacks_are_twelve_refusals() {
    let (ours, theirs) = (Signer::new(1), Signer::new(2));
    let document = registry("ledger", 1);
    let comment = "registry:acme branch:main";
    let signature = ours.sign(&document, comment);
    let swapped = signature.replace(comment, "registry:acme branch:main\tfile:x");
    let (text, bytes) = (|text: &str| text.as_bytes().to_vec(), String::into_bytes);
    let attacks = [
        ("other branch", text(&document), Some(bytes(ours.sign(&document, "registry:acme branch:experiment")))),
        ("older", text(&registry("ledger", 9)), Some(bytes(ours.sign(registry("ledger", 9), comment)))),
        ("replayed signature", text(&registry("ledger", 0)), Some(text(&signature))),
        ("unsigned mirror", text(&document), None),
        ("swapped signature", text(&document), Some(bytes(swapped))),
        ("foreign key", text(&document), Some(bytes(theirs.sign(&document, comment)))),
        ("edited in transit", bytes(document.replace("ledger", "ledge")), Some(text(&signature))),
        ("wrong type", text("a release of ours"), Some(bytes(ours.sign("a release of ours", "file:release.tar")))),
        ("a page in place of the signature", text(&document), Some(text("<!doctype html><title>Sign in</title>"))),
        ("truncated", text(&document[..document.len() - 2]), Some(text(&signature))),
        ("truncated signature", text(&document), Some(text(&signature[..signature.len() - 9]))),
        ("bomb", text(&document), Some(bomb())),
        ("other company's registry", text(&document), Some(bytes(ours.sign(&document, "registry:globex branch:main")))),
        ("signature of another document", text(&document), Some(bytes(ours.sign(registry("shop", 1), comment)))),
    ];
    let mut refusals = String::new();
    for (attack, document, signature) in attacks {
        let (place, site) = (Place::new(), Site::start().await);
        site.put("/registry.json", document);
        if let Some(signature) = signature {
            site.put("/registry.json.minisig", signature);
        }
        // What could be read instead is in order.
        site.publish("/mirror.json", registry("ledger", 0), ours.sign(registry("ledger", 0), comment));
        let mut config = site.config("/registry.json", &[&ours]);
        config.fallbacks = vec![site.url("/mirror.json")];
        config.max_age = Some(Duration::from_secs(7 * 86_400));
        config.verify.as_mut().expect("set").trusted_comment = vec!["branch:main".into()];
        let error = loaded(&place, &config, Mode::Read).await.expect_err(attack);
        assert!(!site.paths().iter().any(|path| path.starts_with("/mirror")), "{attack}: no other place is read");
        let apply = loaded(&place, &config, Mode::Apply).await.expect_err(attack);
        assert_eq!(apply, error, "{attack}: an apply is refused alike");
        refusals += &format!("{attack}\n{}\n\n", place.plain(&error.to_string()));
    }
    insta::assert_snapshot!(refusals);
}

#[tokio::test]
async fn a_bomb_in_place_of_a_document_is_refused_before_its_signature_is_read() {
    let (place, site) = (Place::new(), Site::start().await);
    let ours = Signer::new(1);
    site.publish("/registry.json", bomb(), ours.sign("", "registry:acme"));
    let error = place.discover(&site.config("/registry.json", &[&ours]), Mode::Apply).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: larger than 64 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file
    An apply reads only the source, never an old copy.
    ");
    assert_eq!(site.paths(), ["/registry.json"]);
}

#[tokio::test]
async fn both_keys_are_accepted_while_a_publisher_changes_its_key() {
    let (place, site) = (Place::new(), Site::start().await);
    let (old, new) = (Signer::new(1), Signer::new(2));
    for signer in [&old, &new] {
        site.publish("/registry.json", REGISTRY, signer.sign(REGISTRY, "registry:acme"));
        for keys in [[&old, &new], [&new, &old]] {
            let (fetched, _) = place.discover(&site.config("/registry.json", &keys), Mode::Apply).await.expect("read");
            assert_eq!(fetched.proof.expect("a proof").registry, "acme");
        }
    }
    // The document is unchanged, and so is its ETag: the signature of the copy, by a key that is no longer accepted, is replaced.
    place.discover(&site.config("/registry.json", &[&new]), Mode::Apply).await.expect("read");
    let retired = place.discover(&site.config("/registry.json", &[&old]), Mode::Apply).await.expect_err("retired");
    insta::assert_snapshot!(place.plain(&retired.to_string()), @"
    the registry was refused:
      source `https://127.0.0.1:PORT/registry.json`: foreign key: it is signed with the key `0202020202020202`, and `verify.minisign` accepts `0101010101010101`. If the publisher has a new key, add it there; otherwise the document is not the publisher's
    The registry must be signed. No other place is read after one whose signature is missing or wrong: that can be an attack.
    ");
}

#[tokio::test]
async fn an_unchanged_document_needs_one_request_and_the_signature_its_query_and_token() {
    let (place, site) = (Place::new(), Site::start().await);
    let ours = Signer::new(1);
    site.publish("/registry.json", REGISTRY, ours.sign(REGISTRY, "registry:acme"));
    let config =
        RegistryConfig { token: Some(Secret::new("hunter2")), ..site.config("/registry.json?version=3", &[&ours]) };
    for _ in 0..2 {
        place.discover(&config, Mode::Read).await.expect("read");
    }
    assert_eq!(
        site.paths(),
        ["/registry.json?version=3", "/registry.json.minisig?version=3", "/registry.json?version=3"]
    );
    let tokens: Vec<_> = site.server.requests().iter().map(|it| it.header("authorization").is_some()).collect();
    assert_eq!(tokens, [true, true, true]);
}

#[tokio::test]
async fn a_source_that_is_missing_falls_through_to_what_is_signed_and_says_so() {
    let (place, site) = (Place::new(), Site::start().await);
    let ours = Signer::new(1);
    place.write("mirror.json", REGISTRY);
    place.write("mirror.json.minisig", ours.sign(REGISTRY, "registry:acme"));
    // The second has a document whose signature cannot be read: it may be a good one.
    site.publish("/odd.json", REGISTRY, "");
    let mut config = site.config("/registry.json", &[&ours]);
    config.fallbacks = vec![site.url("/odd.json"), "mirror.json".into()];
    let (fetched, warnings) = place.discover(&config, Mode::Read).await.expect("read");
    assert_eq!((fetched.source.as_str(), fetched.from_fallback), ("mirror.json", true));
    insta::assert_snapshot!(place.plain(&warnings[0].detail), @"
    The registry was read from the fallback `mirror.json`, because these failed:
      source `https://127.0.0.1:PORT/registry.json`: not found (404): check the address
      fallback `https://127.0.0.1:PORT/odd.json`: the signature `https://127.0.0.1:PORT/odd.json.minisig` could not be read: unexpected status 418: check the address
    The fallback may be older than the source. An apply does not use it.
    ");
    // A fallback without a signature is no fallback.
    std::fs::remove_file(place.path().join("mirror.json.minisig")).expect("removed");
    let error = place.discover(&config, Mode::Read).await.expect_err("refused");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry was refused:
      source `https://127.0.0.1:PORT/registry.json`: not found (404): check the address
      fallback `https://127.0.0.1:PORT/odd.json`: the signature `https://127.0.0.1:PORT/odd.json.minisig` could not be read: unexpected status 418: check the address
      fallback `mirror.json`: signature missing: `mirror.json.minisig` does not exist, and `verify.minisign` accepts only a signed registry. Sign it where it is published: `minisign -Sm registry.json -t 'registry:NAME'`
    The registry must be signed. No other place is read after one whose signature is missing or wrong: that can be an attack.
    ");
}

#[tokio::test]
async fn a_last_good_copy_is_used_with_its_signature_only() {
    let (place, site) = (Place::new(), Site::start().await);
    let ours = Signer::new(1);
    let verified = site.config("/registry.json", &[&ours]);
    let unverified = RegistryConfig { verify: None, ..verified.clone() };
    site.publish("/registry.json", REGISTRY, ours.sign(REGISTRY, "registry:acme"));
    place.discover(&unverified, Mode::Read).await.expect("read");
    site.remove("/registry.json");
    let error = place.discover(&verified, Mode::Read).await.expect_err("stored without a signature");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: not found (404): check the address
      last good copy of `https://127.0.0.1:PORT/registry.json`: signature missing: the copy was stored before `verify.minisign` was set
    ");
    // Unchanged, it is stored again with its signature.
    site.put("/registry.json", REGISTRY);
    place.discover(&verified, Mode::Read).await.expect("read");
    site.remove("/registry.json");
    let (copy, warnings) = place.discover(&verified, Mode::Read).await.expect("the copy");
    assert!(copy.stale_age.is_some() && copy.proof.is_some());
    assert_eq!(warnings[0].code.summary(), "Registry read from the last good copy");
    place.discover(&verified, Mode::Apply).await.expect_err("an apply does not use it");
    // A copy that others wrote, with the right digest of their document.
    let forged = REGISTRY.replace("[]", "[{}]");
    for entry in std::fs::read_dir(place.path().join("cache")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a copy");
        let (header, _) = text.split_once('\n').expect("a header");
        let mut header: serde_json::Value = serde_json::from_str(header).expect("JSON");
        header["sha256"] = sha256(&forged).into();
        std::fs::write(&path, format!("{header}\n{forged}")).expect("written");
    }
    let (copy, _) = place.discover(&unverified, Mode::Read).await.expect("it is a copy");
    assert_eq!(copy.bytes, forged.as_bytes());
    let error = place.discover(&verified, Mode::Read).await.expect_err("forged");
    insta::assert_snapshot!(place.plain(&error.to_string()), @"
    the registry could not be read:
      source `https://127.0.0.1:PORT/registry.json`: not found (404): check the address
      last good copy of `https://127.0.0.1:PORT/registry.json`: wrong signature: the signature names the key `0101010101010101` and is not of this document, so one of the two was changed, cut off, or replaced by another version. Publish both again together; if the publisher did not change them, find out who did
    ");
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_document_and_its_signature_that_are_being_written_are_read_once_more() {
    let (ours, place) = (Signer::new(1), Place::new());
    let (old, new) = (ours.sign(REGISTRY, "registry:acme"), ours.sign(registry("ledger", 0), "registry:acme"));
    // The document is the new one, and its signature follows.
    let server = Server::start(move |request, nth| match (request.path.as_str(), nth) {
        ("/registry.json", _) => Reply::ok(registry("ledger", 0)),
        (_, 0..=1) => Reply::ok(&old),
        _ => Reply::ok(&new),
    })
    .await;
    place.discover(&signed(&server.url("/registry.json"), &[&ours]), Mode::Apply).await.expect("read");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_program_has_no_signature() {
    let (place, ours) = (Place::new(), Signer::new(1));
    let error = loaded(&place, &signed("registry.jsonnet", &[&ours]), Mode::Read).await.expect_err("refused");
    insta::assert_snapshot!(error, @"`verify.minisign` requires the signature of a compiled registry. A source that ends in `.jsonnet` or is a folder is compiled when it is read, and its files have no signature. Remove `verify.minisign`, or compile the registry (`anu registry compile`) and sign the result");
    let mut config = signed("registry.json", &[&ours]);
    config.fallbacks = vec!["registry.jsonnet".into()];
    assert_eq!(loaded(&place, &config, Mode::Read).await.expect_err("refused"), error);
}

#[tokio::test]
async fn a_registry_without_a_time_has_no_age() {
    let place = Place::new();
    place.write("registry.json", registry("ledger", 6));
    let mut config = from("registry.json");
    config.max_age = Some(Duration::from_secs(6 * 86_400));
    loaded(&place, &config, Mode::Apply).await.expect("just not too old");
    place.write("registry.json", r#"{"services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#);
    let error = loaded(&place, &config, Mode::Apply).await.expect_err("refused");
    insta::assert_snapshot!(error, @"`registry.json` has no `metadata.compiledAt`, which `max_age` requires. Write the time of the compilation into it when it is published, or remove `max_age`");
}

/// Reads files with and without a required signature: `cargo test --test discovery what_verifying_costs -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn what_verifying_costs() {
    let (mut place, ours) = (Place::new(), Signer::new(1));
    place.limits.size = 64 << 20;
    for megabytes in [1, 3, 10] {
        let document = format!("{{\"services\": []{}}}", " ".repeat(megabytes * 1_000_000));
        place.write("registry.json.minisig", ours.sign(&document, "registry:acme"));
        place.write("registry.json", document);
        let mut best = [Duration::MAX; 2];
        for _ in 0..20 {
            for (config, best) in [from("registry.json"), signed("registry.json", &[&ours])].iter().zip(&mut best) {
                let begun = std::time::Instant::now();
                place.discover(config, Mode::Apply).await.expect("read");
                *best = begun.elapsed().min(*best);
            }
        }
        println!("{megabytes} MB: {:.1} ms more than {:.1} ms", ms(best[1].saturating_sub(best[0])), ms(best[0]));
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
