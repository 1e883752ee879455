//! A document in the form that was published in the article about service registries.

use crate::{fan_out, report, report_with};
use anu::fanout::Settings;

const ARTICLE: &str = include_str!("article.json");

#[test]
fn the_document_of_the_article_fans_out_into_these_resources() {
    assert_eq!(report(ARTICLE), "");
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
fn a_team_without_a_group_has_two_next_steps() {
    insta::assert_snapshot!(report_with(ARTICLE, &Settings::default()), @r#"
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/operators/0`, service `make-it-rain`, environment `staging`
      The team `core-banking` has access here, and its group is unknown. Add it to `teams` with its `email` (`{"type": "Team", "spec": {"name": "core-banking", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/0`, service `make-it-rain`, environment `staging`
      The team `banking-integrations` has access here, and its group is unknown. Add it to `teams` with its `email` (`{"type": "Team", "spec": {"name": "banking-integrations", "email": "…"}}`), or set `member_template` in the provider block, for example `group:{team}-team@example.com`.
      anu:unresolved-team
    "#);
}
