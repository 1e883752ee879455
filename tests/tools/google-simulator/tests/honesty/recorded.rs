//! Every recorded exchange of a simulated method, replayed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::compare::differences;
use crate::replay::{Recording, not_applicable, replay};

const RECORDINGS: &str = include_str!("recordings/google.jsonl");
const DIFFERENCES: &str = include_str!("recordings/differences.tsv");

#[test]
fn recorded_answers_are_the_same_but_for_the_listed_differences() {
    let recordings: Vec<Recording> =
        RECORDINGS.lines().map(|line| serde_json::from_str(line).expect("a recording")).collect();
    let listed: BTreeMap<(&str, &str), &str> = DIFFERENCES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [id, difference, reason] if !reason.is_empty() => ((id, difference), reason),
            _ => panic!("not three columns: {line}"),
        })
        .collect();
    let mut found = BTreeSet::new();
    let (mut replayed, mut skipped) = (0, 0);
    for recording in &recordings {
        if not_applicable(recording).is_some() {
            skipped += 1;
            continue;
        }
        replayed += 1;
        let (answer, recorded) = replay(recording);
        let all = differences(answer.status, &answer.body, recording.status, &recorded);
        found.extend(all.into_iter().map(|difference| (answer.id, difference)));
    }
    let mut problems = String::new();
    for (id, difference) in &found {
        if !listed.contains_key(&(*id, difference.as_str())) {
            writeln!(problems, "not listed: {id}\t{difference}").expect("text");
        }
    }
    for (id, difference) in listed.keys().filter(|(id, difference)| !found.contains(&(*id, (*difference).to_owned()))) {
        writeln!(problems, "listed, but gone: {id}\t{difference}").expect("text");
    }
    assert!(problems.is_empty(), "differences.tsv is not right:\n{problems}");
    assert_eq!((replayed, skipped), (68, 32), "recordings that are replayed, and that are not applicable");
}
