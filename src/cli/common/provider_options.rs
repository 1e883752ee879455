//! What the provider block says beside the registry, as options of the same names.
//!
//! They make of the registry what the provider makes of it with the same words: the same names, and the same refusals.

use std::path::PathBuf;

use super::{Error, Printer, source::refused};
use crate::cli::error::io;
use crate::fanout::{Fences, Pattern, Settings};
use crate::registry::{Permissions, load_permissions};

/// What the provider block says beside the registry
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "As the provider block says it")]
pub(super) struct ProviderOptions {
    /// A label for every project and namespace, beside those of the registry. May be given again
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// The principal of a team without `email` and `principals`, such as `group:{team}-team@example.com`
    #[arg(long, value_name = "PRINCIPAL")]
    member_template: Option<String>,
    /// A JSON file with rows that override the registry's `permissions`, in the same form
    #[arg(long, value_name = "FILE")]
    permissions: Option<PathBuf>,
    /// A fence: a role that is never given (`*` is any text). May be given again; replaces the default
    #[arg(long = "forbidden-role", value_name = "PATTERN")]
    forbidden_roles: Vec<Pattern>,
    /// A fence: a namespace that no service may have. May be given again; replaces the default
    #[arg(long = "reserved-namespace", value_name = "PATTERN")]
    reserved_namespaces: Vec<Pattern>,
    /// A fence: project ids that services may use, all by default. May be given again
    #[arg(long = "allowed-project", value_name = "PATTERN")]
    allowed_projects: Vec<Pattern>,
    /// A fence: parents that projects may have, all by default. May be given again
    #[arg(long = "allowed-parent", value_name = "PATTERN")]
    allowed_parents: Vec<Pattern>,
    /// Accept a registry without services
    #[arg(long)]
    allow_empty: bool,
}

impl ProviderOptions {
    /// The settings that a provider block with these words would be read into.
    pub(super) fn settings(&self, printer: &Printer) -> Result<Settings, Error> {
        let given = |patterns: &[Pattern]| (!patterns.is_empty()).then(|| patterns.to_vec());
        let defaults = Fences::default();
        Ok(Settings {
            permissions: self.permissions(printer)?,
            member_template: self.member_template.clone(),
            labels: self.labels.iter().cloned().collect(),
            fences: Fences {
                forbidden_roles: given(&self.forbidden_roles).unwrap_or(defaults.forbidden_roles),
                reserved_namespaces: given(&self.reserved_namespaces).unwrap_or(defaults.reserved_namespaces),
                allowed_projects: given(&self.allowed_projects),
                allowed_parents: given(&self.allowed_parents),
            },
        })
    }

    /// Whether a registry without services is one.
    pub(super) fn allow_empty(&self) -> bool {
        self.allow_empty
    }

    fn permissions(&self, printer: &Printer) -> Result<Option<Permissions>, Error> {
        let Some(path) = &self.permissions else { return Ok(None) };
        let bytes = std::fs::read(path).map_err(io("read", path))?;
        match load_permissions(&bytes) {
            Ok((permissions, warnings)) => {
                warnings.iter().for_each(|warning| printer.problem(warning));
                Ok(Some(permissions))
            }
            Err(problems) => {
                Err(refused(printer, &problems, &format!("The permissions table in `{}`", path.display())))
            }
        }
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a label is written KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
