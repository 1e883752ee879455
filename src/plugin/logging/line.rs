//! One log line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;
use tracing::Level;

use crate::printable::escape_lines;

/// go-plugin reads stderr with a buffer of 64 KiB and splits longer lines, which are then not valid JSON.
const LONGEST: usize = 60 * 1024;

/// One line. Terraform crashes if `@level`, `@message` or `@timestamp` is not a string, so these are fields of this struct, and
/// other fields whose name starts with `@` are removed.
#[derive(Debug)]
pub(super) struct Line {
    pub level: Level,
    pub module: &'static str,
    pub message: String,
    pub fields: BTreeMap<&'static str, Json>,
}

impl Line {
    /// The JSON object and its line end, never longer than Terraform's buffer.
    pub(super) fn render(mut self, now: Timestamp) -> Vec<u8> {
        // Terraform interprets a line with this prefix as a crash.
        if self.message.starts_with("panic: ") || self.message.starts_with("fatal error: ") {
            self.message.insert_str(0, "message: ");
        }
        let mut object: BTreeMap<&str, Json> =
            self.fields.into_iter().filter(|(name, _)| !name.starts_with('@')).collect();
        object.insert("@level", self.level.as_str().to_lowercase().into());
        object.insert("@message", self.message.into());
        object.insert("@module", self.module.into());
        // Terraform decodes the line and prints its texts to a terminal.
        for value in object.values_mut() {
            if let Json::String(text) = value
                && let Cow::Owned(escaped) = escape_lines(text)
            {
                *text = escaped;
            }
        }
        // Exactly six digits: if Terraform cannot parse the time, it prints the whole line unparsed.
        object.insert("@timestamp", now.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into());
        shorten(&mut object);
        // A map of JSON values can always be serialized.
        let mut line = serde_json::to_vec(&object).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// Values below this length are not shortened.
const SHORT: usize = 256;

/// Halves the longest value until the line fits, and notes this in the value.
fn shorten(object: &mut BTreeMap<&str, Json>) {
    let size = |name: &str, value: &Json| name.len() + value.to_string().len() + 6;
    let mut sizes: BTreeMap<&str, usize> = object.iter().map(|(name, value)| (*name, size(name, value))).collect();
    let mut total: usize = sizes.values().sum();
    while total > LONGEST {
        let Some((name, longest)) = sizes.iter().max_by_key(|(_, size)| **size).map(|(name, size)| (*name, *size))
        else {
            return;
        };
        if longest < SHORT {
            // Hundreds of small fields: no single value is long.
            return drop_last(object, &sizes, total);
        }
        let text = match object.remove(name) {
            Some(Json::String(text)) => text,
            other => other.unwrap_or_default().to_string(),
        };
        // An escape can be six bytes, so the first cut is to the limit of a line, and halving does the rest.
        let mut keep = (text.len() / 2).min(LONGEST);
        while !text.is_char_boundary(keep) {
            keep -= 1;
        }
        let shorter = Json::from(format!("{}… (cut)", text[..keep].trim_end_matches("… (cut)")));
        let now = size(name, &shorter);
        total = total - longest + now;
        sizes.insert(name, now);
        object.insert(name, shorter);
    }
}

fn drop_last<'a>(object: &mut BTreeMap<&'a str, Json>, sizes: &BTreeMap<&'a str, usize>, mut total: usize) {
    for (name, size) in sizes.iter().rev().filter(|(name, _)| !name.starts_with('@')) {
        if total <= LONGEST {
            return;
        }
        object.remove(name);
        total -= size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(message: &str, fields: &[(&'static str, Json)]) -> Json {
        let line = Line {
            level: Level::WARN,
            module: "anu::test",
            message: message.to_owned(),
            fields: fields.iter().cloned().collect(),
        };
        let bytes = line.render("2026-11-23T03:00:00.5Z".parse().expect("a time"));
        assert!(bytes.len() < 64 * 1024, "{} bytes", bytes.len());
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn a_line_has_hclogs_format() {
        assert_eq!(
            render("hello", &[("n", 3.into())]),
            serde_json::json!({
                "@level": "warn", "@message": "hello", "@module": "anu::test",
                "@timestamp": "2026-11-23T03:00:00.500000Z", "n": 3,
            })
        );
    }

    #[test]
    fn no_field_can_replace_one_of_hclogs() {
        let line = render("hello", &[("@message", 3.into()), ("@level", Json::Null), ("@x", 1.into())]);
        assert_eq!(line["@message"], "hello");
        assert_eq!(line["@level"], "warn");
        assert_eq!(line.get("@x"), None);
    }

    #[test]
    fn no_line_looks_like_a_crash() {
        assert_eq!(render("panic: x", &[])["@message"], "message: panic: x");
    }

    #[test]
    fn long_values_of_any_content_are_cut() {
        for text in ["x".repeat(1 << 20), "\u{1}".repeat(1 << 18), "🦀".repeat(1 << 18), "\"\\\n".repeat(1 << 18)] {
            let line = render(&text, &[("short", "kept".into()), ("long", text.clone().into())]);
            assert_eq!(line["short"], "kept");
            assert!(line["long"].as_str().expect("text").ends_with("… (cut)"));
            assert!(line["@message"].as_str().expect("text").len() > 1000);
        }
        let list: Vec<u32> = (0..100_000).collect();
        assert!(render("x", &[("list", list.into())])["list"].as_str().expect("cut to text").starts_with("[0,1,2"));
    }

    #[test]
    fn too_many_fields_are_dropped() {
        let names: Vec<&'static str> = (0..5000).map(|n| &*format!("field_{n:05}").leak()).collect();
        let fields: Vec<(&'static str, Json)> = names.iter().map(|name| (*name, "some value".into())).collect();
        assert_eq!(render("kept", &fields)["@message"], "kept");
    }
}
