//! The settings that a provider block has beside the registry, as options of the same names.
//!
//! With the same values the registry fans out into the same resources as in the provider, with the same errors.

use std::path::PathBuf;

use super::error::{Error, io};
use super::printer::Printer;
use super::problems::{refused, report};
use crate::fanout::{Fences, Pattern, Settings};
use crate::printable::escape;
use crate::registry::{Permissions, load_permissions};

/// The settings that a provider block has beside the registry
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Provider block")]
pub(in crate::cli) struct ProviderOptions {
    /// A label for every project and namespace, in addition to those of the registry. Repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// The principal of a team without `email` and `principals`, such as `group:{team}-team@example.com`
    #[arg(long, value_name = "PRINCIPAL")]
    member_template: Option<String>,
    /// A JSON file with rows that override the registry's `permissions`, in the same form
    #[arg(long, value_name = "FILE")]
    permissions: Option<PathBuf>,
    /// Fence: a role that is never granted (`*` matches any text). Repeatable; replaces the default
    #[arg(long = "forbidden-role", value_name = "PATTERN")]
    forbidden_roles: Vec<Pattern>,
    /// Fence: a namespace that no service may use. Repeatable; replaces the default
    #[arg(long = "reserved-namespace", value_name = "PATTERN")]
    reserved_namespaces: Vec<Pattern>,
    /// Fence: project ids that services may use; all by default. Repeatable
    #[arg(long = "allowed-project", value_name = "PATTERN")]
    allowed_projects: Vec<Pattern>,
    /// Fence: parents that projects may have; all by default. Repeatable
    #[arg(long = "allowed-parent", value_name = "PATTERN")]
    allowed_parents: Vec<Pattern>,
    /// Accept a registry without services
    #[arg(long)]
    allow_empty: bool,
}

impl ProviderOptions {
    /// The settings that a provider block with these values has.
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

    /// Whether a registry without services is accepted.
    pub(super) fn allow_empty(&self) -> bool {
        self.allow_empty
    }

    fn permissions(&self, printer: &Printer) -> Result<Option<Permissions>, Error> {
        let Some(path) = &self.permissions else { return Ok(None) };
        let bytes = std::fs::read(path).map_err(io("read", path))?;
        let what = format!("The permissions table in `{}`", escape(&path.to_string_lossy()));
        match load_permissions(&bytes) {
            Ok((permissions, warnings)) => {
                report(printer, &warnings, &what);
                Ok(Some(permissions))
            }
            Err(problems) => Err(refused(printer, &problems, &what)),
        }
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a label has the form KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
