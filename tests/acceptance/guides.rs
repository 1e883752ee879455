//! Guides that a reader types from the beginning to the end: each block as it stands, one after the other, in one folder.
//!
//! A `json` or `terraform` block is saved under the name in the text before it, a `diff` block changes `registry.json`, and a `shell` block is run in a
//! shell that answers `yes` to every question. A command with `# is refused` after it must fail, every other one must succeed, and only those with
//! `# warns` may warn. A `text` block is a part of what the commands before it print.

use std::path::{Path, PathBuf};

use crate::support::{Core, Running, Workspace, repository};

/// A block, and the paragraph before it.
struct Block {
    language: String,
    text: String,
    before: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut before) = (Vec::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { language: language.to_owned(), text: text.join("\n") + "\n", before: before.clone() });
        } else if !line.is_empty() {
            line.clone_into(&mut before);
        }
    }
    blocks
}

/// The guides and the README: path and text.
fn pages() -> Vec<(PathBuf, String)> {
    let guides = std::fs::read_dir(repository().join("docs/guides")).expect("the guides");
    let paths = guides.map(|guide| guide.expect("a guide").path()).chain([repository().join("README.md")]);
    paths.map(|path| (path.clone(), std::fs::read_to_string(path).expect("a page"))).collect()
}

/// Those in lists as well.
fn indented_blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some((indent, language)) = line.split_once("```").filter(|(indent, _)| indent.trim().is_empty()) else {
            continue;
        };
        let of_block = lines.by_ref().take_while(|line| line.trim() != "```");
        let text: Vec<&str> = of_block.map(|line| line.strip_prefix(indent).unwrap_or(line)).collect();
        found.push(Block { language: language.to_owned(), text: text.join("\n") + "\n", before: String::new() });
    }
    found
}

/// A text with a diff applied: its lines are there once.
fn patched(text: &str, diff: &str) -> String {
    let side = |sign: char| -> String {
        let of_side = diff.lines().filter(|line| line.starts_with([' ', sign]));
        of_side.map(|line| format!("{}\n", &line[1..])).collect()
    };
    let (old, new) = (side('-'), side('+'));
    assert_eq!(text.matches(&old).count(), 1, "{old}in\n{text}");
    text.replacen(&old, &new, 1)
}

/// Types a guide.
fn typed(core: &Core, guide: &str) {
    let page = std::fs::read_to_string(repository().join("docs/guides").join(guide)).expect("the guide");
    let workspace = Workspace::new(core);
    let mut printed = String::new();
    for Block { language, text, before } in blocks(&page) {
        match language.as_str() {
            "json" | "terraform" => {
                let name = before.split("Save this as `").nth(1).and_then(|rest| rest.split_once('`')).expect("a name");
                workspace.write(name.0, &text);
            }
            "diff" => workspace.write("registry.json", &patched(&workspace.read("registry.json"), &text)),
            "shell" => {
                printed.clear();
                for command in text.lines() {
                    let (command, note) = command.split_once(" # ").unwrap_or((command, ""));
                    let (is_refused, warns) = (note == "is refused", note.starts_with("warns"));
                    let path = core.path.display();
                    let script = format!("terraform() {{ yes yes | head -n 1 | '{path}' \"$@\"; }}; {command}");
                    let output = Running::start(workspace.command(Path::new("bash"), &["-c", &script])).wait();
                    assert_eq!(output.code != 0, is_refused, "{guide}: {command}\n{output}");
                    // `init` has warnings of its own.
                    let ours = output.warnings().iter().filter(|warning| warning.to_string().contains("anu:")).count();
                    assert!(is_refused || warns == (ours > 0), "{guide}: {command}\n{output}");
                    printed.push_str(&output.text());
                }
            }
            // A part of a plan, in the form of people.
            "" => {}
            "text" => assert!(printed.contains(text.trim()), "{guide}: {text}not in\n{printed}"),
            other => panic!("{guide}: a block of another language: {other}"),
        }
    }
    let commands = page.matches("```shell").count();
    assert!(commands > 2, "{guide}: {commands}");
}

on_one_core! {
    fn services_are_removed_renamed_and_moved_as_the_guide_says(core: &Core) {
        let guide = std::fs::read_to_string(repository().join("docs/guides/removing-and-moving.md")).expect("the guide");
        let blocks = blocks(&guide);
        let diffs: Vec<&str> =
            blocks.iter().filter(|block| block.language == "diff").map(|block| block.text.as_str()).collect();
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.init();
        workspace.apply_saved(&workspace.plan()).success();
        let step = |diffs: &[&str], expected: &str| {
            let registry = diffs.iter().fold(workspace.read("registry.json"), |text, diff| patched(&text, diff));
            workspace.write("registry.json", &registry);
            let plan = workspace.plan();
            assert!(plan.output.text().contains(expected), "{diffs:?}: {}", plan.output.text());
            workspace.apply_saved(&plan).success();
            workspace.assert_empty_plan();
        };
        let [permit, remove, cluster, add, leave] = diffs[..] else { panic!("{} diffs", diffs.len()) };
        step(&[permit], "0 to add, 1 to change, 0 to destroy");
        step(&[remove], "0 to add, 0 to change, 1 to destroy");
        step(&[cluster, add], "0 to add, 1 to change, 0 to destroy");
        step(&[leave], "0 to add, 1 to change, 0 to destroy");
        let moved = blocks.iter().find(|block| block.text.starts_with("moved {")).expect("the block");
        workspace.write("moved.tf", &moved.text);
        workspace.write("registry.json", &workspace.read("registry.json").replace("\"name\": \"make-it-rain\"", "\"name\": \"rainmaker\""));
        step(&[], "0 to add, 1 to change, 0 to destroy");
    }
}

/// Every block of every page is well-formed in its language, whether it is run elsewhere or not.
#[test]
fn every_block_is_well_formed() {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for (page, text) in pages() {
        for Block { language, text, .. } in indented_blocks(&text) {
            let told = || format!("{}:\n{text}", page.display());
            match language.as_str() {
                // An entry, or some fields of an object.
                "json" => {
                    let whole = [text.clone(), format!("{{{text}}}"), format!("[{text}]")];
                    let is_json = |text: &String| serde_json::from_str::<serde_json::Value>(text).is_ok();
                    assert!(whole.iter().any(is_json), "{}", told());
                }
                "yaml" => drop(
                    serde_saphyr::from_multiple::<serde_json::Value>(&text)
                        .unwrap_or_else(|e| panic!("{e}: {}", told())),
                ),
                "shell" => {
                    let checked = std::process::Command::new("bash").args(["-n", "-c", &text]).output().expect("bash");
                    assert!(checked.status.success(), "{}{}", String::from_utf8_lossy(&checked.stderr), told());
                }
                "dockerfile" => {
                    let known = ["FROM ", "COPY ", "USER "];
                    assert!(text.lines().all(|line| known.iter().any(|word| line.starts_with(word))), "{}", told());
                }
                "terraform" | "diff" | "jsonnet" | "text" | "" => {}
                other => panic!("{other}: {}", told()),
            }
            *counts.entry(language).or_default() += 1;
        }
    }
    println!("{counts:?}");
    assert!(counts["json"] > 10 && counts["shell"] > 20, "{counts:?}");
}

on_one_core! {
    /// With another backend, and the embedded platform.
    fn the_configuration_of_the_pipelines_plans(core: &Core) {
        let page = std::fs::read_to_string(repository().join("docs/guides/ci.md")).expect("the guide");
        let configuration = indented_blocks(&page).into_iter().find(|block| block.language == "terraform").expect("a block");
        let (before, rest) = configuration.text.split_once("  backend \"gcs\" {").expect("a backend");
        let (_, after) = rest.split_once("\n  }\n").expect("its end");
        let main = format!("{before}{after}").replace("  google {}\n  kubernetes {}", "  embedded { path = \"anu.db\" }");
        let workspace = Workspace::of_example(core, "quickstart");
        workspace.write("main.tf", &main);
        assert_eq!(workspace.plan().actions().len(), 12);
        let output = workspace.run(&["plan", "-input=false", "-var=acknowledge=sha256:12"]);
        assert!(output.text().contains("acknowledge"), "{output}");
        assert_ne!(output.code, 0, "{output}");
    }

    fn every_configuration_is_well_formed(core: &Core) {
        let workspace = Workspace::new(core);
        for (page, text) in pages() {
            for (nth, block) in indented_blocks(&text).into_iter().filter(|block| block.language == "terraform").enumerate() {
                let name = page.file_stem().expect("a name").to_string_lossy();
                workspace.write(&format!("{name}-{nth}.tf"), &block.text);
            }
        }
        let output = workspace.run(&["fmt", "-check", "-diff"]);
        assert!(output.code == 0, "{output}");
    }
}

on_one_core! {
    fn a_state_is_split_as_the_guide_says(core: &Core) {
        typed(core, "state-layout.md");
    }
}

on_every_core! {
    fn a_registry_is_tested_as_the_guide_says(core: &Core) {
        typed(core, "testing.md");
    }

    fn getting_started_is_typed_from_beginning_to_end(core: &Core) {
        typed(core, "getting-started.md");
    }
}
