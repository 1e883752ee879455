//! One mistake is one problem: what is reported only because something else could not be read is left out.
//!
//! The mistakes are generated from valid registries: each place of the document is broken in every way that fits it.

use std::fmt::Write as _;

use anu::fanout::{self, Settings};
use anu::registry::Problem;
use serde_json::Value;

use super::complete::complete;
use super::{options, report, settings};

type Fields = Vec<(String, Json)>;

/// JSON in which an object may have a key twice.
#[derive(Clone)]
enum Json {
    Object(Fields),
    Array(Vec<Json>),
    Other(Value),
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(fields) => {
                Self::Object(fields.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect())
            }
            Value::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            other => Self::Other(other.clone()),
        }
    }

    fn text(text: &str) -> Self {
        Self::Other(Value::from(text))
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Object(fields) => {
                to.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    write!(to, "{}{}:", if index == 0 { "" } else { "," }, Value::from(key.as_str())).unwrap();
                    value.write(to);
                }
                to.push('}');
            }
            Self::Array(items) => {
                to.push('[');
                for (index, item) in items.iter().enumerate() {
                    to.push_str(if index == 0 { "" } else { "," });
                    item.write(to);
                }
                to.push(']');
            }
            Self::Other(value) => write!(to, "{value}").unwrap(),
        }
    }

    fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// A document with one mistake.
struct Broken {
    what: String,
    document: Json,
}

/// What a value may be replaced with, so that it is certainly of the wrong type or form.
fn wrong(value: &Json) -> Vec<(&'static str, Json)> {
    let number = ("a number", Json::Other(Value::from(7)));
    let text = ("a text", Json::text("?\u{7}"));
    let list = ("a list", Json::Array(vec![Json::Other(Value::from(7))]));
    let empty = ("an empty object", Json::Object(Vec::new()));
    let absent = ("null", Json::Other(Value::Null));
    match value {
        Json::Array(items) => {
            // `services: {ledger: {…}}`, as many write it.
            let by_name = items.iter().enumerate().map(|(index, item)| (format!("name-{index}"), item.clone()));
            vec![number, text, ("a map", Json::Object(by_name.collect())), empty]
        }
        Json::Object(_) => vec![number, text, list, empty, absent],
        Json::Other(Value::String(_)) => vec![number, text, list, empty, absent],
        Json::Other(_) => vec![text, list, empty],
    }
}

/// The document with `edit` made at every place that it has something for.
struct Walk<'d> {
    document: &'d Json,
    broken: Vec<Broken>,
    /// How many items of a list are broken.
    items: usize,
}

impl Walk<'_> {
    fn push(&mut self, path: &[Step], what: &str, value: Json) {
        let at: String = path.iter().map(|step| format!("/{step}")).collect();
        self.broken.push(Broken { what: format!("{at}: {what}"), document: replaced(self.document, path, value) });
    }

    fn at(&mut self, path: &[Step], value: &Json) {
        if !path.is_empty() {
            for (what, other) in wrong(value) {
                self.push(path, what, other);
            }
        }
        let deeper = |step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
        match value {
            Json::Object(fields) => {
                for (index, (key, field)) in fields.iter().enumerate() {
                    let with = |edit: &dyn Fn(&mut Fields)| {
                        let mut fields = fields.clone();
                        edit(&mut fields);
                        Json::Object(fields)
                    };
                    let other = || wrong(field).remove(0).1;
                    self.push(path, &format!("without {key}"), with(&|fields| drop(fields.remove(index))));
                    self.push(path, &format!("misspelt {key}"), with(&|fields| fields[index].0 = misspelt(key)));
                    self.push(path, &format!("{key} twice"), with(&|fields| fields.push((key.clone(), field.clone()))));
                    self.push(
                        path,
                        &format!("{key} twice, differently"),
                        with(&|fields| fields.push((key.clone(), other()))),
                    );
                    self.push(
                        path,
                        &format!("another {key} before"),
                        with(&|fields| fields.insert(0, (key.clone(), another(field)))),
                    );
                    self.at(&deeper(Step::Key(key.clone())), field);
                }
                if let Some(Json::Object(spec)) = value.get("spec") {
                    self.push(path, "without an envelope", Json::Object(spec.clone()));
                    let kind = value.get("type").cloned().map(|kind| ("type".to_owned(), kind));
                    let beside = kind.clone().into_iter().chain(spec.clone()).collect();
                    self.push(path, "without spec, with its type", Json::Object(beside));
                    for (index, (key, field)) in spec.iter().enumerate() {
                        let mut rest = spec.clone();
                        rest.remove(index);
                        let spec = ("spec".to_owned(), Json::Object(rest));
                        let all = kind.clone().into_iter().chain([spec, (key.clone(), field.clone())]);
                        self.push(path, &format!("{key} beside spec"), Json::Object(all.collect()));
                    }
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate().take(self.items) {
                    let mut twice = items.clone();
                    twice.push(item.clone());
                    self.push(path, &format!("{index} twice"), Json::Array(twice));
                    self.at(&deeper(Step::Index(index)), item);
                }
            }
            Json::Other(_) => {}
        }
    }
}

/// A value of the same type that is not the one.
fn another(value: &Json) -> Json {
    match value {
        Json::Array(_) => Json::Array(Vec::new()),
        Json::Object(_) => Json::Object(Vec::new()),
        Json::Other(Value::String(text)) => Json::text(&format!("{text}x")),
        Json::Other(Value::Bool(value)) => Json::Other(Value::from(!value)),
        Json::Other(_) => Json::Other(Value::from(2)),
    }
}

/// Two letters changed places.
fn misspelt(key: &str) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    let last = letters.len() - 1;
    if last > 1 {
        letters.swap(last, last - 1);
    }
    if letters.iter().collect::<String>() == key {
        format!("{key}{}", letters[last])
    } else {
        letters.into_iter().collect()
    }
}

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => f.write_str(&key.replace('~', "~0").replace('/', "~1")),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

fn replaced(document: &Json, path: &[Step], value: Json) -> Json {
    let Some((first, rest)) = path.split_first() else { return value };
    let mut document = document.clone();
    match (&mut document, first) {
        (Json::Object(fields), Step::Key(key)) => {
            let field = fields.iter_mut().find(|(name, _)| name == key).expect("the field");
            field.1 = replaced(&field.1, rest, value);
        }
        (Json::Array(items), Step::Index(index)) => items[*index] = replaced(&items[*index], rest, value),
        _ => unreachable!("the path is one of the document"),
    }
    document
}

fn problems(document: &Json, settings: &Settings) -> Vec<Problem> {
    let mut text = String::new();
    document.write(&mut text);
    match fanout::load(text.as_bytes(), &options(), settings) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// Mistakes of form: these have no second problem. Others, such as an entry that is left out, have consequences of their own.
const ROOTS: [&str; 12] = [
    "wrong-type",
    "missing-field",
    "bad-name",
    "wrong-envelope",
    "misspelt-field",
    "misplaced-field",
    "undefined-field",
    "duplicate-key",
    "duplicate-name",
    "duplicate-project",
    "duplicate-target",
    "duplicate-service-account",
];

fn check(name: &str, document: &Value, items: usize, settings: &Settings) {
    let document = Json::of(document);
    let before = problems(&document, settings);
    assert!(before.iter().all(|problem| !problem.is_error()), "{name} is valid: {before:#?}");
    let mut walk = Walk { document: &document, broken: Vec::new(), items };
    walk.at(&[], &document);
    let (mut all, mut roots, mut wrong) = (0, 0, String::new());
    for broken in walk.broken {
        all += 1;
        let mut found = problems(&broken.document, settings);
        found.retain(|problem| {
            !before.iter().any(|known| known.code == problem.code && known.pointer == problem.pointer)
        });
        let is_root = |problem: &&Problem| ROOTS.contains(&problem.code.name());
        if found.iter().filter(is_root).count() == 0 {
            continue;
        }
        roots += 1;
        // An empty object lacks all of its required fields.
        found.dedup_by(|next, one| {
            next.code == one.code && next.pointer == one.pointer && one.code.name() == "missing-field"
        });
        if found.len() > 1 {
            writeln!(wrong, "{name} {}", broken.what).unwrap();
            for problem in &found {
                writeln!(wrong, "    {} at {}: {:.150}", problem.code, problem.pointer, problem.detail).unwrap();
            }
        }
    }
    println!("{name}: {roots} mistakes of form in {all} documents");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every field of the format.
#[test]
fn one_mistake_is_one_problem() {
    check("every field", &complete(), usize::MAX, &Settings::default());
}

/// An estate with neighbours that use what each entry has.
#[test]
fn one_mistake_in_an_estate_is_one_problem() {
    let quickstart = include_str!("../../examples/quickstart/registry.json");
    check("quickstart", &serde_json::from_str(quickstart).expect("JSON"), 2, &settings());
}

/// Of the names that a list does not contain, only as many follow from its entries without a name as there are of these.
#[test]
fn other_mistakes_are_reported_beside_a_root() {
    let document = |teams: &str, mine: &str, second: &str| {
        format!(
            r#"{{"teams": {teams}, "clusters": [{{"type": "Cluster", "spec": {{"name": "c1"}}}}], "services": [
              {{"type": "Service", "spec": {{"name": "ledger", "team": "{mine}"}}}},
              {{"type": "Service", "spec": {{"name": "search", "team": "{second}", "environments": [{{"type": "Environment", "spec":
                {{"name": "production", "targets": [{{"type": "Target", "spec": {{"cluster": "c2", "namespace": "search"}}}}]}}}}]}}}}]}}"#
        )
    };
    let team = |name: &str| format!(r#"[{{"type": "Team", "spec": {{"name": {name}, "email": "core@example.com"}}}}]"#);
    insta::assert_snapshot!(report(&document(&team(r#""Core Banking""#), "core", "core")), @"
    error: Invalid name
      at `/teams/0/spec/name`
      `Core Banking` is not a team name: 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends (Kubernetes label value). Did you mean `core-banking`?
      anu:bad-name
    error: Unknown cluster
      at `/services/1/spec/environments/0/spec/targets/0/spec/cluster`, service `search`, environment `production`
      The cluster `c2` is not in `clusters`. Add it to the list, or use a cluster from the list.
      anu:unknown-cluster
    ");
    insta::assert_snapshot!(report(&document(&team(r#""Core Banking""#), "core", "other")), @"
    error: Invalid name
      at `/teams/0/spec/name`
      `Core Banking` is not a team name: 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends (Kubernetes label value). Did you mean `core-banking`?
      anu:bad-name
    error: Unknown team
      at `/services/0/spec/team`, service `ledger`
      The team `core` of service `ledger` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
    error: Unknown team
      at `/services/1/spec/team`, service `search`
      The team `other` of service `search` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
    error: Unknown cluster
      at `/services/1/spec/environments/0/spec/targets/0/spec/cluster`, service `search`, environment `production`
      The cluster `c2` is not in `clusters`. Add it to the list, or use a cluster from the list.
      anu:unknown-cluster
    ");
    insta::assert_snapshot!(report(&document(r#"{"core": {"email": "core@example.com"}}"#, "core", "other")), @"
    error: Wrong JSON type
      at `/teams`
      `teams` is an object. It must be an array.
      anu:wrong-type
    warning: Owning team has no access
      at `/services/1/spec/environments/0/spec`, service `search`, environment `production`
      The team `other` owns service `search`, and no access list of environment `production` (viewers, operators, admins) contains it. Add the team to a list if it needs access.
      anu:team-without-access
    error: Unknown cluster
      at `/services/1/spec/environments/0/spec/targets/0/spec/cluster`, service `search`, environment `production`
      The cluster `c2` is not in `clusters`. Add it to the list, or use a cluster from the list.
      anu:unknown-cluster
    ");
}
