//! Where an item is defined: modules and files, with re-exports followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{Named, module, named};

/// Every file by its module, and what each makes available under which name.
pub struct House<'s> {
    files: BTreeMap<Vec<&'s str>, &'s str>,
    named: BTreeMap<&'s str, Vec<Named>>,
}

impl<'s> House<'s> {
    pub fn new(sources: &'s [(String, String)]) -> Self {
        let files = sources.iter().map(|(path, _)| (module(path), path.as_str())).collect();
        let all = |(path, text): &'s (String, String)| (path.as_str(), named(text, &module(path)).unwrap_or_default());
        Self { files, named: sources.iter().map(all).collect() }
    }

    /// Every file with the paths that it names.
    pub fn named(&self) -> impl Iterator<Item = (&'s str, &[Named])> {
        self.named.iter().map(|(path, all)| (*path, all.as_slice()))
    }

    /// The files that define what a path from the crate's root names: `["registry", "load"]`.
    pub fn defining(&self, path: &[&str]) -> BTreeSet<&'s str> {
        let mut found = BTreeSet::new();
        let absolute: Vec<&str> = std::iter::once("crate").chain(path.iter().copied()).collect();
        self.follow(&absolute, &mut found, 0);
        found
    }

    /// The file of a module.
    pub fn file(&self, module: &[&str]) -> Option<&'s str> {
        self.files.get(module).copied()
    }

    /// The files that a path in the code of a file leads to.
    pub fn needed(&self, path: &str, named: &Named) -> BTreeSet<&'s str> {
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
