//! The section "Import" of a resource's page.

use super::page;
use super::schema::{item, type_name};
use crate::sdk::{Presence, Schema};

/// The section with these examples, with an empty line before it; nothing without one.
pub(super) fn section(by_id: Option<&str>, by_identity: Option<(&str, &Schema)>) -> String {
    if by_id.is_none() && by_identity.is_none() {
        return String::new();
    }
    let mut text = "\n## Import\n\nImport is supported using the following syntax:\n\n".to_owned();
    if let Some(example) = by_id {
        page::fence(&mut text, "shell", example);
    }
    if let Some((example, identity)) = by_identity {
        text.push_str("In Terraform 1.12, OpenTofu 1.12 and later, an `import` block can have an `identity` instead of an `id`:\n\n");
        page::fence(&mut text, "terraform", example);
        text.push_str("### Identity Schema\n\n");
        attributes(&mut text, identity);
    }
    page::finish(text)
}

fn attributes(text: &mut String, identity: &Schema) {
    for (title, required) in [("Required", true), ("Optional", false)] {
        let mut some =
            identity.attributes.iter().filter(|each| (each.presence == Presence::Required) == required).peekable();
        if some.peek().is_none() {
            continue;
        }
        text.push_str(&format!("#### {title}\n\n"));
        for attribute in some {
            item(text, &attribute.name, &type_name(&attribute.ty()), &attribute.description, None);
        }
        text.push('\n');
    }
}
