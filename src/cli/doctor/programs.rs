//! The programs on PATH that anu and its users run.

use crate::answers::Check;
use crate::cli::common::{find_program, version_of};
use crate::printable::escape;

/// A program, and what it is for.
struct Program {
    name: &'static str,
    /// The arguments with which it prints its version.
    version: &'static [&'static str],
    /// Where the version is, if that is JSON.
    pointer: Option<&'static str>,
    needed_for: &'static str,
    get: &'static str,
}

const CORES: [Program; 2] = [
    Program {
        name: "terraform",
        version: &["version", "-json"],
        pointer: Some("/terraform_version"),
        needed_for: "plans and applies",
        get: "https://developer.hashicorp.com/terraform/install",
    },
    Program {
        name: "tofu",
        version: &["version", "-json"],
        pointer: Some("/terraform_version"),
        needed_for: "plans and applies",
        get: "https://opentofu.org/docs/intro/install",
    },
];

const OTHERS: [Program; 2] = [
    Program {
        name: "git",
        version: &["--version"],
        pointer: None,
        needed_for: "`anu registry diff --base`, and services without a name",
        get: "https://git-scm.com/downloads",
    },
    Program {
        name: "kubectl",
        version: &["version", "--client", "-o", "json"],
        pointer: Some("/clientVersion/gitVersion"),
        needed_for: "`anu kubectl`",
        get: "https://kubernetes.io/docs/tasks/tools",
    },
];

/// One of the two cores, and the other programs.
pub(super) fn checks() -> Vec<Check> {
    let found: Vec<Check> = CORES.iter().filter_map(Program::check).collect();
    let mut checks = found;
    if checks.is_empty() {
        let [terraform, tofu] = CORES;
        let remedy = format!("install one: {} or {}", terraform.get, tofu.get);
        checks.push(Check::warning(
            "terraform",
            format!("neither terraform nor tofu on PATH, for {}", terraform.needed_for),
            remedy,
        ));
    }
    for program in &OTHERS {
        checks.push(program.check().unwrap_or_else(|| {
            let found = format!("not on PATH, for {}", program.needed_for);
            Check::warning(program.name, found, format!("install it: {}", program.get))
        }));
    }
    checks
}

impl Program {
    /// Its version; `None` if it is not on PATH.
    fn check(&self) -> Option<Check> {
        let path = find_program(self.name)?;
        Some(match version_of(&path, self.version, self.pointer) {
            Some(version) => Check::ok(self.name, format!("{} ({})", escape(&version), path.display())),
            None => Check::failed(
                self.name,
                format!("`{} {}` prints no version ({})", self.name, self.version.join(" "), path.display()),
                format!("install it again: {}", self.get),
            ),
        })
    }
}
