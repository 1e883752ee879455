//! A project or namespace that may be shared, as its entry declares it and as environments use it.

use super::super::names::{ServiceName, SharerName};
use super::super::problem::Presumes;
use super::super::references::Reference;

/// A project or namespace that may be shared.
pub(super) struct Shared<'r> {
    /// Its kind and name, for messages: `project `x``.
    pub(super) what: String,
    /// The JSON pointer of its entry, if it has one.
    pub(super) entry: Option<String>,
    pub(super) owner: Option<&'r ServiceName>,
    pub(super) shared_with: &'r [SharerName],
    pub(super) shared_with_teams: &'r [SharerName],
    pub(super) references: &'r [Reference],
    pub(super) pointer: fn(&Reference) -> String,
    /// The entry to write, for messages: everything before its `owner`.
    pub(super) example: String,
    pub(super) list: &'static str,
    /// Whether anu manages it, so that its settings follow the owner.
    pub(super) managed: bool,
    /// The cluster that runs in the project, by its index in `clusters`.
    pub(super) cluster: Option<usize>,
}

impl Shared<'_> {
    /// What a problem with a use of it presumes: its entry, the services of the teams that it names, and the name of the user. One
    /// without an entry presumes that the list has none.
    pub(super) fn presumes(&self, user: &Reference) -> Presumes {
        let Some(entry) = &self.entry else { return Presumes::List(self.list, self.what.clone()) };
        let mut places = vec![entry.clone(), format!("/services/{}/spec/name", user.service)];
        places.extend((!self.shared_with_teams.is_empty()).then(|| "/teams".to_owned()));
        Presumes::Places(places)
    }

    /// `what` at the beginning of a sentence.
    pub(super) fn subject(&self) -> String {
        let (first, rest) = self.what.split_at(1);
        first.to_ascii_uppercase() + rest
    }
}
