//! What a program may import, and what it may not read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anu::compile::{Entry, Request, evaluate};
use tempfile::TempDir;

use crate::{compile_text, failure};

/// A repository with a registry in a folder, a library beside the repository, and a secret.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        machine.write("repository/.git/HEAD", "ref: refs/heads/main");
        machine.write("repository/common.libsonnet", "{ common: 1 }");
        machine.write("repository/registry/teams/a.jsonnet", "{ a: (import '../../common.libsonnet').common }");
        machine.write("library/kit/kit.libsonnet", "{ kit: import 'part.libsonnet' }");
        machine.write("library/kit/part.libsonnet", "2");
        machine.write("secret", "token: hunter2");
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The compilation of `registry/registry.jsonnet`, with the library.
    fn request(&self, program: &str) -> Request {
        self.write("repository/registry/registry.jsonnet", program);
        let file = self.path("repository/registry/registry.jsonnet");
        Request { library_paths: vec![self.path("library")], ..Request::of_file(&file) }
    }

    fn compile(&self, program: &str) -> String {
        evaluate(&self.request(program)).unwrap_or_else(|error| panic!("{error}")).json
    }

    /// The failure, with the machine's folder left out.
    fn failure(&self, program: &str) -> String {
        let text = failure(evaluate(&self.request(program)));
        let real = self.folder.path().canonicalize().unwrap();
        text.replace(real.to_str().unwrap(), "").replace(self.folder.path().to_str().unwrap(), "")
    }
}

#[test]
fn imports_are_found_beside_the_file_then_in_the_library_paths_then_in_anu() {
    let machine = Machine::new();
    assert_eq!(machine.compile("import 'teams/a.jsonnet'"), r#"{"a": 1}"#);
    assert_eq!(machine.compile("import 'kit/kit.libsonnet'"), r#"{"kit": 2}"#);
    assert_eq!(machine.compile("std.isObject(import 'anu/registry.libsonnet')"), "true");
    machine.write("repository/registry/kit/kit.libsonnet", "'beside'");
    assert_eq!(machine.compile("import 'kit/kit.libsonnet'"), r#""beside""#);
    assert_eq!(machine.compile("importstr '../common.libsonnet'"), r#""{ common: 1 }""#);
    assert_eq!(machine.compile("importbin 'kit/kit.libsonnet'"), "[39, 98, 101, 115, 105, 100, 101, 39]");
}

#[test]
fn the_files_of_a_document_are_listed_once_each() {
    let machine = Machine::new();
    let program = "[import 'teams/a.jsonnet', import 'teams/a.jsonnet', importstr '../common.libsonnet']";
    let compiled = evaluate(&machine.request(program)).unwrap();
    let names = ["../common.libsonnet", "registry.jsonnet", "teams/a.jsonnet"];
    let registry = machine.path("repository/registry");
    let mut expected: Vec<PathBuf> = names.iter().map(|name| registry.join(name).canonicalize().unwrap()).collect();
    expected.sort();
    let mut found: Vec<PathBuf> = compiled.files.iter().map(|file| file.canonicalize().unwrap()).collect();
    found.sort();
    assert_eq!(found, expected);
}

/// Every way to name a file outside, for every kind of import.
#[test]
fn nothing_outside_the_repository_and_the_library_paths_is_read() {
    let machine = Machine::new();
    let secret = machine.path("secret");
    symlink(&secret, machine.path("repository/registry/link.txt")).unwrap();
    symlink(machine.folder.path(), machine.path("repository/registry/folder")).unwrap();
    symlink(&secret, machine.path("library/link.txt")).unwrap();
    let absolute = secret.to_str().unwrap().to_owned();
    let ways = [
        "../../secret",
        "../registry/../../secret",
        "teams/../../../secret",
        "link.txt",
        "folder/secret",
        &absolute,
        "/etc/passwd",
        "/proc/self/environ",
        "../../missing",
        "/nowhere/at/all",
    ];
    for way in ways {
        for keyword in ["import", "importstr", "importbin"] {
            let text = machine.failure(&format!("{keyword} '{way}'"));
            assert!(text.contains("is outside the repository"), "{keyword} {way}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    // A link in the library is followed only as far as the library.
    fs::remove_file(machine.path("repository/registry/link.txt")).unwrap();
    assert!(machine.failure("importstr 'link.txt'").contains("is outside the repository"));
    // Nor does a computed text name a file.
    assert!(machine.failure("importstr '../../' + 'secret'").contains("Computed imports"));
}

#[test]
fn a_repository_ends_where_another_one_begins() {
    let machine = Machine::new();
    machine.write("repository/registry/.git", "gitdir: ../.git/worktrees/registry");
    let text = machine.failure("import '../common.libsonnet'");
    assert!(text.contains("outside the repository"), "{text}");
    assert_eq!(machine.compile("1"), "1");
}

#[test]
fn without_a_repository_the_folder_of_the_file_is_the_limit() {
    let machine = Machine::new();
    fs::remove_dir_all(machine.path("repository/.git")).unwrap();
    assert!(machine.failure("import '../common.libsonnet'").contains("outside the repository"));
    machine.write("repository/registry/teams/b.jsonnet", "'b'");
    assert_eq!(machine.compile("import 'teams/b.jsonnet'"), r#""b""#);
}

#[test]
fn a_text_that_is_not_a_file_imports_only_the_library() {
    assert_eq!(compile_text("std.isObject(import 'anu/registry.libsonnet')").unwrap().json, "true");
    for program in ["import 'a.jsonnet'", "importstr '/etc/passwd'", "importstr 'Cargo.toml'"] {
        let text = failure(compile_text(program));
        assert!(text.contains("may import only `anu/registry.libsonnet`"), "{text}");
    }
}

#[test]
fn what_is_not_a_readable_file_is_refused() {
    let machine = Machine::new();
    fs::create_dir(machine.path("repository/registry/folder.jsonnet")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(machine.path("repository/registry/pipe")).status().unwrap();
    assert!(made.success());
    fs::write(machine.path("repository/registry/latin1"), [0xe9]).unwrap();
    for (program, expected) in [
        ("import 'folder.jsonnet'", "Import `folder.jsonnet` not found"),
        ("importstr 'pipe'", "`pipe` is not a regular file"),
        ("importstr 'latin1'", "`latin1` is not UTF-8 text"),
        ("import ''", "Import path is empty"),
        ("import 'missing.jsonnet'", "Searched: `/repository/registry`, `/library`."),
    ] {
        let text = machine.failure(program);
        assert!(text.contains(expected), "{program}: {text}");
    }
    let missing = Request::of_file(Path::new("does/not/exist.jsonnet"));
    assert_eq!(failure(evaluate(&missing)), "Cannot read `does/not/exist.jsonnet`: it does not exist");
    assert!(matches!(missing.entry, Entry::File(_)));
}
