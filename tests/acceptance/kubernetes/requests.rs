//! How much a plan asks of the API servers, as they count it themselves.

use super::super::clusters::Clusters;
use super::super::rights;
use super::super::support::Core;
use super::{CONTEXTS, Fixture, wait};

/// How many requests for namespaces, quotas and role bindings a cluster has answered, by verb.
fn answered(fixture: &Fixture<'_>, cluster: &str, verb: &str) -> u64 {
    let request = http::Request::get("/metrics").body(Vec::new()).expect("a request");
    let metrics = wait(fixture.human(cluster).request_text(request)).expect("metrics");
    let counts = |line: &&str| {
        let of = |resource: &str| line.contains(&format!("resource=\"{resource}\""));
        line.starts_with("apiserver_request_total{")
            && line.contains(&format!("verb=\"{verb}\""))
            && (of("namespaces") || of("resourcequotas") || of("rolebindings"))
    };
    let value =
        |line: &str| line.rsplit(' ').next().and_then(|text| text.parse::<f64>().ok()).expect("a number") as u64;
    metrics.lines().filter(counts).map(value).sum()
}

on_every_core! {
    fn of_a_plan_are_three_a_cluster(core: &Core) {
        // Alone: the servers count everybody's.
        let Some(clusters) = Clusters::alone() else { return };
        wait(rights::grant(&clusters));
        let fixture = Fixture::without_rights(core, &clusters, "quickstart");
        fixture.workspace.apply();
        let count = |verb: &str| CONTEXTS.map(|(cluster, _)| answered(&fixture, cluster, verb));
        let verbs = ["LIST", "GET", "APPLY", "PATCH", "POST"];
        let before = verbs.map(count);
        assert!(before[2].iter().all(|applied| *applied > 0), "{before:?}");
        fixture.workspace.assert_empty_plan();
        let after = verbs.map(count);
        let asked: Vec<Vec<u64>> =
            after.iter().zip(&before).map(|(after, before)| after.iter().zip(before).map(|(a, b)| a - b).collect()).collect();
        assert_eq!(asked, [[3; 3], [0; 3], [0; 3], [0; 3], [0; 3]], "{verbs:?} by cluster");
    }
}
