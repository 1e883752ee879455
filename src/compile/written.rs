//! Where in a program what its document contains is written, as far as that can be told.
//!
//! A program computes its document, so a value of the document has no line of its own. But most names and principals are written
//! out somewhere, and once only: in the whole program, or in what follows the name of their entry. So a place is found by its
//! text: that of the value, then that of the key, then the name of the entry that has it. What could be several places is none.

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

/// Where what each JSON pointer into `document` leads to is written in the files of its program.
pub fn locations_in_program<'p>(
    files: &[PathBuf],
    document: &str,
    pointers: impl IntoIterator<Item = &'p str>,
) -> Vec<Option<Location>> {
    let texts: Vec<(Arc<str>, String)> = files.iter().filter_map(|path| read(path)).collect();
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let written = Written::of(&texts, &document);
    pointers.into_iter().map(|pointer| written.location(pointer)).collect()
}

/// A file, if it is a program. Data that is imported as text has no names of entries.
fn read(path: &Path) -> Option<(Arc<str>, String)> {
    let is_program = path.extension().is_some_and(|ending| ending == "jsonnet" || ending == "libsonnet");
    let text = is_program.then(|| std::fs::read_to_string(path).ok())??;
    Some((path.to_string_lossy().into(), text))
}

/// A text or the name of a field.
#[derive(Debug, Clone)]
struct Token<'d> {
    file: usize,
    offset: usize,
    /// The entry in whose definition it is: the last one that was named before, in the same file.
    entry: Option<&'d str>,
    /// Whether it names that entry.
    names_entry: bool,
}

/// The texts and the names of fields of a program.
struct Written<'d> {
    texts: &'d [(Arc<str>, String)],
    document: &'d Value,
    values: HashMap<String, Vec<Token<'d>>>,
    keys: HashMap<String, Vec<Token<'d>>>,
}

impl<'d> Written<'d> {
    fn of(texts: &'d [(Arc<str>, String)], document: &'d Value) -> Self {
        let mut written = Self { texts, document, values: HashMap::new(), keys: HashMap::new() };
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
            let offset = spans.get_span(token.span).1;
            let is_key = kinds.get(nth + 1).is_some_and(is_colon);
            match token.kind {
                TokenKind::String(text) if !is_key => {
                    let named = entries.get(text).copied().filter(|_| is_name(&kinds[..nth]));
                    entry = named.or(entry);
                    let found = Token { file, offset, entry, names_entry: named.is_some() };
                    self.values.entry(text.to_owned()).or_default().push(found);
                }
                TokenKind::String(_) | TokenKind::Ident(_) if is_key => {
                    let found = Token { file, offset, entry, names_entry: false };
                    let key = word(&token.kind).unwrap_or_default();
                    self.keys.entry(key.to_owned()).or_default().push(found);
                }
                _ => {}
            }
        }
    }

    fn location(&self, pointer: &str) -> Option<Location> {
        let mut steps = pointer.match_indices('/').map(|(at, _)| at).skip(2).chain([pointer.len()]);
        let entry = steps.next().and_then(|end| self.document.pointer(&pointer[..end])).and_then(name);
        let value = self.document.pointer(pointer).and_then(Value::as_str).and_then(|text| self.values.get(text));
        let key = pointer.rsplit('/').next().map(|key| key.replace("~1", "/").replace("~0", "~"));
        let keys = key.and_then(|key| self.keys.get(&key));
        let of_entry = |token: &Token<'_>| entry.is_some() && token.entry == entry;
        let found = value
            .and_then(|tokens| only(tokens, |_| true).or_else(|| only(tokens, of_entry)))
            // The name of a field may be written for another entry only.
            .or_else(|| only(keys?, of_entry))
            .or_else(|| only(self.values.get(entry?)?, |token| token.names_entry));
        found.map(|token| self.at(token))
    }

    fn at(&self, token: &Token<'_>) -> Location {
        let (name, text) = &self.texts[token.file];
        let before = &text[..token.offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let position = Position {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        };
        Location { file: Arc::clone(name), position }
    }
}

/// The one token of a kind, if there is only one.
fn only<'t, 'd>(tokens: &'t [Token<'d>], is_one: impl Fn(&Token<'d>) -> bool) -> Option<&'t Token<'d>> {
    let mut tokens = tokens.iter().filter(|token| is_one(token));
    tokens.next().filter(|_| tokens.next().is_none())
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
