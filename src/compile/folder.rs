//! A registry in a folder: a file for each entry, in a folder for each kind.
//!
//! `metadata.yaml` is the field `metadata` of the document, and everything below `services/` is an entry, or a list of entries, of
//! `services`. The files of a kind follow each other in the order of their paths. What cannot be read as such a file is an error,
//! so that no service is missing because of how its file is called.

use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::error::{CompileError, Place};
use super::imports;
use super::request::SourceFormat;
use super::yaml::{positions_in_yaml, yaml_to_json};
use crate::registry::{Location, positions_of};

/// How deep folders may be nested.
const MOST_DEPTH: usize = 32;
/// The most files whose errors are shown.
const MOST_ERRORS: usize = 20;
/// A folder with this many wrong files is no registry, and is not read to its end.
const MANY_ERRORS: usize = 1000;

/// The document of a folder, and the files that it was compiled from.
///
/// # Errors
/// When a file cannot be read or is not well-formed: then with all of them.
pub(super) fn folder_to_json(folder: &Path) -> Result<(String, Vec<PathBuf>), CompileError> {
    let (fields, mut errors) = Fields::read(folder);
    let mut json = String::from("{");
    for field in &fields.0 {
        match field.json() {
            Ok(value) => {
                if json.len() > 1 {
                    json.push(',');
                }
                json.push_str(&serde_json::Value::from(field.name.as_str()).to_string());
                json.push(':');
                json.push_str(&value);
            }
            Err(error) => errors.push(error),
        }
    }
    json.push('}');
    if fields.0.is_empty() && errors.is_empty() {
        let message = format!("The folder `{}` has no file that a registry consists of", folder.display());
        let help =
            "Write `metadata.yaml` and a folder for each kind (`services/`, `teams/`, …) with a file for each entry";
        errors.push(CompileError { help: Some(help.into()), ..CompileError::plain(message) });
    }
    let files = fields.0.into_iter().flat_map(|field| field.parts).map(|part| part.path).collect();
    match errors.len() {
        0 => Ok((json, files)),
        1 => Err(errors.remove(0)),
        _ => Err(all_of(&errors)),
    }
}

/// Where what each JSON pointer leads to is written in the files of a folder that compiles.
pub fn locations_in_folder<'p>(folder: &Path, pointers: impl IntoIterator<Item = &'p str>) -> Vec<Option<Location>> {
    let (fields, _) = Fields::read(folder);
    let mut locations = Vec::new();
    // Each file is searched once, however many problems it has.
    let mut wanted: Vec<Vec<Vec<(usize, String)>>> =
        fields.0.iter().map(|field| vec![Vec::new(); field.parts.len()]).collect();
    for (nth, pointer) in pointers.into_iter().enumerate() {
        locations.push(None);
        if let Some((field, part, rest)) = fields.place(pointer) {
            wanted[field][part].push((nth, rest));
        }
    }
    for (field, wanted) in fields.0.iter().zip(wanted) {
        for (part, wanted) in field.parts.iter().zip(wanted).filter(|(_, wanted)| !wanted.is_empty()) {
            let file: Arc<str> = part.path.to_string_lossy().into();
            let rest = wanted.iter().map(|(_, rest)| rest.as_str());
            let positions = match part.format {
                SourceFormat::Yaml => positions_in_yaml(&part.text, rest),
                _ => positions_of(&part.text, rest),
            };
            for ((nth, _), position) in wanted.iter().zip(positions) {
                locations[*nth] = position.map(|position| Location { file: Arc::clone(&file), position });
            }
        }
    }
    locations
}

/// The fields of the document, in the order of their first file.
#[derive(Default)]
struct Fields(Vec<Field>);

/// A field of the document, and the files that it is written in.
struct Field {
    name: String,
    parts: Vec<Part>,
    /// Of each part: how many entries are before it.
    starts: Vec<usize>,
    /// How many entries there are.
    count: usize,
}

/// A file.
struct Part {
    path: PathBuf,
    format: SourceFormat,
    /// What is in it.
    text: String,
    /// The same as JSON.
    json: String,
    content: Content,
}

/// What a file contains.
#[derive(Clone, Copy)]
enum Content {
    /// The value of the field.
    Value,
    /// One entry of the field.
    Entry,
    /// As many entries of the field.
    Entries(usize),
}

impl Fields {
    /// Reads a folder; what is wrong with its files beside those that are right.
    fn read(folder: &Path) -> (Self, Vec<CompileError>) {
        let (mut fields, mut errors) = (Self::default(), Vec::new());
        let mut files = Vec::new();
        walk(folder, 0, &mut files, &mut errors);
        for path in files {
            let within = path.strip_prefix(folder).unwrap_or(&path);
            let is_entry = within.components().count() > 1;
            // Names are UTF-8: `walk` refuses others.
            let name = if is_entry { within.iter().next() } else { within.file_stem() };
            let name = name.unwrap_or_default().to_string_lossy().into_owned();
            match Part::read(path, is_entry) {
                Ok(part) => fields.add(name, part),
                Err(error) => errors.push(error),
            }
        }
        (fields, errors)
    }

    fn add(&mut self, name: String, part: Part) {
        let at = self.0.iter().position(|field| field.name == name).unwrap_or_else(|| {
            self.0.push(Field { name, parts: Vec::new(), starts: Vec::new(), count: 0 });
            self.0.len() - 1
        });
        let field = &mut self.0[at];
        field.starts.push(field.count);
        field.count += match part.content {
            Content::Value => 0,
            Content::Entry => 1,
            Content::Entries(count) => count,
        };
        field.parts.push(part);
    }

    /// The field and the file that a pointer leads into, and the pointer from there on.
    fn place(&self, pointer: &str) -> Option<(usize, usize, String)> {
        let mut steps = pointer.strip_prefix('/')?.splitn(2, '/');
        let name = steps.next()?.replace("~1", "/").replace("~0", "~");
        let rest = steps.next().unwrap_or_default();
        let field = self.0.iter().position(|field| field.name == name)?;
        let Field { parts, starts, count, .. } = &self.0[field];
        let pointer = |rest: &str| if rest.is_empty() { String::new() } else { format!("/{rest}") };
        let (index, below) = rest.split_once('/').unwrap_or((rest, ""));
        let (Ok(index), false) = (index.parse::<usize>(), matches!(parts[0].content, Content::Value)) else {
            return Some((field, 0, pointer(rest)));
        };
        // Of several parts that begin there, all but the last are empty.
        let part = starts.partition_point(|&start| start <= index).checked_sub(1).filter(|_| index < *count)?;
        match parts[part].content {
            Content::Entries(_) => Some((field, part, format!("/{}{}", index - starts[part], pointer(below)))),
            _ => Some((field, part, pointer(below))),
        }
    }
}

impl Field {
    /// Its value: that of its one file, or the list of all entries.
    fn json(&self) -> Result<String, CompileError> {
        if let Some(value) = self.parts.iter().find(|part| matches!(part.content, Content::Value)) {
            if let Some(other) = self.parts.iter().find(|part| part.path != value.path) {
                let message = format!(
                    "`{}` is the whole field `{}`, and `{}` is part of it too",
                    value.path.display(),
                    self.name,
                    other.path.display()
                );
                let help = "Write the field in one file, or each as a list of entries".to_owned();
                return Err(CompileError { help: Some(help), ..CompileError::plain(message) });
            }
            return Ok(value.json.clone());
        }
        let entries = self.parts.iter().filter(|part| !matches!(part.content, Content::Entries(0)));
        let entries = entries.map(|part| match part.content {
            Content::Entries(_) => {
                let list = part.json.trim();
                &list[1..list.len() - 1]
            }
            _ => part.json.as_str(),
        });
        Ok(format!("[{}]", entries.collect::<Vec<_>>().join(",")))
    }
}

impl Part {
    fn read(path: PathBuf, is_entry: bool) -> Result<Self, CompileError> {
        let name = path.to_string_lossy().into_owned();
        let bytes = imports::read(&path, &name)
            .map_err(|failure| CompileError { help: failure.help, ..CompileError::plain(failure.message) })?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| CompileError::plain(format!("`{name}` is not UTF-8 text")))?;
        let format = SourceFormat::of(&name);
        let json = match format {
            SourceFormat::Yaml => yaml_to_json(&name, &text)?,
            _ => checked_json(&name, &text)?,
        };
        let content = match json.trim_start().bytes().next() {
            // A list is one of entries in the file of a field too.
            Some(b'[') => Content::Entries(serde_json::from_str::<Vec<IgnoredAny>>(&json).map_or(0, |list| list.len())),
            Some(b'{') if is_entry => Content::Entry,
            _ if is_entry => {
                let what = if json.trim() == "null" { "is empty" } else { "is neither an entry nor a list of entries" };
                let help = "Write `type` and `spec` of the entry, or a list of entries; or remove the file".to_owned();
                return Err(CompileError { help: Some(help), ..CompileError::plain(format!("`{name}` {what}")) });
            }
            _ => Content::Value,
        };
        Ok(Self { path, format, text, json, content })
    }
}

/// A JSON text as it is, if it is well-formed.
fn checked_json(name: &str, text: &str) -> Result<String, CompileError> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let (line, column) = (error.line().max(1), error.column().max(1));
            let of_line = text.lines().nth(line - 1).unwrap_or_default().to_owned();
            let place = Place { file: name.to_owned(), line, column, width: 1, text: of_line };
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
            let message = format!("Invalid JSON: {message}");
            Err(CompileError { place: Some(Box::new(place)), ..CompileError::plain(message) })
        }
    }
}

/// The files below a folder, in the order of their paths.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, errors: &mut Vec<CompileError>) {
    let failed = |error: std::io::Error| CompileError::plain(format!("`{}`: {error}", folder.display()));
    if depth > MOST_DEPTH {
        errors.push(CompileError::plain(format!(
            "`{}`: folders are nested more than {MOST_DEPTH} deep",
            folder.display()
        )));
        return;
    }
    if errors.len() > MANY_ERRORS {
        return;
    }
    let mut found = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                    Ok(entry) => found.push(entry),
                    Err(error) => errors.push(failed(error)),
                }
            }
        }
        Err(error) => errors.push(failed(error)),
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, kind) in found {
        let path = folder.join(&name);
        match accepts(&name, kind) {
            Ok(true) if kind.is_dir() => walk(&path, depth + 1, files, errors),
            Ok(true) => files.push(path),
            Ok(false) => {}
            Err((what, help)) => {
                let message = format!("`{}` {what}", path.display());
                errors.push(CompileError { help: Some(help.into()), ..CompileError::plain(message) });
            }
        }
    }
}

/// Whether a file or folder is part of the registry; what is wrong with it, and what to do.
fn accepts(name: &OsStr, kind: FileType) -> Result<bool, (&'static str, &'static str)> {
    let Some(text) = name.to_str() else { return Err(("has a name that is not UTF-8 text", "Rename it")) };
    // Files of git and of editors.
    if text.starts_with('.') {
        return Ok(false);
    }
    if kind.is_symlink() {
        return Err(("is a link", "Copy the file to its place: a registry consists of the files in its folder"));
    }
    if kind.is_dir() {
        return Ok(true);
    }
    if !kind.is_file() {
        return Err(("is not a file", "Remove it from the folder"));
    }
    let ending = Path::new(text).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("yaml" | "yml" | "json") => Ok(true),
        None | Some("md") => Ok(false),
        Some("jsonnet" | "libsonnet") => Err((
            "is a program, and a folder consists of documents",
            "Name the program as the source (`registry.jsonnet`), and import the files from it",
        )),
        Some(_) => Err((
            "is not read: the name of a file must end in `.yaml`, `.yml` or `.json`",
            "Rename or remove it; only names that begin with `.`, end in `.md` or have no ending may be beside the registry",
        )),
    }
}

/// All errors as one.
fn all_of(errors: &[CompileError]) -> CompileError {
    let mut message = format!("{} files are wrong", errors.len());
    for error in errors.iter().take(MOST_ERRORS) {
        message.push('\n');
        message.push_str(&error.to_string());
    }
    if errors.len() > MOST_ERRORS {
        message.push_str(&format!("\n… and {} more", errors.len() - MOST_ERRORS));
    }
    CompileError::plain(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn entries_follow_each_other_in_the_order_of_their_paths_and_are_found_again() {
        let folder = folder(&[
            ("metadata.yaml", "name: acme\n"),
            ("services/shop/cart.json", "{\"spec\": {\n  \"name\": \"cart\"}}"),
            ("services/bank/ledger.yml", "# the ledger\n- spec:\n    name: ledger\n- spec: {name: audit}\n"),
            ("services/none.yaml", "[]\n"),
            ("teams.yaml", "- spec: {name: payments}\n"),
            ("teams/shop.yaml", "spec:\n  name: shop\n"),
            ("services/README.md", "# Services"),
            ("CODEOWNERS", "* @platform"),
            (".git/config", "[core]"),
        ]);
        let (json, files) = folder_to_json(folder.path()).expect("a document");
        let names = r#"{"metadata":{"name":"acme"},"services":[{"spec":{"name":"ledger"}},{"spec":{"name":"audit"}},{"spec": {
  "name": "cart"}}],"teams":[{"spec":{"name":"shop"}},{"spec":{"name":"payments"}}]}"#;
        assert_eq!(json, names);
        assert_eq!(files.len(), 6);
        let pointers = [
            "/metadata/name",
            "/services/0/spec/name",
            "/services/1/spec",
            "/services/2/spec/name",
            "/services/3",
            "/services",
            "/teams/0/spec/name",
            "/teams/1/spec/name",
            "/clusters/0",
            "",
        ];
        let prefix = format!("{}/", folder.path().display());
        let found = locations_in_folder(folder.path(), pointers);
        let found: Vec<String> = found
            .into_iter()
            .map(|place| place.map_or_else(String::new, |it| it.to_string().replace(&prefix, "")))
            .collect();
        assert_eq!(
            found,
            [
                "metadata.yaml:1:1",
                "services/bank/ledger.yml:3:5",
                "services/bank/ledger.yml:4:3",
                "services/shop/cart.json:2:3",
                "",
                "services/bank/ledger.yml:2:1",
                "teams/shop.yaml:2:3",
                "teams.yaml:1:10",
                "",
                ""
            ]
        );
    }

    #[test]
    fn every_wrong_file_has_its_text() {
        let wrong = folder(&[
            ("metadata.yaml", "name: acme\n"),
            ("metadata.json", "{}"),
            ("services/a.yaml", ""),
            ("services/b.yaml", "just text\n"),
            ("services/c.yaml", "spec: {name: c\n"),
            ("services/d.json", "{\"spec\": }"),
            ("services/e.yaml.bak", "spec: {name: e}\n"),
            ("services/f.jsonnet", "{}"),
            ("services/g.yaml", "a: 1\n---\nb: 2\n"),
            ("services/i.yaml", "a: 1\na: 2\n"),
        ]);
        fs::write(wrong.path().join("services/h.yaml"), b"\xff").expect("written");
        let error = folder_to_json(wrong.path()).expect_err("wrong").to_string();
        insta::assert_snapshot!(error.replace(&format!("{}/", wrong.path().display()), ""));
        let empty = folder(&[("README.md", "")]);
        let error = folder_to_json(empty.path()).expect_err("empty").to_string();
        insta::assert_snapshot!("empty_folder", error.replace(&empty.path().display().to_string(), "FOLDER"));
        let many: Vec<(String, &str)> = (0..30).map(|nth| (format!("services/{nth}.txt"), "")).collect();
        let many = folder(&many.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>());
        let error = folder_to_json(many.path()).expect_err("wrong").to_string();
        assert!(error.starts_with("30 files are wrong") && error.ends_with("… and 10 more"), "{error}");
    }
}
