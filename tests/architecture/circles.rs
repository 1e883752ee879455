//! Circles between the files of one room: a file that needs another, which needs the first, cannot be read or moved alone.
//!
//! A file needs another when its code names an item that the other defines. Re-exports are followed to the definition, so
//! that `mod.rs` may list what is public of its files without needing them, and a file may name a sibling's item through
//! `super`. Tests may name anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{Named, module, named};

/// A name that one file needs of another: `src/a/b.rs:12: \`crate::a::Item\``.
type Needs<'s> = BTreeMap<&'s str, BTreeMap<&'s str, String>>;

/// The circles of every room: for each the files in it, and the lines that close it.
pub fn find(sources: &[(String, String)]) -> Vec<(Vec<String>, Vec<String>)> {
    let house = House::new(sources);
    let mut needs: Needs<'_> = BTreeMap::new();
    for (path, all) in &house.named {
        for named in all.iter().filter(|named| !named.test) {
            for target in house.needed(path, named) {
                let same_room = module(path).first() == module(target).first();
                if target != *path && same_room {
                    let line = format!("{path}:{}: `{}` is in {target}", named.line, named.segments.join("::"));
                    needs.entry(path).or_default().entry(target).or_insert(line);
                }
            }
        }
    }
    circles(&needs)
}

/// Groups of files that need each other, directly or not.
fn circles(needs: &Needs<'_>) -> Vec<(Vec<String>, Vec<String>)> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|&path| (path, reach(needs, path))).collect();
    let mutual = |one: &str, other: &str| {
        let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
        reaches(one, other) && reaches(other, one)
    };
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for &path in needs.keys() {
        let files: Vec<&str> = needs.keys().copied().filter(|other| mutual(path, other)).collect();
        if files.is_empty() || !done.insert(files.clone()) {
            continue;
        }
        let within = |from: &&str| files.contains(from);
        let lines =
            files.iter().flat_map(|from| &needs[from]).filter(|(to, _)| within(to)).map(|(_, line)| line.clone());
        found.push((files.iter().map(|&file| file.to_owned()).collect(), lines.collect()));
    }
    found
}

fn reach<'s>(needs: &Needs<'s>, from: &'s str) -> BTreeSet<&'s str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&'s str> = vec![from];
    while let Some(path) = next.pop() {
        next.extend(needs.get(path).into_iter().flatten().map(|(&to, _)| to).filter(|&to| reached.insert(to)));
    }
    reached
}

/// Every file by its module, and what each makes available under which name.
struct House<'s> {
    files: BTreeMap<Vec<&'s str>, &'s str>,
    named: BTreeMap<&'s str, Vec<Named>>,
}

impl<'s> House<'s> {
    fn new(sources: &'s [(String, String)]) -> Self {
        let files = sources.iter().map(|(path, _)| (module(path), path.as_str())).collect();
        let all = |(path, text): &'s (String, String)| (path.as_str(), named(text, &module(path)).unwrap_or_default());
        Self { files, named: sources.iter().map(all).collect() }
    }

    /// The files that a path in the code of a file leads to.
    fn needed(&self, path: &str, named: &Named) -> BTreeSet<&'s str> {
        let segments: Vec<&str> = named.segments.iter().map(String::as_str).collect();
        let mut found = BTreeSet::new();
        match &named.import {
            // A re-export is no need of this file; what its code names is followed below.
            Some(import) if import.public => {}
            Some(_) => self.follow(&self.absolute(path, segments), &mut found, 0),
            None if segments[0] == "crate" => self.follow(&segments, &mut found, 0),
            None => {
                let mut here = vec!["crate"];
                here.extend(module(path));
                here.extend(&segments);
                self.follow(&here, &mut found, 0);
            }
        }
        found
    }

    /// Adds the files that define what an absolute path names. A module by itself is nothing that is needed: what is named in it is.
    fn follow(&self, path: &[&str], found: &mut BTreeSet<&'s str>, depth: usize) {
        if path.first() != Some(&"crate") || depth > 16 {
            return;
        }
        let below = (1..=path.len()).rev().find(|&end| self.files.contains_key(&path[1..end]));
        let Some(end) = below else { return };
        let file = self.files[&path[1..end]];
        let Some((item, rest)) = path[end..].split_first() else {
            // A function may have the name of its module: `pub use schema::schema`.
            if let Some((name, parent)) = path.split_last()
                && let Some(parent) = self.files.get(parent.get(1..).unwrap_or_default())
            {
                self.follow_imports(parent, name, &[], found, depth);
            }
            return;
        };
        if !self.follow_imports(file, item, rest, found, depth) {
            found.insert(file);
        }
    }

    /// Follows what a file imports under that name; whether it imports anything under it.
    fn follow_imports(
        &self,
        file: &str,
        name: &str,
        rest: &[&str],
        found: &mut BTreeSet<&'s str>,
        depth: usize,
    ) -> bool {
        let imports = self.named[file]
            .iter()
            .filter(|named| !named.test && named.import.as_ref().is_some_and(|import| import.name == name));
        let mut any = false;
        for import in imports {
            any = true;
            let target: Vec<&str> = import.segments.iter().map(String::as_str).chain(rest.iter().copied()).collect();
            self.follow(&self.absolute(file, target), found, depth + 1);
        }
        any
    }

    /// `child::Item` as `crate::room::child::Item`.
    fn absolute<'p>(&self, file: &'p str, path: Vec<&'p str>) -> Vec<&'p str> {
        let mut inside = module(file);
        inside.extend(path.first());
        let child = self.files.contains_key(inside.as_slice());
        if !child {
            return path;
        }
        std::iter::once("crate").chain(module(file)).chain(path).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<(String, String)> =
            sources.iter().map(|&(path, text)| (format!("src/{path}"), text.to_owned())).collect();
        find(&sources).into_iter().map(|(files, _)| files).collect()
    }

    const A_AND_B: [&str; 2] = ["src/room/a.rs", "src/room/b.rs"];
    const A_AND_MOD: [&str; 2] = ["src/room/a.rs", "src/room/mod.rs"];

    #[test]
    fn files_that_need_each_other_are_a_circle() {
        let a = ("room/a.rs", "use super::b::B; pub struct A(B);");
        assert_eq!(found(&[a, ("room/b.rs", "fn f(_: super::a::A) {} pub struct B;")]), [A_AND_B]);
        assert_eq!(found(&[a, ("room/b.rs", "use crate::room::a; fn f(_: a::A) {} pub struct B;")]), [A_AND_B]);
        assert_eq!(found(&[a, ("room/b.rs", "pub struct B;")]), [[""; 0]; 0]);
        assert_eq!(
            found(&[a, ("other/b.rs", "use crate::room::a::A;")]),
            [[""; 0]; 0],
            "rooms have rules of their own"
        );
        let three =
            [a, ("room/b.rs", "use super::c::C; pub struct B(C);"), ("room/c.rs", "use super::a::A; pub struct C(A);")];
        assert_eq!(found(&three), [["src/room/a.rs", "src/room/b.rs", "src/room/c.rs"]]);
    }

    #[test]
    fn a_module_and_its_child_may_be_a_circle() {
        let child = ("room/a.rs", "use super::Shared; pub struct A(Shared);");
        for uses in [
            "use a::A; pub struct Shared; fn f(_: A) {}",
            "pub use a::A; pub struct Shared; fn f(_: A) {}",
            "pub struct Shared; fn f() { a::A::new() }",
        ] {
            assert_eq!(found(&[("room/mod.rs", &format!("mod a; {uses}")), child]), [A_AND_MOD], "{uses}");
        }
        // To list what is public of a file is not to need it.
        assert_eq!(found(&[("room/mod.rs", "mod a; pub use a::A; pub struct Shared;"), child]), [[""; 0]; 0]);
    }

    #[test]
    fn an_item_named_through_a_re_export_is_where_it_is_defined() {
        let parent = ("room/mod.rs", "mod a; mod b; mod c; pub use a::{A, A as Other}; use c::C; fn f(_: C) {}");
        let b = ("room/b.rs", "use super::A; pub struct B(A);");
        assert_eq!(found(&[parent, b, ("room/a.rs", "use super::b::B; pub struct A(B);")]), [A_AND_B]);
        assert_eq!(
            found(&[parent, b, ("room/a.rs", "pub struct A;"), ("room/c.rs", "use super::{A, b::B}; pub struct C;")]),
            [[""; 0]; 0]
        );
        let renamed = ("room/b.rs", "pub struct B(crate::room::Other);");
        assert_eq!(found(&[parent, renamed, ("room/a.rs", "use super::b as x; pub struct A(x::B);")]), [A_AND_B]);
        let function = [
            ("room/mod.rs", "mod a; pub use a::a;"),
            ("room/b.rs", "use super::a; pub fn b() { a() }"),
            ("room/a.rs", "pub fn a() { super::b::b() }"),
        ];
        assert_eq!(found(&function), [A_AND_B]);
    }

    #[test]
    fn tests_may_name_anything() {
        let parent = "mod a; use a::A; fn f(_: A) {} pub fn help() {} #[cfg(test)] mod tests { use super::help; }";
        let child = ("room/a.rs", "use super::help; pub struct A;");
        assert_eq!(found(&[("room/mod.rs", parent), child]), [A_AND_MOD], "what a test imports is not re-exported");
        let a = ("room/a.rs", "use super::b::B; pub struct A(B);");
        assert_eq!(
            found(&[a, ("room/b.rs", "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }")]),
            [[""; 0]; 0]
        );
        assert_eq!(found(&[a, ("room/b.rs", "#[cfg(test)] use super::a::A; pub struct B;")]), [[""; 0]; 0]);
    }
}
