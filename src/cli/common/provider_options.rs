//! The settings that a provider block has beside the registry, as options of the same names.
//!
//! With the same values the registry fans out into the same resources as in the provider, with the same errors.

use std::path::PathBuf;

use super::error::{Error, io};
use super::fence_options::FenceOptions;
use super::printer::Printer;
use super::problems::{refused, report};
use crate::fanout::{Manage, ProjectDefaults, Settings};
use crate::printable::escape;
use crate::registry::names::{BillingAccount, Parent};
use crate::registry::{Permissions, load_permissions};

/// The settings that a provider block has beside the registry
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Provider block")]
pub(in crate::cli) struct ProviderOptions {
    /// A label for every project and namespace, in addition to those of the registry. Repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// What is managed: both kinds, unless only one is given. Repeatable
    #[arg(long, value_name = "KIND")]
    manage: Vec<Managed>,
    /// The principal of a team without `email` and `principals`, such as `group:{team}-team@example.com`
    #[arg(long, value_name = "PRINCIPAL")]
    member_template: Option<String>,
    /// A JSON file with rows that override the registry's `permissions`, in the same form
    #[arg(long, value_name = "FILE")]
    permissions: Option<PathBuf>,
    /// The parent of projects whose entry has none, `google.parent` of the provider block
    #[arg(long, value_name = "PARENT")]
    parent: Option<Parent>,
    /// The billing account of projects whose entry has none, `google.billing_account` of the provider block
    #[arg(long, value_name = "ACCOUNT")]
    billing_account: Option<BillingAccount>,
    /// Accept a registry without services
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    fences: FenceOptions,
}

impl ProviderOptions {
    /// The settings that a provider block with these values has.
    pub(super) fn settings(&self, printer: &Printer) -> Result<Settings, Error> {
        Ok(Settings {
            permissions: self.permissions(printer)?,
            manage: self.manage(),
            member_template: self.member_template.clone(),
            labels: self.labels.iter().cloned().collect(),
            clusters: Vec::new(),
            project_defaults: ProjectDefaults {
                parent: self.parent.clone(),
                billing_account: self.billing_account.clone(),
            },
            fences: self.fences.fences(),
        })
    }

    /// Whether a registry without services is accepted.
    pub(super) fn allow_empty(&self) -> bool {
        self.allow_empty
    }

    fn manage(&self) -> Manage {
        let manages = |kind| self.manage.is_empty() || self.manage.contains(&kind);
        Manage { google: manages(Managed::Google), kubernetes: manages(Managed::Kubernetes) }
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

/// The kinds of `manage` in the provider block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Managed {
    /// Projects, APIs, IAM members
    Google,
    /// Namespaces, quotas, role bindings
    Kubernetes,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a label has the form KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
