//! Fields that the format does not define: kept for other readers, unless they are taken for a field that it does define.

use super::super::pointer::PointerPath;
use super::super::problem::rules;
use super::super::quote::quote;
use super::super::suggest::{did_you_mean, nearest_field};
use super::{Reader, Unknown};

/// Fields that are defined for some kinds of entry only. On another entry they would silently have no effect.
const PLACES: [(&str, &str); 12] = [
    ("environments", "a service"),
    ("googleServices", "a service"),
    ("alertsChannel", "a service"),
    ("googleProject", "an environment"),
    ("rbac", "an environment"),
    ("targets", "an environment"),
    ("serviceAccounts", "an environment"),
    ("roleBindings", "an environment"),
    ("gke", "a cluster"),
    ("links", "a service, environment or cluster"),
    ("quota", "an environment, or an entry under `namespaces`"),
    ("deletionPolicy", "a service, environment, target, project or namespace"),
];

/// The kinds on which a misplaced field is certainly a mistake. A team or cluster may have a field of its own of that name.
const SERVICE_TREE: [&str; 3] = ["Service", "Environment", "Target"];

/// The fields that decide on access and removal: misplaced, they are a mistake on every kind.
const DECISIVE: [&str; 2] = ["rbac", "deletionPolicy"];

impl Reader<'_> {
    /// Reports an unknown field that is near a known one, or that is known on other kinds of entries.
    pub(super) fn unknown_field(
        &mut self,
        present: &dyn Fn(&str) -> bool,
        key: &str,
        kind: &'static str,
        fields: &'static [&'static str],
        at: &PointerPath<'_>,
    ) {
        let known = match self.unknown.get(&(kind, key.to_owned())) {
            Some(known) => *known,
            None => {
                let known = match PLACES.iter().find(|(field, _)| *field == key) {
                    Some((_, place)) => Some(Unknown::Misplaced(place)),
                    None => nearest_field(key, fields).map(Unknown::Misspelt),
                };
                self.unknown.insert((kind, key.to_owned()), known);
                known
            }
        };
        match known {
            Some(Unknown::Misspelt(field)) => {
                let detail = if present(field) {
                    format!(
                        "The field {} is unknown and has no effect. It is too near to `{field}`, which is here as well. Remove it, \
                         or give it another name.",
                        quote(key)
                    )
                } else {
                    format!("The field {} is unknown and has no effect.{}", quote(key), did_you_mean(Some(field)))
                };
                self.problems.miss(at.sibling(field));
                self.report(rules::MISSPELT_FIELD, at, detail);
            }
            Some(Unknown::Misplaced(place)) => {
                let certain = SERVICE_TREE.contains(&kind) || DECISIVE.contains(&key);
                let rule = if certain { rules::MISPLACED_FIELD } else { rules::STRAY_FIELD };
                let detail =
                    format!("`{key}` has no effect here. It is a field of {place}. Move it there, or remove it.");
                self.report(rule, at, detail);
            }
            None => {}
        }
    }

    /// Reports a field of an object that has no fields but `fields`.
    pub(super) fn undefined_field(
        &mut self,
        key: &str,
        kind: &'static str,
        fields: &'static [&'static str],
        at: &PointerPath<'_>,
    ) {
        let near = nearest_field(key, fields);
        if let Some(field) = near {
            self.problems.miss(at.sibling(field));
        }
        let all: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        let detail = format!(
            "{} is not a field of {kind}, and would have no effect. Fields: {}.{}",
            quote(key),
            all.join(", "),
            did_you_mean(near)
        );
        self.report(rules::UNDEFINED_FIELD, at, detail);
    }

    /// Whether a field beside `spec` is one of those in it, or near one: then it is reported.
    pub(super) fn belongs_into_spec(
        &mut self,
        key: &str,
        fields: &'static [&'static str],
        at: &PointerPath<'_>,
    ) -> bool {
        let detail = if fields.contains(&key) {
            self.problems.miss(at.sibling("spec") + "/" + key);
            format!("`{key}` is beside `spec` and has no effect there. Move it into `spec`.")
        } else if let Some(field) = nearest_field(key, fields) {
            self.problems.miss(at.sibling("spec") + "/" + field);
            let hint = did_you_mean(Some(field));
            format!(
                "The field {} beside `spec` is unknown and has no effect.{hint} It belongs into `spec`.",
                quote(key)
            )
        } else {
            return false;
        };
        self.report(rules::MISPLACED_FIELD, at, detail);
        true
    }
}
