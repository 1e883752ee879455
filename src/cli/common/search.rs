//! The registry that is read if none is named: the variable ANU_REGISTRY, then a file in the working folder or above it, then a
//! ConfigMap of the cluster in which this process is a pod.

use crate::codes;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::text::list;
use crate::connect::Environment;
use crate::connect::kubernetes::is_pod;
use crate::discovery::{self, SOURCE_VARIABLE as VARIABLE, source_of_environment};
use crate::printable::escape;

/// What is compiled.
const PROGRAMS: [&str; 3] = ["registry.jsonnet", "registry.yaml", "registry.yml"];
/// What is not.
const DOCUMENT: &str = "registry.json";
/// What is read in a pod.
const CONFIG_MAP: &str = "configmap://anu-system/service-registry";

/// Where a search looks.
#[derive(Debug)]
pub(super) struct Search {
    /// The value of the variable.
    variable: Option<String>,
    /// The working folder.
    folder: PathBuf,
    /// Only for a program in the folders: what `compile` compiles.
    programs_only: bool,
    /// Whether this process is a pod.
    is_pod: bool,
}

/// A registry that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its source: an address, or a path relative to the working folder.
    pub(super) source: String,
    /// What names it, for errors.
    pub(super) named_by: &'static str,
    /// What was found and why it is read, for people.
    pub(super) note: String,
}

impl Search {
    /// For any registry, from the environment and working folder of this process.
    pub(super) fn of_this_process() -> Self {
        Self {
            variable: source_of_environment(),
            folder: std::env::current_dir().unwrap_or_default(),
            programs_only: false,
            is_pod: is_pod(&Environment::of_this_process()),
        }
    }

    /// For a program only. What the variable names is read, not compiled.
    pub(super) fn for_program(self) -> Self {
        Self { variable: None, programs_only: true, ..self }
    }

    /// The registry, or an error with every place that has none.
    pub(super) fn run(&self) -> Result<Found, Error> {
        if let Some(source) = &self.variable {
            let shown = discovery::Source::parse(source, &self.folder).map(|source| source.to_string());
            let shown = shown.unwrap_or_else(|_| "its value".to_owned()); // the error that follows shows it
            let note = format!("Reading `{shown}`, which the variable `{VARIABLE}` names");
            return Ok(Found { source: source.clone(), named_by: VARIABLE, note });
        }
        let root = self.folder.ancestors().find(|folder| folder.join(".git").exists());
        let mut looked_at = Vec::new();
        for (depth, folder) in self.folder.ancestors().enumerate() {
            let mut found = self.in_folder(folder);
            if found.len() > 1 {
                return Err(self.several(depth, &found));
            }
            if let Some(name) = found.pop() {
                let source = "../".repeat(depth) + name;
                let place = if depth == 0 { "this folder" } else { "a folder above this one" };
                let note = format!("Reading `{source}`, found in {place}");
                return Ok(Found { source, named_by: "--registry", note });
            }
            looked_at.push(folder);
            if root.is_none_or(|root| root == folder) {
                break;
            }
        }
        if self.is_pod && !self.programs_only {
            let note = format!("Reading `{CONFIG_MAP}`, because no file was found and this process is a pod");
            return Ok(Found { source: CONFIG_MAP.to_owned(), named_by: "--registry", note });
        }
        Err(self.nothing(&looked_at, root.is_some()))
    }

    fn names(&self) -> Vec<&'static str> {
        let document = (!self.programs_only).then_some(DOCUMENT);
        PROGRAMS.into_iter().chain(document).collect()
    }

    /// The names of registries in a folder. A link that leads nowhere is one too: it is an error, and not ignored.
    fn in_folder(&self, folder: &Path) -> Vec<&'static str> {
        let is_file = |name: &&str| folder.join(name).symlink_metadata().is_ok_and(|found| !found.is_dir());
        self.names().into_iter().filter(is_file).collect()
    }

    fn several(&self, depth: usize, names: &[&'static str]) -> Error {
        let paths: Vec<String> = names.iter().map(|name| "../".repeat(depth) + name).collect();
        let first = paths.first().cloned().unwrap_or_default();
        let hint = if self.programs_only {
            format!("name the file: anu registry compile {first}")
        } else {
            format!("name the registry: --registry {first}, or set the variable `{VARIABLE}`")
        };
        let what = if self.programs_only { "programs" } else { "registries" };
        Error::usage(format!("Several {what} found: {}", list(paths)))
            .because("None is named, and only one in a folder could be meant.")
            .hint(hint)
    }

    fn nothing(&self, folders: &[&Path], in_repository: bool) -> Error {
        let mut lines = vec!["None is named, and these places have none:".to_owned()];
        if !self.programs_only {
            lines.push(format!("  the variable `{VARIABLE}`: not set"));
        }
        let names = self.names();
        for (nth, folder) in folders.iter().enumerate() {
            let shown = escape(&folder.to_string_lossy()).into_owned();
            let root = if in_repository && nth + 1 == folders.len() { " (the root of the repository)" } else { "" };
            let names = if nth == 0 { format!("no {}", list(&names)) } else { "none of these".to_owned() };
            lines.push(format!("  the folder `{shown}`{root}: {names}"));
        }
        if !in_repository {
            lines.push("  no folder above it, because it is not in a git repository".to_owned());
        }
        if !self.programs_only {
            lines.push(format!("  `{CONFIG_MAP}`: this process is not a pod"));
        }
        let (what, hint) = if self.programs_only {
            ("program", "name the file: anu registry compile FILE")
        } else {
            (
                "registry",
                "name the registry: --registry SOURCE, a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`",
            )
        };
        Error::missing(codes::NOT_FOUND, format!("No {what} found")).because(lines.join("\n  ")).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_reads_the_config_map_of_its_cluster_if_nothing_else_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let search =
            |programs_only| Search { variable: None, folder: folder.path().to_owned(), programs_only, is_pod: true };
        let found = search(false).run().expect("found");
        assert_eq!(found.source, CONFIG_MAP);
        assert!(discovery::Source::parse(&found.source, folder.path()).is_ok());
        assert!(search(true).run().is_err(), "a program is compiled from a file");
        std::fs::write(folder.path().join(DOCUMENT), "{}").expect("written");
        assert_eq!(search(false).run().expect("found").source, DOCUMENT);
    }
}
