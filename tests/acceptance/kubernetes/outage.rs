//! One cluster of three is down: the others' services go on.

use k8s_openapi::api::core::v1::Namespace;

use super::super::clusters::Clusters;
use super::super::support::Core;
use super::{Fixture, context, proxy, wait};

on_one_core! {
    fn fails_only_what_is_on_it(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let mut proxy = proxy(&clusters);
        wait(proxy.stop(context("compute-shop")));
        let fixture = Fixture::behind(core, &clusters, &proxy, "{token: any}");
        let plan = fixture.workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("Cluster `compute-shop` is unreachable; planned from state"), "{warned}");
        let failed = fixture.workspace.apply_saved(&plan).failure().report();
        assert!(failed.contains("cluster `compute-shop` is unreachable"), "{failed}");
        assert!(!failed.contains("compute-banking"), "{failed}");
        let there = fixture.marked_on::<Namespace>(&["compute-banking", "compute-staging"]);
        assert_eq!(there.keys().cloned().collect::<Vec<_>>(), [
            fixture.key("compute-banking", "ledger"),
            fixture.key("compute-staging", "ledger"),
            fixture.key("compute-staging", "search"),
        ]);
        // A change to one on a cluster that is up, beside those that are held up.
        fixture.edit("ledger", |ledger| {
            ledger.environments[0].quota.insert("pods".to_owned(), "30".to_owned());
        });
        fixture.workspace.try_apply(&[]).failure();
        wait(proxy.start_again(context("compute-shop")));
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.marked::<Namespace>().len(), 4);
    }
}
