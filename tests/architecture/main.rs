//! The rules of docs/development/architecture.md, checked on the sources: which room may see which, what pure rooms must not
//! contain, no circles inside a room, the size of files, and that the page names what exists.

mod circles;
mod dependencies;
mod house;
mod page;
mod paths;
mod rules;
mod security;

use std::path::Path;

#[test]
fn the_sources_keep_the_rules() {
    let broken: Vec<String> = sources().iter().flat_map(|(name, text)| rules::check(name, text)).collect();
    assert!(broken.is_empty(), "{} broken:\n{}\n", broken.len(), broken.join("\n"));
}

#[test]
fn no_files_of_a_room_need_each_other() {
    let circles: Vec<String> = circles::find(&sources())
        .iter()
        .map(|(files, lines)| format!("{} files:\n  {}", files.len(), lines.join("\n  ")))
        .collect();
    assert!(
        circles.is_empty(),
        "{} circles. Move what both need into a file below them:\n{}\n",
        circles.len(),
        circles.join("\n")
    );
}

#[test]
fn the_architecture_page_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/development/architecture.md")).expect("the page");
    let mut missing = page::check(&page, root, &sources());
    missing.extend(page::check_rooms(&page, rules::ROOMS));
    let exists = |room: &&&str| root.join("src").join(room).is_dir();
    let rooms = rules::ROOMS.iter().map(|(room, _)| room).filter(exists);
    missing.extend(
        rooms.filter(|room| !page.contains(&format!("| `{room}` |"))).map(|room| format!("no line for `{room}`")),
    );
    assert!(missing.is_empty(), "{}\n", missing.join("\n"));
}

#[test]
fn every_sentence_of_the_security_guide_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/guides/security.md")).expect("the page");
    let (sentences, wrong) = security::check(&page, root);
    assert!(sentences >= 40, "{sentences} sentences");
    assert!(wrong.is_empty(), "{}\n", wrong.join("\n"));
}

/// Every source below `src/`, by its path from the repository's root.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of src/") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
                sources.push((name, std::fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    sources.sort();
    assert!(sources.len() > 50, "only {} sources found", sources.len());
    sources
}
