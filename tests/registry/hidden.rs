//! No problem contains a control or format character of the document: in each place of a document in which there can be a
//! text, key or value, hidden characters are put, one place at a time.

use std::collections::BTreeSet;

use anu::fanout;
use anu::printable::is_hidden;
use serde_json::{Map, Value, json};

use crate::complete::complete;
use crate::{options, settings};

/// An escape sequence, a line that looks like another problem, and one of each kind of hidden character.
const HIDDEN: &str = "\u{1b}[31m\nFORGED\r\u{9b}\u{7f}\u{202e}\u{200b}\u{feff}\u{2028}\u{e0041}";

/// The path to each text: the keys and indexes on the way. A key is a text too.
fn places(value: &Value, path: &mut Vec<String>, all: &mut Vec<(Vec<String>, bool)>) {
    match value {
        Value::String(_) => all.push((path.clone(), false)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                places(item, path, all);
                path.pop();
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                path.push(key.clone());
                all.push((path.clone(), true));
                places(item, path, all);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The document with hidden characters at one place: after the text, or in place of it.
fn with_hidden(document: &Value, (path, is_key): &(Vec<String>, bool), replaced: bool) -> Value {
    let text = |old: &str| if replaced { HIDDEN.to_owned() } else { format!("{old}{HIDDEN}") };
    let mut document = document.clone();
    let (last, parents) = path.split_last().unwrap();
    let parent = parents.iter().fold(&mut document, |node, step| match node {
        Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
        node => &mut node[step.as_str()],
    });
    match parent {
        Value::Object(entries) if *is_key => {
            let rename = |key: &String| if key == last { text(key) } else { key.clone() };
            *entries = entries.iter().map(|(key, item)| (rename(key), item.clone())).collect::<Map<_, _>>();
        }
        Value::Object(entries) => {
            let old = entries[last].as_str().unwrap().to_owned();
            entries.insert(last.clone(), text(&old).into());
        }
        Value::Array(items) => {
            let index: usize = last.parse().unwrap();
            items[index] = text(items[index].as_str().unwrap()).into();
        }
        _ => unreachable!("a place is in an object or a list"),
    }
    document
}

#[test]
fn no_problem_contains_a_hidden_character_of_the_document() {
    let document = complete();
    assert!(fanout::load(document.to_string().as_bytes(), &options(), &settings()).is_ok(), "it is good without them");
    let mut all = Vec::new();
    places(&document, &mut Vec::new(), &mut all);
    let (mut documents, mut reported) = (0, 0);
    for place in &all {
        for replaced in [false, true] {
            let text = with_hidden(&document, place, replaced).to_string();
            // The same document as a duplicate of its own keys, and one that is cut off.
            let twice = text.replacen('{', &format!("{{{}: 1, {}: 2, ", json!(HIDDEN), json!(HIDDEN)), 1);
            for text in [text.as_str(), &twice, &text[..text.len() - 1]] {
                documents += 1;
                let problems = match fanout::load(text.as_bytes(), &options(), &settings()) {
                    Ok((_, warnings)) => warnings,
                    Err(problems) => problems,
                };
                for problem in &problems {
                    let shown = problem.to_string();
                    assert!(!shown.contains(|c: char| c != '\n' && is_hidden(c)), "{place:?}: {shown:?}");
                    assert!(!shown.contains("\nFORGED"), "{place:?}: {shown}");
                    reported += 1;
                }
            }
        }
    }
    assert_eq!((all.len(), documents), (235, 1_410), "places and documents");
    assert!(reported > documents, "{reported} problems");
}

#[test]
fn the_complete_document_has_every_field() {
    let mut fields = BTreeSet::new();
    properties(&serde_json::to_value(anu::registry::schema()).unwrap(), &mut fields);
    let mut all = Vec::new();
    places(&complete(), &mut Vec::new(), &mut all);
    let written: BTreeSet<String> =
        all.iter().filter_map(|(path, is_key)| path.last().filter(|_| *is_key).cloned()).collect();
    let missing: Vec<&String> = fields.difference(&written).collect();
    assert!(missing.is_empty(), "add to the document: {missing:?}");
}

/// The names of all properties in a JSON Schema.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                names.extend(properties.keys().cloned());
            }
            entries.values().for_each(|value| properties(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        _ => {}
    }
}
