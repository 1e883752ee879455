//! Circles between the files of one room: a file that needs another, which needs the first, cannot be read or moved alone.
//!
//! A file needs another when its code names an item that the other defines. Re-exports are followed to the definition, so
//! that `mod.rs` may list what is public of its files without needing them, and a file may name a sibling's item through
//! `super`. Tests may name anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::House;
use crate::paths::module;

/// A name that one file needs of another: `src/a/b.rs:12: \`crate::a::Item\``.
type Needs<'s> = BTreeMap<&'s str, BTreeMap<&'s str, String>>;

/// The circles of every room: for each the files in it, and the lines that close it.
pub fn find(sources: &[(String, String)]) -> Vec<(Vec<String>, Vec<String>)> {
    let house = House::new(sources);
    let mut needs: Needs<'_> = BTreeMap::new();
    for (path, all) in house.named() {
        for named in all.iter().filter(|named| !named.test) {
            for target in house.needed(path, named) {
                let same_room = module(path).first() == module(target).first();
                if target != path && same_room {
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
