//! The rules of `anu::platform` on the embedded platform. No network; each test has its own folder.

mod conformance;
mod feature;
mod opening;
mod processes;
mod sharing;
mod side_by_side;
mod store;

use anu::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, RoleBinding};
use anu::platform::{OwnershipPolicy, RequestContext};

fn ctx() -> RequestContext {
    RequestContext::default()
}

fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of(name("acme"))
}

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed name")
}

fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn project(display_name: &str) -> ProjectSettings {
    ProjectSettings {
        display_name: display_name.to_owned(),
        parent: Some("folders/1234".into()),
        billing_account: Some("000000-AAAAAA-000000".into()),
        labels: labels([("tier", "1")]),
    }
}

fn namespace() -> NamespaceSettings {
    NamespaceSettings { labels: labels([("service", "ledger")]), annotations: labels([("note", "x")]) }
}

fn binding(role: &str, subjects: &[&str]) -> RoleBinding {
    RoleBinding { role: name(role), subjects: subjects.iter().map(|&subject| subject.to_owned()).collect() }
}
