//! Where in a program what its document contains is written, as far as that can be told.
//!
//! A program computes its document, so a value of the document has no line of its own. But most names and principals are written
//! out, and once only: in the whole program, or in what follows the name of their entry. So a place is found by its text: that of
//! the value, then that of the key, then the name of the entry that has it. What could be several places is none.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::interner::StrInterner;
use rsjsonnet_lang::lexer::Lexer;
use rsjsonnet_lang::span::SpanManager;
use rsjsonnet_lang::token::{STokenKind, TokenKind};
use serde_json::Value;

use crate::registry::{Location, Position};

/// Where what each JSON pointer into `document` leads to is written in the files of its program, and in the text that it begins
/// with (with its name), where that is not a file.
pub fn locations_in_program<'p>(
    files: &[PathBuf],
    text: Option<(&str, &str)>,
    document: &str,
    pointers: impl IntoIterator<Item = &'p str>,
) -> Vec<Option<Location>> {
    let own = text.map(|(name, text)| (Arc::from(name), text.to_owned()));
    let texts: Vec<(Arc<str>, String)> = own.into_iter().chain(files.iter().filter_map(|path| read(path))).collect();
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let written = Written::of(&texts, &document);
    let places: Vec<Option<Place>> = pointers.into_iter().map(|pointer| written.place(pointer)).collect();
    let mut locations = vec![None; places.len()];
    for (file, (name, text)) in texts.iter().enumerate() {
        let of_file = |(nth, place): (usize, &Option<Place>)| {
            place.filter(|place| place.file == file).map(|place| (nth, place.offset))
        };
        let (which, offsets): (Vec<usize>, Vec<usize>) = places.iter().enumerate().filter_map(of_file).unzip();
        for (nth, position) in which.into_iter().zip(Position::of_all(text, &offsets)) {
            locations[nth] = Some(Location { file: Arc::clone(name), position });
        }
    }
    locations
}

/// A file, if it is a program. Data that is imported as text has no names of entries.
fn read(path: &Path) -> Option<(Arc<str>, String)> {
    let is_program = path.extension().is_some_and(|ending| ending == "jsonnet" || ending == "libsonnet");
    let text = is_program.then(|| std::fs::read_to_string(path).ok())??;
    Some((path.to_string_lossy().into(), text))
}

/// Where a text or the name of a field is written.
#[derive(Debug, Clone, Copy)]
struct Place {
    file: usize,
    offset: usize,
}

/// Places of one kind: of one text, or of one text in what belongs to one entry.
#[derive(Debug, Clone, Copy, Default)]
enum Places {
    #[default]
    None,
    One(Place),
    Several,
}

impl Places {
    fn add(&mut self, place: Place) {
        *self = match self {
            Self::None => Self::One(place),
            _ => Self::Several,
        };
    }

    fn only(&self) -> Option<Place> {
        match self {
            Self::One(place) => Some(*place),
            _ => None,
        }
    }
}

/// The places of one text.
#[derive(Debug, Default)]
struct Found<'d> {
    all: Places,
    /// By the entry in whose definition they are: the last one that was named before, in the same file.
    by_entry: HashMap<&'d str, Places>,
    /// Those that name an entry.
    names: Places,
}

/// The texts and the names of fields of a program.
struct Written<'d> {
    document: &'d Value,
    values: HashMap<String, Found<'d>>,
    keys: HashMap<String, Found<'d>>,
}

impl<'d> Written<'d> {
    fn of(texts: &[(Arc<str>, String)], document: &'d Value) -> Self {
        let mut written = Self { document, values: HashMap::new(), keys: HashMap::new() };
        let sections = document.as_object().into_iter().flat_map(|sections| sections.values());
        let entries: HashSet<&str> = sections.filter_map(Value::as_array).flatten().filter_map(name).collect();
        for (file, (_, text)) in texts.iter().enumerate() {
            written.add(file, text, &entries);
        }
        written
    }

    fn add(&mut self, file: usize, text: &str, entries: &HashSet<&'d str>) {
        let (arena, ast_arena, names, mut spans) = (Arena::new(), Arena::new(), StrInterner::new(), SpanManager::new());
        let (context, _) = spans.insert_source_context(text.len());
        let lexer = Lexer::new(&arena, &ast_arena, &names, &mut spans, context, text.as_bytes());
        let Ok(tokens) = lexer.lex_to_eof(false) else { return };
        let kinds: Vec<_> = tokens.iter().map(|token| token.kind).collect();
        let mut entry = None;
        for (nth, token) in tokens.iter().enumerate() {
            let Some(text) = word(&token.kind) else { continue };
            let place = Place { file, offset: spans.get_span(token.span).1 };
            let is_key = kinds.get(nth + 1).is_some_and(is_colon);
            let named = entries.get(text).copied().filter(|_| !is_key && is_name(&kinds[..nth]));
            let found = match token.kind {
                _ if is_key => self.keys.entry(text.to_owned()).or_default(),
                TokenKind::String(_) => self.values.entry(text.to_owned()).or_default(),
                _ => continue,
            };
            entry = named.or(entry);
            found.all.add(place);
            if let Some(entry) = entry {
                found.by_entry.entry(entry).or_default().add(place);
            }
            if named.is_some() {
                found.names.add(place);
            }
        }
    }

    fn place(&self, pointer: &str) -> Option<Place> {
        let mut steps = pointer.match_indices('/').map(|(at, _)| at).skip(2).chain([pointer.len()]);
        let entry = steps.next().and_then(|end| self.document.pointer(&pointer[..end])).and_then(name);
        let of_entry = |found: &Found<'_>| found.by_entry.get(entry?)?.only();
        let value = self.document.pointer(pointer).and_then(Value::as_str).and_then(|text| self.values.get(text));
        let key = pointer.rsplit('/').next().map(|key| key.replace("~1", "/").replace("~0", "~"));
        value
            .and_then(|found| found.all.only().or_else(|| of_entry(found)))
            // The name of a field may be written for another entry only.
            .or_else(|| of_entry(self.keys.get(&key?)?))
            .or_else(|| self.values.get(entry?)?.names.only())
    }
}

/// The name of an entry.
fn name(entry: &Value) -> Option<&str> {
    let spec = entry.get("spec")?;
    spec.get("name").or_else(|| spec.get("id"))?.as_str()
}

/// Whether what follows these tokens is the name of an entry: the first argument of `new` or `existing`, or the field `name` or `id`.
/// That of a target is its cluster.
fn is_name(before: &[TokenKind<'_, '_>]) -> bool {
    match before {
        [.., of, TokenKind::Simple(STokenKind::Dot), new, TokenKind::Simple(STokenKind::LeftParen)] => {
            matches!(word(new), Some("new" | "existing"))
                && !matches!(word(of), Some("argo" | "helm" | "kubectl" | "target"))
        }
        [.., key, colon] => is_colon(colon) && matches!(word(key), Some("name" | "id")),
        _ => false,
    }
}

fn word<'w>(kind: &'w TokenKind<'_, '_>) -> Option<&'w str> {
    match kind {
        TokenKind::Ident(name) => Some(name.value()),
        TokenKind::String(text) => Some(text),
        _ => None,
    }
}

fn is_colon(kind: &TokenKind<'_, '_>) -> bool {
    use STokenKind::{Colon, ColonColon, ColonColonColon, PlusColon, PlusColonColon, PlusColonColonColon};
    matches!(
        kind,
        TokenKind::Simple(Colon | ColonColon | ColonColonColon | PlusColon | PlusColonColon | PlusColonColonColon)
    )
}
