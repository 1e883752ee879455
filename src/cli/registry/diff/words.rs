//! What all forms for people have in common: how a change is put, with names quoted as the form does it.

use std::collections::BTreeMap;

use crate::cli::common::count;
use crate::fanout::impact::{
    AccessChange, AccessStep, Change, Count, Edit, EntryEdit, FieldChange, First, Impact, Kind, Outcome, Part,
    ResourceChange, Sentence, ServiceChange, ServiceImpact, SharingChange,
};

/// How a form quotes a name.
pub(super) type Quote = fn(&str) -> String;

/// More than this many of a kind that are created in one environment are counted, not listed.
const MOST_LISTED: usize = 5;

/// `1 service created, 2 changed; 12 resources created, 3 changed, 5 removed (4.2 %)`
pub(super) fn summary(impact: &Impact) -> String {
    if impact.is_empty() {
        return "no difference".to_owned();
    }
    let part = |count: &Count, one: &str| {
        let parts = [(count.created, "created"), (count.changed, "changed"), (count.removed, "removed")];
        let mut parts: Vec<String> =
            parts.iter().filter(|(number, _)| *number > 0).map(|(number, verb)| format!("{number} {verb}")).collect();
        if count.removed > 0 {
            let share = count.removed_share();
            let last = parts.pop().unwrap_or_default();
            parts.push(format!("{last} ({}.{} %)", share / 10, share % 10));
        }
        match parts.is_empty() {
            true => format!("no {one} changes"),
            false => format!("{one}s: {}", parts.join(", ")),
        }
    };
    let (services, resources) = (&impact.counts.services, &impact.counts.resources);
    format!("{}; {}", part(services, "service"), part(resources, "resource"))
}

/// The rows of the counts: what, and its numbers.
pub(super) fn counts(impact: &Impact) -> Vec<(&'static str, Count)> {
    let kinds = impact.counts.kinds.iter().map(|(kind, count)| (kind.names().1, *count));
    [("services", impact.counts.services), ("resources", impact.counts.resources)].into_iter().chain(kinds).collect()
}

/// A sentence.
pub(super) fn sentence(sentence: &Sentence, quote: Quote) -> String {
    let parts = sentence.parts().iter().map(|part| match part {
        Part::Words(words) => (*words).to_owned(),
        Part::Name(name) => quote(name),
    });
    parts.collect()
}

/// ``team: `a` → `b` ``
pub(super) fn field(change: &FieldChange, quote: Quote, name: Quote) -> String {
    let field = name(&change.field);
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{field}: {} → {}", quote(from), quote(to)),
        (None, Some(to)) => format!("{field}: + {}", quote(to)),
        (Some(from), None) => format!("{field}: - {}", quote(from)),
        (None, None) => field,
    }
}

/// An edit of a service, without its environment.
pub(super) fn edit(edit: &Edit, quote: Quote, name: Quote) -> String {
    field(&edit.field, quote, name)
}

/// An edit outside of the services.
pub(super) fn entry(edit: &EntryEdit, quote: Quote, name: Quote) -> String {
    let entry = if edit.entry.is_empty() { String::new() } else { format!(" {}", quote(&edit.entry)) };
    format!("{}{entry}: {}", name(&edit.section), field(&edit.field, quote, name))
}

/// What happens to a service.
pub(super) fn service_change(service: &ServiceImpact, quote: Quote) -> String {
    let change = match service.change {
        ServiceChange::Created => "created",
        ServiceChange::Removed => "removed",
        ServiceChange::Changed => "changed",
    };
    match &service.previous_name {
        Some(previous) => format!("renamed from {}", quote(previous.as_str())),
        None => change.to_owned(),
    }
}

/// `+2 namespaces, ~1 quota, -1 namespace`: the resources of a service in numbers.
pub(super) fn resource_counts(service: &ServiceImpact) -> String {
    let mut numbers: BTreeMap<(Kind, usize), usize> = BTreeMap::new();
    for resource in &service.resources {
        let sign = match resource.change {
            Change::Created | Change::Joined { .. } => 0,
            Change::Changed { .. } => 1,
            Change::Removed { .. } | Change::Released { .. } => 2,
        };
        *numbers.entry((resource.kind, sign)).or_default() += 1;
    }
    let words = numbers.into_iter().map(|((kind, sign), number)| {
        let (one, several) = kind.names();
        format!("{}{number} {}", ["+", "~", "-"][sign], if number == 1 { one } else { several })
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The lines of the resources of one environment, each with its sign.
pub(super) fn resources(changes: &[&ResourceChange], quote: Quote, name: Quote) -> Vec<String> {
    let mut created: BTreeMap<Kind, usize> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.change == Change::Created) {
        *created.entry(change.kind).or_default() += 1;
    }
    let mut lines = Vec::new();
    for resource in changes {
        let (one, several) = resource.kind.names();
        let key = quote(&resource.key.to_string());
        lines.push(match &resource.change {
            Change::Created => match created.get_mut(&resource.kind) {
                // The first of many counts for all.
                Some(number) if *number > MOST_LISTED => format!("+ {} {several}", std::mem::take(number)),
                Some(0) => continue,
                _ => format!("+ {one} {key}"),
            },
            Change::Joined { used_by } if used_by.is_empty() => {
                format!("+ {one} {key}: used by another service before")
            }
            Change::Joined { used_by } => format!("+ {one} {key}: also used by {}", names(used_by, quote)),
            Change::Changed { fields } => {
                let fields: Vec<String> = fields.iter().map(|change| field(change, quote, name)).collect();
                format!("~ {one} {key}: {}", fields.join("; "))
            }
            Change::Removed { outcome } => format!("- {one} {key}: {}", outcome_words(*outcome)),
            Change::Released { used_by } if used_by.is_empty() => format!("- {one} {key}: remains"),
            Change::Released { used_by } => format!("- {one} {key}: remains, still used by {}", names(used_by, quote)),
        });
    }
    lines
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => "the plan is refused",
        Outcome::Deleted => "deleted",
        Outcome::DeletedWithContents => "deleted with its contents",
        Outcome::Abandoned => "abandoned",
    }
}

fn names<T: AsRef<str>>(all: &[T], quote: Quote) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<String> = all.iter().take(MOST).map(|name| quote(name.as_ref())).collect();
    if all.len() > MOST {
        shown.push(count(all.len() - MOST, "other"));
    }
    shown.join(", ")
}

/// Changes of access that are the same but for the place.
pub(super) struct AccessGroup<'i> {
    /// The first of them.
    pub(super) change: &'i AccessChange,
    /// All of them.
    pub(super) all: Vec<&'i AccessChange>,
}

/// Changes of access, those that need a reviewer first.
pub(super) fn access(impact: &Impact) -> Vec<AccessGroup<'_>> {
    type Same<'i> = (u8, &'i str, Option<&'i str>, &'i [String], &'i [String]);
    let mut groups: BTreeMap<Same<'_>, Vec<&AccessChange>> = BTreeMap::new();
    for change in &impact.access {
        let weight = match (change.change, change.first) {
            (AccessStep::Won, Some(First::Anything)) => 0,
            (AccessStep::Won, Some(First::Environment)) => 1,
            (AccessStep::Widened, _) => 2,
            (AccessStep::Won, None) => 3,
            (AccessStep::Narrowed, _) => 4,
            (AccessStep::Lost, _) => 5,
        };
        let same = (weight, change.principal.as_str(), change.scope.as_deref(), &change.before[..], &change.after[..]);
        groups.entry(same).or_default().push(change);
    }
    groups.into_values().map(|all| AccessGroup { change: all[0], all }).collect()
}

impl AccessGroup<'_> {
    /// How it changes.
    pub(super) fn change(&self) -> &'static str {
        match (self.change.change, self.change.first) {
            (AccessStep::Won, Some(First::Anything)) => "new, first access to anything",
            (AccessStep::Won, Some(First::Environment)) => "new, first access to this environment",
            (AccessStep::Won, None) => "new",
            (AccessStep::Widened, _) => "wider",
            (AccessStep::Narrowed, _) => "narrower",
            (AccessStep::Lost, _) => "lost",
        }
    }

    /// The principal, with its team.
    pub(super) fn who(&self, quote: Quote) -> String {
        match &self.change.team {
            Some(team) => format!("{} (team {})", quote(&self.change.principal), quote(team.as_str())),
            None => quote(&self.change.principal),
        }
    }

    /// Where.
    pub(super) fn places(&self, quote: Quote) -> String {
        let places: Vec<String> =
            self.all.iter().map(|change| format!("{}/{}", change.service, change.environment)).collect();
        match &self.change.scope {
            Some(scope) => format!("{}, by its use of {}", names(&places, quote), quote(scope)),
            None => names(&places, quote),
        }
    }
}

/// Levels or roles.
pub(super) fn levels(levels: &[String], quote: Quote) -> String {
    if levels.is_empty() { "none".to_owned() } else { names(levels, quote) }
}

/// A change of sharing.
pub(super) fn sharing(change: &SharingChange, quote: Quote) -> String {
    let with = format!("{}{}", if change.is_team { "services of team " } else { "" }, quote(&change.with));
    let verb = match (change.is_won, change.is_used, change.is_team) {
        (true, true, _) => "uses",
        (true, false, _) => "may use",
        (false, true, _) => "no longer uses",
        (false, false, _) => "may no longer use",
    };
    format!("{with} {verb} {} of {}", quote(&change.key), quote(change.owner.as_str()))
}
