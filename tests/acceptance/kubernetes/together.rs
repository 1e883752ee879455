//! Two states at once on one cluster, sharing a namespace.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::rbac::v1::RoleBinding;

use super::super::clusters::Clusters;
use super::super::document::teams;
use super::super::support::{Core, Workspace};
use super::{Fixture, thoroughness};

/// Leaves one service to this state.
fn only(workspace: &Workspace, service: &str) {
    let main = workspace.read("main.tf");
    let mine = format!("for_each = {{ for name, digest in local.services : name => digest if name == \"{service}\" }}");
    let changed = main.replace("for_each = local.services", &mine);
    assert_ne!(changed, main);
    workspace.write("main.tf", &changed);
}

on_one_core! {
    fn no_grant_is_lost(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        let other = Workspace::new(core);
        other.copy(fixture.workspace.path(), "");
        other.init();
        only(&fixture.workspace, "catalog");
        only(&other, "search");
        let place = fixture.key("compute-shop", "catalog");
        let group = |team: &str| format!("{team}-team@example.com");
        // Each round changes both services and applies both states at the same time.
        for round in 0..thoroughness("ANU_KUBERNETES_ROUNDS") {
            let (viewers, operators): (&[&str], &[&str]) =
                if round % 2 == 0 { (&["banking"], &["shop", "platform"]) } else { (&[], &["shop"]) };
            fixture.edit("catalog", |catalog| catalog.environments[0].rbac.viewers = teams(viewers));
            fixture.edit("search", |search| search.environments[1].rbac.operators = teams(operators));
            other.write("registry.json", &fixture.workspace.read("registry.json"));
            let apply = ["apply", "-input=false", "-auto-approve"];
            let (here, there) = (fixture.workspace.start(&apply), other.start(&apply));
            here.wait().success();
            there.wait().success();

            let found: BTreeMap<String, BTreeSet<String>> = fixture
                .marked_on::<RoleBinding>(&["compute-shop"])
                .into_iter()
                .map(|(key, binding)| {
                    let subjects = binding.subjects.into_iter().flatten().map(|subject| subject.name).collect();
                    (key, subjects)
                })
                .collect();
            let binding = |name: &str, teams: &[&str]| {
                (format!("{place}/anu:{name}"), teams.iter().map(|team| group(team)).collect::<BTreeSet<_>>())
            };
            let mut expected = BTreeMap::from([
                binding("catalog:production:operators:edit", &["shop"]),
                binding("search:production:operators:edit", operators),
            ]);
            expected.extend((!viewers.is_empty()).then(|| binding("catalog:production:viewers:view", viewers)));
            assert_eq!(found, expected, "round {round}");
        }
        fixture.workspace.assert_empty_plan();
        other.assert_empty_plan();
    }
}
