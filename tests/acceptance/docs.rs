//! The pages under docs/ are what `anu docs` writes, its check fails when they are not, and the public registry's own
//! check passes on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Core, Output, Running, Workspace, repository};

fn anu_docs(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anu"));
    command.arg("docs").arg("--root").arg(root).args(arguments);
    Running::start(command).wait()
}

/// A copy of what `anu docs` reads and writes.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for each in ["docs", "examples"] {
        crate::support::copy(&repository().join(each), &folder.path().join(each));
    }
    std::fs::write(folder.path().join("Cargo.toml"), "").expect("a file");
    folder
}

#[test]
fn docs_are_up_to_date() {
    let output = anu_docs(repository(), &["--check"]);
    assert!(output.code == 0, "{output}");
}

#[test]
fn a_stale_page_fails_the_check_and_the_command_it_names_mends_it() {
    let folder = checkout();
    let page = folder.path().join("docs/functions/project_id.md");
    let text = std::fs::read_to_string(&page).expect("a page");
    std::fs::write(&page, text.replace("is a string.", "is anybody's guess.")).expect("a file");
    std::fs::write(folder.path().join("docs/resources/gone.md"), "").expect("a file");
    std::fs::remove_file(folder.path().join("docs/index.md")).expect("a page");

    let output = anu_docs(folder.path(), &["--check"]);
    assert_eq!(output.code, 1);
    assert_snapshot!(output.text(), @r"
    --- docs/functions/project_id.md
    +++ what `anu docs` writes
    @@ line 37 @@
     ## Return Type
     
    -The return type of `project_id` is anybody's guess.
    +The return type of `project_id` is a string.

    docs/index.md: does not exist

    docs/resources/gone.md: exists, but is not generated any more

    error: 3 files under docs/ are out of date
      They are generated from schemas and examples.
    hint: cargo run --bin anu -- docs, and commit the files
      anu:documentation
    ");

    let output = anu_docs(folder.path(), &[]).success();
    assert_snapshot!(output.text(), @r"
    wrote docs/functions/project_id.md
    wrote docs/index.md
    deleted docs/resources/gone.md
    ");
    assert_eq!(std::fs::read_to_string(&page).expect("a page"), text);
    assert_snapshot!(anu_docs(folder.path(), &["--check"]).success().text(), @"docs/ is up to date");
}

#[test]
fn a_gap_fails_the_check() {
    let folder = checkout();
    std::fs::remove_file(folder.path().join("examples/functions/decode/function.tf")).expect("an example");
    let output = anu_docs(folder.path(), &["--check"]);
    assert_eq!(output.code, 1);
    assert_snapshot!(output.text(), @r"
    error: Documentation is incomplete
      examples/functions/decode/function.tf does not exist
    hint: descriptions are in the schemas under `src/provider/`, examples under `examples/`
      anu:documentation
    ");
}

#[test]
fn elsewhere_it_says_where_it_belongs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = anu_docs(folder.path(), &[]);
    assert_eq!(output.code, 3);
    assert_snapshot!(output.text().replace(&folder.path().display().to_string(), "DIR"), @r"
    error: `DIR` is not a checkout of terraform-provider-anu
      The pages are generated from its examples and guides.
    hint: run `cargo run --bin anu -- docs` in the checkout
      anu:not-found
    ");
}

/// The files of an extension below a folder.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found
}

/// The pages, with those of the repository itself.
fn all_pages() -> Vec<PathBuf> {
    let mut pages = files("docs", "md");
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| repository().join(name)));
    pages
}

/// Core evaluates the expression for every instance: on OpenTofu and on Terraform 1.15 and 1.16 with the whole data source each time.
#[test]
fn every_for_each_goes_by_way_of_a_local() {
    let mut found = 0;
    for file in all_pages().into_iter().chain(files("examples", "tf")) {
        let text = std::fs::read_to_string(&file).expect("a text");
        for line in text.lines().filter(|line| line.trim_start().starts_with("for_each")) {
            found += 1;
            assert!(!line.contains("data."), "{}: {line}", file.display());
        }
    }
    assert!(found > 15, "{found}");
}

/// What links to the headings of a page end with, as GitHub makes them.
fn headings(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).expect("a page");
    let titles = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let slug = |title: &str| -> String {
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
    };
    let anchors = text.split("id=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(id, _)| id.to_owned());
    titles.map(slug).chain(anchors).collect()
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut dead = Vec::new();
    for page in all_pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().expect("a folder").join(file) };
            let is_page = heading.is_empty() || target.extension().is_none_or(|ending| ending != "md");
            if link.contains("://") || target.exists() && (is_page || headings(&target).contains(&heading.to_owned())) {
                continue;
            }
            dead.push(format!("{}: {link}", page.display()));
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

on_every_core! {
    fn the_public_registrys_own_check_passes(core: &Core) {
        let Some(tool) = crate::support::tool("tfplugindocs", "ANU_TEST_TFPLUGINDOCS") else { return };
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.copy(&repository().join("docs"), "docs");
        let output = workspace.run(&["providers", "schema", "-json"]).success();
        let mut schema: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
        // The tool looks for the short name; a core gives the full address, each with a host of its own.
        let providers = schema["provider_schemas"].as_object_mut().expect("providers");
        let ours = providers.values().next().expect("ours").clone();
        providers.insert("anu".into(), ours);
        workspace.write("schema.json", &schema.to_string());
        let arguments = ["validate", "--provider-name", "anu", "--providers-schema", "schema.json"];
        let output = Running::start(workspace.command(&tool, &arguments)).wait().success();
        assert!(output.text().contains("running file checks on docs/index.md"), "{output}");
    }
}
