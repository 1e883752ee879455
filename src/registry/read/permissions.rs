//! `permissions`.

use super::super::access::AccessLevel;
use super::super::builtin;
use super::super::document::Node;
use super::super::options::LoadOptions;
use super::super::permissions::{Permissions, Row};
use super::super::pointer::PointerPath;
use super::super::problem::{Problems, rules};
use super::Reader;
use super::service::RBAC;

pub(super) const PERMISSIONS: [&str; 3] = ["builtin", "google", "kubernetes"];

/// A document that is only a permissions table. `duplicates`: whether an object has duplicate keys.
pub(crate) fn permissions(node: &Node<'_>, duplicates: bool, problems: &mut Problems) -> Permissions {
    // A table does not depend on these options.
    let options = LoadOptions { version: semver::Version::new(0, 0, 0), allow_empty: true, name: None };
    let mut reader = Reader::new(problems, &options);
    reader.duplicates = duplicates;
    reader.read_permissions(node, &PointerPath::Root)
}

impl Reader<'_> {
    pub(super) fn read_permissions(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Permissions {
        let mut permissions = Permissions::default();
        self.closed_object(node, at, "`permissions`", &PERMISSIONS, |r, key, node, at| {
            match key {
                "builtin" => match node {
                    Node::Number(text) => {
                        match text.parse().ok().filter(|version| builtin::table(*version).is_some()) {
                            Some(version) => permissions.builtin = Some(version),
                            None => r.report(rules::UNKNOWN_BUILTIN, at, builtin::unknown(text)),
                        }
                    }
                    _ => r.wrong_type(node, at, "a number"),
                },
                "google" => r.google_rows(node, at, &mut permissions),
                "kubernetes" => {
                    r.closed_object(node, at, "`permissions.kubernetes`", &RBAC, |r, key, node, at| {
                        let Some(level) = AccessLevel::parse(key) else { return false };
                        permissions.kubernetes.insert(level, r.name(node, at));
                        true
                    });
                }
                _ => return false,
            }
            true
        });
        permissions
    }

    fn google_rows(&mut self, node: &Node<'_>, at: &PointerPath<'_>, permissions: &mut Permissions) {
        let Node::Object(entries) = node else {
            self.wrong_type(node, at, "an object of rows");
            return;
        };
        for (key, node) in entries {
            let at = at.key(key);
            let mut row = Row::default();
            self.closed_object(node, &at, "a row of `permissions.google`", &RBAC, |r, level, node, at| {
                let Some(level) = AccessLevel::parse(level) else { return false };
                *row.level_mut(level) = r.list(node, at, Reader::name);
                true
            });
            if let Err(error) = permissions.google.insert(key, row) {
                let _: super::super::names::GoogleService = self.bad_name(rules::BAD_NAME, &error, &at);
            }
        }
    }
}
