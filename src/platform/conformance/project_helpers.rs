//! What the rules for projects and policies share.

use super::fixture::{ProjectFixture, ctx, labels, name, ownership};
use crate::fanout::resource::{Grants, ProjectSettings};
use crate::platform::{PolicyChange, ProjectState, ProjectView, Projects};
use crate::registry::names::ProjectId;

pub(super) const VIEWER: &str = "roles/pubsub.viewer";
pub(super) const ADMIN: &str = "roles/pubsub.admin";
pub(super) const ONE: &str = "group:one@example.com";
pub(super) const TWO: &str = "serviceAccount:two@example.iam.gserviceaccount.com";
pub(super) const THEIRS: &str = "user:another@example.com";

pub(super) fn settings(fixture: &dyn ProjectFixture) -> ProjectSettings {
    ProjectSettings { labels: labels([("team", "banking"), ("tier", "1")]), ..fixture.settings() }
}

pub(super) async fn make(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> (ProjectId, ProjectView) {
    let id = fixture.fresh_id();
    let made = platform.ensure_project(&ctx(), &id, &settings(fixture), &ownership()).await;
    let view = made.unwrap_or_else(|error| panic!("a project could not be created: {error}"));
    (id, view)
}

pub(super) async fn read(platform: &dyn Projects, id: &ProjectId) -> ProjectState {
    platform.read_project(&ctx(), id).await.unwrap_or_else(|error| panic!("`{id}` could not be read: {error}"))
}

pub(super) async fn view(platform: &dyn Projects, id: &ProjectId) -> ProjectView {
    read(platform, id).await.project.unwrap_or_else(|| panic!("`{id}` should be there"))
}

pub(super) fn grants(pairs: &[(&str, &str)]) -> Grants {
    let mut grants = Grants::new();
    for (role, member) in pairs {
        grants.entry(name(role)).or_default().insert(name(member));
    }
    grants
}

pub(super) async fn change(platform: &dyn Projects, id: &ProjectId, add: &[(&str, &str)], remove: &[(&str, &str)]) {
    let change = PolicyChange { add: grants(add), remove: grants(remove) };
    let changed = platform.modify_policy(&ctx(), id, &change).await;
    changed.unwrap_or_else(|error| panic!("the policy of `{id}` could not be changed: {error}"));
}
