//! From a document's tree to the model, one field at a time.
//!
//! An invalid value is reported and replaced by a placeholder ([`Name::reported`], an empty list), so that reading continues
//! and later checks cover the rest. Every check skips placeholders.

mod entries;
mod metadata;
mod permissions;
mod service;
mod unknown;
mod values;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::document::{DocumentPart, Node};
use super::entries::{Cluster, Metadata, Named, Namespace, Project, Section, Service, Team};
use super::envelope::Kind;
use super::extra::Extra;
use super::model::Registry;
use super::names::{Name, NameError};
use super::options::LoadOptions;
use super::permissions::Permissions;
use super::pointer::PointerPath;
use super::problem::{Presumes, Problems, Rule, rules};
use super::quote::quote;
use super::references::References;
use super::remedy;
use super::suggest::did_you_mean;

pub(crate) use permissions::permissions;

const DOCUMENT: [&str; 7] = ["metadata", "teams", "clusters", "projects", "namespaces", "services", "permissions"];

/// The top-level lists. Their items are read one by one.
pub(crate) const LISTS: [&str; 5] = ["teams", "clusters", "projects", "namespaces", "services"];

/// Why a registry has no services.
#[derive(Debug, Clone, Copy)]
enum Services {
    Absent,
    Empty,
    Unreadable,
}

/// Reads a document part by part.
pub(crate) struct Reader<'r> {
    problems: &'r mut Problems,
    options: &'r LoadOptions,
    /// Whether an object has duplicate keys. Then the first counts.
    duplicates: bool,
    /// Results for unknown fields by kind of entry, cached because thousands of entries can have the same field.
    unknown: HashMap<(&'static str, String), Option<Unknown>>,
    metadata: Metadata,
    teams: Option<Vec<Team>>,
    clusters: Option<Vec<Cluster>>,
    projects: Option<Vec<Project>>,
    namespaces: Option<Vec<Namespace>>,
    services: Option<Vec<Service>>,
    no_services: Services,
    permissions: Permissions,
    extra: Extra,
    is_object: bool,
}

/// What an unknown field is taken for.
#[derive(Debug, Clone, Copy)]
enum Unknown {
    Misspelt(&'static str),
    Misplaced(&'static str),
}

impl<'r> Reader<'r> {
    pub(crate) fn new(problems: &'r mut Problems, options: &'r LoadOptions) -> Self {
        problems.reading = true;
        Self {
            problems,
            options,
            duplicates: false,
            unknown: HashMap::new(),
            metadata: Metadata::default(),
            teams: None,
            clusters: None,
            projects: None,
            namespaces: None,
            services: None,
            no_services: Services::Absent,
            permissions: Permissions::default(),
            extra: Extra::new(),
            is_object: true,
        }
    }

    /// Reads one part.
    pub(crate) fn part(&mut self, part: &DocumentPart<'_, '_>, duplicates: bool) {
        self.duplicates = duplicates;
        let root = PointerPath::Root;
        match part {
            DocumentPart::Root(node) => {
                self.is_object = false;
                self.wrong_type(node, &root, "an object");
            }
            DocumentPart::Field(key, Node::Null) if DOCUMENT.contains(key) => {}
            DocumentPart::Field("metadata", node) => self.metadata = self.read_metadata(node, &root.key("metadata")),
            DocumentPart::Field("permissions", node) => {
                self.permissions = self.read_permissions(node, &root.key("permissions"))
            }
            DocumentPart::Field(key, node) if LISTS.contains(key) => {
                if *key == "services" {
                    self.no_services = Services::Unreadable;
                }
                self.wrong_type(node, &root.key(key), "an array");
            }
            DocumentPart::Field(key, node) => {
                self.extra.insert((*key).to_owned(), node.to_value());
            }
            DocumentPart::List(key) => match *key {
                "teams" => self.teams = Some(Vec::new()),
                "clusters" => self.clusters = Some(Vec::new()),
                "projects" => self.projects = Some(Vec::new()),
                "namespaces" => self.namespaces = Some(Vec::new()),
                _ => {
                    self.no_services = Services::Empty;
                    self.services = Some(Vec::new());
                }
            },
            DocumentPart::Item(key, index, node) => {
                let list = root.key(key);
                let at = list.index(*index);
                match *key {
                    "teams" => push(self.team(node, &at), &mut self.teams),
                    "clusters" => push(self.cluster(node, &at), &mut self.clusters),
                    "projects" => push(self.project(node, &at), &mut self.projects),
                    "namespaces" => push(self.namespace(node, &at), &mut self.namespaces),
                    _ => push(self.service(node, &at), &mut self.services),
                }
            }
        }
    }

    /// The registry as far as it was readable. It is complete only if nothing was reported.
    pub(crate) fn finish(mut self) -> Registry {
        let extra = std::mem::take(&mut self.extra);
        for key in extra.keys() {
            let known = |field: &str| match field {
                "metadata" | "permissions" => false,
                "teams" => self.teams.is_some(),
                "clusters" => self.clusters.is_some(),
                "projects" => self.projects.is_some(),
                "namespaces" => self.namespaces.is_some(),
                _ => self.services.is_some(),
            };
            let present = DOCUMENT.iter().copied().filter(|field| known(field)).collect::<Vec<_>>();
            self.unknown_field(
                &|field| present.contains(&field),
                key,
                "registry",
                &DOCUMENT,
                &PointerPath::Root.key(key),
            );
        }
        let metadata = std::mem::take(&mut self.metadata);
        let metadata = self.named(metadata);
        let references = References::of(self.services.as_deref().unwrap_or_default());
        self.count_unnamed();
        self.problems.reading = false;
        let registry = Registry {
            metadata,
            teams: section(self.teams),
            clusters: section(self.clusters),
            projects: section(self.projects),
            namespaces: section(self.namespaces),
            services: section(self.services),
            permissions: self.permissions,
            extra,
            digest: String::new(),
            references,
        };
        if self.is_object && registry.services.is_empty() && !self.options.allow_empty {
            no_services(self.no_services, self.problems);
        }
        registry
    }

    /// Entries without a readable name are in their list, under a name that is not known.
    fn count_unnamed(&mut self) {
        fn count<T>(list: &Option<Vec<T>>, is_unnamed: impl Fn(&T) -> bool) -> usize {
            list.iter().flatten().filter(|entry| is_unnamed(entry)).count()
        }
        let namespaces = count(&self.namespaces, |entry| entry.cluster.is_reported() || entry.name.is_reported());
        self.problems.unnamed.extend([
            ("teams", count(&self.teams, |entry| entry.name.is_reported())),
            ("clusters", count(&self.clusters, |entry| entry.name.is_reported())),
            ("projects", count(&self.projects, |entry| entry.id.is_reported())),
            ("namespaces", namespaces),
            ("services", count(&self.services, |entry| entry.name.is_reported())),
        ]);
    }
}

fn push<T>(entry: T, list: &mut Option<Vec<T>>) {
    list.get_or_insert_default().push(entry);
}

fn section<T: Named>(entries: Option<Vec<T>>) -> Section<T> {
    entries.map_or_else(Section::default, Section::new)
}

fn no_services(why: Services, problems: &mut Problems) {
    let (pointer, detail) = match why {
        Services::Unreadable => return,
        Services::Empty => (
            "/services",
            "`services` is empty. An apply of a registry without services would remove every service. If that is intended, \
             set `allow_empty`.",
        ),
        Services::Absent => (
            "",
            "The required list `services` is missing. If a registry without services is intended, set `allow_empty`.",
        ),
    };
    problems.report_presuming(Presumes::place("/services"), rules::NO_SERVICES, pointer, detail);
}

impl Reader<'_> {
    fn report(&mut self, rule: Rule, at: &PointerPath<'_>, detail: impl Into<String>) {
        self.problems.report_at(rule, at, detail);
    }

    /// An object: `each` reads the fields that it knows and returns false for the others, which are returned. A field that is
    /// null counts as missing, because Jsonnet templates often write null for a missing value.
    fn object(
        &mut self,
        node: &Node<'_>,
        at: &PointerPath<'_>,
        kind: &'static str,
        fields: &'static [&'static str],
        each: impl FnMut(&mut Self, &str, &Node<'_>, &PointerPath<'_>) -> bool,
    ) -> Extra {
        let mut extra = Extra::new();
        let written: OnceCell<Vec<&str>> = OnceCell::new();
        self.fields(node, at, fields, each, |r, key, value, at| {
            let known = || fields.iter().copied().filter(|field| node.get(field).is_some()).collect();
            let present = |field: &str| written.get_or_init(known).contains(&field);
            r.unknown_field(&present, key, kind, fields, at);
            extra.insert(key.to_owned(), value.to_value());
        });
        extra
    }

    /// An object with no fields but these: any other is an error. In such an object a field that nothing reads costs people
    /// their access.
    fn closed_object(
        &mut self,
        node: &Node<'_>,
        at: &PointerPath<'_>,
        kind: &'static str,
        fields: &'static [&'static str],
        each: impl FnMut(&mut Self, &str, &Node<'_>, &PointerPath<'_>) -> bool,
    ) {
        self.fields(node, at, fields, each, |r, key, _, at| r.undefined_field(key, kind, fields, at));
    }

    fn fields(
        &mut self,
        node: &Node<'_>,
        at: &PointerPath<'_>,
        fields: &'static [&'static str],
        mut each: impl FnMut(&mut Self, &str, &Node<'_>, &PointerPath<'_>) -> bool,
        mut unknown: impl FnMut(&mut Self, &str, &Node<'_>, &PointerPath<'_>),
    ) {
        let Node::Object(entries) = node else {
            self.wrong_type(node, at, "an object");
            return;
        };
        let mut seen = HashSet::new();
        for (key, value) in entries {
            let at = at.key(key);
            if self.duplicates && !seen.insert(key.as_ref()) {
                continue;
            }
            if matches!(value, Node::Null) && fields.contains(&key.as_ref()) {
                continue;
            }
            if !each(self, key, value, &at) {
                unknown(self, key, value, &at);
            }
        }
    }

    /// `{"type": …, "spec": {…}}`. Unknown fields beside `spec` are returned together with those in it.
    fn entry<T: Kind>(
        &mut self,
        node: &Node<'_>,
        at: &PointerPath<'_>,
        fields: &'static [&'static str],
        each: impl FnMut(&mut Self, &str, &Node<'_>, &PointerPath<'_>) -> bool,
    ) -> Extra {
        let mut spec = None;
        let mut has_type = false;
        let has_spec = node.get("spec").is_some_and(|spec| !matches!(spec, Node::Null));
        let mut beside = self.object(node, at, "entry", &["type", "spec"], |r, key, value, at| {
            match key {
                "type" => {
                    has_type = true;
                    r.entry_type(value, at, T::TYPE);
                }
                "spec" => spec = Some(()),
                // Without a `spec`, one problem has the form of an entry.
                _ if !has_spec => return fields.contains(&key),
                _ => return r.belongs_into_spec(key, fields, at),
            }
            true
        });
        if !matches!(node, Node::Object(_)) {
            return beside;
        }
        if spec.is_none() {
            let detail = format!(
                "This entry has no `spec`. Entries have the form `{{\"type\": \"{0}\", \"spec\": {{…}}}}`: move its fields into \
                 `spec`.",
                T::TYPE
            );
            self.missing_field(at, &at.key("spec"), detail);
        } else if !has_type {
            let detail = format!("This entry has no `type`. Add `\"type\": \"{}\"` beside its `spec`.", T::TYPE);
            self.missing_field(at, &at.key("type"), detail);
        }
        if let Some(spec) = node.get("spec").filter(|spec| !matches!(spec, Node::Null)) {
            let extra = self.object(spec, &at.key("spec"), T::TYPE, fields, each);
            beside.extend(extra);
        }
        beside
    }

    fn entry_type(&mut self, node: &Node<'_>, at: &PointerPath<'_>, expected: &'static str) {
        match node.as_str() {
            Some(text) if text == expected => {}
            Some(text) => {
                let detail = format!(
                    "The type is {}. Entries of this list have the type `{expected}`. Correct the type, or move the entry to \
                     its list.",
                    quote(text)
                );
                self.report(rules::WRONG_ENVELOPE, at, detail);
            }
            None => self.wrong_type(node, at, "a string"),
        }
    }

    fn list<T>(
        &mut self,
        node: &Node<'_>,
        at: &PointerPath<'_>,
        read: impl Fn(&mut Self, &Node<'_>, &PointerPath<'_>) -> T,
    ) -> Vec<T> {
        let Node::Array(items) = node else {
            self.wrong_type(node, at, "an array");
            return Vec::new();
        };
        items.iter().enumerate().map(|(index, item)| read(self, item, &at.index(index))).collect()
    }

    fn wrong_type(&mut self, node: &Node<'_>, at: &PointerPath<'_>, expected: &str) {
        let what = match at {
            PointerPath::Root => "The document".to_owned(),
            PointerPath::Key(_, key) => quote(key),
            PointerPath::Index(_, index) => format!("Entry {index} of this list"),
        };
        let value = match node {
            Node::String(text) => format!(": {}", quote(text)),
            Node::Number(text) => format!(": {}", quote(text)),
            Node::Bool(value) => format!(": `{value}`"),
            _ => String::new(),
        };
        let detail = format!("{what} is {}{value}. It must be {expected}.", node.type_name());
        self.report(rules::WRONG_TYPE, at, detail);
    }

    fn missing<N: Name>(&mut self, node: &Node<'_>, at: &PointerPath<'_>, kind: &str, field: &str) -> N {
        // A missing or invalid `spec` was reported already.
        if node.get("spec").is_some_and(|spec| matches!(spec, Node::Object(_))) {
            let detail = format!("This {kind} has no `{field}`, which is required. Add it.");
            let spec = at.key("spec");
            self.missing_field(&spec, &spec.key(field), detail);
        }
        N::reported()
    }

    /// Reports a missing field, unless it was read under another name or in another place.
    fn missing_field(&mut self, at: &PointerPath<'_>, field: &PointerPath<'_>, detail: impl Into<String>) {
        if !self.problems.has_missed(&field.pointer()) {
            self.report(rules::MISSING_FIELD, at, detail);
        }
    }

    /// Reports an invalid name, with a suggestion if changing case and separators makes it valid.
    fn bad_name<N: Name>(&mut self, rule: Rule, error: &NameError, at: &PointerPath<'_>) -> N {
        let slug: String = error
            .value
            .trim()
            .chars()
            .map(|c| if matches!(c, '_' | ' ' | '.') { '-' } else { c.to_ascii_lowercase() })
            .collect();
        let suggestion = Some(slug.trim_matches(['-', ':'])).filter(|slug| slug.parse::<N>().is_ok());
        let detail = format!(
            "{} is not {} {}: {}.{}{}{}",
            quote(&error.value),
            error.article,
            error.kind,
            error.rule,
            error.hint(),
            remedy::of(error),
            did_you_mean(suggestion)
        );
        self.report(rule, at, detail);
        N::reported()
    }
}
