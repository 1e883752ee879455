//! Compressed documents, whole and not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

const DOCUMENT: &[u8] =
    br#"{"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#;
const LIMIT: u64 = 4 << 10;

fn packed(encoding: Encoding, document: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(document).expect("in memory");
            encoder.finish().expect("in memory")
        }
        Encoding::Zstandard => compress_to_vec(document, CompressionLevel::Fastest),
    }
}

fn text(encoding: Option<Encoding>, bytes: impl Into<Vec<u8>>) -> String {
    unpack(encoding, bytes.into(), LIMIT).expect_err("refused").to_string()
}

#[test]
fn a_document_in_one_part_and_in_several_is_unpacked() {
    for encoding in Encoding::ALL {
        let whole = packed(encoding, DOCUMENT);
        assert_eq!(unpack(Some(encoding), whole.clone(), LIMIT).expect("whole"), DOCUMENT);
        let parts: Vec<u8> = DOCUMENT.chunks(9).flat_map(|part| packed(encoding, part)).collect();
        assert_eq!(unpack(Some(encoding), parts, LIMIT).expect("parts"), DOCUMENT);
        let exactly =
            unpack(Some(encoding), whole.clone(), DOCUMENT.len() as u64).expect("exactly as large as permitted");
        assert_eq!(exactly, DOCUMENT);
        let refused = unpack(Some(encoding), whole, DOCUMENT.len() as u64 - 1).expect_err("one byte too large");
        assert_eq!(refused, Failure::TooLarge { limit: DOCUMENT.len() as u64 - 1 });
    }
    assert_eq!(unpack(None, DOCUMENT.to_vec(), LIMIT).expect("not compressed"), DOCUMENT);
}

#[test]
fn frames_of_zstandard_that_contain_something_else_are_skipped() {
    let skipped = |content: &[u8]| {
        [&b"\x5a\x2a\x4d\x18"[..], &u32::try_from(content.len()).expect("small").to_le_bytes(), content].concat()
    };
    let frame = packed(Encoding::Zstandard, DOCUMENT);
    let all = [skipped(b"a table"), frame.clone(), skipped(b""), skipped(b"an index")].concat();
    assert_eq!(unpack(Some(Encoding::Zstandard), all.clone(), LIMIT).expect("the document"), DOCUMENT);
    for cut in [1, 8, 9, 12] {
        let refused = unpack(Some(Encoding::Zstandard), all[..all.len() - cut].to_vec(), LIMIT).expect_err("cut off");
        assert_eq!(refused, Failure::Encoding(EncodingError::Truncated), "{cut}");
    }
    assert_eq!(text(None, all), EncodingError::Unnamed(Encoding::Zstandard).to_string());
}

#[test]
fn a_document_that_is_not_compressed_as_its_name_states_is_refused() {
    let (gzip, zstandard) = (packed(Encoding::Gzip, DOCUMENT), packed(Encoding::Zstandard, DOCUMENT));
    insta::assert_snapshot!(text(Some(Encoding::Gzip), DOCUMENT), @"the name ends in `.gz`, and the document is not compressed: compress it with `gzip`, or publish it under a name without `.gz`");
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), DOCUMENT), @"the name ends in `.zst`, and the document is not compressed: compress it with `zstd`, or publish it under a name without `.zst`");
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), gzip.clone()), @"the document is compressed with gzip, and its name does not end in `.gz`: publish it under such a name");
    insta::assert_snapshot!(text(None, zstandard.clone()), @"the document is compressed with Zstandard, and its name does not end in `.zst`: publish it under such a name");
    insta::assert_snapshot!(text(None, gzip.clone()), @"the document is compressed with gzip, and its name does not end in `.gz`: publish it under such a name");
    insta::assert_snapshot!(text(Some(Encoding::Gzip), packed(Encoding::Gzip, &zstandard)), @"the document is compressed twice: compress it once");
    insta::assert_snapshot!(text(None, *b"\xfd7zXZ\0\0\x04"), @"the document is compressed with xz, which anu does not read: compress it with gzip (`.gz`) or Zstandard (`.zst`)");
    assert!(text(Some(Encoding::Gzip), *b"PK\x03\x04").contains("compressed with zip"));
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    for encoding in Encoding::ALL {
        let whole = packed(encoding, DOCUMENT);
        for length in 4..whole.len() {
            let refused = unpack(Some(encoding), whole[..length].to_vec(), LIMIT).expect_err("cut off");
            assert_eq!(refused, Failure::Encoding(EncodingError::Truncated), "{encoding:?} {length}");
        }
        // After a part, where the document could end as well.
        let parts = [whole.clone(), whole[..5].to_vec()].concat();
        insta::allow_duplicates! {
            insta::assert_snapshot!(text(Some(encoding), parts), @"the compressed document ends too early, so it was cut off: publish it again");
            insta::assert_snapshot!(text(Some(encoding), [&whole[..], b"\n"].concat()), @"after the end of the compressed document there are 1 more bytes, which are not compressed: publish it without them");
        }
    }
}

#[test]
fn a_changed_byte_is_refused_or_changes_nothing() {
    for encoding in Encoding::ALL {
        let whole = packed(encoding, DOCUMENT);
        let mut refused = 0;
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[place] ^= 1 << bit;
                match unpack(Some(encoding), changed, LIMIT) {
                    // The head has fields that mean nothing for the document, such as the time of a file.
                    Ok(document) => assert_eq!(document, DOCUMENT, "{encoding:?} {place}.{bit}"),
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 6 * whole.len(), "{encoding:?}: {refused} of {}", 8 * whole.len());
    }
    let mut damaged = packed(Encoding::Gzip, DOCUMENT);
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    insta::assert_snapshot!(text(Some(Encoding::Gzip), damaged), @"the compressed document is damaged: test it with `gzip -t`, and publish it again");
    let mut damaged = packed(Encoding::Zstandard, DOCUMENT);
    *damaged.last_mut().expect("a checksum") ^= 1;
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), damaged), @"the compressed document is damaged: test it with `zstd -t`, and publish it again");
    // A frame that is as long as it promises, without a checksum: `{}` instead of five bytes.
    assert_eq!(
        text(Some(Encoding::Zstandard), *b"\x28\xb5\x2f\xfd\x20\x05\x11\0\0{}"),
        EncodingError::Damaged(Encoding::Zstandard).to_string()
    );
}

#[test]
fn a_bomb_ends_at_the_limit() {
    for encoding in Encoding::ALL {
        let bomb = packed(encoding, &vec![b' '; 8 << 20]);
        assert_eq!(unpack(Some(encoding), bomb, LIMIT).expect_err("a bomb"), Failure::TooLarge { limit: LIMIT });
        let parts: Vec<u8> = std::iter::repeat_n(packed(encoding, &[b' '; 64]), 65).flatten().collect();
        assert_eq!(unpack(Some(encoding), parts, LIMIT).expect_err("a bomb"), Failure::TooLarge { limit: LIMIT });
        let empty: Vec<u8> = std::iter::repeat_n(packed(encoding, b""), MOST_PARTS + 1).flatten().collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(text(Some(encoding), empty), @"the compressed document has more than 8192 parts: compress it as a whole");
        }
    }
    // 2 GiB that are promised, and a window of 2 GiB.
    let promised = *b"\x28\xb5\x2f\xfd\xa0\0\0\0\x80\x01\0\0";
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), promised), @"larger than 4 KiB, the limit for a registry (`max_bytes`, `--max-bytes`): check that this is the right file");
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), *b"\x28\xb5\x2f\xfd\0\xa8\x01\0\0"), @"to unpack the document takes a window of 2048 MiB, more than a registry may have: compress it without `--long`");
    insta::assert_snapshot!(text(Some(Encoding::Zstandard), *b"\x28\xb5\x2f\xfd\x21\x07\0\x01\0\0"), @"the document is compressed with a dictionary: compress it without `-D`");
}
