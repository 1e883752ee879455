//! Two states at once on one cluster, sharing a namespace.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::rbac::v1::RoleBinding;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::support::{Core, Workspace};
use super::{Stage, thoroughness};

/// Leaves one service to this state.
fn only(workspace: &Workspace, service: &str) {
    let main = workspace.read("main.tf");
    let mine = format!("for_each = {{ for name, digest in local.services : name => digest if name == \"{service}\" }}");
    let changed = main.replace("for_each = local.services", &mine);
    assert_ne!(changed, main);
    workspace.write("main.tf", &changed);
}

on_every_core! {
    fn no_grant_is_lost(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        let other = Workspace::new(core);
        other.copy(stage.workspace.path(), "");
        other.init();
        only(&stage.workspace, "catalog");
        only(&other, "search");
        let place = stage.key("compute-shop", "catalog");
        let group = |team: &str| format!("{team}-team@example.com");
        // Each round changes both services and applies both states at the same time.
        for round in 0..thoroughness("ANU_KUBERNETES_ROUNDS") {
            let (viewers, operators): (&[&str], &[&str]) =
                if round % 2 == 0 { (&["banking"], &["shop", "platform"]) } else { (&[], &["shop"]) };
            stage.edit("catalog", |catalog| catalog["environments"][0]["spec"]["rbac"]["viewers"] = json!(viewers));
            stage.edit("search", |search| search["environments"][1]["spec"]["rbac"]["operators"] = json!(operators));
            other.write("registry.json", &stage.workspace.read("registry.json"));
            let apply = ["apply", "-input=false", "-auto-approve"];
            let (here, there) = (stage.workspace.start(&apply), other.start(&apply));
            here.wait().success();
            there.wait().success();

            let found: BTreeMap<String, BTreeSet<String>> = stage
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
        stage.workspace.assert_empty_plan();
        other.assert_empty_plan();
    }
}
