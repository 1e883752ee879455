//! Ids of projects with a domain, such as `example.com:shop`: Google creates no more of these.

use super::super::model::Registry;
use super::super::problem::{Problems, rules};

/// Reports every such project that anu would create.
pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    for (position, project) in registry.projects.iter().enumerate() {
        if project.existing || !project.id.has_domain() {
            continue;
        }
        let id = &project.id;
        let detail = format!(
            "anu would create the project `{id}`, and Google creates no project whose id has a domain. If the project exists, add \
             `\"existing\": true` to this entry; for a new one, choose an id without a domain."
        );
        problems.report(rules::PROJECT_WITH_DOMAIN, format!("/projects/{position}/spec/id"), detail);
    }
}
