//! Sections of guides that are generated: what is between `<!-- anu docs: NAME -->` and `<!-- end -->`.
//!
//! `codes GROUP` is a table of the codes of a group, `fields` are the tables of all fields of a registry, and `file PATH` is a file of `examples/`.

use std::collections::BTreeMap;

use super::{fields, page};
use crate::codes;

const BEGINNING: &str = "<!-- anu docs: ";
const END: &str = "<!-- end -->";

/// Whether a guide has generated sections.
pub fn has_sections(guide: &str) -> bool {
    guide.contains(BEGINNING)
}

/// A guide with its sections as they are now.
///
/// # Errors
///
/// A section has an unknown name or no end.
pub(super) fn filled(guide: &str, examples: &BTreeMap<String, String>) -> Result<String, String> {
    let mut parts = guide.split(BEGINNING);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").ok_or("a section without a name")?;
        let (_, rest) = rest.split_once(END).ok_or_else(|| format!("section `{name}` has no `{END}`"))?;
        let section = section(name, examples).ok_or_else(|| format!("no section is named `{name}`"))?;
        text.push_str(&format!("{BEGINNING}{name} -->\n\n{}\n\n{END}{rest}", section.trim()));
    }
    Ok(text)
}

fn section(name: &str, examples: &BTreeMap<String, String>) -> Option<String> {
    match name.split_once(' ').unwrap_or((name, "")) {
        ("codes", group) => codes::group(group).map(codes::table),
        ("fields", "") => Some(fields::tables(&crate::registry::schema())),
        ("file", path) => {
            let mut text = String::new();
            let language = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            page::fence(&mut text, language, examples.get(path)?);
            Some(text)
        }
        _ => None,
    }
}
