//! Every key of the quickstart has a reason with its lines in the registry, and every code its page.

use std::collections::BTreeSet;

use anu::answers::Explanations;
use anu::fanout::resource::Key;
use anu::fanout::{self, Settings};
use anu::registry::{LoadOptions, positions_of};

use super::{ask, quickstart};

#[test]
fn each_key_of_the_quickstart_has_the_lines_that_lead_to_it() {
    let document = include_str!("../../../examples/quickstart/registry.json");
    let options = LoadOptions { version: anu::version(), allow_empty: false, name: None };
    let (fan_out, _) = fanout::load(document.as_bytes(), &options, &Settings::default()).expect("a registry");
    let keys: BTreeSet<Key> = fan_out.services().flat_map(|(_, service)| service.resources.keys()).collect();
    let (mut walked, mut lines) = (0, 0);
    for key in &keys {
        let text = key.to_string();
        let found = Explanations::of(&fan_out, &text);
        let resource = found.resources.iter().find(|resource| resource.kind == key.kind());
        let resource = resource.unwrap_or_else(|| panic!("{text}: not explained"));
        assert!(!resource.lines.is_empty() && !resource.services.is_empty(), "{text}: {resource:?}");
        let places = positions_of(document, resource.lines.iter().map(|line| line.pointer.as_str()));
        for (line, place) in resource.lines.iter().zip(places) {
            let place = place.unwrap_or_else(|| panic!("{text}: {} is nowhere", line.pointer));
            // The line names what the reason is: the service's own entry, or what it lists.
            assert!(!document.lines().nth(place.line - 1).expect("a line").trim().is_empty(), "{text}");
            assert!(resource.services.contains(&line.service), "{text}: {line:?}");
            lines += 1;
        }
        walked += 1;
    }
    assert!(walked >= 148 && lines >= walked, "{walked} keys, {lines} lines");
}

#[test]
fn a_line_of_a_program_is_one_of_its_files() {
    let shell = quickstart();
    let registry = shell.read("registry.json");
    std::fs::remove_file(shell.path("registry.json")).expect("removed");
    shell.write("services.libsonnet", &registry);
    shell.write("registry.jsonnet", "(import 'services.libsonnet')\n");
    let answer = ask(&shell, &["explain", "compute-shop/catalog"]).quietly();
    // Where a program does not show what leads to a value, the pointer into the compiled document stands there.
    assert!(
        answer.contains("services.libsonnet:40:") && answer.contains("/services/6/spec/environments/0/"),
        "{answer}"
    );
}

#[test]
fn each_code_is_explained_with_what_to_do() {
    let shell = quickstart();
    let mut walked = 0;
    for code in anu::codes::all().step_by(7) {
        let answer = ask(&shell, &["explain", &code.to_string()]).quietly();
        for part in [code.summary(), code.cause(), code.way_out(), &code.page_url()] {
            assert!(answer.contains(part), "{code}: {part}\n{answer}");
        }
        let by_name = ask(&shell, &["explain", code.name()]).quietly();
        assert_eq!(by_name, answer, "with the prefix and without");
        walked += 1;
    }
    assert!(walked > 25, "{walked}");
}
