//! Every message as a user reads it, in one snapshot: what changes here changes what people search for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::apply::{Failure, Outcome};
use crate::fanout::removal::Removals;
use crate::fanout::resource::Key;
use crate::platform::Error;
use crate::provider::common::ManagedObject;
use crate::provider::common::messages::*;
use crate::sdk::Severity;

fn key() -> NamespaceKey {
    "compute/monitoring".parse().unwrap()
}

fn keys() -> BTreeSet<Key> {
    BTreeSet::from([Key::Namespace(key()), Key::Quota(key()), Key::RoleBinding(key(), "operators".into())])
}

fn binding(role: &str) -> RoleBinding {
    RoleBinding { role: role.parse().unwrap(), subjects: ["User:a".to_owned()].into() }
}

#[test]
fn every_message() {
    let (key, other) = (key(), "compute/metrics".parse().unwrap());
    let who = ManagedObject::Namespace(&key);
    let thing = Key::Namespace(key.clone());
    let fence = Pattern::new("kube-*");
    let path = Path::attribute("role_bindings").key("operators").then("role");
    let released = std::collections::BTreeMap::from([(thing.clone(), vec!["ledger".to_owned(), "fx".to_owned()])]);
    let removals = Removals {
        delete: keys(),
        abandon: BTreeSet::from([thing.clone()]),
        release: released.clone(),
        refused: BTreeSet::new(),
    };
    let unreadable = Diagnostics::from(Diagnostic::error("Registry cannot be read", "`registry.json` does not exist."));
    let failure = |verb, error| Failure { verb, keys: vec![thing.clone()], error };
    let outcome = Outcome {
        failures: vec![failure(
            "create",
            Error::NotOwned { what: "namespace `compute/monitoring`".into(), registry: "acme".into() },
        )],
        skipped: BTreeSet::from([Key::Quota(key.clone())]),
        deferred: BTreeSet::from([Key::RoleBinding(key.clone(), "operators".into())]),
        ..Outcome::default()
    };
    let mut all = Diagnostics::new();
    all.extend([
        replacement_refused(None),
        replacement_refused(Some(&key)),
        exists_already(&key),
        declared_twice(&key),
        the_registrys(&key, &["ledger".to_owned()], "registry.json"),
        the_registrys(&key, &["ledger".to_owned(), "fx".to_owned()], "registry.json"),
        not_managed(&key),
        reserved(&"compute/kube-x".parse().unwrap(), &fence),
        forbidden("cluster-admin", &Pattern::new("cluster-admin"), &path),
        move_refused(&key, &other),
        move_refused(&key, &"staging/monitoring".parse().unwrap()),
        destroy_refused(&key),
        destroy_without_registry(&key, &unreadable),
        made_anew(&key, &[(&"operators".to_owned(), (&binding("edit"), &binding("view")))].into()),
        bad_import_id("monitoring"),
        nothing_to_import(&key),
        another_registry(who, "acme", "globex", "registry.json"),
        older_registry(
            who,
            "2026-11-20T10:00:00Z".parse().unwrap(),
            "2026-11-19T10:00:00Z".parse().unwrap(),
            "registry.json",
        ),
    ]);
    removal_warnings(who, &removals, &mut all);
    destroy_warnings(who, &removals, &mut all);
    all.extend(already_there(who, &keys()));
    all.extend([
        not_owned(who, &thing),
        another_registrys(who, &thing, "globex"),
        being_deleted(&thing, "finalizer `example.com/hold` blocks it"),
        will_be_made_anew(who, &[(thing.clone(), "its finalizer holds it".to_owned())].into()),
        asked_again(who, &released),
        beyond_plan(who, &keys()),
        unreadable_state(),
    ]);
    all.extend(removal_without_registry(who, unreadable));
    all.extend(not_done(who, &outcome, NextStep::Resume));

    let mut text = String::new();
    for diagnostic in &all {
        let kind = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
        let place = if diagnostic.path.is_root() { String::new() } else { format!(" ({})", diagnostic.path) };
        let Diagnostic { summary, detail, .. } = diagnostic;
        writeln!(text, "{kind}: {summary}{place}\n\n{detail}\n\n----").unwrap();
    }
    insta::assert_snapshot!(text);
}

fn unreadable_state() -> Diagnostic {
    unreadable("namespace", &"Monitoring".parse::<crate::registry::names::NamespaceName>().unwrap_err())
}
