//! What is wrong with how a document is compressed, with the next step.

use crate::connect::Encoding;

/// A document may be compressed in parts, one after the other. Each has a cost, also an empty one.
pub(super) const MOST_PARTS: usize = 1 << 13;

/// What is wrong with how a document is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// Plain, under the name of a compressed document.
    #[error(
        "the name ends in `{}`, and the document is not compressed: compress it with `{}`, or publish it under a name without `{}`",
        .0.ending(), .0.program(), .0.ending()
    )]
    Plain(Encoding),
    /// Compressed, under another name.
    #[error("the document is compressed with {}, and its name does not end in `{}`: publish it under such a name", .0.name(), .0.ending())]
    Unnamed(Encoding),
    /// Compressed with something else.
    #[error(
        "the document is compressed with {0}, which anu does not read: compress it with gzip (`.gz`) or Zstandard (`.zst`)"
    )]
    Foreign(&'static str),
    /// Compressed, and compressed again.
    #[error("the document is compressed twice: compress it once")]
    Twice,
    /// Cut off.
    #[error("the compressed document ends too early, so it was cut off: publish it again")]
    Truncated,
    /// Its own checksum or structure is wrong.
    #[error("the compressed document is damaged: test it with `{} -t`, and publish it again", .0.program())]
    Damaged(Encoding),
    /// Something after its end.
    #[error(
        "after the end of the compressed document there are {0} more bytes, which are not compressed: publish it without them"
    )]
    Trailing(usize),
    /// In too many parts.
    #[error("the compressed document has more than {MOST_PARTS} parts: compress it as a whole")]
    Parts,
    /// Needs a dictionary.
    #[error("the document is compressed with a dictionary: compress it without `-D`")]
    Dictionary,
    /// Needs too much memory.
    #[error("to unpack the document takes a window of {} MiB, more than a registry may have: compress it without `--long`", .0 >> 20)]
    Window(u64),
}
