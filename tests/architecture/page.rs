//! `docs/development/architecture.md` names files and items: each of them exists. Its table of rooms is that of the rules.

use std::collections::BTreeSet;
use std::path::Path;

use crate::house::House;
use crate::paths::module;

/// Folders of the repository: a name that starts with one of them is a path.
const FOLDERS: [&str; 5] = ["src/", "tests/", "docs/", "examples/", "proto/"];

/// What a page names and does not exist, one line each.
pub fn check(page: &str, root: &Path, sources: &[(String, String)]) -> Vec<String> {
    let house = House::new(sources);
    let missing = |name: &&str| {
        if FOLDERS.iter().any(|folder| name.starts_with(folder)) {
            !root.join(name).exists()
        } else {
            name.contains("::") && !exists(name, &house, sources)
        }
    };
    names(page).into_iter().filter(missing).map(|name| format!("`{name}` does not exist")).collect()
}

/// Where the page's table of rooms differs from the rules, one line each. Rooms that do not exist yet have no line.
pub fn check_rooms(page: &str, rooms: &[(&str, &[&str])]) -> Vec<String> {
    let table = page.split_once("| room | may see |").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap_or(rest));
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('|').collect()).collect();
    let row =
        |room: &str| rows.iter().find(|cells| cells.get(1).is_some_and(|cell| cell.trim() == format!("`{room}`")));
    let exist: Vec<&str> = rooms.iter().map(|(room, _)| *room).filter(|room| row(room).is_some()).collect();
    let mut wrong = Vec::new();
    for (room, allowed) in rooms {
        let Some(cells) = row(room) else { continue };
        let cell = cells.get(2).copied().unwrap_or_default();
        // `registry::schema` is a part of `registry`.
        let named = names(cell).into_iter().map(|name| name.split("::").next().unwrap_or(name));
        let seen: BTreeSet<&str> = match cell.trim().strip_prefix("all rooms except") {
            Some(_) => {
                let except: Vec<&str> = named.chain([*room]).collect();
                exist.iter().copied().filter(|other| !except.contains(other)).collect()
            }
            None => named.collect(),
        };
        let allowed: BTreeSet<&str> = allowed.iter().copied().filter(|other| exist.contains(other)).collect();
        if seen != allowed {
            wrong.push(format!("`{room}` may see {allowed:?}, and the page has {seen:?}"));
        }
    }
    wrong
}

/// Everything in backticks outside blocks of code.
fn names(page: &str) -> Vec<&str> {
    let outside = page.split("\n```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// Whether there is an item, a variant or a method of that name: `room::module::Type::method`.
fn exists(name: &str, house: &House<'_>, sources: &[(String, String)]) -> bool {
    let path: Vec<&str> = name.trim_end_matches("()").split("::").collect();
    let Some((last, parents)) = path.split_last() else { return false };
    if house.file(&path).is_some() {
        return true;
    }
    let files = house.defining(&path);
    let text = |file: &str| sources.iter().find(|(path, _)| path == file).map_or("", |(_, text)| text.as_str());
    let is_type = |name: &&str| name.starts_with(char::is_uppercase);
    match parents.last().filter(|parent| is_type(parent)) {
        // A method may stand in another file of the room than its type.
        Some(parent) if !files.is_empty() => {
            let room = |path: &str| module(path).first().copied() == path_room(&files);
            let defined = files.iter().any(|file| defines(text(file), parent));
            defined
                && sources.iter().any(|(path, text)| {
                    room(path) && (defines(text, last) || files.contains(path.as_str()) && word(text, last))
                })
        }
        Some(_) => false,
        None => files.iter().any(|file| defines(text(file), last)),
    }
}

fn path_room<'f>(files: &BTreeSet<&'f str>) -> Option<&'f str> {
    files.first().and_then(|file| module(file).first().copied())
}

fn defines(text: &str, name: &str) -> bool {
    ["fn", "struct", "enum", "trait", "type", "const", "static", "macro_rules!"].iter().any(|kind| {
        let definition = format!("{kind} {name}");
        text.match_indices(&definition).any(|(at, _)| !text[at + definition.len()..].starts_with(is_word))
    })
}

fn word(text: &str, name: &str) -> bool {
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(page: &str) -> Vec<String> {
        let sources = [
            ("src/room/mod.rs", "mod file; pub use file::Type; pub fn act() {}"),
            ("src/room/file.rs", "pub struct Type; pub enum Choice { One, Two }"),
            ("src/room/more.rs", "use super::Type; impl Type { pub fn verb(&self) {} }"),
        ];
        let sources = sources.map(|(path, text)| (path.to_owned(), text.to_owned()));
        check(page, Path::new(env!("CARGO_MANIFEST_DIR")), &sources)
    }

    #[test]
    fn what_exists_is_found() {
        let page = "`src/lib.rs`, `src/sdk/`, `room::act`, `room::file`, `room::Type`, `room::file::Type::verb()`, \
                    `room::Type::verb`, `room::file::Choice::Two`, `anything else`\n```\n`room::none`\n```\n";
        assert_eq!(missing(page), Vec::<String>::new());
    }

    #[test]
    fn the_table_of_rooms_is_compared() {
        let rooms: [(&str, &[&str]); 4] =
            [("a", &[]), ("b", &["a", "none-yet"]), ("c", &["a", "b"]), ("none-yet", &[])];
        let page = |b: &str, c: &str| {
            format!(
                "| room | may see | x |\n|---|---|---|\n| `a` | no other room | |\n| `b` | {b} | |\n| `c` | {c} | |\n\n`d`"
            )
        };
        assert_eq!(check_rooms(&page("`a::part`", "`a`, `b`"), &rooms), Vec::<String>::new());
        assert_eq!(check_rooms(&page("`a`", "all rooms except `none-yet`"), &rooms), Vec::<String>::new());
        assert_eq!(check_rooms(&page("no other room", "all rooms except `b`"), &rooms).len(), 2);
    }

    #[test]
    fn what_does_not_exist_is_named() {
        for name in [
            "src/none.rs",
            "room::none",
            "room::Type::none",
            "room::Choice",
            "none::act",
            "room::file::act",
            "room::Act",
        ] {
            assert_eq!(missing(&format!("see `{name}`")), [format!("`{name}` does not exist")]);
        }
    }
}
