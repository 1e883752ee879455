//! Gaps in the documentation: attributes, parameters and pages without a description, types without an example.

use super::{Input, page, section};
use crate::sdk::{Attribute, Schema};

/// Everything without a description or an example, one line each; empty if the documentation is complete.
pub fn gaps(input: &Input) -> Vec<String> {
    let mut gaps = Vec::new();
    block(&mut gaps, "the provider block", &input.provider.schema());
    example(&mut gaps, input, "provider/provider.tf");
    for resource in input.provider.resources() {
        block(&mut gaps, resource.name(), resource.schema());
        example(&mut gaps, input, &format!("resources/{}/resource.tf", resource.name()));
        if resource.identity().is_some() {
            example(&mut gaps, input, &format!("resources/{}/identity/import.tf", resource.name()));
        }
    }
    for data in input.provider.data_sources() {
        block(&mut gaps, data.name(), data.schema());
        example(&mut gaps, input, &format!("data-sources/{}/data-source.tf", data.name()));
    }
    for function in input.provider.functions() {
        let (name, signature) = (function.name(), function.signature());
        if signature.summary.trim().is_empty() || signature.description.trim().is_empty() {
            gaps.push(format!("function {name} has no summary or no description"));
        }
        for parameter in signature.parameters.iter().chain(&signature.variadic) {
            if parameter.description.trim().is_empty() {
                gaps.push(format!("function {name}: parameter `{}` has no description", parameter.name));
            }
        }
        example(&mut gaps, input, &format!("functions/{name}/function.tf"));
    }
    let without_kind = input.guides.iter().filter(|(_, guide)| page::kind_of_guide(guide).is_none());
    gaps.extend(
        without_kind.map(|(file, _)| format!("docs/guides/{file} has no line `# kind: how-to`, or another kind")),
    );
    let guides =
        input.guides.iter().filter_map(|(file, guide)| Some((file, section::filled(guide, input.examples).err()?)));
    gaps.extend(guides.map(|(file, wrong)| format!("docs/guides/{file}: {wrong}")));
    let pages = crate::codes::all().filter(|code| !input.errors.contains_key(code.name()));
    gaps.extend(pages.map(|code| format!("{code}: its document has other problems, or no snapshot of a test has it")));
    gaps
}

fn block(gaps: &mut Vec<String>, name: &str, schema: &Schema) {
    if schema.description.trim().is_empty() {
        gaps.push(format!("{name} has no description"));
    }
    attributes(gaps, name, "", &schema.attributes);
}

fn attributes(gaps: &mut Vec<String>, name: &str, parent: &str, all: &[Attribute]) {
    for attribute in all {
        let path = format!("{parent}{}", attribute.name);
        if attribute.description.trim().is_empty() {
            gaps.push(format!("{name}: `{path}` has no description"));
        }
        attributes(gaps, name, &format!("{path}."), attribute.nested().unwrap_or_default());
    }
}

fn example(gaps: &mut Vec<String>, input: &Input, path: &str) {
    if !input.examples.contains_key(path) {
        gaps.push(format!("examples/{path} does not exist"));
    }
}
