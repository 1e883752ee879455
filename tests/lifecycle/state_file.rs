//! The state of a run in a folder, as a process leaves it that is killed.

use std::path::Path;

use anu::sdk::{Private, from_json, to_json};
use serde_json::{Value as Json, json};

use crate::fake_core::{Block, Object, Process, State};

/// Writes a state, whole or not at all.
pub fn save(folder: &Path, state: &State) {
    let object = |object: &Object| {
        let private = String::from_utf8(object.private.to_bytes()).unwrap();
        json!({"value": to_json(&object.value), "private": private, "tainted": object.tainted})
    };
    let objects: serde_json::Map<_, _> = state.0.iter().map(|(address, o)| (address.clone(), object(o))).collect();
    let new = folder.join("state.new");
    std::fs::write(&new, Json::from(objects).to_string()).unwrap();
    std::fs::rename(new, folder.join("state.json")).unwrap();
}

/// Reads it; it is empty before the first is written.
pub async fn load(folder: &Path, block: &Block) -> State {
    let Ok(text) = std::fs::read_to_string(folder.join("state.json")) else { return State::default() };
    let process = Process::start(block).await.unwrap();
    let ty = process.services().resource().schema().ty();
    let objects: serde_json::Map<String, Json> = serde_json::from_str(&text).unwrap();
    let object = |json: &Json| Object {
        value: from_json(&json["value"], &ty).unwrap(),
        private: Private::from_bytes(json["private"].as_str().unwrap().as_bytes()).unwrap(),
        tainted: json["tainted"].as_bool().unwrap(),
    };
    State(objects.iter().map(|(address, json)| (address.clone(), object(json))).collect())
}
