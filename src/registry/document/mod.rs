//! From bytes to JSON: a tree that borrows its text from the input and preserves the order of keys and duplicate keys,
//! which serde_json's `Value` does not.
//!
//! Rejected here, with line and column: input that is not UTF-8 (another encoding, a byte order mark) or not JSON (truncated,
//! trailing text), and input that would exhaust memory (nesting, millions of values). The limits are [`MAX_BYTES`],
//! [`MAX_DEPTH`] and [`MAX_VALUES`].

mod node;
mod order;
mod positions;
mod stream;
mod tree;

use std::collections::HashSet;

use serde::de::DeserializeSeed;

use super::pointer::PointerPath;
use super::problem::{Problems, Rule, rules};
use super::quote::quote;
use stream::Root;
use tree::{Build, Seed, offset_in};

pub(crate) use node::{DocumentPart, Node};
pub(crate) use order::Order;
pub use positions::positions_of;
pub use tree::{MAX_DEPTH, MAX_VALUES};

/// The limit for the size of a document, in bytes: about 140,000 services.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The result of [`stream`].
pub(crate) struct Read {
    /// Whether an object has duplicate keys. The first of them counts, and the document is rejected at the end.
    pub(crate) duplicates: bool,
}

/// Reads a document part by part, so that the tree of one service is dropped before the next is read: a tree of all services
/// is several times as large as the document. The second argument of `each` is whether duplicate keys were found so far.
///
/// # Errors
/// The first syntax error or exceeded limit.
pub(crate) fn stream<'a>(
    bytes: &'a [u8],
    lists: &[&str],
    each: &mut dyn FnMut(DocumentPart<'_, 'a>, bool),
) -> Result<Read, (Rule, String)> {
    let text = text(bytes)?;
    let build = Build::of(text);
    parse(&build, Root { build: &build, lists, each })?;
    Ok(Read { duplicates: build.duplicates.get() })
}

/// The tree of a whole document, needed only for documents with problems.
pub(crate) fn tree(bytes: &[u8]) -> Option<Node<'_>> {
    let build = Build::of(text(bytes).ok()?);
    parse(&build, Seed { build: &build, depth: 0 }).ok()
}

/// Reports every duplicate key.
pub(crate) fn report_duplicates(bytes: &[u8], document: &Node<'_>, problems: &mut Problems) {
    if let Ok(text) = text(bytes) {
        // The tree borrows from the same bytes, so its keys have offsets in this text.
        duplicates_in(document, &PointerPath::Root, text, &Lines::of(text.as_bytes()), problems);
    }
}

fn parse<'a, S: DeserializeSeed<'a>>(build: &Build<'a>, seed: S) -> Result<S::Value, (Rule, String)> {
    let mut deserializer = serde_json::Deserializer::from_str(build.text);
    seed.deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value).inspect_err(|_| build.fail(rules::NOT_JSON, TRAILING)))
        .map_err(|error| describe(build.text, &error, build.fault.take()))
}

const TRAILING: &str = "the JSON document has ended, and more text follows. A registry is one JSON object: remove the text \
                        after it";

/// The input as text, or the reason why it is not text.
fn text(bytes: &[u8]) -> Result<&str, (Rule, String)> {
    let encoding = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some("a byte order mark (EF BB BF)"),
        [0xFF, 0xFE, ..] | [_, 0x00, ..] => Some("UTF-16 (little endian)"),
        [0xFE, 0xFF, ..] | [0x00, _, ..] => Some("UTF-16 (big endian)"),
        _ => None,
    };
    if let Some(encoding) = encoding {
        let detail = format!(
            "The document starts with {encoding} at line 1, column 1. A registry is UTF-8 text without a byte order mark. \
             Save it in that encoding, for example with `jsonnet -o registry.json`."
        );
        return Err((rules::NOT_UTF8, detail));
    }
    if bytes.len() > MAX_BYTES {
        let detail = format!(
            "The document has {} bytes. The limit is {MAX_BYTES}. Split the registry, or remove data that does not describe \
             services.",
            bytes.len()
        );
        return Err((rules::TOO_LARGE, detail));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = position(bytes, error.valid_up_to());
        let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
        let detail = format!(
            "The byte {byte:02X} at line {line}, column {column} is not valid UTF-8. A registry is UTF-8 text: save it in \
             that encoding."
        );
        (rules::NOT_UTF8, detail)
    })
}

/// Line and column of a byte, both from 1.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    Lines::of(&bytes[..offset.min(bytes.len())]).position(offset)
}

/// The first byte of each line: the document is read once for the places of all problems.
struct Lines(Vec<usize>);

impl Lines {
    fn of(bytes: &[u8]) -> Self {
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(offset, _)| offset + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.0.partition_point(|start| *start <= offset);
        (line, 1 + offset - self.0.get(line - 1).copied().unwrap_or_default())
    }
}

fn describe(text: &str, error: &serde_json::Error, fault: Option<(Rule, &'static str)>) -> (Rule, String) {
    let place = format!("line {}, column {}", error.line(), error.column());
    if let Some((rule, what)) = fault {
        return (rule, format!("At {place}: {what}."));
    }
    if text.trim().is_empty() {
        return (
            rules::NOT_JSON,
            "The document is empty (line 1, column 1). A registry is a JSON object: `{\"services\": [ … ]}`.".into(),
        );
    }
    if error.is_eof() {
        let detail = format!(
            "The document ends in the middle of a value, at {place}, after {} bytes. It is truncated: write or fetch it again.",
            text.len()
        );
        return (rules::NOT_JSON, detail);
    }
    let start = text.trim_start();
    if error.line() == 1 + text[..text.len() - start.len()].matches('\n').count() && !start.starts_with(['{', '[']) {
        let word: String = start.chars().take_while(|c| !c.is_whitespace()).take(20).collect();
        let detail =
            format!("The document starts with {} at {place}, not with `{{`. {}", quote(&word), other_format(start));
        return (rules::NOT_JSON, detail);
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default().as_bytes();
    let rest = line.get(error.column().saturating_sub(1)..).unwrap_or_default();
    if rest.starts_with(b"#") || rest.starts_with(b"//") || rest.starts_with(b"/*") {
        return (rules::NOT_JSON, format!("At {place} is a comment. {COMMENTS}"));
    }
    // serde_json's message ends with the place, which is at the beginning of ours.
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let detail = format!("At {place}: {message}. Correct the program or template that writes the registry.");
    (rules::NOT_JSON, detail)
}

const COMMENTS: &str =
    "JSON has no comments: remove it, or give the file a name that ends in `.jsonnet`, which has them.";

/// What a text that does not begin as JSON is written in, and what to do.
fn other_format(start: &str) -> &'static str {
    let line = start.lines().next().unwrap_or_default().trim_end();
    // Error pages in plain text have colons as well.
    let fields = ["metadata", "teams", "clusters", "projects", "namespaces", "services", "permissions"];
    let is_key = line.split_once(':').is_some_and(|(key, _)| fields.contains(&key.trim_matches('"')));
    if start.starts_with("//") || start.starts_with("/*") {
        COMMENTS
    } else if is_key || line == "---" || line.starts_with("--- ") || line.starts_with("- ") || start.starts_with("# ") {
        "It looks like YAML: the name of a source in YAML ends in `.yaml`, and `anu registry compile` writes JSON."
    } else if ["local ", "import ", "function("].iter().any(|word| start.starts_with(word))
        || start.starts_with("(import")
    {
        "It looks like Jsonnet: give it a name that ends in `.jsonnet`, or compile it first (`anu registry compile`)."
    } else {
        "A registry is JSON: check that the source returns the registry and not an error page."
    }
}

fn duplicates_in(node: &Node<'_>, at: &PointerPath<'_>, text: &str, lines: &Lines, problems: &mut Problems) {
    match node {
        Node::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                duplicates_in(item, &at.index(index), text, lines, problems);
            }
        }
        Node::Object(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            for (key, value) in entries {
                let at = at.key(key);
                if !seen.insert(key.as_ref()) {
                    let place = offset_in(text, key).map_or_else(String::new, |offset| {
                        let (line, column) = lines.position(offset);
                        format!(" at line {line}, column {column}")
                    });
                    let detail = format!(
                        "{} is a duplicate in the same object{place}. JSON parsers use either the first or the last \
                         value, so the meaning is ambiguous. Remove one of them.",
                        quote(key)
                    );
                    problems.report_at(rules::DUPLICATE_KEY, &at, detail);
                }
                duplicates_in(value, &at, text, lines, problems);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_told_apart() {
        for (start, expected) in [
            ("// ours\n{}", "comments"),
            ("/* ours */ {}", "comments"),
            ("services:\n- a", "YAML"),
            ("---\nservices: []", "YAML"),
            ("# ours\nservices: []", "YAML"),
            ("- type: Service", "YAML"),
            ("local a = 1; {}", "Jsonnet"),
            ("(import 'a') + {}", "Jsonnet"),
            ("<html>", "error page"),
            ("404: not found", "error page"),
        ] {
            assert!(other_format(start).contains(expected), "{start}: {}", other_format(start));
        }
        let text = "{\"services\": [ # ours\n]}";
        let error = serde_json::from_str::<serde_json::Value>(text).expect_err("no JSON");
        let (_, detail) = describe(text, &error, None);
        assert!(detail.starts_with("At line 1, column 16 is a comment. JSON has no comments"), "{detail}");
    }
}
