//! Terraform or OpenTofu: which one, and where.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Error;

/// The program that runs the demo.
#[derive(Debug)]
pub(super) struct Core {
    path: PathBuf,
    shown: String,
    title: String,
}

const GET: &str = "https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install";

impl Core {
    /// The one asked for, else the first on PATH.
    pub(super) fn find(asked: Option<&str>) -> Result<Self, Error> {
        let names: &[&str] = match &asked {
            Some(asked) => &[asked],
            None => &["terraform", "tofu"],
        };
        for name in names {
            if let Some(path) = locate(name) {
                return Self::at(path, name);
            }
        }
        Err(match asked {
            Some(asked) if asked.contains('/') => Error::missing(format!("There is no program at `{asked}`")),
            Some(asked) => Error::missing(format!("There is no `{asked}` on PATH")),
            None => Error::missing("There is neither `terraform` nor `tofu` on PATH"),
        }
        .because("The demo runs the real one.")
        .hint(format!("install one ({GET}), or name one with --core PATH")))
    }

    fn at(path: PathBuf, name: &str) -> Result<Self, Error> {
        let answer = Command::new(&path)
            .args(["version", "-json"])
            .envs(QUIET)
            .stdin(Stdio::null())
            .output()
            .ok()
            .and_then(|output| serde_json::from_slice::<serde_json::Value>(&output.stdout).ok());
        let version = answer.as_ref().and_then(|answer| answer.get("terraform_version")?.as_str());
        let Some(version) = version else {
            return Err(Error::missing(format!("`{}` does not tell its version", path.display()))
                .because("Neither Terraform nor OpenTofu does that.")
                .hint(format!("install one ({GET}), or name one with --core PATH")));
        };
        let product = if path.file_name().is_some_and(|name| name.to_string_lossy().contains("tofu")) {
            "OpenTofu"
        } else {
            "Terraform"
        };
        Ok(Self { title: format!("{product} {version}"), shown: super::quote(name), path })
    }

    /// The program.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// As one would type it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Its name and version, for people.
    pub(super) fn title(&self) -> &str {
        &self.title
    }
}

/// A question to a core that asks nobody else: no look for a newer release, no settings.
const QUIET: [(&str, &str); 2] = [("CHECKPOINT_DISABLE", "1"), ("TF_CLI_CONFIG_FILE", "/dev/null")];

/// A program by its name on PATH, or by its path. The path comes back absolute: it is started in another folder.
fn locate(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return std::path::absolute(name).ok().filter(|path| is_program(path));
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter_map(|folder| std::path::absolute(folder.join(name)).ok())
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
