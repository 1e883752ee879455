//! The layout of a JSON text: one value a line, two spaces for each level. Everything else remains as it is written: the order and
//! spelling of keys, the digits of numbers, the escapes of texts.

use serde::de::IgnoredAny;

/// The text in that layout, and with one line break at its end.
///
/// # Errors
/// When it is not one JSON document.
pub(super) fn layout(text: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text)?;
    let mut laid_out = Writer { text: String::with_capacity(text.len() * 2), depth: 0 };
    let mut rest = text.trim_ascii_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => end_of_string(rest),
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            _ => rest.find(|c: char| ",]} \t\r\n".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after.trim_ascii_start();
        laid_out.token(first, token, rest);
    }
    laid_out.text.push('\n');
    Ok(laid_out.text)
}

/// The number of bytes of the text that a string begins with.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().enumerate().skip(1).find(|(_, byte)| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// A token that begins with a character, and the text after it.
    fn token(&mut self, first: char, token: &str, rest: &str) {
        match first {
            '{' | '[' => {
                self.text.push(first);
                // An empty object or list is one token of two characters.
                if !rest.starts_with(['}', ']']) {
                    self.depth += 1;
                    self.line();
                }
            }
            '}' | ']' => {
                if !self.text.ends_with(['{', '[']) {
                    self.depth -= 1;
                    self.line();
                }
                self.text.push(first);
            }
            ',' => {
                self.text.push(',');
                self.line();
            }
            ':' => self.text.push_str(": "),
            _ => self.text.push_str(token),
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn only_the_layout_changes() {
        let text =
            " {\"b\":[ ],\"a\" : {\t}, \"\\u0041\\\"{\": [1.50,-0e+1 ,\r\n \"x , y\", null],\"b\":{\"c\":[[true]]}}";
        let expected = "{\n  \"b\": [],\n  \"a\": {},\n  \"\\u0041\\\"{\": [\n    1.50,\n    -0e+1,\n    \"x , y\",\n    null\n  ],\n  \
                        \"b\": {\n    \"c\": [\n      [\n        true\n      ]\n    ]\n  }\n}\n";
        assert_eq!(layout(text).unwrap(), expected);
        assert_eq!(layout(expected).unwrap(), expected, "its own result remains");
        assert_eq!(layout("7").unwrap(), "7\n");
        assert_eq!(layout("\"[\"").unwrap(), "\"[\"\n");
        for wrong in ["", "{", "[1 2]", "{} {}", "{a: 1}", "[1,]"] {
            assert!(layout(wrong).is_err(), "{wrong}");
        }
    }
}
