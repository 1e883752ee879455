//! Which problems follow from another one, and are left out: only the root is reported.
//!
//! A problem may *presume* that something was read: an unknown team presumes the list of teams, a service without a team the place of
//! its `team`. Where a root says that just that could not be read, the problem is no news; once the root is mended, it is gone or
//! is reported. Three kinds of roots:
//!
//! - an error that was found while a value was read, at its pointer; a misspelt field also at the pointer of the field that was meant
//! - a duplicate key: what the document means at its pointer is ambiguous
//! - an entry with the name of an earlier one: checks between entries would find the two in each other's way

use std::collections::{BTreeSet, HashMap, HashSet};

use super::problem::{Presumes, Problems, Reported, rules};

/// Leaves out what follows from another problem.
pub(super) fn leave_out(problems: &mut Problems) {
    let roots = Roots::of(problems);
    if roots.unread.is_empty() && roots.ambiguous.is_empty() && roots.twice.is_empty() {
        return;
    }
    let follows: Vec<bool> = problems.list.iter().map(|reported| roots.cause(reported)).collect();
    let is_left = |(reported, follows): (&Reported, &bool)| reported.problem.is_error() && !follows;
    // Each root is an error that remains. Were that not so, a registry with errors would be accepted: then nothing is left out.
    if problems.list.iter().any(|reported| reported.problem.is_error())
        && !problems.list.iter().zip(&follows).any(is_left)
    {
        return;
    }
    let mut follows = follows.into_iter();
    problems.list.retain(|_| !follows.next().unwrap_or_default());
}

#[derive(Default)]
struct Roots {
    /// Pointers of what could not be read.
    unread: BTreeSet<String>,
    /// Pointers of duplicate keys.
    ambiguous: BTreeSet<String>,
    /// Pointers of entries with the name of an earlier entry.
    twice: BTreeSet<String>,
    /// Lists whose entries without a readable name may be all of those that were not found.
    uncertain: HashSet<&'static str>,
}

impl Roots {
    fn of(problems: &Problems) -> Self {
        let mut roots = Self { unread: problems.missed.clone(), ..Self::default() };
        for Reported { problem, presumes, reading } in &problems.list {
            let pointer = &problem.pointer;
            if problem.code == rules::DUPLICATE_KEY {
                roots.ambiguous.insert(pointer.clone());
            } else if is_duplicate(&problem.code) {
                let entry = pointer.rsplit_once("/spec/").map_or(pointer.as_str(), |(entry, _)| entry);
                roots.twice.insert(entry.to_owned());
            } else if *reading && presumes.is_none() && problem.is_error() {
                roots.unread.insert(pointer.clone());
            }
        }
        // Of the names that a list does not contain, at most as many follow from its entries without a name as there are of these.
        let mut missing: HashMap<&'static str, HashSet<&str>> = HashMap::new();
        for reported in &problems.list {
            if let Some(Presumes::List(list, name)) = &reported.presumes {
                missing.entry(*list).or_default().insert(name);
            }
        }
        for (list, names) in missing {
            let unnamed = problems.unnamed.get(list).copied().unwrap_or_default();
            let ambiguous = roots.ambiguous.iter().filter(|pointer| is_name_in(list, pointer)).count();
            if names.len() <= unnamed + ambiguous {
                roots.uncertain.insert(list);
            }
        }
        roots
    }

    fn cause(&self, reported: &Reported) -> bool {
        let Reported { problem, presumes, reading } = reported;
        let pointer = problem.pointer.as_str();
        if problem.code == rules::DUPLICATE_KEY {
            return false;
        }
        if is_in(&self.ambiguous, pointer) {
            return true;
        }
        if !reading && !is_duplicate(&problem.code) && is_in(&self.twice, pointer) {
            return true;
        }
        match presumes {
            None => false,
            Some(Presumes::List(list, _)) => {
                let list_pointer = format!("/{list}");
                self.uncertain.contains(list)
                    || is_in(&self.unread, &list_pointer)
                    || is_in(&self.ambiguous, &list_pointer)
            }
            Some(Presumes::Places(places)) => {
                let touched = |place: &String| touches(&self.unread, place) || touches(&self.ambiguous, place);
                places.iter().any(touched)
            }
        }
    }
}

fn is_duplicate(code: &rules::Code) -> bool {
    [rules::DUPLICATE_NAME, rules::DUPLICATE_PROJECT].contains(code)
}

/// Whether a pointer leads to the name of an entry of this list, or to the object that it is in.
fn is_name_in(list: &str, pointer: &str) -> bool {
    let mut steps = pointer.split('/').skip(1);
    steps.next() == Some(list)
        && steps.next().is_some()
        && steps.next() == Some("spec")
        && matches!((steps.next(), steps.next()), (None, _) | (Some("name" | "id" | "cluster"), None))
}

/// Whether one of the pointers is this one, or leads to something that it is in.
fn is_in(pointers: &BTreeSet<String>, pointer: &str) -> bool {
    let mut whole = Some(pointer);
    while let Some(at) = whole {
        if pointers.contains(at) {
            return true;
        }
        whole = at.rsplit_once('/').map(|(parent, _)| parent);
    }
    false
}

/// Whether one of the pointers leads to this place, to something in it, or to something that it is in.
fn touches(pointers: &BTreeSet<String>, place: &str) -> bool {
    let within = format!("{place}/");
    is_in(pointers, place) || pointers.range(within.clone()..).next().is_some_and(|next| next.starts_with(&within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_error_that_remains_nothing_is_left_out() {
        let place = "/services/0/spec/team";
        let mut problems = Problems::default();
        problems.miss(place.to_owned()); // and no error says so
        problems.report_presuming(Presumes::place(place), rules::UNKNOWN_TEAM, place, "derived");
        leave_out(&mut problems);
        assert!(problems.has_errors());
        problems.report(rules::MISSPELT_FIELD, "/services/0/spec/teem", "root");
        leave_out(&mut problems);
        let left: Vec<_> = problems.into_vec().into_iter().map(|problem| problem.detail).collect();
        assert_eq!(left, ["root"]);
    }
}
