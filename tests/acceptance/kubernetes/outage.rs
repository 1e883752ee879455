//! One cluster of three is down: the others' services go on.

use k8s_openapi::api::core::v1::Namespace;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::rights;
use super::super::support::Core;
use super::{Stage, context, wait};

on_every_core! {
    fn fails_only_what_is_on_it(core: &Core) {
        let Some(mut clusters) = Clusters::alone() else { return };
        wait(rights::grant(&clusters));
        clusters.stop(context("compute-shop"));
        let stage = Stage::without_rights(core, &clusters, "kubernetes");
        let plan = stage.workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("Cluster not looked at") && warned.contains("`compute-shop`"), "{warned}");
        let failed = stage.workspace.apply_saved(&plan).failure().report();
        assert!(failed.contains("cluster `compute-shop` does not answer"), "{failed}");
        assert!(!failed.contains("compute-banking"), "{failed}");
        let there = stage.marked_on::<Namespace>(&["compute-banking", "compute-staging"]);
        assert_eq!(there.keys().cloned().collect::<Vec<_>>(), [
            stage.key("compute-banking", "ledger"),
            stage.key("compute-staging", "ledger"),
            stage.key("compute-staging", "search"),
        ]);
        // A change to one on a cluster that is up, beside those that are held up.
        stage.edit("ledger", |ledger| ledger["environments"][0]["spec"]["quota"]["pods"] = json!("30"));
        stage.workspace.try_apply(&[]).failure();
        let (suffix, workspace) = (stage.suffix, stage.workspace);
        clusters.start(context("compute-shop"));
        let stage = Stage { clusters: &clusters, workspace, suffix };
        stage.workspace.apply();
        stage.workspace.assert_empty_plan();
        assert_eq!(stage.marked::<Namespace>().len(), 4);
    }
}
