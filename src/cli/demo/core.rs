//! Terraform or OpenTofu: which one, and where.

use crate::codes;
use std::path::{Path, PathBuf};

use crate::cli::common::{Error, find_program, quote, version_of};
use crate::printable::escape;

/// The program that runs the demo.
#[derive(Debug)]
pub(super) struct Core {
    path: PathBuf,
    shown: String,
    title: String,
}

const GET: &str = "https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install";

impl Core {
    /// The named program, or the first of the two on PATH.
    pub(super) fn find(named: Option<&str>) -> Result<Self, Error> {
        let names: &[&str] = match &named {
            Some(named) => &[named],
            None => &["terraform", "tofu"],
        };
        for name in names {
            if let Some(path) = find_program(name) {
                return Self::at(path, name);
            }
        }
        Err(match named {
            Some(named) if named.contains('/') => {
                Error::missing(codes::NOT_FOUND, format!("Program `{named}` not found"))
            }
            Some(named) => Error::missing(codes::NOT_FOUND, format!("`{}` not found on PATH", escape(named))),
            None => Error::missing(codes::NOT_FOUND, "Neither `terraform` nor `tofu` found on PATH"),
        }
        .because("The demo runs the real program.")
        .hint(format!("install one ({GET}), or name one with --core PATH")))
    }

    fn at(path: PathBuf, name: &str) -> Result<Self, Error> {
        let version = version_of(&path, &["version", "-json"], Some("/terraform_version"));
        let Some(version) = version else {
            return Err(Error::missing(
                codes::NOT_FOUND,
                format!("`{}` does not print its version", escape(&path.to_string_lossy())),
            )
            .because("`version -json` works in every Terraform and OpenTofu that the demo supports.")
            .hint(format!("install one ({GET}), or name one with --core PATH")));
        };
        let product = if path.file_name().is_some_and(|name| name.to_string_lossy().contains("tofu")) {
            "OpenTofu"
        } else {
            "Terraform"
        };
        Ok(Self { title: format!("{product} {version}"), shown: quote(name), path })
    }

    /// The program.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its name, as a user types it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Its name and version, for people.
    pub(super) fn title(&self) -> &str {
        &self.title
    }
}
