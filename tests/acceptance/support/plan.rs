//! Plans and states as `show -json` tells them.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::Output;

/// A saved plan.
#[derive(Debug)]
pub struct Plan {
    /// The plan file.
    pub file: PathBuf,
    /// What `plan` printed.
    pub output: Output,
    /// `show -json` of it, whole: asked for when it is needed, for that starts a core with all its providers again.
    json: LazyCell<Json, Box<dyn FnOnce() -> Json>>,
}

/// What a plan does to one resource instance.
#[derive(Debug, Clone)]
pub struct Change {
    /// `create`, `update`, `delete`, `no-op`, `read`, `delete/create`, `create/delete`, `forget`; with `import` in front
    /// (`import/no-op`) when it is imported.
    pub action: String,
    /// The values before; null on create.
    pub before: Json,
    /// The values after, without those that are not known yet; null on delete.
    pub after: Json,
    /// The shape of the values with `true` at what is not known yet; `{}` or `false` where all is.
    pub after_unknown: Json,
    /// Where it was before, with `moved`.
    pub moved_from: Option<String>,
}

/// The exit code of `plan -detailed-exitcode` where there is nothing to do.
pub(super) const NOTHING_TO_DO: i32 = 0;
/// And where there is.
pub(super) const SOMETHING_TO_DO: i32 = 2;

impl Plan {
    pub(super) fn new(file: PathBuf, output: Output, show: impl FnOnce() -> Json + 'static) -> Self {
        Self { file, output, json: LazyCell::new(Box::new(show)) }
    }

    /// What it printed, without colours.
    pub fn text(&self) -> String {
        self.output.text()
    }

    /// The changes to managed resources by address, those without a change included.
    pub fn changes(&self) -> BTreeMap<String, Change> {
        let all = self.json["resource_changes"].as_array().into_iter().flatten();
        all.filter(|change| change["mode"] == "managed")
            .map(|change| (text(&change["address"]), Change::of(change)))
            .collect()
    }

    /// What is done, by address; resources without a change are left out.
    pub fn actions(&self) -> BTreeMap<String, String> {
        let changes = self.changes().into_iter().filter(|(_, change)| change.action != "no-op");
        changes.map(|(address, change)| (address, change.action)).collect()
    }

    /// Addresses of managed resources that the refresh has changed. The exit code of `plan -refresh-only` is also about data sources, from
    /// Terraform 1.15 on.
    pub fn drift(&self) -> Vec<String> {
        let all = self.json["resource_drift"].as_array().into_iter().flatten();
        all.filter(|change| change["mode"] == "managed").map(|change| text(&change["address"])).collect()
    }

    /// The change at an address.
    ///
    /// # Panics
    /// If the plan has none.
    #[track_caller]
    pub fn change(&self, address: &str) -> Change {
        let mut changes = self.changes();
        let addresses: Vec<String> = changes.keys().cloned().collect();
        changes.remove(address).unwrap_or_else(|| panic!("no {address} in the plan, only {addresses:?}"))
    }

    /// Outputs that change, with their actions.
    pub fn output_changes(&self) -> BTreeMap<String, String> {
        let all = self.json["output_changes"].as_object().into_iter().flatten();
        all.map(|(name, change)| (name.clone(), actions(change))).filter(|(_, action)| action != "no-op").collect()
    }

    /// Whether it changes nothing, no resource, no output, no move, as core itself says it.
    pub fn is_empty(&self) -> bool {
        self.output.code == NOTHING_TO_DO
    }

    /// Itself, if it changes nothing.
    ///
    /// # Panics
    /// With what it would change.
    #[track_caller]
    pub fn assert_empty(self) -> Self {
        assert!(
            self.is_empty(),
            "the plan is not empty: {:?} {:?}\n{}",
            self.actions(),
            self.output_changes(),
            self.text()
        );
        self
    }
}

impl Change {
    fn of(change: &Json) -> Self {
        let body = &change["change"];
        let mut action = actions(body);
        if !body["importing"].is_null() {
            action.insert_str(0, "import/");
        }
        Self {
            action,
            before: body["before"].clone(),
            after: body["after"].clone(),
            after_unknown: body["after_unknown"].clone(),
            moved_from: change["previous_address"].as_str().map(ToOwned::to_owned),
        }
    }

    /// Paths of values that are known only after apply, as JSON pointers.
    pub fn unknown(&self) -> Vec<String> {
        let mut found = Vec::new();
        unknown(&self.after_unknown, &mut String::new(), &mut found);
        found
    }
}

fn unknown(shape: &Json, at: &mut String, found: &mut Vec<String>) {
    let mut step = |name: &str, inner: &Json| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        unknown(inner, at, found);
        at.truncate(length);
    };
    match shape {
        Json::Bool(true) => found.push(at.clone()),
        Json::Array(items) => items.iter().enumerate().for_each(|(position, item)| step(&position.to_string(), item)),
        Json::Object(items) => items.iter().for_each(|(name, item)| step(name, item)),
        _ => {}
    }
}

fn actions(change: &Json) -> String {
    let actions = change["actions"].as_array().into_iter().flatten();
    actions.map(text).collect::<Vec<_>>().join("/")
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

/// The state.
#[derive(Debug, Clone)]
pub struct State {
    /// `show -json` of it, whole.
    pub json: Json,
}

impl State {
    /// The values of every managed resource and data source by address, those of modules included.
    pub fn resources(&self) -> BTreeMap<String, Json> {
        let mut found = BTreeMap::new();
        let mut modules = vec![&self.json["values"]["root_module"]];
        while let Some(module) = modules.pop() {
            for resource in module["resources"].as_array().into_iter().flatten() {
                found.insert(text(&resource["address"]), resource["values"].clone());
            }
            modules.extend(module["child_modules"].as_array().into_iter().flatten());
        }
        found
    }

    /// The values at an address; null if there is no such resource.
    pub fn resource(&self, address: &str) -> Json {
        self.resources().remove(address).unwrap_or(Json::Null)
    }

    /// The identity of a resource of the root module; null if it has none.
    pub fn identity(&self, address: &str) -> Json {
        let mut all = self.json["values"]["root_module"]["resources"].as_array().into_iter().flatten();
        all.find(|resource| resource["address"] == address).map_or(Json::Null, |resource| resource["identity"].clone())
    }

    /// The value of an output; null if there is none.
    pub fn output(&self, name: &str) -> Json {
        self.json["values"]["outputs"][name]["value"].clone()
    }
}

/// Whether a resource instance of the state file is tainted.
pub(super) fn tainted(state_file: &Path) -> Vec<String> {
    // A core that was killed before it had anything to save leaves an empty file.
    let Some(bytes) = std::fs::read(state_file).ok().filter(|bytes| !bytes.is_empty()) else { return Vec::new() };
    let state: Json = serde_json::from_slice(&bytes).expect("a state file is JSON");
    let mut found = Vec::new();
    for resource in state["resources"].as_array().into_iter().flatten() {
        for instance in resource["instances"].as_array().into_iter().flatten() {
            if instance["status"] == "tainted" {
                found.push(format!(
                    "{}.{}[{}]",
                    text(&resource["type"]),
                    text(&resource["name"]),
                    instance["index_key"]
                ));
            }
        }
    }
    found
}
