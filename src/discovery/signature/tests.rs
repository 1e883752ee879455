//! Keys, comments, and signatures of the reference implementation.

use proptest::prelude::*;

use super::*;

const DOCUMENT: &[u8] = br#"{"services": []}"#;
/// Made by rsign, the reference implementation in Rust (`minisign` 0.10): the key, and its signature of [`DOCUMENT`].
const KEY: &str = "RWSaccygmV044LuR0YK6I6XtHgoINKg6vwqoDjiixfdrzhJ+rALkAepx";
const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUSaccygmV044I/+6S7KvcDLcPrvVivblvPO+lvWbMUu/x3Mf7AjDQYGeSajqrTUPOwmvOJwjRIg3NfK19WGOiTsUqhCO6mf1A0=
trusted comment: registry:acme
YdeHpU7FpOIMfQjIoWy1JxLjzCtzcIDiAVfbILbvaaZPylVeit9C/sScNMdcEj3wSqjQa8h+1NMeGGJMzw6YAQ==
";
/// Of minisign's own tests: a key, and its signature of `test` in the format before 0.6.
const OLD_KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const OLD_SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
";
/// A secret key without a password, and the beginning of one with.
const SECRET: &str =
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAmnHMoJldOODjdqDojswPVbEC0kJR";
const PROTECTED: &str = "RWRTY0IytFTUTFctGqpbI4utaRXK9nGTnX12E6haVbWXFsMdQkcAABAAAAAA";

fn verify(keys: &[&str], trusted_comment: &[&str]) -> Verify {
    Verify {
        minisign: keys.iter().map(|key| key.parse().unwrap()).collect(),
        trusted_comment: trusted_comment.iter().map(|&field| field.to_owned()).collect(),
    }
}

fn refusal(document: &[u8], signature: &str, verify: &Verify) -> String {
    check(document, signature.as_bytes(), verify, &SettingNames::default()).expect_err("refused").to_string()
}

#[test]
fn a_signature_of_the_reference_implementation_is_accepted_for_its_document_only() {
    let both = verify(&[OLD_KEY, KEY], &["registry:acme"]);
    let proof = check(DOCUMENT, SIGNATURE.as_bytes(), &both, &SettingNames::default()).expect("accepted");
    assert_eq!(proof.registry, "acme");
    insta::assert_snapshot!(refusal(b"{}", SIGNATURE, &both), @"wrong signature: the signature names the key `E0385D99A0CC719A` and is not of this document, so one of the two was changed, cut off, or replaced by another version. Publish both again together; if the publisher did not change them, find out who did");
    insta::assert_snapshot!(refusal(DOCUMENT, SIGNATURE, &verify(&[OLD_KEY], &[])), @"foreign key: it is signed with the key `E0385D99A0CC719A`, and `verify.minisign` accepts `E7620F1842B4E81F`. If the publisher has a new key, add it there; otherwise the document is not the publisher's");
    insta::assert_snapshot!(refusal(DOCUMENT, SIGNATURE, &verify(&[KEY], &["branch:main"])), @"signature without `branch:main`: its trusted comment is `registry:acme`, and `verify.trusted_comment` requires the field. Check that this is the right document, and that it is signed with `minisign -Sm registry.json -t 'registry:NAME branch:main'`");
    // A key is found by its number, and two can have the same: each is tried.
    let mut other = STANDARD.decode(OLD_KEY).unwrap();
    other[2..10].copy_from_slice(&STANDARD.decode(KEY).unwrap()[2..10]);
    let namesakes = verify(&[&STANDARD.encode(other), KEY], &[]);
    assert!(check(DOCUMENT, SIGNATURE.as_bytes(), &namesakes, &SettingNames::default()).is_ok());
}

#[test]
fn what_is_no_signature_and_one_of_the_old_format_are_refused() {
    let keys = verify(&[OLD_KEY], &[]);
    insta::assert_snapshot!(refusal(b"test", OLD_SIGNATURE, &keys), @"signature of an old format: sign without `-l`, with minisign 0.10 or later");
    insta::assert_snapshot!(refusal(b"test", "<!doctype html><title>Sign in</title>", &keys), @"signature malformed: what is stored as the signature is not one of minisign (4 lines, at most 16 KiB). Publish the signature again, and check that the server does not respond with a page of its own");
}

#[test]
fn a_comment_without_the_name_of_a_registry_is_refused() {
    let keys = verify(&[KEY], &["branch:main"]);
    let text =
        |comment| proof(&keys.minisign[0], comment, &keys, &SettingNames::default()).expect_err("refused").to_string();
    insta::assert_snapshot!(text("timestamp:1700000000\tfile:registry.json\thashed"), @r"signature without `registry:NAME`: its trusted comment is `timestamp:1700000000\tfile:registry.json\thashed`, and `verify.minisign` requires the field. Check that this is the right document, and that it is signed with `minisign -Sm registry.json -t 'registry:NAME branch:main'`");
    insta::assert_snapshot!(text("registry: branch:main\u{7}"), @r"signature without `registry:NAME`: its trusted comment is `registry: branch:main\u{7}`, and `verify.minisign` requires the field. Check that this is the right document, and that it is signed with `minisign -Sm registry.json -t 'registry:NAME branch:main'`");
    for accepted in ["registry:acme branch:main", "timestamp:1\tbranch:main\tregistry:acme"] {
        assert_eq!(
            proof(&keys.minisign[0], accepted, &keys, &SettingNames::default()).expect("accepted").registry,
            "acme"
        );
    }
}

#[test]
fn a_key_is_a_public_key() {
    assert_eq!(KEY.parse::<MinisignKey>().unwrap().id.to_string(), "E0385D99A0CC719A");
    let refusal = |text: &str| {
        let error = text.parse::<MinisignKey>().expect_err("refused").to_string();
        assert!(text.len() < 5 || !error.contains(text), "a value that may be secret is not shown");
        error
    };
    insta::assert_snapshot!(refusal(""), @"the value (0 characters) is not a public key of minisign: write the second line of `minisign.pub`, 56 characters that begin with `RW`");
    insta::assert_snapshot!(refusal("RWTooShort"), @"the value (10 characters) is not a public key of minisign: write the second line of `minisign.pub`, 56 characters that begin with `RW`");
    insta::assert_snapshot!(refusal(SECRET), @"the value is a secret key of minisign, which must not be shared: write the second line of `minisign.pub`, and create a new pair of keys if others can read this value");
    for (text, same) in [(&KEY[..55], "RWTooShort"), (PROTECTED, SECRET), (&format!("{KEY}\n"), "RWTooShort")] {
        let count = |text: String| text.replace(|letter: char| letter.is_ascii_digit(), "");
        assert_eq!(count(refusal(text)), count(refusal(same)));
    }
    for field in ["branch:main", "file:a:b"] {
        assert_eq!(comment_field(field), Ok(field.to_owned()));
    }
    insta::assert_snapshot!(comment_field("branch: main").expect_err("refused"), @"`branch: main` is not a field of a trusted comment: write `NAME:VALUE` without spaces, for example `branch:main`");
    for field in ["", "main", ":main", "branch:", "a b:c"] {
        assert!(comment_field(field).is_err(), "{field}");
    }
}

proptest! {
    /// Neither what a server sends nor what a user writes is ever a panic, and no change of a signature is accepted.
    #[test]
    fn nothing_else_is_a_signature(at in 0..SIGNATURE.len(), letter in any::<u8>(), end in 0..SIGNATURE.len(), noise in any::<Vec<u8>>()) {
        let (keys, names) = (verify(&[KEY], &[]), SettingNames::default());
        let mut changed = SIGNATURE.as_bytes().to_vec();
        changed[at] = letter;
        let (signed, line_end) = (SIGNATURE.find('\n').unwrap(), b"\r\n");
        let is_same = changed == SIGNATURE.as_bytes() || at < signed;
        let ends_line = |letter: u8| line_end.contains(&letter);
        if !(is_same || ends_line(letter) || ends_line(SIGNATURE.as_bytes()[at])) {
            prop_assert!(check(DOCUMENT, &changed, &keys, &names).is_err());
        }
        if end < SIGNATURE.len() - 1 {
            prop_assert!(check(DOCUMENT, &SIGNATURE.as_bytes()[..end], &keys, &names).is_err());
        }
        prop_assert!(check(DOCUMENT, &noise, &keys, &names).is_err());
        let _ = String::from_utf8_lossy(&noise).parse::<MinisignKey>();
    }
}
