//! From a compressed document to the document, within the limit of its size.
//!
//! How much memory that takes depends on the limit and not on the document: what unpacks to more ends at the limit.

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::encoding::{EncodingError, MOST_PARTS};
use super::failure::Failure;
use crate::connect::{Encoding, find_cause};

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTANDARD: &[u8] = b"\x28\xb5\x2f\xfd";
/// What other programs write.
const FOREIGN: [(&str, &[u8]); 4] =
    [("bzip2", b"BZh"), ("xz", b"\xfd7zXZ\0"), ("lz4", b"\x04\x22\x4d\x18"), ("zip", b"PK\x03\x04")];
/// How many bytes of a Zstandard frame are unpacked at a time.
const STEP: usize = 64 << 10;
/// The window that every reader of Zstandard should accept.
const WINDOW: u64 = 8 << 20;

/// The document in these bytes, which were read under a name of this encoding.
///
/// # Errors
/// If they are not compressed as their name states, and if the document is larger than the limit.
pub(super) fn unpack(encoding: Option<Encoding>, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, Failure> {
    let document = match (encoding, found(&bytes)?) {
        (None, None) => return Ok(bytes),
        (Some(encoding), None) => return Err(EncodingError::Plain(encoding).into()),
        (named, Some(found)) if named != Some(found) => return Err(EncodingError::Unnamed(found).into()),
        (_, Some(Encoding::Gzip)) => gzip(&bytes, limit)?,
        (_, Some(Encoding::Zstandard)) => zstandard(&bytes, limit)?,
    };
    match found(&document)? {
        Some(_) => Err(EncodingError::Twice.into()),
        None => Ok(document),
    }
}

/// How bytes are compressed, by what they begin with.
fn found(bytes: &[u8]) -> Result<Option<Encoding>, EncodingError> {
    if let Some((name, _)) = FOREIGN.iter().find(|(_, magic)| bytes.starts_with(magic)) {
        return Err(EncodingError::Foreign(name));
    }
    Ok(if bytes.starts_with(GZIP) {
        Some(Encoding::Gzip)
    } else if bytes.starts_with(ZSTANDARD) || skipped(bytes).is_some() {
        Some(Encoding::Zstandard)
    } else {
        None
    })
}

/// Members, one after the other.
fn gzip(mut rest: &[u8], limit: u64) -> Result<Vec<u8>, Failure> {
    let mut document = Vec::new();
    for _ in 0..MOST_PARTS {
        // One byte more than the limit distinguishes a document of exactly that size from a larger one.
        let room = limit.saturating_add(1).saturating_sub(document.len() as u64);
        let member = GzDecoder::new(&mut rest);
        member.take(room).read_to_end(&mut document).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => EncodingError::Truncated,
            _ => EncodingError::Damaged(Encoding::Gzip),
        })?;
        if document.len() as u64 > limit {
            return Err(Failure::TooLarge { limit });
        }
        match rest {
            [] => return Ok(document),
            rest if !rest.starts_with(GZIP) => return Err(EncodingError::Trailing(rest.len()).into()),
            _ => {}
        }
    }
    Err(EncodingError::Parts.into())
}

/// Frames, one after the other. Some contain something else and are skipped.
fn zstandard(mut rest: &[u8], limit: u64) -> Result<Vec<u8>, Failure> {
    let mut document = Vec::new();
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(limit.max(WINDOW));
    for _ in 0..MOST_PARTS {
        if let Some(size) = skipped(rest) {
            rest = rest.get(8..).and_then(|rest| rest.get(size?..)).ok_or(EncodingError::Truncated)?;
        } else {
            frame(&mut decoder, &mut rest, &mut document, limit)?;
        }
        match rest {
            [] => return Ok(document),
            rest if !rest.starts_with(ZSTANDARD) && skipped(rest).is_none() => {
                return Err(EncodingError::Trailing(rest.len()).into());
            }
            _ => {}
        }
    }
    Err(EncodingError::Parts.into())
}

/// How long a frame is that contains something else, without its head of eight bytes; `Some(None)` if its head is cut off.
fn skipped(rest: &[u8]) -> Option<Option<usize>> {
    let &[kind, 0x2a, 0x4d, 0x18, ref rest @ ..] = rest else { return None };
    let size = rest.first_chunk().map(|size| u32::from_le_bytes(*size) as usize);
    (kind & 0xf0 == 0x50).then_some(size)
}

fn frame(decoder: &mut FrameDecoder, rest: &mut &[u8], document: &mut Vec<u8>, limit: u64) -> Result<(), Failure> {
    // A frame of one segment has a window as large as its content.
    let is_one_segment = rest.get(4).is_some_and(|descriptor| descriptor & 0x20 != 0);
    let error = |error: FrameDecoderError| match error {
        FrameDecoderError::WindowSizeTooBig { .. } if is_one_segment => Failure::TooLarge { limit },
        FrameDecoderError::WindowSizeTooBig { requested, .. } => EncodingError::Window(requested).into(),
        FrameDecoderError::DictNotProvided { .. } => EncodingError::Dictionary.into(),
        // From memory, nothing else can fail to be read.
        error if find_cause::<std::io::Error>(&error).is_some() => EncodingError::Truncated.into(),
        _ => EncodingError::Damaged(Encoding::Zstandard).into(),
    };
    decoder.reset(&mut *rest).map_err(error)?;
    let (begun, promised) = (document.len() as u64, decoder.content_size());
    if begun.saturating_add(promised) > limit {
        return Err(Failure::TooLarge { limit });
    }
    while !decoder.is_finished() {
        decoder.decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBytes(STEP)).map_err(error)?;
        if (document.len() + decoder.can_collect()) as u64 > limit {
            return Err(Failure::TooLarge { limit });
        }
        // Into memory, which cannot fail.
        let _ = decoder.collect_to_writer(&mut *document);
    }
    let _ = decoder.collect_to_writer(&mut *document);
    let is_whole = match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(written), Some(found)) => written == found,
        _ => true,
    };
    // Without a size in its head it is 0.
    let is_as_long = promised == 0 || document.len() as u64 - begun == promised;
    if is_whole && is_as_long { Ok(()) } else { Err(EncodingError::Damaged(Encoding::Zstandard).into()) }
}

#[cfg(test)]
mod tests;
