//! Mistakes in the document as a whole: its JSON, its metadata, its lists and envelopes.

use serde_json::json;

use super::Answer::{Refused, Shown, Warned};
use super::Edit::{Remove, Rename, Set, Text};
use super::{Mistake, pay};

pub fn mistakes() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { name, edit, answer };
    vec![
        // JSON.
        mistake("the file is empty", Text(|_| String::new()), Refused("empty")),
        mistake("the file is cut off", Text(|text| text[..text.len() / 2].to_owned()), Refused("JSON")),
        mistake("a second document follows", Text(|text| format!("{text}{{}}")), Refused("JSON")),
        mistake("a comma too many", Text(|text| text.replacen("\"teams\": [", "\"teams\": [,", 1)), Refused("JSON")),
        mistake("a comment", Text(|text| format!("// generated\n{text}")), Refused("JSON")),
        mistake("a merge conflict", Text(|text| format!("<<<<<<< HEAD\n{text}")), Refused("JSON")),
        mistake("single quotes", Text(|text| text.replace('"', "'")), Refused("JSON")),
        mistake(
            "a key twice in one object",
            Text(|text| text.replacen("\"revision\": \"2\"", "\"revision\": \"2\", \"revision\": \"3\"", 1)),
            Refused("Duplicate"),
        ),
        mistake("a list instead of an object", Text(|text| format!("[{text}]")), Refused("object")),
        mistake("the error page of a proxy", Text(|_| "<html>502</html>".to_owned()), Refused("HTML")),
        // Lists and envelopes.
        mistake("the services are missing", Remove("/services"), Refused("no services")),
        mistake("the services are empty", Set("/services", json!([])), Refused("no services")),
        mistake("the services are misspelt", Rename("/services", "servces"), Refused("services")),
        mistake("the services are an object", Set("/services", json!({})), Refused("Wrong JSON type")),
        mistake("the teams are misspelt", Rename("/teams", "team"), Refused("teams")),
        mistake("the projects are misspelt", Rename("/projects", "project"), Refused("projects")),
        mistake("the clusters are misspelt", Rename("/clusters", "cluster"), Refused("clusters")),
        mistake("the namespaces are misspelt", Rename("/namespaces", "namespace"), Refused("namespaces")),
        mistake("the permissions are misspelt", Rename("/permissions", "permission"), Refused("permissions")),
        mistake("the metadata is misspelt", Rename("/metadata", "metdata"), Refused("metadata")),
        mistake("an entry without a type", Remove("/services/2/type"), Refused("type")),
        mistake("an entry of another list", Set("/services/2/type", json!("Team")), Refused("Wrong entry type")),
        mistake("an entry without a spec", Rename("/services/2/spec", "sepc"), Refused("spec")),
        mistake("an entry that is a text", Set("/services/2", json!("toy")), Refused("Wrong JSON type")),
        mistake("an entry that is null", Set("/services/2", json!(null)), Refused("Wrong JSON type")),
        mistake(
            "an environment without its envelope",
            Set("/services/2/spec/environments/0", json!({"name": "x"})),
            Refused("spec"),
        ),
        mistake("a list as the only entry of its list", Set(pay!("/targets"), json!([[]])), Refused("Wrong JSON type")),
        // Metadata.
        mistake("the registry's name is missing", Remove("/metadata/name"), Refused("name")),
        mistake("the registry's name is another", Set("/metadata/name", json!("acme-test")), Refused("acme-test")),
        mistake("the registry's name is no name", Set("/metadata/name", json!("Acme Inc.")), Refused("Invalid name")),
        mistake("an older document", Set("/metadata/compiledAt", json!("2025-12-31T23:59:59Z")), Refused("older")),
        mistake("a document without a time", Remove("/metadata/compiledAt"), Refused("compiledAt")),
        mistake(
            "a document of the future",
            Set("/metadata/compiledAt", json!("2099-01-01T00:00:00Z")),
            Refused("2099"),
        ),
        mistake("a time that is none", Set("/metadata/compiledAt", json!("yesterday")), Refused("RFC 3339")),
        mistake("a time under a misspelt name", Rename("/metadata/compiledAt", "compiledat"), Refused("compiledAt")),
        mistake(
            "a version of anu that is none",
            Set("/metadata/requires", json!({"anu": "latest"})),
            Refused("latest"),
        ),
        mistake("a later version of anu", Set("/metadata/requires", json!({"anu": ">=99"})), Refused(">=99")),
        mistake(
            "an earlier name that is the name",
            Set("/metadata/previousNames", json!(["acme"])),
            Refused("previousNames"),
        ),
        mistake(
            "earlier names that are a text",
            Set("/metadata/previousNames", json!("acme-old")),
            Refused("Wrong JSON type"),
        ),
        mistake(
            "a control character in a name",
            Set("/services/2/spec/name", json!("to\u{1b}[2Jy")),
            Refused("Invalid name"),
        ),
        // Allowed, and seen.
        mistake("a label on a project", Set("/projects/0/spec/labels/tier", json!("2")), Shown("\"tier\":\"2\"")),
        mistake(
            "an entry for a project that has no user",
            Set("/projects/-", json!({"type": "Project", "spec": {"id": "gc-prd-spare"}})),
            Warned("gc-prd-spare"),
        ),
    ]
}
