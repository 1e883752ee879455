//! `docs/guides/jsonnet.md`, block by block: programs are saved under the names in their first lines, commands are run with the real
//! `anu`, and print the text that follows them.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The blocks of a page: language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push((language.to_owned(), text.join("\n") + "\n"));
    }
    blocks
}

#[test]
fn every_block_of_the_guide_works_as_it_stands() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/jsonnet.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_anu")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let (mut saved, mut run, mut printed) = (0, 0, String::new());
    for (language, text) in blocks(&page) {
        match language.as_str() {
            "jsonnet" | "yaml" => {
                let name = text.lines().next().unwrap().trim_start_matches(['/', '#', ' ']);
                let file = folder.path().join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, &text).unwrap();
                saved += 1;
            }
            "shell" => {
                let output = Command::new("bash")
                    .args(["-euo", "pipefail", "-c", &text])
                    .current_dir(folder.path())
                    .env("PATH", &path)
                    .output()
                    .unwrap();
                printed = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
                assert!(output.status.success() || printed.starts_with("error: "), "{text}{printed}");
                run += 1;
            }
            // What a command prints, or a file of another tool.
            "text" if text.starts_with('*') => {}
            "text" => assert_eq!(text, printed, "what the command before it prints"),
            "terraform" => assert!(text.contains("registry.jsonnet")), // run by the acceptance test of `examples/jsonnet`
            other => panic!("a block of another language: {other}"),
        }
    }
    assert_eq!((saved, run), (11, 7));
    let compiled = fs::read_to_string(folder.path().join("registry.json")).unwrap();
    assert!(compiled.contains("ledger"));
}

/// The guide's table and the library have the same functions.
#[test]
fn the_table_has_every_function_of_the_library() {
    let page = include_str!("../../docs/guides/jsonnet.md");
    let library = anu::compile::LIBRARY[0].text;
    let mut functions = 0;
    for line in library.lines() {
        let line = line.trim_start();
        let Some((head, _)) = line.split_once(")::") else { continue };
        let Some((name, _)) = head.split_once('(') else { continue };
        if head.contains('{') || !name.chars().all(|c| c.is_ascii_alphanumeric()) || name.ends_with("Mixin") {
            continue;
        }
        functions += 1;
        let shown = [format!("`{name}("), format!("`{name}`"), format!(".{name}(")];
        assert!(shown.iter().any(|shown| page.contains(shown.as_str())), "{name} is not in the guide");
    }
    assert!(functions > 40, "{functions}");
}
