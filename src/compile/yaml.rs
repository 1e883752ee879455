//! A registry in YAML: as JSON text, and the lines of what is wrong in it.
//!
//! YAML 1.2 with its core schema, and the merge keys (`<<`) of YAML 1.1, which people use. What has no counterpart in JSON, or means
//! something else to other readers, is an error: a custom tag, a key that is not text, `.inf`, `0123`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::error::{CompileError, Place};
use crate::registry::Position;

/// How deep values may be nested, as in the JSON document.
const MOST_DEPTH: usize = 128;
/// The most values that aliases may expand to.
const MOST_VALUES: usize = 5_000_000;

/// The JSON text of a YAML document.
///
/// # Errors
/// When the text is not one document of YAML, and for what JSON cannot express.
pub fn yaml_to_json(name: &str, text: &str) -> Result<String, CompileError> {
    let document = Document::parse(name, text)?;
    let mut writer = Writer { document: &document, json: String::with_capacity(text.len()), values: 0 };
    if document.events.is_empty() {
        writer.json.push_str("null");
    } else {
        writer.value(0, 0)?;
    }
    Ok(writer.json)
}

/// The position of each JSON pointer in a text that [`yaml_to_json`] accepts: of the key or element; where the pointer leads
/// nowhere, of the last part of it that exists.
pub fn positions_in_yaml<'p>(text: &str, pointers: impl IntoIterator<Item = &'p str>) -> Vec<Option<Position>> {
    let document = Document::parse("", text).ok().filter(|document| !document.events.is_empty());
    let mut places = document.as_ref().map(|document| Places { document, children: HashMap::new() });
    // A value that is missing at the end begins after the last line.
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    let mut position = |pointer: &str| {
        let Position { line, column } = places.as_mut()?.position_of(pointer);
        Some(if line > lines { Position { line: lines, column: 1 } } else { Position { line, column } })
    };
    pointers.into_iter().map(&mut position).collect()
}

/// Where pointers lead. What a value contains is listed once, however many pointers lead into it.
struct Places<'d, 't> {
    document: &'d Document<'t>,
    children: HashMap<usize, Children<'d>>,
}

/// What a value contains: the place of each key or element, and of its value.
enum Children<'d> {
    Mapping(HashMap<Cow<'d, str>, (usize, usize)>),
    Sequence(Vec<usize>),
    Nothing,
}

impl Places<'_, '_> {
    fn position_of(&mut self, pointer: &str) -> Position {
        let (mut at, mut found) = (0, 0);
        for step in pointer.split('/').skip(1) {
            let Some((place, value)) = self.document.resolve(at).and_then(|at| self.step(at, step)) else { break };
            (at, found) = (value, place);
        }
        let column = self.document.events.get(found).map_or(1, |(_, span)| span.start.col() + 1);
        Position { line: self.document.line(found), column }
    }

    /// The key or element that a step of a pointer leads to, and its value.
    fn step(&mut self, at: usize, step: &str) -> Option<(usize, usize)> {
        let document = self.document;
        match self.children.entry(at).or_insert_with(|| document.children(at)) {
            Children::Mapping(entries) => entries.get(step.replace("~1", "/").replace("~0", "~").as_str()).copied(),
            Children::Sequence(elements) => {
                let element = *elements.get(step.parse::<usize>().ok()?)?;
                Some((element, element))
            }
            Children::Nothing => None,
        }
    }
}

/// The events of the one document of a text.
struct Document<'t> {
    name: &'t str,
    text: &'t str,
    events: Vec<(Event<'t>, Span)>,
    /// Where the value at each event ends: the index after it.
    ends: Vec<usize>,
    anchors: HashMap<usize, usize>,
}

impl<'t> Document<'t> {
    fn parse(name: &'t str, text: &'t str) -> Result<Self, CompileError> {
        let mut document = Self { name, text, events: Vec::new(), ends: Vec::new(), anchors: HashMap::new() };
        let mut open = Vec::new();
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                document.error(error.marker().line(), error.marker().col(), format!("Invalid YAML: {}", error.info()))
            })?;
            let at = document.events.len();
            match &event {
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let message = "A file has one YAML document, and here begins a second one";
                        return Err(document.error(span.start.line(), span.start.col(), message.into()));
                    }
                    continue;
                }
                Event::Scalar(_, _, anchor, _) => document.anchor(*anchor, at),
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                    document.anchor(*anchor, at);
                    open.push(at);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(start) = open.pop() {
                        document.ends[start] = at + 1;
                    }
                }
                Event::Alias(anchor) => {
                    let within = document.anchors.get(anchor).is_some_and(|start| open.contains(start));
                    if within {
                        let message = "The alias is within what it refers to";
                        return Err(document.error(span.start.line(), span.start.col(), message.into()));
                    }
                }
            }
            document.events.push((event, span));
            document.ends.push(at + 1);
        }
        Ok(document)
    }

    fn anchor(&mut self, anchor: usize, at: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, at);
        }
    }

    /// The value that an event stands for: itself, or what an alias refers to.
    fn resolve(&self, at: usize) -> Option<usize> {
        match self.events.get(at)?.0 {
            Event::Alias(anchor) => self.anchors.get(&anchor).copied(),
            _ => Some(at),
        }
    }

    fn line(&self, at: usize) -> usize {
        self.events.get(at).map_or(1, |(_, span)| span.start.line())
    }

    fn children(&self, at: usize) -> Children<'_> {
        match self.events.get(at).map(|(event, _)| event) {
            Some(Event::MappingStart(..)) => {
                let entries = self.entries(at, 0).unwrap_or_default();
                Children::Mapping(entries.into_iter().map(|(name, key, value)| (name, (key, value))).collect())
            }
            Some(Event::SequenceStart(..)) => Children::Sequence(self.elements(at).collect()),
            _ => Children::Nothing,
        }
    }

    /// The elements of a sequence.
    fn elements(&self, at: usize) -> impl Iterator<Item = usize> {
        let mut next = at + 1;
        let end = self.ends[at] - 1;
        std::iter::from_fn(move || {
            let element = next;
            (element < end).then(|| {
                next = self.ends[element];
                element
            })
        })
    }

    /// The entries of a mapping, in their order: key, its place, the place of the value. What is merged comes last, and only
    /// where the mapping has no such key itself.
    fn entries(&self, at: usize, depth: usize) -> Result<Vec<(Cow<'_, str>, usize, usize)>, CompileError> {
        if depth > MOST_DEPTH {
            return Err(self.error_at(at, format!("Values are nested more than {MOST_DEPTH} deep")));
        }
        let mut entries: Vec<(Cow<'_, str>, usize, usize)> = Vec::new();
        let mut merged = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut parts = self.elements(at);
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            let name = self.resolve(key).and_then(|key| self.events.get(key));
            match name {
                Some((Event::Scalar(text, ScalarStyle::Plain, _, None), _)) if text == "<<" => merged.push(value),
                Some((Event::Scalar(text, style, _, tag), _))
                    if *style != ScalarStyle::Plain || is_text(text, tag.as_deref()) =>
                {
                    if let Some(first) = known.insert(text, key) {
                        let line = self.line(first);
                        return Err(self.error_at(key, format!("Duplicate key `{text}`: it is in line {line} too")));
                    }
                    entries.push((Cow::Borrowed(text.as_ref()), key, value));
                }
                _ => return Err(self.error_at(key, "A key must be text: quote it".into())),
            }
        }
        if merged.is_empty() {
            return Ok(entries);
        }
        let mut known: HashSet<String> = known.into_keys().map(ToOwned::to_owned).collect();
        for value in merged {
            let sources: Vec<usize> = match self.resolve(value).and_then(|at| Some((at, &self.events.get(at)?.0))) {
                Some((at, Event::SequenceStart(..))) => self.elements(at).collect(),
                _ => vec![value],
            };
            for source in sources {
                let mapping = self.resolve(source).filter(|&at| matches!(self.events[at].0, Event::MappingStart(..)));
                let Some(mapping) = mapping else {
                    return Err(self.error_at(source, "`<<` must have a mapping, or a list of mappings".into()));
                };
                for entry in self.entries(mapping, depth + 1)? {
                    if known.insert(entry.0.to_string()) {
                        entries.push(entry);
                    }
                }
            }
        }
        Ok(entries)
    }

    fn error_at(&self, at: usize, message: String) -> CompileError {
        match self.events.get(at) {
            Some((_, span)) => self.error(span.start.line(), span.start.col(), message),
            None => CompileError::plain(message),
        }
    }

    fn error(&self, line: usize, column: usize, message: String) -> CompileError {
        let text = self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
        let place = Place { file: self.name.to_owned(), line, column: column + 1, width: 1, text };
        CompileError { place: Some(Box::new(place)), ..CompileError::plain(message) }
    }
}

/// Writes a document as JSON.
struct Writer<'d, 't> {
    document: &'d Document<'t>,
    json: String,
    values: usize,
}

impl Writer<'_, '_> {
    fn value(&mut self, at: usize, depth: usize) -> Result<(), CompileError> {
        let document = self.document;
        self.values += 1;
        if depth > MOST_DEPTH {
            return Err(document.error_at(at, format!("Values are nested more than {MOST_DEPTH} deep")));
        }
        if self.values > MOST_VALUES {
            return Err(document.error_at(at, format!("Aliases expand to more than {MOST_VALUES} values")));
        }
        let Some(resolved) = document.resolve(at) else {
            return Err(document.error_at(at, "The alias refers to nothing before it".into()));
        };
        match &document.events[resolved].0 {
            Event::SequenceStart(_, tag) => {
                self.known_tag(resolved, tag.as_deref(), "seq")?;
                self.json.push('[');
                for (nth, element) in document.elements(resolved).enumerate() {
                    self.separate(nth);
                    self.value(element, depth + 1)?;
                }
                self.json.push(']');
            }
            Event::MappingStart(_, tag) => {
                self.known_tag(resolved, tag.as_deref(), "map")?;
                self.json.push('{');
                for (nth, (name, _, value)) in document.entries(resolved, 0)?.into_iter().enumerate() {
                    self.separate(nth);
                    self.json.push_str(&serde_json::Value::from(name).to_string());
                    self.json.push(':');
                    self.value(value, depth + 1)?;
                }
                self.json.push('}');
            }
            Event::Scalar(text, style, _, tag) => {
                let scalar = self.scalar(resolved, text, *style, tag.as_deref())?;
                self.json.push_str(&scalar);
            }
            _ => return Err(document.error_at(resolved, "A value is missing".into())),
        }
        Ok(())
    }

    fn separate(&mut self, nth: usize) {
        if nth > 0 {
            self.json.push(',');
        }
    }

    fn known_tag(&self, at: usize, tag: Option<&Tag>, expected: &str) -> Result<(), CompileError> {
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == expected) => {
                Err(self.document.error_at(at, format!("The tag `{}{}` has no meaning here", tag.handle, tag.suffix)))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&self, at: usize, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<String, CompileError> {
        let quoted = || serde_json::Value::from(text).to_string();
        let kind = match tag {
            Some(tag) if tag.is_yaml_core_schema() => tag.suffix.as_str(),
            Some(_) => return self.known_tag(at, tag, "").map(|()| String::new()),
            None if style != ScalarStyle::Plain => return Ok(quoted()),
            None => "",
        };
        let refused = |why: &str| Err(self.document.error_at(at, format!("`{text}` {why}")));
        match (kind, plain(text)) {
            ("str", _) | ("", Plain::Text) => Ok(quoted()),
            ("" | "null", Plain::Null) => Ok("null".into()),
            ("" | "bool", Plain::Bool(value)) => Ok(value.to_string()),
            ("" | "int" | "float", Plain::Number(number)) => Ok(number),
            (_, Plain::LeadingZero) => refused("is a number to some readers and text to others: quote it"),
            (_, Plain::NotFinite) => refused("is not a number that JSON has"),
            (kind, _) => refused(&format!("is not `!!{kind}`")),
        }
    }
}

/// What a plain scalar is in the core schema of YAML 1.2.
enum Plain {
    Null,
    Bool(bool),
    /// As JSON writes it.
    Number(String),
    LeadingZero,
    NotFinite,
    Text,
}

fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        _ => {}
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotFinite;
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && let Ok(number) = u64::from_str_radix(digits, radix)
        {
            return Plain::Number(number.to_string());
        }
    }
    let signs = text.len() - unsigned.len();
    let begins = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let consists =
        unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if signs > 1 || !begins || !consists || unsigned.parse::<f64>().is_err() {
        return Plain::Text;
    }
    if unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit() {
        return Plain::LeadingZero;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    // JSON has digits on both sides of the point.
    let (mantissa, exponent) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
    let mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            format!(
                "{}.{}",
                if whole.is_empty() { "0" } else { whole },
                if fraction.is_empty() { "0" } else { fraction }
            )
        }
        None => mantissa.to_owned(),
    };
    Plain::Number(format!("{sign}{mantissa}{exponent}"))
}

/// Whether a plain scalar is text without quotes.
fn is_text(text: &str, tag: Option<&Tag>) -> bool {
    match tag {
        Some(tag) => tag.is_yaml_core_schema() && tag.suffix == "str",
        None => matches!(plain(text), Plain::Text),
    }
}
