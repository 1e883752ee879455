//! A document in the shape the article published, with nothing added.

use crate::{fan_out, told, told_with};
use anu::fanout::Settings;

const ARTICLE: &str = include_str!("article.json");

#[test]
fn it_loads_and_fans_out_into_exactly_this() {
    assert_eq!(told(ARTICLE), "");
    let fan_out = fan_out(ARTICLE);
    let keys: Vec<String> = fan_out
        .service("make-it-rain")
        .expect("the service")
        .resources
        .keys()
        .iter()
        .map(|key| format!("{}: {key}", key.kind()))
        .collect();
    insta::assert_snapshot!(keys.join("\n"), @"
    API: gc-prd-make-it-stag-833e/pubsub.googleapis.com
    IAM member: gc-prd-make-it-stag-833e/roles/pubsub.admin/group:banking-integrations-team@example.com
    IAM member: gc-prd-make-it-stag-833e/roles/pubsub.editor/group:core-banking-team@example.com
    namespace: compute-staging-banking/make-it-rain
    role binding: compute-staging-banking/make-it-rain/anu:make-it-rain:staging:admins:admin
    role binding: compute-staging-banking/make-it-rain/anu:make-it-rain:staging:operators:edit
    ");
}

#[test]
fn without_a_way_from_team_to_group_both_remedies_are_named() {
    insta::assert_snapshot!(told_with(ARTICLE, &Settings::default()), @r#"
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/operators/0`, service `make-it-rain`, environment `staging`
      `core-banking` is granted access here, and nothing says which group it is. List it under `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/0`, service `make-it-rain`, environment `staging`
      `banking-integrations` is granted access here, and nothing says which group it is. List it under `teams` with its `email` (`{"type": "Team", "spec": {"name": "banking-integrations", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
    "#);
}
