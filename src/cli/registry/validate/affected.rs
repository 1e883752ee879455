//! Which problems a branch has caused: those of entries that it changed, and those that the registry before it does not have.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::cli::common::Checked;
use crate::registry::Problem;

/// A registry before a change.
#[derive(Debug, Default)]
pub(super) struct Before {
    entries: HashMap<Entry, Json>,
    problems: HashSet<(Entry, &'static str, String)>,
}

/// A part of a registry that has its own problems: an entry of a list by its name, or a whole section.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Entry {
    section: String,
    name: Option<String>,
}

impl Before {
    /// A registry without entries: everything is new.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    pub(super) fn of(checked: Checked) -> Self {
        let document = Contents::of(&checked.json);
        let problems: Vec<Problem> = match checked.result {
            Ok(loaded) => crate::cli::common::contents(&loaded),
            Err(problems) => problems,
        };
        let problems = problems.into_iter().map(|problem| {
            let entry = document.entry(&problem.pointer);
            (entry, problem.code.name(), problem.detail)
        });
        Self { problems: problems.collect(), entries: document.entries() }
    }

    /// The problems of a registry after the change that the change has caused, and the others.
    pub(super) fn split(&self, json: &[u8], problems: Vec<Problem>) -> (Vec<Problem>, Vec<Problem>) {
        let document = Contents::of(json);
        let entries = document.entries();
        problems.into_iter().partition(|problem| {
            let entry = document.entry(&problem.pointer);
            let changed = self.entries.get(&entry) != entries.get(&entry);
            changed || !self.problems.contains(&(entry, problem.code.name(), problem.detail.clone()))
        })
    }
}

/// The document of a registry; of one that is not JSON, nothing.
struct Contents(Json);

impl Contents {
    fn of(json: &[u8]) -> Self {
        Self(serde_json::from_slice(json).unwrap_or_default())
    }

    /// What a pointer leads into.
    fn entry(&self, pointer: &str) -> Entry {
        let mut steps = pointer.split('/').skip(1);
        let section = steps.next().unwrap_or_default();
        let index = steps.next().and_then(|step| step.parse::<usize>().ok());
        let name = index.and_then(|index| name(self.0.get(section)?.get(index)?));
        Entry { section: section.to_owned(), name }
    }

    /// Every entry of a list that has a name, and every section.
    fn entries(&self) -> HashMap<Entry, Json> {
        let mut entries = HashMap::new();
        for (section, value) in self.0.as_object().into_iter().flatten() {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            for entry in list {
                if let Some(name) = name(entry) {
                    entries.insert(Entry { section: section.clone(), name: Some(name) }, entry.clone());
                }
            }
            if list.is_empty() {
                entries.insert(Entry { section: section.clone(), name: None }, value.clone());
            }
        }
        entries
    }
}

/// The name of an entry. A namespace has that of its cluster too.
fn name(entry: &Json) -> Option<String> {
    let spec = entry.get("spec")?;
    let text = |key: &str| spec.get(key).and_then(Json::as_str);
    let name = text("name").or_else(|| text("id"))?;
    Some(text("cluster").map_or_else(|| name.to_owned(), |cluster| format!("{cluster}/{name}")))
}
