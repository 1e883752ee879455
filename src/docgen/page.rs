//! The parts every page has.

/// The lines between `---` that the public registry reads: title, place in the menu, description.
pub(super) fn front_matter(title: &str, subcategory: Option<&str>, description: &str) -> String {
    let mut text = format!("---\n# Written by `anu docs` from schemas and examples.\npage_title: \"{title}\"\n");
    if let Some(subcategory) = subcategory {
        text.push_str(&format!("subcategory: \"{subcategory}\"\n"));
    }
    text.push_str("description: |-\n");
    for line in plain(first_paragraph(description)).lines() {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("---\n\n");
    text
}

fn first_paragraph(markdown: &str) -> &str {
    let markdown = markdown.trim();
    markdown.split_once("\n\n").map_or(markdown, |(first, _)| first)
}

/// Markdown without its markup, for a search result. Code, emphasis and links are all that descriptions use.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some(at) = rest.find(['`', '*', '[']) {
        text.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        let (inner, after) = match mark {
            "`" => after.split_once('`').unwrap_or((after, "")),
            "[" => link(after).unwrap_or(("[", after)),
            _ => ("", after),
        };
        text.push_str(inner);
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The label of a link whose bracket was just opened, and what follows the link.
fn link(text: &str) -> Option<(&str, &str)> {
    let (label, after) = text.split_once("](")?;
    Some((label, after.split_once(')')?.1))
}

/// The section with the example, if there is one.
pub(super) fn example(text: &mut String, language: &str, example: Option<&str>) {
    if let Some(example) = example {
        text.push_str("## Example Usage\n\n");
        fence(text, language, example);
    }
}

/// A block of code.
pub(super) fn fence(text: &mut String, language: &str, code: &str) {
    text.push_str(&format!("```{language}\n{}\n```\n\n", code.trim_end()));
}

/// A page with exactly one newline at its end.
pub(super) fn finish(text: String) -> String {
    format!("{}\n", text.trim_end())
}

fn header(guide: &str) -> &str {
    guide.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")).map_or("", |(header, _)| header)
}

/// The kinds of guides, in the order in which they are listed, with their headings.
pub(super) const KINDS: [(&str, &str); 4] =
    [("tutorial", "Tutorial"), ("how-to", "How-to guides"), ("reference", "Reference"), ("explanation", "Explanation")];

/// A guide's kind: a comment of its front matter, because the public registry knows no such field.
pub(super) fn kind_of_guide(guide: &str) -> Option<&str> {
    let kind = header(guide).lines().find_map(|line| line.strip_prefix("# kind: "))?;
    KINDS.iter().any(|(known, _)| *known == kind).then_some(kind)
}

/// A guide's title and description, from its own front matter.
pub(super) fn about_guide(guide: &str) -> (Option<String>, String) {
    let header = header(guide);
    let mut title = None;
    let mut description = Vec::new();
    let mut within = false;
    for line in header.lines() {
        if let Some(value) = line.strip_prefix("page_title:") {
            title = Some(value.trim().trim_matches('"').to_owned());
            within = false;
        } else if let Some(value) = line.strip_prefix("description:") {
            let value = value.trim();
            within = matches!(value, "|" | "|-" | ">" | ">-");
            description = if within { Vec::new() } else { vec![value.trim_matches('"')] };
        } else if within && line.starts_with(' ') {
            description.push(line.trim());
        } else {
            within = false;
        }
    }
    (title, description.join(" "))
}
