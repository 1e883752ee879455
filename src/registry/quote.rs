//! Values of a document in messages.

/// A value in backticks, shortened and without control characters.
pub(crate) fn quote(value: &str) -> String {
    const MOST: usize = 80;
    let mut text = String::from("`");
    for (count, c) in value.chars().enumerate() {
        if count == MOST {
            text.push('…');
            break;
        }
        match c {
            '`' => text.push('\''),
            c if c.is_control() => text.extend(c.escape_default()),
            c => text.push(c),
        }
    }
    text.push('`');
    text
}
