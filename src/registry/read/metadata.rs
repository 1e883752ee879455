//! `metadata`.

use super::super::document::Node;
use super::super::entries::{Metadata, Requires};
use super::super::names::Name;
use super::super::pointer::PointerPath;
use super::super::problem::rules;
use super::super::quote::quote;
use super::super::rfc3339;
use super::Reader;

pub(super) const METADATA: [&str; 5] = ["name", "previousNames", "revision", "compiledAt", "requires"];

impl Reader<'_> {
    pub(super) fn read_metadata(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Metadata {
        let mut metadata = Metadata::default();
        metadata.extra = self.object(node, at, "metadata", &METADATA, |r, key, node, at| {
            match key {
                "name" => metadata.name = Some(r.name(node, at)),
                "previousNames" => metadata.previous_names = r.list(node, at, Reader::name),
                "revision" => metadata.revision = r.text(node, at),
                "compiledAt" => metadata.compiled_at = r.time(node, at),
                "requires" => metadata.requires = r.requires(node, at),
                _ => return false,
            }
            true
        });
        metadata
    }

    /// Completes the name by the one in the options, and compares the names of both.
    pub(super) fn named(&mut self, mut metadata: Metadata) -> Metadata {
        let at = PointerPath::Root.key("metadata");
        if let Some(given) = &self.options.name {
            match &metadata.name {
                None => metadata.name = Some(given.clone()),
                Some(name) if name == given || name.is_reported() => {}
                Some(name) => {
                    let detail = format!(
                        "The document is of registry `{name}`, and the configured name (`name` in the provider's `registry` block, \
                         `--registry-name` on the command line) is `{given}`. Remove the configured name, or read the registry of \
                         that name."
                    );
                    self.report(rules::ANOTHER_NAME, &at.key("name"), detail);
                }
            }
        }
        self.previous_names(&metadata, &at.key("previousNames"));
        metadata
    }

    /// Earlier names are other names than the present one, each listed once.
    fn previous_names(&mut self, metadata: &Metadata, at: &PointerPath<'_>) {
        let names = &metadata.previous_names;
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_reported()) {
            let detail = if metadata.name.as_ref() == Some(name) {
                format!("`{name}` is the registry's present name. List only names that it had before.")
            } else if let Some(first) = names[..index].iter().position(|earlier| earlier == name) {
                format!("`{name}` is already listed at `{}`. Remove one of the two.", at.index(first).pointer())
            } else {
                continue;
            };
            self.report(rules::BAD_PREVIOUS_NAME, &at.index(index), detail);
        }
    }

    fn time(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<jiff::Timestamp> {
        let text = self.text(node, at)?;
        let time = rfc3339::parse(&text);
        if time.is_none() {
            let detail =
                format!("{} is not an RFC 3339 timestamp. Write it in the form `2026-11-20T10:00:00Z`.", quote(&text));
            self.report(rules::BAD_COMPILED_AT, at, detail);
        }
        time
    }

    fn requires(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Requires {
        let mut requires = Requires::default();
        requires.extra = self.object(node, at, "requires", &["anu"], |r, key, node, at| {
            if key != "anu" {
                return false;
            }
            if let Some(text) = r.text(node, at) {
                match semver::VersionReq::parse(&text) {
                    Ok(requirement) => {
                        if !requirement.matches(&r.options.version) {
                            let detail = format!(
                                "The registry requires anu {}. The installed version is {}. Install a version that matches \
                                 (in Terraform: change `version` in `required_providers`, then `terraform init -upgrade`).",
                                quote(&text),
                                r.options.version
                            );
                            r.report(rules::REQUIREMENT_NOT_MET, at, detail);
                        }
                        requires.anu = Some(requirement);
                    }
                    Err(_) => {
                        let detail = format!(
                            "{} is not a version requirement. Write version comparisons separated by commas, for example \
                             `>=0.1.0, <1.0.0`.",
                            quote(&text)
                        );
                        r.report(rules::BAD_REQUIREMENT, at, detail);
                    }
                }
            }
            true
        });
        requires
    }
}
