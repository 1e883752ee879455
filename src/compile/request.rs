//! What is compiled: the program, its variables, and the folders that it may import from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::connect::document_name;

/// One compilation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The program.
    pub entry: Entry,
    /// The folder that imports must stay in; `None` if the program is not a file and may import only from the libraries.
    pub root: Option<PathBuf>,
    /// Folders that are searched for imports that are not found beside the importing file, in this order.
    pub library_paths: Vec<PathBuf>,
    /// Its variables.
    pub variables: Variables,
    /// How deep calls may be nested.
    pub max_stack: usize,
    /// Whether the document is indented, as `jsonnet` prints it, or on one line.
    pub indented: bool,
}

/// Where the program's text is. Its name says whether it is Jsonnet or YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// In a file.
    File(PathBuf),
    /// Here, under the name that errors show.
    Text {
        /// The name.
        name: String,
        /// The text.
        text: String,
        /// The folder that its imports are relative to; `None`: it may import only from libraries.
        folder: Option<PathBuf>,
    },
}

impl Entry {
    /// What messages call it.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::File(path) => path.to_string_lossy(),
            Self::Text { name, .. } => name.into(),
        }
    }
}

/// What a user sets for the compilation of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonnetSettings {
    /// See [`Request::library_paths`].
    pub library_paths: Vec<PathBuf>,
    /// The variables.
    pub variables: Variables,
}

/// External variables (`std.extVar`) and top-level arguments, as texts or as Jsonnet code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variables {
    /// External variables that are strings.
    pub ext_vars: BTreeMap<String, String>,
    /// External variables that are Jsonnet expressions.
    pub ext_code: BTreeMap<String, String>,
    /// Top-level arguments that are strings.
    pub top_level_arguments: BTreeMap<String, String>,
    /// Top-level arguments that are Jsonnet expressions.
    pub top_level_code: BTreeMap<String, String>,
}

impl Request {
    /// How deep calls may be nested by default, as in Jsonnet's own implementations.
    pub const MAX_STACK: usize = 500;

    /// The compilation of a file, which may import from the repository that it is in.
    pub fn of_file(path: &Path) -> Self {
        Self { root: Some(repository_root(path)), ..Self::of(Entry::File(path.to_owned())) }
    }

    /// The compilation of a text, which may import from no folder.
    pub fn of_text(name: &str, text: &str) -> Self {
        Self::of(Entry::Text { name: name.to_owned(), text: text.to_owned(), folder: None })
    }

    /// The compilation of a text as if it were a file in a folder.
    pub fn of_text_in(folder: &Path, name: &str, text: &str) -> Self {
        let entry = Entry::Text { name: name.to_owned(), text: text.to_owned(), folder: Some(folder.to_owned()) };
        Self { root: Some(repository_root(&folder.join(name))), ..Self::of(entry) }
    }

    /// With the settings of a user.
    pub fn with(mut self, settings: &JsonnetSettings) -> Self {
        self.library_paths.clone_from(&settings.library_paths);
        self.variables.clone_from(&settings.variables);
        self
    }

    fn of(entry: Entry) -> Self {
        Self {
            entry,
            root: None,
            library_paths: Vec::new(),
            variables: Variables::default(),
            max_stack: Self::MAX_STACK,
            indented: false,
        }
    }
}

/// What a source is written in, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// A compiled registry: any other name.
    Json,
    /// A program: `.jsonnet`.
    Jsonnet,
    /// `.yaml` or `.yml`.
    Yaml,
}

impl SourceFormat {
    /// The format of a path, or of an address with or without a query. What is compressed is of the format that it unpacks to.
    pub fn of(source: &str) -> Self {
        let extension =
            Path::new(document_name(source)).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "jsonnet" => Self::Jsonnet,
            "yaml" | "yml" => Self::Yaml,
            _ => Self::Json,
        }
    }
}

/// The nearest folder above a file that has a `.git`, which is a folder in a clone and a file in a worktree or submodule;
/// without one, the file's own folder.
fn repository_root(file: &Path) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    // A link to a registry in another repository belongs to that one.
    let real = absolute.canonicalize().unwrap_or(absolute);
    let folder = real.parent().unwrap_or(&real);
    let folder = &folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = folder.ancestors().find(|folder| folder.join(".git").exists());
    root.unwrap_or(folder).to_owned()
}
