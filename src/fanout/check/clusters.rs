//! Clusters that the provider block names and the registry does not list: usually a misspelt label.

use crate::registry::Registry;
use crate::registry::problem::{Problems, rules};

use super::super::settings::Settings;

pub(super) fn check(registry: &Registry, settings: &Settings, problems: &mut Problems) {
    if !registry.clusters.is_declared() {
        return;
    }
    for name in &settings.clusters {
        if registry.clusters.get(name).is_some() {
            continue;
        }
        let names = registry.clusters.iter().map(|cluster| cluster.name.as_str());
        let hint = problems.did_you_mean("clusters", name, names);
        let detail = format!(
            "The `kubernetes` block of the provider configures cluster `{name}`, which is not in `clusters` of the registry, so no \
             service can run there.{hint}"
        );
        problems.report(rules::CLUSTER_NOT_LISTED, "", detail);
    }
}
