//! A cancelled run connects to no server, starts no process, and ends within 2 s: shown on a platform that never answers.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join};

use super::fixture::{labels, name, ownership};
use crate::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, RoleBinding, ServiceAccountSettings};
use crate::platform::{
    Clusters, Error, NamespaceKeys, PolicyChange, Projects, RequestContext, Result, WorkloadIdentityChange,
};
use crate::registry::names::{
    ClusterName, GoogleService, KubernetesServiceAccountName, NamespaceKey, ProjectId, ServiceAccountName,
};

/// How soon a verb ends once its run is cancelled.
const SOON: Duration = Duration::from_secs(2);
/// How long a verb takes until it waits, where nothing tells.
const UNTIL_IT_WAITS: Duration = Duration::from_millis(20);
/// How long it may take, where something tells.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most connections that one verb opens side by side.
const SIDE_BY_SIDE: usize = 3;

/// A platform of which no call ends by itself.
pub struct Unresponsive<P: ?Sized> {
    /// What its calls wait for.
    pub waits_for: &'static str,
    /// The platform.
    pub platform: Box<P>,
    /// How many connections were opened and processes started so far; none where the platform does neither.
    pub attempts: Option<Box<dyn Fn() -> usize + Send + Sync>>,
}

type Verb<'v> = Box<dyn Fn(RequestContext) -> BoxFuture<'v, Result<()>> + 'v>;

impl<P: ?Sized> Unresponsive<P> {
    fn attempts(&self) -> usize {
        self.attempts.as_ref().map_or(0, |attempts| attempts())
    }

    async fn cancel(&self, name: &str, verb: &Verb<'_>) {
        let what = format!("`{name}`, which waits for {}", self.waits_for);
        let (ctx, before, began) = (RequestContext::default(), self.attempts(), Instant::now());
        ctx.cancel.cancel();
        assert_eq!(verb(ctx).await, Err(Error::Cancelled), "{what}, cancelled before it begins");
        assert!(began.elapsed() < SOON, "{what} took {:?}, although it was cancelled", began.elapsed());
        assert_eq!(self.attempts(), before, "{what} connects or starts something, although it was cancelled");

        let (ctx, began) = (RequestContext::default(), Instant::now());
        let cancel = async {
            let waits = || match self.attempts {
                Some(_) => self.attempts() > before,
                None => began.elapsed() > UNTIL_IT_WAITS,
            };
            while !waits() {
                assert!(began.elapsed() < PATIENCE, "{what} does not begin");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            ctx.cancel.cancel();
            Instant::now()
        };
        let (ended, cancelled) = join(verb(ctx.clone()), cancel).await;
        assert_eq!(ended, Err(Error::Cancelled), "{what}, cancelled in the middle");
        assert!(cancelled.elapsed() < SOON, "{what} ended {:?} after it was cancelled", cancelled.elapsed());
        let made = self.attempts() - before;
        assert!(made <= SIDE_BY_SIDE, "{what} made {made} attempts, some of them after it was cancelled");
    }
}

/// Every verb for namespaces, quotas, role bindings and Kubernetes service accounts.
///
/// # Panics
/// When a verb breaks the rule.
pub async fn clusters(unresponsive: &Unresponsive<dyn Clusters>, cluster: &ClusterName) {
    let platform = &*unresponsive.platform;
    let key = NamespaceKey { cluster: cluster.clone(), namespace: name("cancelled") };
    let (key, cluster, ownership) = (&key, &key.cluster, &ownership());
    let settings = &NamespaceSettings { labels: labels([("tier", "1")]), annotations: Labels::new() };
    let (names, quota) = (&BTreeSet::from([key.namespace.clone()]), &labels([("pods", "4")]));
    let account = &name::<KubernetesServiceAccountName>("cancelled");
    let binding = &RoleBinding { role: name("view"), subjects: BTreeSet::from(["Group:one".to_owned()]) };
    macro_rules! verbs {
        ($($verb:ident($($argument:expr),*);)*) => {$(
            let verb: Verb<'_> = Box::new(move |ctx| {
                Box::pin(async move { platform.$verb(&ctx, $($argument),*).await.map(drop) })
            });
            unresponsive.cancel(stringify!($verb), &verb).await;
        )*};
    }
    verbs! {
        server(cluster);
        cluster_roles(cluster);
        cluster_snapshot(cluster, &ownership.registry);
        read_namespaces(cluster, names);
        ensure_namespace(key, settings, ownership);
        update_namespace(key, settings, &NamespaceKeys::default(), ownership);
        delete_namespace(key, true, ownership);
        put_quota(key, quota, ownership);
        delete_quota(key, ownership);
        put_role_binding(key, "viewers", binding, ownership);
        delete_role_binding(key, "viewers", ownership);
        read_kubernetes_service_accounts(cluster, names);
        put_kubernetes_service_account(key, account, "one@gc-conf.iam.gserviceaccount.com", ownership);
        delete_kubernetes_service_account(key, account, ownership);
    }
}

/// Every verb for projects, APIs and policies.
///
/// # Panics
/// When a verb breaks the rule.
pub async fn projects(unresponsive: &Unresponsive<dyn Projects>, id: &ProjectId, settings: &ProjectSettings) {
    let platform = &*unresponsive.platform;
    let (ownership, keys) = (&ownership(), &BTreeSet::new());
    let apis = &BTreeSet::from([name::<GoogleService>("pubsub.googleapis.com")]);
    let members = BTreeSet::from([name("group:one@example.com")]);
    let change = &PolicyChange { add: [(name("roles/viewer"), members)].into(), ..PolicyChange::default() };
    let account = &name::<ServiceAccountName>("cancelled");
    let accounts = &BTreeSet::from([account.clone()]);
    let account_settings = &ServiceAccountSettings { display_name: "cancelled".into(), description: String::new() };
    let workload = BTreeSet::from([name("gc-conf-clusters.svc.id.goog[one/two]")]);
    let workload = &WorkloadIdentityChange { add: workload, ..WorkloadIdentityChange::default() };
    macro_rules! verbs {
        ($($verb:ident($($argument:expr),*);)*) => {$(
            let verb: Verb<'_> = Box::new(move |ctx| {
                Box::pin(async move { platform.$verb(&ctx, $($argument),*).await.map(drop) })
            });
            unresponsive.cancel(stringify!($verb), &verb).await;
        )*};
    }
    verbs! {
        read_project(id);
        ensure_project(id, settings, ownership);
        update_project(id, settings, keys, ownership);
        restore_project(id, ownership);
        delete_project(id, ownership);
        enable_apis(id, apis);
        disable_apis(id, apis);
        modify_policy(id, change);
        read_service_accounts(id, accounts);
        put_service_account(id, account, account_settings, ownership);
        delete_service_account(id, account, ownership);
        modify_workload_identity(id, account, workload);
    }
}
