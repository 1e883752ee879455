//! The reference pages, from schemas, examples and guides, in the public registry's layout. Pure: texts in, texts out.
//!
//! All pages under `docs/resources`, `docs/data-sources`, `docs/functions` and `docs/errors`, and `docs/index.md`, are generated. The layout is
//! that of HashiCorp's `tfplugindocs`, whose `validate` is the public registry's own check. Beyond it the pages contain rules and
//! defaults, and describe objects at any depth.

mod compare;
mod fields;
mod function;
mod gaps;
mod import;
mod page;
mod schema;
mod section;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::codes;
use crate::sdk::{Provider, Schema};

pub use compare::{Difference, compare};
pub use gaps::gaps;
pub use section::has_sections;

/// The text of `docs/registry.schema.json`.
pub fn registry_schema() -> String {
    format!("{:#}\n", crate::registry::schema())
}

/// The picture in the README, which is generated beside the pages.
pub const PICTURE: &str = "docs/images/fan-out.svg";

/// The JSON Schema of what the command line answers, which is generated beside the pages.
pub const ANSWERS: &str = "docs/answers.schema.json";

/// The recording of the demo in the README.
pub const RECORDING: &str = "docs/images/demo.svg";

/// Files by path, with `/` between folders.
pub type Files = BTreeMap<String, String>;

/// The sources of the pages.
pub struct Input<'a> {
    /// The provider's short name, which type names start with: `anu`.
    pub name: &'a str,
    /// Its schemas.
    pub provider: &'a dyn Provider,
    /// The files of `examples/`, by their path in it: `resources/anu_registry_service/resource.tf`.
    pub examples: &'a Files,
    /// The files of `docs/guides/`, by name. `index.md` lists them. They are not generated, but sections of them can be ([`has_sections`]).
    pub guides: &'a Files,
    /// The text that the page of each code shows, by the name of the code.
    pub errors: &'a BTreeMap<&'static str, String>,
}

impl Input<'_> {
    fn example(&self, folder: &str, file: &str) -> Option<&str> {
        self.examples.get(&format!("{folder}/{file}")).map(String::as_str)
    }
}

/// Every generated file by its path in the repository (`docs/index.md`).
pub fn pages(input: &Input) -> Files {
    let mut pages = Files::new();
    let prefix = format!("{}_", input.name);
    let file = |name: &str| name.strip_prefix(&prefix).unwrap_or(name).to_owned();
    pages.insert("docs/index.md".into(), index(input));
    for resource in input.provider.resources() {
        let mut page = block(input, "Resource", resource.name(), resource.schema(), "resources", "resource.tf");
        let examples = format!("resources/{}", resource.name());
        let by_identity = input.example(&examples, "identity/import.tf").zip(resource.identity());
        page.push_str(&import::section(input.example(&examples, "import.sh"), by_identity));
        pages.insert(format!("docs/resources/{}.md", file(resource.name())), page);
    }
    for data in input.provider.data_sources() {
        let page = block(input, "Data Source", data.name(), data.schema(), "data-sources", "data-source.tf");
        pages.insert(format!("docs/data-sources/{}.md", file(data.name())), page);
    }
    for function in input.provider.functions() {
        pages.insert(format!("docs/functions/{}.md", function.name()), function::page(input, function.as_ref()));
    }
    pages.insert("docs/registry.schema.json".into(), registry_schema());
    for code in codes::all() {
        let text = input.errors.get(code.name()).map_or("", String::as_str);
        pages.insert(code.page_path(), code.page(text));
    }
    pages.insert("docs/errors/README.md".into(), codes::index(codes::all()));
    for (file, guide) in input.guides.iter().filter(|(_, guide)| has_sections(guide)) {
        // What is wrong with a section is a gap.
        pages.insert(
            format!("docs/guides/{file}"),
            section::filled(guide, input.examples).unwrap_or_else(|_| guide.clone()),
        );
    }
    pages
}

/// Whether a path is one that [`pages`] may write as a whole. A file at such a path that is not among the pages is out of date.
pub fn is_generated(path: &str) -> bool {
    let folders = ["docs/resources/", "docs/data-sources/", "docs/functions/", "docs/errors/"];
    matches!(path, "docs/index.md" | "docs/registry.schema.json" | ANSWERS | PICTURE | RECORDING)
        || (path.ends_with(".md") && folders.iter().any(|folder| path.starts_with(folder)))
}

fn index(input: &Input) -> String {
    let schema = input.provider.schema();
    // No subcategory: the public registry refuses one on the index.
    let mut text = page::front_matter(&format!("{} Provider", input.name), None, &schema.description);
    text.push_str(&format!("# {} Provider\n\n{}\n\n", input.name, schema.description.trim()));
    page::example(&mut text, "terraform", input.example("provider", "provider.tf"));
    if !input.guides.is_empty() {
        text.push_str("## Guides\n\n");
        for (kind, heading) in page::KINDS {
            let guides = input.guides.iter().filter(|(_, guide)| page::kind_of_guide(guide) == Some(kind));
            let lines: Vec<String> = guides
                .map(|(file, guide)| {
                    let (title, description) = page::about_guide(guide);
                    format!("- [{}](guides/{file}): {description}\n", title.as_deref().unwrap_or(file))
                })
                .collect();
            if !lines.is_empty() {
                text.push_str(&format!("### {heading}\n\n{}\n", lines.concat()));
            }
        }
    }
    schema::write(&mut text, &schema);
    page::finish(text)
}

fn block(input: &Input, kind: &str, name: &str, schema: &Schema, folder: &str, example: &str) -> String {
    let title = format!("{name} {kind} - terraform-provider-{}", input.name);
    let mut text = page::front_matter(&title, Some(""), &schema.description);
    text.push_str(&format!("# {name} ({kind})\n\n{}\n\n", schema.description.trim()));
    let examples = format!("{folder}/{name}");
    page::example(&mut text, "terraform", input.example(&examples, example));
    schema::write(&mut text, schema);
    page::finish(text)
}
