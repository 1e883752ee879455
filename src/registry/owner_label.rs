//! The ownership label: the two labels that record which registry a project, namespace, quota or role binding was created
//! for; and two labels of what is not finished, for deletions and creations. Every reader and writer of these keys uses this module.

use super::names::RegistryName;
use super::{DeletionPolicy, Labels};

/// The label, and its value, that records that anu created an object.
pub const MANAGED_BY: (&str, &str) = ("managed-by", "anu");
/// The label that records which registry an object was created for.
pub const REGISTRY_LABEL: &str = "anu-registry";
/// The label with which an owner that is destroyed leaves a shared project or namespace to its last user, which then deletes it
/// with the policy that is the label's value. Every later change of the settings removes it.
pub const DELETION_LABEL: &str = "anu-deletion";
/// The label, and its value, of a project whose creator is to lose the role that Google grants it. It is written by the call that
/// creates the project, and removed with the role: if that run is cut short, by the next one.
pub const CREATOR_LABEL: (&str, &str) = ("anu-creator", "owner");
/// How many labels anu may set on an object beside those of the registry.
pub const RESERVED_COUNT: usize = OwnerLabel::COUNT + 1;

/// Writes the deletion label.
pub fn leave_to_last_user(policy: DeletionPolicy, labels: &mut Labels) {
    labels.insert(DELETION_LABEL.to_owned(), policy.to_string());
}

/// The policy with which the last user deletes an object, if its owner has left it so.
pub fn left_to_last_user(labels: &Labels) -> Option<DeletionPolicy> {
    let policy = labels.get(DELETION_LABEL).and_then(|text| DeletionPolicy::parse(text));
    policy.filter(|policy| matches!(policy, DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents))
}

/// The ownership label of an object, read from its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerLabel {
    /// `managed-by=anu`, and `anu-registry=` this name.
    Registry(RegistryName),
    /// At least one of the two is missing, or has a value that anu does not write.
    Missing,
}

impl OwnerLabel {
    /// How many labels it is.
    pub const COUNT: usize = 2;

    /// Reads it from all labels of an object.
    pub fn of(labels: &Labels) -> Self {
        match (labels.get(MANAGED_BY.0), Self::registry_text(labels)) {
            (Some(by), Some(name)) if by == MANAGED_BY.1 => name.parse().map_or(Self::Missing, Self::Registry),
            _ => Self::Missing,
        }
    }

    /// The labels that record `registry` as the owner.
    pub fn labels(registry: &RegistryName) -> Labels {
        let mut labels = Labels::new();
        Self::write(registry, &mut labels);
        labels
    }

    /// Adds those labels to `labels`.
    pub fn write(registry: &RegistryName, labels: &mut Labels) {
        labels.insert(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned());
        labels.insert(REGISTRY_LABEL.to_owned(), registry.to_string());
    }

    /// The labels for a registry's name as a state has it. An empty name is that of an object that has lost its ownership
    /// label: then both keys are there with empty values, so that restoring it is a change of labels that are ours.
    pub fn stored(registry: &str) -> Labels {
        let by = if registry.is_empty() { "" } else { MANAGED_BY.1 };
        [(MANAGED_BY.0, by), (REGISTRY_LABEL, registry)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into_iter()
            .collect()
    }

    /// The ownership text: the two labels in the description of what has no labels, a Google service account.
    pub fn text(registry: &RegistryName) -> String {
        format!("{}={} {REGISTRY_LABEL}={registry}", MANAGED_BY.0, MANAGED_BY.1)
    }

    /// Reads it from a description, in which others may have written more.
    pub fn of_text(description: &str) -> Self {
        let words = description.split_whitespace().filter_map(|word| word.split_once('='));
        // Of two with one key the last counts, since ours is written at the end.
        Self::of(&words.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// A description with the ownership text of `registry`. What others have written in it stays.
    pub fn with_text(registry: &RegistryName, description: &str) -> String {
        let others: Vec<&str> = description
            .split(' ')
            .filter(|word| !word.split_once('=').is_some_and(|(key, _)| Self::has_key(key)))
            .collect();
        let others = others.join(" ");
        if others.trim().is_empty() { Self::text(registry) } else { format!("{others} {}", Self::text(registry)) }
    }

    /// The name in the registry label, whatever else is there.
    pub fn registry_text(labels: &Labels) -> Option<&String> {
        labels.get(REGISTRY_LABEL)
    }

    /// Whether `key` is one of its keys, or that of another label of anu's own.
    pub fn has_key(key: &str) -> bool {
        [MANAGED_BY.0, REGISTRY_LABEL, DELETION_LABEL, CREATOR_LABEL.0].contains(&key)
    }

    /// Whether the object was created for `registry`.
    pub fn is(&self, registry: &RegistryName) -> bool {
        matches!(self, Self::Registry(name) if name == registry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let registry: RegistryName = "acme".parse().expect("a name");
        let labels = OwnerLabel::labels(&registry);
        assert!(OwnerLabel::of(&labels).is(&registry));
        assert_eq!(OwnerLabel::stored("acme"), labels);
        assert_eq!(labels.len(), OwnerLabel::COUNT);
        assert!(labels.keys().all(|key| OwnerLabel::has_key(key)));
    }

    #[test]
    fn the_ownership_text_is_read_back_and_the_rest_of_a_description_stays() {
        let (acme, other): (RegistryName, RegistryName) = ("acme".parse().unwrap(), "other".parse().unwrap());
        for before in ["", " ", "Publishes payments.", "Publishes payments. managed-by=anu anu-registry=other", "a\nb"]
        {
            let text = OwnerLabel::with_text(&acme, before);
            assert!(OwnerLabel::of_text(&text).is(&acme), "{text}");
            assert_eq!(OwnerLabel::with_text(&acme, &text), text);
            assert!(OwnerLabel::of_text(&OwnerLabel::with_text(&other, &text)).is(&other));
        }
        let text = OwnerLabel::with_text(&acme, "Publishes payments. managed-by=anu anu-registry=other");
        assert_eq!(text, "Publishes payments. managed-by=anu anu-registry=acme");
        for none in
            ["", "managed-by=anu", "anu-registry=acme", "managed-by=terraform anu-registry=acme", "managed-by: anu"]
        {
            assert_eq!(OwnerLabel::of_text(none), OwnerLabel::Missing, "{none}");
        }
    }

    #[test]
    fn only_a_policy_that_deletes_is_left_to_the_last_user() {
        for policy in DeletionPolicy::ALL {
            let mut labels = Labels::new();
            leave_to_last_user(policy, &mut labels);
            let deletes = matches!(policy, DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents);
            assert_eq!(left_to_last_user(&labels), deletes.then_some(policy));
        }
        assert_eq!(left_to_last_user(&Labels::new()), None);
    }

    #[test]
    fn half_a_label_is_none() {
        assert_eq!(OwnerLabel::of(&OwnerLabel::stored("")), OwnerLabel::Missing);
        for key in [MANAGED_BY.0, REGISTRY_LABEL] {
            let mut labels = OwnerLabel::stored("acme");
            labels.remove(key);
            assert_eq!(OwnerLabel::of(&labels), OwnerLabel::Missing, "without `{key}`");
        }
        let mut labels = OwnerLabel::stored("acme");
        labels.insert(REGISTRY_LABEL.to_owned(), "Not A Name".to_owned());
        assert_eq!(OwnerLabel::of(&labels), OwnerLabel::Missing);
    }
}
