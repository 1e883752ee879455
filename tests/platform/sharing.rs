//! A project that many services share: how often a run reads it and writes its policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use anu::apply::{PlatformRefs, ServiceChange, apply};
use anu::fanout::removal::Removals;
use anu::fanout::resource::{Grants, ProjectSettings, ResourceSet, ServiceAccountSettings};
use anu::platform::embedded::{Embedded, Faults};
use anu::platform::{
    Error, OwnershipPolicy, PolicyChange, ProjectCache, ProjectState, ProjectView, Projects, RequestContext, Result,
    ServiceAccountView, ServiceAccounts, WorkloadIdentityChange,
};
use anu::registry::names::{GoogleService, ProjectId, ServiceAccountName};
use async_trait::async_trait;
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt};

use crate::{ctx, name, ownership, project};

const SERVICES: usize = 50;
const VIEWER: &str = "roles/viewer";

/// The embedded platform, with its requests counted.
struct Counting {
    inner: Embedded,
    reads: AtomicU32,
    policy_writes: AtomicU32,
    /// Whether reads fail.
    down: AtomicBool,
}

#[async_trait]
impl Projects for Counting {
    fn platform(&self) -> &'static str {
        "counting"
    }

    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::Unavailable("unreachable".into()));
        }
        self.inner.read_project(ctx, id).await
    }

    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.inner.ensure_project(ctx, id, settings, ownership).await
    }

    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.inner.update_project(ctx, id, settings, previous, ownership).await
    }

    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView> {
        self.inner.restore_project(ctx, id, ownership).await
    }

    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()> {
        self.inner.delete_project(ctx, id, ownership).await
    }

    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.inner.enable_apis(ctx, id, apis).await
    }

    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()> {
        self.inner.disable_apis(ctx, id, apis).await
    }

    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()> {
        self.policy_writes.fetch_add(1, Ordering::SeqCst);
        self.inner.modify_policy(ctx, id, change).await
    }
}

#[async_trait]
impl ServiceAccounts for Counting {
    async fn read_service_accounts(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        with_policies: &BTreeSet<ServiceAccountName>,
    ) -> Result<BTreeMap<ServiceAccountName, ServiceAccountView>> {
        self.inner.read_service_accounts(ctx, id, with_policies).await
    }

    async fn put_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.inner.put_service_account(ctx, id, name, settings, ownership).await
    }

    async fn delete_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.inner.delete_service_account(ctx, id, name, ownership).await
    }

    async fn modify_workload_identity(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: &WorkloadIdentityChange,
    ) -> Result<()> {
        self.inner.modify_workload_identity(ctx, id, name, change).await
    }
}

/// One run: a cache over a counted platform.
struct Run {
    _folder: tempfile::TempDir,
    platform: Arc<Counting>,
    cache: Arc<ProjectCache>,
}

impl Run {
    async fn new(faults: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let faults: Faults = faults.parse().expect("faults");
        let inner = Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens");
        let (reads, policy_writes, down) = Default::default();
        let platform = Arc::new(Counting { inner, reads, policy_writes, down });
        let cache = Arc::new(ProjectCache::new(Arc::clone(&platform) as Arc<dyn Projects>));
        Self { _folder: folder, platform, cache }
    }

    /// Reads and policy writes so far.
    fn counts(&self) -> (u32, u32) {
        (self.platform.reads.load(Ordering::SeqCst), self.platform.policy_writes.load(Ordering::SeqCst))
    }

    /// The viewers of the shared project, as the store has them.
    fn viewers(&self) -> BTreeSet<String> {
        let dump = self.platform.inner.store().dump().expect("dumped");
        dump.projects.get(shared().as_str()).and_then(|p| p.iam.get(VIEWER)).cloned().unwrap_or_default()
    }

    async fn change(&self, add: &[&str], remove: &[&str]) -> Result<()> {
        self.cache.modify_policy(&ctx(), &shared(), &PolicyChange { add: grants(add), remove: grants(remove) }).await
    }
}

fn shared() -> ProjectId {
    name("gc-prd-shared")
}

fn grants(members: &[&str]) -> Grants {
    if members.is_empty() {
        return Grants::new();
    }
    [(name(VIEWER), members.iter().map(|member| name(member)).collect())].into()
}

/// What service number `n` does in a run: it reads the project for its plan, and applies its API and its grant.
async fn service(cache: Arc<ProjectCache>, n: usize) {
    let (id, member) = (shared(), format!("group:team-{n}@example.com"));
    let state = cache.read_project(&ctx(), &id).await.expect("read");
    assert!(!state.grants.get(VIEWER).is_some_and(|members| members.contains(&name(&member))));
    let mut desired = ResourceSet::default();
    desired.apis.insert(id.clone(), [name("run.googleapis.com")].into());
    desired.iam.insert(id.clone(), grants(&[&member]));
    let (registry, none, removals) = (name("acme"), ResourceSet::default(), Removals::default());
    let change = ServiceChange {
        registry: &registry,
        previous_names: &[],
        relabel: false,
        managed: &none,
        desired: &desired,
        removals: &removals,
        released: &none,
        environments: &[],
        adopt: false,
    };
    let outcome = apply(&ctx(), PlatformRefs { projects: Some(&*cache), clusters: None }, &change).await;
    assert_eq!((outcome.failures, outcome.managed), (vec![], desired));
    let state = cache.read_project(&ctx(), &id).await.expect("read");
    assert!(state.grants[VIEWER].contains(&name(&member)), "what this run has written is read");
}

#[tokio::test]
async fn services_that_share_a_project_read_it_once_and_write_its_policy_once() {
    let run = Run::new("").await;
    join_all((0..SERVICES).map(|n| service(Arc::clone(&run.cache), n))).await;
    assert_eq!(run.viewers().len(), SERVICES);
    assert_eq!(run.counts(), (1, 1));
}

/// The same where every request takes 30 ms, and the services run on four threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_holds_on_a_slow_platform_and_many_threads() {
    let run = Run::new("delay=30ms").await;
    let tasks = (0..SERVICES).map(|n| tokio::spawn(service(Arc::clone(&run.cache), n)));
    for task in join_all(tasks).await {
        task.expect("no panic");
    }
    assert_eq!(run.viewers().len(), SERVICES);
    assert_eq!(run.counts(), (1, 1));
}

/// Core applies ten resources at a time: the eleventh begins when one of them is done. So there are at least five writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_services_at_a_time_come_to_one_write_each_ten() {
    for (faults, most) in [("", 10), ("delay=30ms", 7)] {
        let run = Run::new(faults).await;
        let tasks = (0..SERVICES).map(|n| {
            let cache = Arc::clone(&run.cache);
            async move { tokio::spawn(service(cache, n)).await.expect("no panic") }
        });
        stream::iter(tasks).buffer_unordered(10).collect::<Vec<_>>().await;
        assert_eq!(run.viewers().len(), SERVICES);
        let (reads, writes) = run.counts();
        println!("{SERVICES} services, ten at a time, {faults:?}: {reads} read, {writes} policy writes");
        assert_eq!(reads, 1);
        assert!((5..=most).contains(&writes), "{writes} policy writes");
    }
}

/// Each caller has the result of its own change: here one adds more groups than a policy may have.
#[tokio::test]
async fn a_change_that_is_refused_fails_alone() {
    let run = Run::new("").await;
    let many: Vec<String> = (0..251).map(|n| format!("group:many-{n}@example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let members: Vec<String> = (0..20).map(|n| format!("group:team-{n}@example.com")).collect();
    let others = members.iter().map(|member| {
        let run = &run;
        async move { run.change(&[member], &[]).await }
    });
    let (refused, others) = join(run.change(&many, &[]), join_all(others)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(others, vec![Ok(()); 20]);
    assert_eq!(run.viewers(), members.into_iter().collect());
    assert!(run.counts().1 < 12, "found in halves, not one by one: {:?}", run.counts());
}

/// They are not merged: each is written, in the order of the calls.
#[tokio::test]
async fn changes_that_contradict_each_other_keep_their_order() {
    const ONE: &str = "group:one@example.com";
    const TWO: &str = "group:two@example.com";
    let run = Run::new("").await;
    let (added, removed) = join(run.change(&[ONE, TWO], &[]), run.change(&[], &[ONE])).await;
    assert_eq!((added, removed), (Ok(()), Ok(())));
    assert_eq!((run.viewers(), run.counts().1), ([TWO.to_owned()].into(), 2));
    let (removed, added) = join(run.change(&[], &[TWO]), run.change(&[TWO], &[])).await;
    assert_eq!((added, removed), (Ok(()), Ok(())));
    assert_eq!((run.viewers(), run.counts().1), ([TWO.to_owned()].into(), 4));
    let both = run.change(&[ONE], &[ONE]).await;
    assert!(matches!(both, Err(Error::Invalid(_))), "{both:?}");
}

/// The caller that was to write for all is cancelled, then dropped: another one writes.
#[tokio::test]
async fn a_cancelled_caller_takes_no_other_with_it() {
    let run = Run::new("delay=40ms").await;
    let (id, cancelled) = (shared(), ctx());
    let first = PolicyChange { add: grants(&["group:first@example.com"]), ..PolicyChange::default() };
    let first = run.cache.modify_policy(&cancelled, &id, &first);
    let cancel = async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        cancelled.cancel.cancel();
    };
    let ((first, second), ()) = join(join(first, run.change(&["group:second@example.com"], &[])), cancel).await;
    assert_eq!((first, second), (Err(Error::Cancelled), Ok(())));
    assert!(run.viewers().contains("group:second@example.com"));

    let dropped = run.change(&["group:third@example.com"], &[]);
    let dropped = tokio::time::timeout(std::time::Duration::from_millis(20), dropped);
    let (dropped, fourth) = join(dropped, run.change(&["group:fourth@example.com"], &[])).await;
    assert!(dropped.is_err() && fourth == Ok(()), "{dropped:?}, {fourth:?}");
    assert!(run.viewers().contains("group:fourth@example.com"));
}

#[tokio::test]
async fn a_project_that_cannot_be_read_is_tried_once() {
    let run = Run::new("").await;
    run.platform.down.store(true, Ordering::SeqCst);
    let id = shared();
    let cancelled = ctx();
    cancelled.cancel.cancel();
    assert_eq!(run.cache.read_project(&cancelled, &id).await, Err(Error::Cancelled));
    let context = ctx();
    let reads = join_all((0..SERVICES).map(|_| run.cache.read_project(&context, &id))).await;
    assert!(reads.iter().all(|read| matches!(read, Err(Error::Unavailable(_)))));
    assert_eq!(run.cache.read_project(&ctx(), &id).await, reads[0]);
    assert_eq!(run.counts().0, 1, "a cancelled read is not kept, an error is");
    run.platform.down.store(false, Ordering::SeqCst);
    run.change(&["group:one@example.com"], &[]).await.expect("granted");
    assert!(run.cache.read_project(&ctx(), &id).await.is_ok(), "after a write it is read again");
}

/// What is read after a change is what is true, whether it was read again or not.
#[tokio::test]
async fn what_is_read_after_a_change_is_true() {
    let run = Run::new("fail:API gc-prd-shared/dns").await;
    let (id, cache) = (shared(), &run.cache);
    let run_api = BTreeSet::from([name("run.googleapis.com")]);
    let dns_api = BTreeSet::from([name("dns.googleapis.com")]);
    let same = async |step: &str| {
        let cached = cache.read_project(&ctx(), &id).await;
        assert_eq!(cached, run.platform.inner.read_project(&ctx(), &id).await, "after {step}");
    };
    same("nothing").await;
    cache.ensure_project(&ctx(), &id, &project("shared"), &ownership()).await.expect("created");
    same("creating").await;
    cache.ensure_project(&ctx(), &id, &project("renamed"), &ownership()).await.expect("changed");
    same("ensuring").await;
    cache.update_project(&ctx(), &id, &project("again"), &BTreeSet::new(), &ownership()).await.expect("changed");
    same("updating").await;
    cache.enable_apis(&ctx(), &id, &run_api).await.expect("enabled");
    same("enabling").await;
    cache.enable_apis(&ctx(), &id, &dns_api).await.expect_err("a fault");
    same("a failure").await;
    cache.disable_apis(&ctx(), &id, &run_api).await.expect("disabled");
    same("disabling").await;
    run.change(&["group:one@example.com", "group:two@example.com"], &[]).await.expect("granted");
    same("granting").await;
    run.change(&[], &["group:one@example.com", "group:two@example.com"]).await.expect("revoked");
    same("revoking").await;
    cache.delete_project(&ctx(), &id, &ownership()).await.expect("deleted");
    same("deleting").await;
    cache.restore_project(&ctx(), &id, &ownership()).await.expect("restored");
    same("restoring").await;
}
