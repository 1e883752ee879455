//! Time and memory grow with the document, not with its square or with a product that it describes.
//!
//! Each document is about a megabyte of one kind of repetition. With a nested loop over it, each takes minutes.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anu::fanout::{self, Settings};
use anu::registry::{Excerpt, Problem, Severity};

use crate::{options, settings};

/// `count` items, joined by commas.
fn join(count: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..count {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{}", item(index));
    }
    text
}

fn entry(kind: &str, spec: &str) -> String {
    format!(r#"{{"type":"{kind}","spec":{{{spec}}}}}"#)
}

fn registry(services: &str, fields: &str) -> String {
    format!(r#"{{"metadata":{{"name":"acme"}},"services":[{services}]{fields}}}"#)
}

/// One service with these environments.
fn service(environments: &str, fields: &str) -> String {
    entry("Service", &format!(r#""name":"a","team":"t","environments":[{environments}]{fields}"#))
}

fn environment(name: &str, fields: &str) -> String {
    entry("Environment", &format!(r#""name":"{name}"{fields}"#))
}

fn target(namespace: &str, release: &str) -> String {
    entry("Target", &format!(r#""cluster":"c","namespace":"{namespace}","release":"{release}""#))
}

const ADMINS: &str = r#","rbac":{"admins":["t"]}"#;

/// Every kind of repetition, with the code of a problem that it has; empty for none.
fn documents() -> Vec<(&'static str, &'static str, String)> {
    let people = |count| join(count, |i| format!(r#"{{"principal":"user:u{i}@example.com"}}"#));
    let apis = |count| join(count, |i| format!(r#""a{i}.googleapis.com""#));
    let rows = |count, role: fn(usize) -> String| {
        let rows = join(count, |i| format!(r#""a{i}.googleapis.com":{{"admins":["roles/{}"]}}"#, role(i)));
        format!(r#","permissions":{{"google":{{{rows}}}}}"#)
    };
    let in_project = r#","googleProject":"acme-one""#;
    vec![
        (
            "a key again and again",
            "duplicate-key",
            registry("", &format!(",\"x\":{{{}}}", join(60_000, |_| "\"k\":1".into()))),
        ),
        ("two keys twice in each entry", "duplicate-key", {
            let environment = entry("Environment", r#""name":"p","rbac":{"admins":["t"],"admins":["t"]}"#);
            let one =
                |i| entry("Service", &format!(r#""name":"s{i}","team":"t","team":"t","environments":[{environment}]"#));
            registry(&join(6_000, one), "")
        }),
        ("a key again and again below a long key", "duplicate-key", {
            let below = join(60_000, |_| "\"k\":1".into());
            registry("", &format!(",\"{}\":{{{below}}}", "long".repeat(60_000)))
        }),
        ("fields with nearly the right name", "misspelt-field", {
            let letter = |i: usize| char::from(b'a' + (i % 26) as u8);
            let field = |i: usize| format!("\"environment{}{}{}\":1", letter(i / 676), letter(i / 26), letter(i));
            registry(&entry("Service", &format!(r#""name":"a","team":"t",{}"#, join(17_576, field))), "")
        }),
        ("wrong labels", "bad-label", {
            let labels = join(40_000, |i| format!(r#""Wrong{i}":"x""#));
            let project = entry("Project", &format!(r#""id":"acme-one","labels":{{{labels}}}"#));
            registry(&service("", ""), &format!(r#","projects":[{project}]"#))
        }),
        ("services of one name", "duplicate-name", registry(&join(15_000, |_| service("", "")), "")),
        (
            "environments of one name",
            "duplicate-name",
            registry(&service(&join(15_000, |_| environment("p", "")), ""), ""),
        ),
        ("unknown teams", "unknown-team", {
            let known = join(2_000, |i| entry("Team", &format!(r#""name":"team-{i}","email":"t{i}@example.com""#)));
            let unknown = join(8_000, |i| format!("\"taem-{i}\""));
            let environment = environment("p", &format!(r#","rbac":{{"admins":[{unknown}]}}"#));
            registry(&service(&environment, ""), &format!(r#","teams":[{known}]"#))
        }),
        ("targets of one environment", "", {
            let targets = join(8_000, |i| target(&format!("n{i}"), "r"));
            registry(
                &service(&environment("p", &format!(r#","targets":[{targets}]{ADMINS},"quota":{{"pods":1}}"#)), ""),
                "",
            )
        }),
        ("releases in one namespace", "", {
            let targets = join(8_000, |i| target("n", &format!("r{i}")));
            registry(&service(&environment("p", &format!(r#","targets":[{targets}]{ADMINS}"#)), ""), "")
        }),
        ("environments with a quota in one namespace", "", {
            let one = |i| {
                let target = target("n", &format!("r{i}"));
                environment(&format!("e{i}"), &format!(r#","targets":[{target}]{ADMINS},"quota":{{"pods":1}}"#))
            };
            registry(&service(&join(6_000, one), ""), "")
        }),
        ("environments on one project", "", {
            let one = |i| environment(&format!("e{i}"), &format!("{in_project}{ADMINS}"));
            let project = entry("Project", r#""id":"acme-one","owner":"a""#);
            let service = service(&join(8_000, one), r#","googleServices":["pubsub.googleapis.com"]"#);
            registry(&service, &format!(r#","projects":[{project}]"#))
        }),
        ("services on one project", "", {
            let one = |i| {
                let environment = environment("p", &format!("{in_project}{ADMINS}"));
                entry(
                    "Service",
                    &format!(
                        r#""name":"s{i}","team":"t","googleServices":["pubsub.googleapis.com"],"environments":[{environment}]"#
                    ),
                )
            };
            let sharers = join(5_000, |i| format!("\"s{i}\""));
            let project = entry("Project", &format!(r#""id":"acme-one","owner":"s0","sharedWith":[{sharers}]"#));
            registry(&join(5_000, one), &format!(r#","projects":[{project}]"#))
        }),
        ("roles times people", "too-many-principals", {
            let environment = environment("p", &format!(r#"{in_project},"rbac":{{"admins":[{}]}}"#, people(8_000)));
            let service = service(&environment, &format!(r#","googleServices":[{}]"#, apis(8_000)));
            registry(&service, &rows(8_000, |i| format!("a{i}.admin")))
        }),
        ("one role of many services times one person of many environments", "", {
            let one = |i| environment(&format!("e{i}"), &format!("{in_project}{ADMINS}"));
            let service = service(&join(4_000, one), &format!(r#","googleServices":[{}]"#, apis(4_000)));
            registry(&service, &rows(4_000, |_| "one.role".into()))
        }),
        ("projects times APIs", "too-many-resources", {
            let one = |i| environment(&format!("e{i}"), &format!(r#","googleProject":"acme-p{i:05}"{ADMINS}"#));
            let service = service(&join(5_000, one), &format!(r#","googleServices":[{}]"#, apis(5_000)));
            registry(&service, &rows(5_000, |i| format!("a{i}.admin")))
        }),
        ("namespaces times people", "too-many-resources", {
            let targets = join(6_000, |i| target(&format!("n{i}"), "r"));
            let environment =
                environment("p", &format!(r#","targets":[{targets}],"rbac":{{"admins":[{}]}}"#, people(8_000)));
            registry(&service(&environment, ""), "")
        }),
    ]
}

/// Reads and fans out a document: its problems, and how many keys it has.
fn load(document: &str, settings: &Settings) -> (Vec<Problem>, usize) {
    match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((fan_out, warnings)) => {
            (warnings, fan_out.services().map(|(_, service)| service.resources.keys().len()).sum())
        }
        Err(problems) => (problems, 0),
    }
}

#[test]
fn no_repetition_costs_more_than_its_length() {
    let documents = documents();
    let count = documents.len();
    for (what, code, document) in documents {
        let start = Instant::now();
        let (problems, keys) = load(&document, &settings());
        let took = start.elapsed();
        // Two seconds where it is slowest, on a busy machine and without optimization; with a nested loop, minutes.
        assert!(took < Duration::from_secs(20), "{what}: {took:?} for {} KB", document.len() / 1024);
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.name()).collect();
        assert!(codes.contains(&code) || (code.is_empty() && keys > 0), "{what}: {keys} keys, {:?}", problems.first());
        eprintln!("{what}: {} KB, {took:?}, {} problems, {keys} keys", document.len() / 1024, problems.len());
    }
    assert_eq!(count, 17, "kinds of repetition");
}

#[test]
fn problems_that_are_not_listed_are_counted() {
    let keys = join(60_000, |_| "\"k\":1".into());
    let document = registry("", &format!(",\"{}\":{{{keys}}}", "long".repeat(60_000)));
    let (problems, _) = load(&document, &settings());
    assert!(problems.len() < 1_000, "{} problems are listed", problems.len());
    let excerpt = Excerpt::of(&problems);
    // One of them is that there are no services.
    assert_eq!(excerpt.count(Severity::Error), 60_000);
    assert_eq!(excerpt.shown.len(), 50);
    insta::assert_snapshot!(
        excerpt.rest(Severity::Error, "The registry in `registry.json`").unwrap(),
        @"The registry in `registry.json` has 59950 more errors like these."
    );
    assert_eq!(excerpt.rest(Severity::Warning, "The registry"), None);
}
