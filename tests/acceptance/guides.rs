//! Guides that a reader types from the beginning to the end: each block as it stands, one after the other, in one folder.
//!
//! A `json` or `terraform` block is saved under the name in the text before it, a `diff` block changes `registry.json`, and a `shell` block is run in a
//! shell that answers `yes` to every question. A command with `# is refused` after it must fail, every other one must succeed. A `text` block is a part
//! of what the commands before it print.

use std::path::Path;

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
                let name = before.split('`').nth(1).filter(|_| before.starts_with("Save this as `")).expect("a name");
                workspace.write(name, &text);
            }
            "diff" => workspace.write("registry.json", &patched(&workspace.read("registry.json"), &text)),
            "shell" => {
                printed.clear();
                for command in text.lines() {
                    let (command, is_refused) = match command.split_once(" # is refused") {
                        Some((command, _)) => (command, true),
                        None => (command, false),
                    };
                    let path = core.path.display();
                    let script =
                        format!("terraform() {{ yes yes | head -n 1 | '{path}' \"$@\" -no-color; }}; {command}");
                    let output = Running::start(workspace.command(Path::new("bash"), &["-c", &script])).wait();
                    assert_eq!(output.code != 0, is_refused, "{guide}: {command}\n{output}");
                    assert!(is_refused || output.warnings().is_empty(), "{guide}: {command}\n{output}");
                    printed.push_str(&output.text());
                }
            }
            // A part of a plan, in the form of people.
            "" => {}
            "text" => assert!(printed.contains(text.trim()), "{guide}: {text}not in\n{printed}"),
            other => panic!("{guide}: a block of another language: {other}"),
        }
    }
    let counts = page.matches("```shell").count();
    assert!(counts > 5, "{guide}: {counts}");
}

on_every_core! {
    fn getting_started_is_typed_from_beginning_to_end(core: &Core) {
        typed(core, "getting-started.md");
    }
}
