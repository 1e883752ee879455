//! How many requests a plan sends to the API servers.

use std::collections::BTreeMap;

use super::super::clusters::Clusters;
use super::super::proxy::Fate;
use super::super::support::Core;
use super::{Fixture, proxy};

/// What a run lists of each cluster, in the order of these words.
const LISTS: [&str; 3] =
    ["/api/v1/namespaces", "/api/v1/resourcequotas", "/apis/rbac.authorization.k8s.io/v1/rolebindings"];

on_every_core! {
    fn of_a_plan_are_three_a_cluster(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let proxy = proxy(&clusters);
        let fixture = Fixture::behind(core, &clusters, &proxy, "{token: any}");
        fixture.workspace.apply();
        assert!(proxy.asked().iter().any(|asked| asked.writes()), "an apply writes");
        proxy.judge(|_| Fate::Through);
        fixture.workspace.assert_empty_plan();
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for asked in proxy.asked() {
            let path = asked.path.split('?').next().unwrap_or_default();
            found.entry(asked.cluster).or_default().push(format!("{} {path}", asked.method));
        }
        found.values_mut().for_each(|requests| requests.sort());
        let expected = LISTS.map(|path| format!("GET {path}")).to_vec();
        let expected: BTreeMap<_, _> =
            clusters.names().into_iter().map(|cluster| (cluster.to_owned(), expected.clone())).collect();
        assert_eq!(found, expected);
    }
}
