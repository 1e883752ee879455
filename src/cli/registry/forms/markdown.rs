//! Names in Markdown.

use crate::printable::escape;

/// A name as code. Hidden characters are shown by their code points. In a name that could end the code or the cell of a table,
/// everything but letters and digits is an entity.
pub(in crate::cli::registry) fn code(name: &str) -> String {
    let name = escape(name);
    let is_plain =
        !name.contains(['`', '|', '\\', '<', '>', '&', '\n']) && !name.starts_with(' ') && !name.ends_with(' ');
    if is_plain && !name.is_empty() { format!("`{name}`") } else { html(&name) }
}

/// The same in HTML.
pub(in crate::cli::registry) fn html(name: &str) -> String {
    let name = escape(name);
    let entities = name.chars().map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => c.to_string(),
        c => format!("&#{};", u32::from(c)),
    });
    format!("<code>{}</code>", entities.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_name_stays_in_its_code() {
        assert_eq!(code("compute-shop/catalog"), "`compute-shop/catalog`");
        assert_eq!(code("@everyone [x](https://example.com)"), "`@everyone [x](https://example.com)`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code("\\"), "<code>&#92;</code>");
        assert_eq!(code("<img>"), "<code>&#60;img&#62;</code>");
        assert_eq!(code("a\n\n# b"), "<code>a&#92;n&#92;n&#35;&#32;b</code>");
        assert_eq!(code("x\u{202e}"), "<code>x&#92;u&#123;202e&#125;</code>");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(code(" a "), "<code>&#32;a&#32;</code>");
    }
}
