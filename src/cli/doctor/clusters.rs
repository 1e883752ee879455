//! The clusters of the registry: a context for each, an answer, and what one may do there.

use std::time::Duration;

use futures_util::future::join_all;

use crate::answers::{Check, Clusters};
use crate::cli::common::{Contexts, get_credentials};
use crate::connect::Environment;
use crate::connect::kubernetes::{Action, probe};
use crate::registry::Registry;

/// How long a cluster has for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a plan reads, then what an apply writes as well.
const PLAN: usize = 3;
const ACTIONS: [Action; 9] = [
    Action { verb: "list", group: "", resource: "namespaces" },
    Action { verb: "list", group: "", resource: "resourcequotas" },
    Action { verb: "list", group: "rbac.authorization.k8s.io", resource: "rolebindings" },
    Action { verb: "create", group: "", resource: "namespaces" },
    Action { verb: "create", group: "", resource: "resourcequotas" },
    Action { verb: "create", group: "rbac.authorization.k8s.io", resource: "rolebindings" },
    Action { verb: "patch", group: "", resource: "namespaces" },
    Action { verb: "patch", group: "", resource: "resourcequotas" },
    Action { verb: "patch", group: "rbac.authorization.k8s.io", resource: "rolebindings" },
];

/// A check of each cluster, all at the same time.
pub(super) async fn checks(registry: &Registry, contexts: &Contexts<'_>) -> Vec<Check> {
    let environment = Environment::of_this_process();
    let clusters = Clusters::of(registry).clusters;
    let checks = clusters.iter().map(|cluster| async {
        let subject = format!("cluster {}", cluster.cluster);
        let (project, location) = (cluster.project.as_deref(), cluster.location.as_deref());
        let Some(context) = contexts.of(&cluster.cluster, project, location) else {
            let remedy = get_credentials(&cluster.cluster, project, location);
            return Check::warning(subject, "no context in the kubeconfig", remedy);
        };
        match probe(&environment, &context, &ACTIONS, PATIENCE).await {
            Ok(probe) => {
                let rights = match probe.permitted.split_at(PLAN) {
                    _ if probe.permitted.iter().all(|may| *may) => "may plan and apply",
                    (plan, _) if plan.iter().all(|may| *may) => "may plan, not apply",
                    _ => "may not list namespaces, quotas and role bindings, as a plan does",
                };
                Check::ok(subject, format!("{} (context {context}), {rights}", probe.version))
            }
            Err(why) => Check::failed(
                subject,
                format!("context {context} does not answer: {why}"),
                format!("kubectl --context {context} version shows the same; log in again, or check the network"),
            ),
        }
    });
    join_all(checks).await
}
