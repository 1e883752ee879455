//! Every message about services only as a user reads it, in one snapshot: what changes here changes what people search for.

use std::collections::BTreeSet;

use super::*;
use crate::fanout::Settings;
use crate::fanout::resource::Key;
use crate::provider::lifecycle::messages::test_text;
use crate::registry::LoadOptions;

fn fan_out() -> FanOut {
    let text = r#"{"services": [{"type": "Service", "spec": {"name": "make-it-rain", "environments": []}}]}"#;
    let options = LoadOptions { version: crate::version(), allow_empty: false, name: None };
    crate::fanout::load(text.as_bytes(), &options, &Settings::default()).unwrap().0
}

#[test]
fn every_message() {
    let identity = Identity::Service { name: "pay".into(), environments: None };
    let (project, namespace) = ("gc-pay-prod".parse().unwrap(), "compute/pay".parse().unwrap());
    let refused = BTreeSet::from([Key::Project(project), Key::Namespace(namespace)]);
    insta::assert_snapshot!(test_text([
        unknown_service("make-it-rian", &fan_out(), "registry.json"),
        unknown_environment("pay", "stagin", ["production", "staging"].into_iter(), "registry.json"),
        unknown_environment("pay", "staging", [].into_iter(), "registry.json"),
        registry_changed("pay", "sha256:aaaa", "sha256:bbbb"),
        outdated_digest("pay", "sha256:aaaa", "sha256:bbbb"),
        removal_refused(&identity, &Removals { refused, ..Removals::default() }),
        no_longer_managed(&identity, &["quota of namespace compute/pay".to_owned()]).expect("a warning"),
    ]));
}
