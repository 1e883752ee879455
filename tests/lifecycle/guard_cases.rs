//! The list of mistakes and ordinary edits ([`reviews`](crate::reviews)), in-process: what is answered to each.

use anu::sdk::{Diagnostics, Severity};

use crate::fake_core::{Plan, State};
use crate::fixture::{Fixture, address, text};
use crate::reviews::{Case, Change, mistakes, ordinary, registry};

/// The plan of one case, after the first revision was applied.
async fn plan(applied: &Fixture, state: &State, case: &Case) -> Result<Plan, Diagnostics> {
    let mut fixture = Fixture::new(&registry());
    std::fs::copy(applied.path("anu.db"), fixture.path("anu.db")).unwrap();
    let mut state = state.clone();
    let mut document = registry();
    match &case.change {
        Change::Document(edit) => edit(&mut document),
        Change::Moved(edit, from, to) => {
            edit(&mut document);
            fixture.moved = vec![(address(from), address(to))];
        }
        Change::State(names) => state.0.retain(|at, _| names.iter().any(|name| *at == address(name))),
        Change::Text(_) | Change::Configuration(_) | Change::Destroy => {}
    }
    fixture.publish(&document);
    if let Change::Text(edit) = &case.change {
        std::fs::write(fixture.path("registry.json"), edit(document.to_string())).unwrap();
    }
    let planned = match &case.change {
        Change::Configuration(names) => fixture.plan_of(&state, names).await,
        Change::Destroy => fixture.plan_of(&state, &[]).await,
        _ => fixture.plan(&state).await,
    };
    planned.map(|(plan, _)| plan)
}

/// The title of the first error with these words.
fn title(errors: &Diagnostics, words: &str) -> Option<String> {
    let errors = errors.iter().filter(|error| error.severity == Severity::Error);
    let mut said = errors.filter(|error| format!("Error: {}\n{}", error.summary, error.detail).contains(words));
    said.next().map(|error| error.summary.clone())
}

#[tokio::test]
async fn every_mistake_is_refused_and_no_ordinary_edit_is() {
    let fixture = Fixture::new(&registry());
    let state = fixture.apply(&State::default()).await;
    let (mistakes, ordinary) = (mistakes(), ordinary());
    assert!(mistakes.len() >= 40 && ordinary.len() >= 40, "{} mistakes, {} edits", mistakes.len(), ordinary.len());
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for case in mistakes.iter().chain(&ordinary) {
        let line = match (plan(&fixture, &state, case).await, case.refused) {
            (Err(errors), Some(words)) => title(&errors, words).ok_or_else(|| text(&errors)),
            (Ok(plan), None) => Ok(format!("{} of {} instances change", plan.pending().len(), plan.changes.len())),
            (Ok(_), Some(_)) => Err("it was not refused".to_owned()),
            (Err(errors), None) => Err(text(&errors)),
        };
        match line {
            Ok(line) => lines.push(format!("{}: {line}", case.name)),
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
    insta::assert_snapshot!(lines.join("\n"));
}
