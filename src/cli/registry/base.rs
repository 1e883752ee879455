//! The registry as it is at another revision of the git repository that its file is in.
//!
//! A JSON file is read from git. Any other may import files, so the whole commit is written to a temporary folder, without git's
//! metadata or hooks; the folder has an empty `.git`, by which a compiler finds the root of the repository.

use crate::codes;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::cli::common::{Error, Place, git, io};
use crate::discovery;
use crate::printable::{escape, escape_lines};

/// What asks for a base: texts of errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The option that names the revision.
    pub(super) option: &'static str,
    /// What to do without a git repository.
    pub(super) instead: &'static str,
}

/// The registry's file at the merge base.
#[derive(Debug)]
pub(super) struct Base {
    scratch: tempfile::TempDir,
    /// The root of the repository.
    repository: PathBuf,
    /// Its path in the folder.
    source: String,
    /// Where it is from, for people.
    pub(super) shown: String,
    /// Whether the commit has the file.
    pub(super) is_found: bool,
}

impl Base {
    /// The file of this place at the merge base of a revision and HEAD.
    pub(super) fn of(place: &Place<'_>, revision: &str, wanted: Wanted) -> Result<Self, Error> {
        let path = match discovery::Source::parse(place.source(), place.folder()) {
            Ok(discovery::Source::File { path, .. }) if !place.is_standard_input() => path,
            _ => {
                return Err(Error::usage(format!("`{}` needs a registry in a git repository", wanted.option))
                    .because(format!("`{}` is not a path.", escape(place.source())))
                    .hint(wanted.instead));
            }
        };
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        let git = Git { folder: path.parent().unwrap_or(Path::new(".")), wanted };
        let prefix = git.text(["rev-parse", "--show-prefix"], || {
            format!("`{}` is not in a git repository", escape(&path.to_string_lossy()))
        })?;
        let commit = git.text(["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")], || {
            format!("No revision `{}` in the git repository", escape(revision))
        });
        let commit = commit.map_err(|error| error.hint("fetch it first, for example: git fetch origin main"))?;
        let base = git.text(["merge-base", &commit, "HEAD"], || {
            format!("`{}` and HEAD have no common commit here", escape(revision))
        });
        let base = base.map_err(|error| {
            error.hint("fetch the history: git fetch --unshallow (`fetch-depth: 0` of actions/checkout)")
        })?;
        let file = format!("{prefix}{}", name.to_string_lossy());
        let object = format!("{base}:{file}");
        let shown = format!("{} at {} ({})", escape(&file), escape(revision), base.get(..7).unwrap_or(&base));
        let scratch = tempfile::tempdir()
            .map_err(|error| Error::failed(codes::FILE_NOT_ACCESSIBLE, format!("Cannot create a folder: {error}")))?;
        let root = git.text(["rev-parse", "--show-toplevel"], || "The repository has no working tree".to_owned())?;
        let repository = Path::new(&root).canonicalize().unwrap_or_else(|_| root.into());
        let found = Self { scratch, repository, source: file.clone(), shown, is_found: true };
        if !git.run(["cat-file", "-e", &object], None)?.status.success() {
            return Ok(Self { is_found: false, ..found });
        }
        if name.extension() == Some(OsStr::new("json")) {
            found.write_one(&git, &object)?;
        } else {
            found.write_all(&git, &base)?;
        }
        Ok(found)
    }

    /// The registry at that revision, which this option names.
    pub(super) fn place(&self, named_by: &'static str) -> Place<'_> {
        Place::named(named_by, self.source.as_str()).in_tree(self.folder(), self.repository.clone())
    }

    /// The folder with the files of the commit.
    fn folder(&self) -> PathBuf {
        self.scratch.path().join("tree")
    }

    fn write_one(&self, git: &Git<'_>, object: &str) -> Result<(), Error> {
        let path = self.folder().join(&self.source);
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(io("create the folder", folder))?;
        // With the filters of a checkout: the registry may be in Git LFS.
        let output = git.run(["cat-file", "--filters", object], None)?;
        let bytes = git.checked(output, || format!("Cannot read `{}`", self.shown))?;
        std::fs::write(&path, bytes).map_err(io("write", &path))
    }

    fn write_all(&self, git: &Git<'_>, commit: &str) -> Result<(), Error> {
        let folder = self.folder().join(".git");
        std::fs::create_dir_all(&folder).map_err(io("create the folder", &folder))?;
        let index = self.scratch.path().join("index");
        let prefix = format!("--prefix={}/", self.folder().display());
        for arguments in [&["read-tree", commit][..], &["checkout-index", "--all", &prefix]] {
            let output = git.run(arguments.iter().copied(), Some(&index))?;
            git.checked(output, || format!("Cannot read the files of `{commit}`"))?;
        }
        Ok(())
    }
}

/// git, in one folder.
struct Git<'f> {
    folder: &'f Path,
    wanted: Wanted,
}

impl Git<'_> {
    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, index: Option<&Path>) -> Result<Output, Error> {
        let mut command = git(self.folder);
        command.args(arguments);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        command.output().map_err(|error| {
            Error::missing(codes::NOT_FOUND, format!("Cannot run `git`: {error}"))
                .because(format!("`{}` reads the registry at another revision with it.", self.wanted.option))
                .hint(format!("install git, or {}", self.wanted.instead))
        })
    }

    /// The output of a command that succeeds.
    fn checked(&self, output: Output, what: impl FnOnce() -> String) -> Result<Vec<u8>, Error> {
        if output.status.success() {
            return Ok(output.stdout);
        }
        let error = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<String> = error.trim().lines().map(|line| escape_lines(line).into_owned()).collect();
        Err(Error::missing(codes::NOT_FOUND, what()).because(lines.join("\n  ")))
    }

    fn text<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
        what: impl FnOnce() -> String,
    ) -> Result<String, Error> {
        let output = self.run(arguments, None)?;
        let output = self.checked(output, what)?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }
}
