//! The folder of a demo: the files that it writes there, and those that it does not change.
//!
//! ```text
//! anu-demo/
//!   main.tf, registry.json     the quickstart: written once, then the user's own
//!   anu.db, terraform.tfstate  results of the runs
//!   .anu-demo/                 identifies the folder; every run writes it again
//!     cli.tfrc                 the CLI configuration that names the mirror
//!     providers/               the filesystem mirror with the provider
//! ```

use crate::codes;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::common::{Error, io, list, quote};
use crate::printable::escape;

const FILES: [(&str, &str); 2] = [
    ("main.tf", include_str!("../../../examples/quickstart/main.tf")),
    ("registry.json", include_str!("../../../examples/quickstart/registry.json")),
];
const OURS: &str = ".anu-demo";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The full addresses of the provider: Terraform and OpenTofu each use the host of their own registry.
const ADDRESSES: [&str; 2] = ["registry.terraform.io/anu-registry/anu", "registry.opentofu.org/anu-registry/anu"];

/// A folder that belongs to a demo.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    new: bool,
}

impl Folder {
    /// Writes the missing files to a new or empty folder, or to that of an earlier demo. A folder with other files belongs to the
    /// user and is refused.
    pub(super) fn prepare(path: &Path) -> Result<Self, Error> {
        let root = std::path::absolute(path).map_err(io("find", path))?;
        let new = !root.join(OURS).is_dir();
        if new {
            let mut files: Vec<String> = match fs::read_dir(&root) {
                Ok(entries) => {
                    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
                }
                Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(io("read the folder", path)(error)),
            };
            if !files.is_empty() {
                files.sort();
                let more = files.len().saturating_sub(3);
                files.truncate(3);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                return Err(Error::failed(
                    codes::DEMO_FAILED,
                    format!("`{}` is not the folder of a demo", escape(&path.to_string_lossy())),
                )
                .because(format!("It contains {}{more}. A demo needs a folder of its own.", list(files)))
                .hint("name another folder: anu demo --dir DIR"));
            }
        }
        // First the subfolder that identifies it, so that a run that is killed here can continue.
        let ours = root.join(OURS);
        fs::create_dir_all(&ours).map_err(io("create the folder", &ours))?;
        for (name, text) in FILES {
            let path = root.join(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => file.write_all(text.as_bytes()).map_err(io("write", &path))?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io("write", &path)(error)),
            }
        }
        let folder = Self { root, new };
        fs::write(folder.configuration(), folder.cli_configuration()).map_err(io("write", &folder.configuration()))?;
        Ok(folder)
    }

    /// Whether this is its first demo.
    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The CLI configuration, for `TF_CLI_CONFIG_FILE`.
    pub(super) fn configuration(&self) -> PathBuf {
        self.path(OURS).join("cli.tfrc")
    }

    /// The line that makes a shell use the CLI configuration.
    pub(super) fn export(&self) -> String {
        format!("export TF_CLI_CONFIG_FILE={}", quote(&self.configuration().to_string_lossy()))
    }

    fn providers(&self) -> PathBuf {
        self.path(OURS).join("providers")
    }

    fn cli_configuration(&self) -> String {
        let addresses = ADDRESSES.map(|address| format!("\"{address}\"")).join(", ");
        let mirror = hcl_string(&self.providers().to_string_lossy());
        format!(
            "# Written by `anu demo`: where Terraform and OpenTofu find the provider.\n\
             provider_installation {{\n  filesystem_mirror {{\n    path    = {mirror}\n    include = [{addresses}]\n  }}\n  \
             direct {{\n    exclude = [{addresses}]\n  }}\n}}\n"
        )
    }

    /// Installs the provider in the mirror.
    ///
    /// The provider is this program: started under the provider's name it serves (src/bin/anu.rs). So there is nothing to find
    /// or to build, the provider cannot be older than the demo, and an installed `anu` needs no other file.
    pub(super) fn install_provider(&self) -> Result<(), Error> {
        let program = std::env::current_exe().map_err(io("find", Path::new("anu")))?;
        let packages = ADDRESSES.map(|address| self.providers().join(address).join(VERSION).join(platform()));
        let name = format!("terraform-provider-anu_v{VERSION}");
        if packages.iter().all(|package| same(&program, &package.join(&name))) {
            return Ok(());
        }
        // Another release, or another build of this one: Terraform's lock file contains the digest of the old one.
        for (path, deleted) in [
            (self.providers(), fs::remove_dir_all(self.providers())),
            (self.path(".terraform.lock.hcl"), fs::remove_file(self.path(".terraform.lock.hcl"))),
        ] {
            deleted
                .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
                .map_err(io("delete", &path))?;
        }
        for package in packages {
            fs::create_dir_all(&package).map_err(io("create the folder", &package))?;
            let target = package.join(&name);
            // A link costs no time and no space; across file systems it must be a copy.
            fs::hard_link(&program, &target)
                .or_else(|_| fs::copy(&program, &target).map(|_| ()))
                .map_err(io("write", &target))?;
        }
        Ok(())
    }
}

/// Go's name of this platform: `linux_amd64`.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{architecture}")
}

/// A text as a string literal of HCL.
fn hcl_string(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{text}\"")
}

/// Whether two paths are one file, or two files with the same bytes.
fn same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(a), Ok(b)) = (one.metadata(), other.metadata()) else { return false };
    (a.dev(), a.ino()) == (b.dev(), b.ino()) || (a.len() == b.len() && same_bytes(one, other).unwrap_or(false))
}

fn same_bytes(one: &Path, other: &Path) -> std::io::Result<bool> {
    const CHUNK: usize = 1 << 20;
    let (one, other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
    loop {
        left.clear();
        right.clear();
        (&one).take(CHUNK as u64).read_to_end(&mut left)?;
        (&other).take(CHUNK as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_folder_is_created_and_a_demo_continues_in_its_own() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("some/demo");
        assert!(Folder::prepare(&path).unwrap().is_new());
        assert_eq!(names(&path), [".anu-demo", "main.tf", "registry.json"]);

        fs::write(path.join("registry.json"), "mine").unwrap();
        fs::remove_file(path.join("main.tf")).unwrap();
        assert!(!Folder::prepare(&path).unwrap().is_new());
        assert_eq!(fs::read_to_string(path.join("registry.json")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(path.join("main.tf")).unwrap(), FILES[0].1);
    }

    #[test]
    fn a_folder_with_other_files_is_refused_and_not_changed() {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["main.tf", "b", "c", "d", "e"] {
            fs::write(scratch.path().join(name), "mine").unwrap();
        }
        let error = Folder::prepare(scratch.path()).unwrap_err();
        let text = error.to_string().replace(&scratch.path().display().to_string(), "DIR");
        assert_snapshot!(text, @"
        `DIR` is not the folder of a demo
          It contains `b`, `c`, `d` and 2 more. A demo needs a folder of its own.
        hint: name another folder: anu demo --dir DIR
          anu:demo-failed
        ");
        assert_eq!(error.exit_code(), 1);
        assert_eq!(names(scratch.path()), ["b", "c", "d", "e", "main.tf"]);
        assert_eq!(fs::read_to_string(scratch.path().join("main.tf")).unwrap(), "mine");
    }

    #[test]
    fn the_provider_is_this_program_and_another_build_replaces_it() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(scratch.path()).unwrap();
        folder.install_provider().unwrap();
        let program = std::env::current_exe().unwrap();
        let installed = ADDRESSES.map(|address| {
            let package = folder.providers().join(address).join(VERSION).join(platform());
            package.join(format!("terraform-provider-anu_v{VERSION}"))
        });
        assert!(installed.iter().all(|each| same(&program, each)));

        fs::write(folder.path(".terraform.lock.hcl"), "kept").unwrap();
        folder.install_provider().unwrap();
        assert!(folder.path(".terraform.lock.hcl").exists());

        fs::remove_file(&installed[1]).unwrap();
        fs::write(&installed[1], "an older build").unwrap();
        folder.install_provider().unwrap();
        assert!(!folder.path(".terraform.lock.hcl").exists());
        assert!(installed.iter().all(|each| same(&program, each)));
    }
}
