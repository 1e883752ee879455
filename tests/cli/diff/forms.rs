//! The forms of a comparison: what each contains, in which order, and what no name of a pull request can do in it.

use anu::printable::is_hidden;
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::{FILES, after, before, form, pull_request, run, two};
use crate::document::Document;
use crate::{Shell, estate};

#[test]
fn a_pull_request_as_text() {
    let shell = pull_request();
    assert_snapshot!(run(&shell, &FILES).quietly());
    assert_eq!(form(&shell, "text"), run(&shell, &FILES).quietly());
}

#[test]
fn a_pull_request_as_markdown() {
    let shell = pull_request();
    assert_snapshot!(form(&shell, "markdown"));
    let short = run(&shell, &["old.json", "new.json", "--format", "markdown", "--short"]).quietly();
    assert_eq!(short, form(&shell, "markdown"), "it fits");
}

#[test]
fn a_pull_request_as_json() {
    assert_snapshot!(form(&pull_request(), "json"));
}

#[test]
fn a_pull_request_as_sarif() {
    let log: Json = serde_json::from_str(&form(&pull_request(), "sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let driver = &log["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array().expect("rules");
    for result in log["runs"][0]["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_snapshot!(serde_json::to_string_pretty(&log["runs"][0]["results"]).expect("JSON"));
}

#[test]
fn a_pull_request_as_annotations() {
    assert_snapshot!(form(&pull_request(), "github"), @"
    ::error file=new.json,line=782,title=Removal is refused::service `label-printer`: environment `production`: namespace `compute-shop/label-printer`: its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is `delete`.
    ::warning file=new.json,line=380,title=Wider access::service `ledger`: environment `production`: `user:jane@example.com` is granted `admins`, before `viewers`.
    ::warning file=new.json,line=600,title=New access::service `checkout`: environment `production`: `group:logistics-team@example.com` (team `logistics`) is granted `admins`.
    ::notice title=Registry::services: 1 created, 3 changed; resources: 15 created, 4 changed, 8 removed (5.3 %25)
    ");
}

#[test]
fn two_runs_and_two_orders_of_the_documents_have_the_same_impact() {
    let reversed = |mut document: Document| {
        document.services.reverse();
        document.projects.reverse();
        document.teams.reverse();
        for service in &mut document.services {
            service.environments.reverse();
        }
        document.json()
    };
    let digest = |shell: &Shell| serde_json::from_str::<Json>(&form(shell, "json")).expect("JSON");
    let without_pointers = |mut report: Json| {
        for list in ["findings", "access", "lastAdmins"] {
            for entry in report[list].as_array_mut().expect("a list") {
                entry.as_object_mut().expect("an entry").remove("pointer");
            }
        }
        for key in ["old", "new"] {
            report.as_object_mut().expect("a report").remove(key);
        }
        report
    };
    let one = digest(&pull_request());
    assert_eq!(one, digest(&pull_request()));
    let other = digest(&two(&reversed(before()), &reversed(after())));
    assert_eq!(without_pointers(one), without_pointers(other));
}

#[test]
fn no_difference_is_one_line() {
    let shell = two(&before().json(), &before().json());
    assert_snapshot!(run(&shell, &[&FILES[..], &["--exit-code"]].concat()).quietly(), @"
    `old.json` → `new.json`
    no difference
    ");
    assert_snapshot!(form(&shell, "markdown"), @"
    ### Registry: no difference
    `old.json` → `new.json`
    ");
    assert_snapshot!(form(&shell, "github"), @"::notice title=Registry::no difference");
}

/// Whatever a pull request contains stays in its code: no link, mention, HTML, row of a table or command of a workflow.
#[test]
fn names_of_a_pull_request_are_only_names() {
    const HOSTILE: &str =
        "x](https://evil.example) @octocat <img src=x> | b | `c` \\| # \u{202e}y\n\n::error::forged\n## z";
    let (mut old, mut new) = (before().json(), before().json());
    for (document, suffix) in [(&mut old, "1"), (&mut new, "2")] {
        let text = format!("{HOSTILE}{suffix}");
        let spec = &mut document["services"][0]["spec"];
        spec["repository"] = json!(text);
        spec["alertsChannel"] = json!(text);
        spec[format!("x-{HOSTILE}")] = json!({HOSTILE: text});
        document["namespaces"][0]["spec"]["annotations"] = json!({"note": text});
        document[format!("x-{HOSTILE}")] = json!([suffix]);
    }
    let shell = two(&old, &new);
    let markdown = form(&shell, "markdown");
    assert!(markdown.contains("octocat"), "{markdown}");
    for line in markdown.lines() {
        let words = without_code(line);
        for mark in ["octocat", "evil", "img", "forged", "::"] {
            assert!(!words.contains(mark), "{mark}: {line}");
        }
        if line.starts_with('|') {
            let cells = line.matches('|').count() - 1;
            assert!([1, 4, 5, 6].contains(&cells), "{cells}: {line}");
            assert!(!line.contains("\\|"), "{line}");
        }
    }
    for format in ["text", "markdown", "json", "github", "sarif"] {
        let text = form(&shell, format);
        assert!(!text.contains(|c: char| c != '\n' && is_hidden(c)), "{format}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::error::forged")), "{format}: {text}");
    }
    assert!(form(&shell, "github").lines().all(|line| line.starts_with("::")));
}

/// A line of Markdown without its code.
fn without_code(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    loop {
        let next = ["`", "<code>"].into_iter().filter_map(|open| Some((rest.find(open)?, open))).min();
        let Some((at, open)) = next else { return words + rest };
        words.push_str(&rest[..at]);
        let close = if open == "`" { "`" } else { "</code>" };
        let inside = &rest[at + open.len()..];
        let end = inside.find(close).unwrap_or_else(|| panic!("code without an end: {line}"));
        if open == "<code>" {
            let plain = |c: char| c.is_ascii_alphanumeric() || "&#;".contains(c);
            assert!(inside[..end].chars().all(plain), "{}", &inside[..end]);
        }
        rest = &inside[end + close.len()..];
    }
}

/// 500 services of which every one changes.
#[test]
fn a_comment_has_a_limit_and_says_what_it_leaves_out() {
    let old = estate::registry(500);
    let new = old.replace("\"team-00", "\"crew-00").replace("gc-prd-ci.iam", "gc-prd-cd.iam");
    let shell = Shell::new();
    shell.write("old.json", &old);
    shell.write("new.json", &new);
    let short = run(&shell, &["old.json", "new.json", "--format", "markdown", "--short"]).quietly();
    assert!((40_000..=60_000).contains(&short.len()), "{} bytes", short.len());
    assert!(short.contains("rows left out, for their size."), "{short}");
    assert!(short.contains("services left out, for their size."), "{short}");
    let annotations = form(&shell, "github");
    assert!(annotations.lines().count() <= 31, "{annotations}");
}
