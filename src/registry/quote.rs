//! Values of a document in messages.

use crate::printable::escape;

/// A value in backticks, shortened and without hidden characters.
pub(crate) fn quote(value: &str) -> String {
    const MOST: usize = 80;
    let end = value.char_indices().nth(MOST).map(|(end, _)| end);
    let shown = escape(&value[..end.unwrap_or(value.len())]).replace('`', "'");
    let more = if end.is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}
