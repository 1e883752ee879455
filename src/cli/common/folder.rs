//! A folder that a verb writes files to. Each file is replaced as a whole.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::error::{Error, io};
use super::printer::Printer;

/// A folder to write to. Other files in it are not changed.
#[derive(Debug)]
pub(in crate::cli) struct Folder(PathBuf);

impl Folder {
    /// A folder, which is created if it does not exist.
    pub(in crate::cli) fn create(path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(io("create the folder", path))?;
        Ok(Self(path.to_owned()))
    }

    /// The path of a file in it, as the user would write it.
    pub(in crate::cli) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, unless it has this text already; returns whether it was written. A reader finds the old text or the new
    /// one, also if this process is killed.
    pub(in crate::cli) fn write(&self, name: &str, text: &str) -> Result<bool, Error> {
        let path = self.path(name);
        if std::fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            return Ok(false);
        }
        let written = || {
            // As for any new file, the umask decides who may read it.
            let permissions = std::fs::Permissions::from_mode(0o666);
            let mut file = tempfile::Builder::new().prefix(".anu-").permissions(permissions).tempfile_in(&self.0)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path).map_err(|error| error.error)
        };
        written().map_err(io("write", &path))?;
        Ok(true)
    }

    /// Whether there is a file of that name that begins with another text.
    pub(in crate::cli) fn has_another(&self, name: &str, text: &str) -> bool {
        match std::fs::read(self.path(name)) {
            Ok(found) => !found.starts_with(text.as_bytes()),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }

    /// The names of the files in it that have this ending and begin with this text, sorted.
    pub(in crate::cli) fn beginning(&self, ending: &str, text: &str) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter(|name| name.ends_with(ending))
            .filter(|name| std::fs::read(self.path(name)).is_ok_and(|found| found.starts_with(text.as_bytes())))
            .collect();
        names.sort();
        names
    }
}

/// Writes a text to a file, which is replaced as a whole, or to standard output if none is named.
pub(in crate::cli) fn write_or_print(printer: &Printer, to: Option<&Path>, text: &str) -> Result<(), Error> {
    let Some(path) = to else { return printer.text(text) };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::usage("`--to` does not name a file"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Folder::create(folder.unwrap_or(Path::new(".")))?.write(name, text).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_as_a_whole_and_only_if_they_differ() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::create(&scratch.path().join("some/where")).unwrap();
        let path = folder.path("a.yaml");
        assert!(folder.write("a.yaml", "one\n").unwrap());
        let before = std::fs::metadata(&path).unwrap();
        assert_eq!(before.permissions().mode() & 0o600, 0o600);
        assert!(!folder.write("a.yaml", "one\n").unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before.modified().unwrap());

        // A reader with the old file open continues to read the old text.
        let mut reader = std::fs::File::open(&path).unwrap();
        assert!(folder.write("a.yaml", "two\n").unwrap());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        assert_eq!((text.as_str(), std::fs::read_to_string(&path).unwrap().as_str()), ("one\n", "two\n"));
        assert_eq!(std::fs::read_dir(scratch.path().join("some/where")).unwrap().count(), 1);
    }

    #[test]
    fn files_are_found_by_how_they_begin() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::create(scratch.path()).unwrap();
        for (name, text) in
            [("b.yaml", "# ours\n"), ("a.yaml", "# ours\nx"), ("c.yaml", "# theirs"), ("d.txt", "# ours\n")]
        {
            folder.write(name, text).unwrap();
        }
        assert_eq!(folder.beginning(".yaml", "# ours\n"), ["a.yaml", "b.yaml"]);
        assert!(folder.has_another("c.yaml", "# ours\n"));
        assert!(!folder.has_another("a.yaml", "# ours\n") && !folder.has_another("none.yaml", "# ours\n"));
    }
}
