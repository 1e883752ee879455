//! Text from outside in a form that a terminal may show. Pure.
//!
//! Names, pointers and values of a document, file names, arguments and other programs' messages can contain characters that
//! change what a terminal shows: escape sequences, carriage returns, right-to-left overrides, invisible letters. Every text
//! for people passes through this module once, where it becomes a problem, a diagnostic or a line of the command line.

use std::borrow::Cow;

/// Whether a character is invisible, or changes how the text around it is shown. A plain space is neither.
///
/// Control and format characters (categories Cc and Cf), separators other than the space (Zl, Zp, Zs), and the letters and
/// marks that have no shape (Unicode's `Default_Ignorable_Code_Point`).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line: hidden characters are shown as `\n` or `\u{200b}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_if(text, is_hidden)
}

/// How many characters of another program's text are in one of ours.
pub const LONGEST_EXCERPT: usize = 500;

/// The text of a server or of another program, to be part of one of ours: one line without hidden characters, of bounded length. Where JSON
/// with a message was expected, an answer may be a web page of a megabyte.
pub fn excerpt(text: &str) -> String {
    let mut line = String::new();
    let mut room = LONGEST_EXCERPT;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let space = (!line.is_empty()).then_some(' ');
        for c in space.into_iter().chain(word.chars()) {
            // A character is escaped as a whole, or left out.
            let length = if is_hidden(c) { c.escape_default().len() } else { 1 };
            if length > room {
                line.push('…');
                return line;
            }
            room -= length;
            if is_hidden(c) { line.extend(c.escape_default()) } else { line.push(c) }
        }
    }
    line
}

/// Several lines: as [`escape`], but line breaks remain.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escape_if(text, |c| c != '\n' && is_hidden(c))
}

/// JSON text: hidden characters become JSON escapes, so the value is the same. They are in strings only, since a serializer
/// writes no white space but spaces and line breaks between values.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    if is_plain(json) || !json.contains(hidden) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

/// True for nearly every text: then no character is decoded.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn escape_if(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_by_their_code_points() {
        assert_eq!(escape("a\u{1b}[31m\n\r\u{9b}\u{7f}"), r"a\u{1b}[31m\n\r\u{9b}\u{7f}");
        assert_eq!(escape("pay\u{200b}ments \u{202e}x\u{a0}\u{e0041}"), r"pay\u{200b}ments \u{202e}x\u{a0}\u{e0041}");
        assert_eq!(escape_lines("a\n\tb\u{2028}"), "a\n\\tb\\u{2028}");
        assert_eq!(escape("größe 名前 ✓ `x`"), "größe 名前 ✓ `x`");
        assert!(matches!(escape("plain text"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_excerpt_is_one_line_of_bounded_length() {
        assert_eq!(excerpt(" a\n\u{1b}[31mb\t c \u{202e}d"), r"a [31mb c \u{202e}d");
        assert_eq!(excerpt("größe 名前 ✓"), "größe 名前 ✓");
        let exact = "x".repeat(LONGEST_EXCERPT);
        assert_eq!(excerpt(&exact), exact);
        assert_eq!(excerpt(&format!("{exact}y")), format!("{exact}…"));
        assert_eq!(excerpt(&"ab ".repeat(1 << 20)).chars().count(), LONGEST_EXCERPT + 1);
        assert_eq!(excerpt(""), "");
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({"a\u{7f}": ["\u{9b}\u{202e}\u{e0041}", "ö", "\n"]});
        let json = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escape_json(&json);
        assert!(!escaped.contains(|c: char| c != '\n' && is_hidden(c)), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    /// Unicode 14: every character of the categories Cf, Zl and Zp.
    #[test]
    fn every_format_character_is_hidden() {
        let ranges: [(u32, u32); 19] = [
            (0xAD, 0xAD),
            (0x600, 0x605),
            (0x61C, 0x61C),
            (0x6DD, 0x6DD),
            (0x70F, 0x70F),
            (0x890, 0x891),
            (0x8E2, 0x8E2),
            (0x180E, 0x180E),
            (0x200B, 0x200F),
            (0x2028, 0x202E),
            (0x2060, 0x2064),
            (0x2066, 0x206F),
            (0xFEFF, 0xFEFF),
            (0xFFF9, 0xFFFB),
            (0x110BD, 0x110BD),
            (0x110CD, 0x110CD),
            (0x13430, 0x13438),
            (0x1BCA0, 0x1BCA3),
            (0xE0001, 0xE007F),
        ];
        let all = ranges.iter().flat_map(|(first, last)| *first..=*last).filter_map(char::from_u32);
        assert_eq!(all.filter(|c| !is_hidden(*c)).count(), 0);
    }
}
