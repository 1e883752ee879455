//! `anu::apply`: work on different projects and namespaces goes on side by side, and nothing else shows of it.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anu::apply::{Outcome, PlatformRefs, SIDE_BY_SIDE, ServiceChange, apply_within};
use anu::fanout::removal::{Release, Removals};
use anu::fanout::resource::{DeletionPolicy, Key, ResourceSet, Scope};
use anu::platform::embedded::{Dump, Embedded, Faults};
use anu::platform::{ClusterCache, ProjectCache, RequestContext};
use anu::registry::names::{NamespaceKey, ProjectId, RegistryName};

use crate::{binding, ctx, labels, name, namespace, project};

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's constants; the high bits are the random ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

const PROJECTS: u64 = 4;
const NAMESPACES: u64 = 5;

fn project_id(n: u64) -> ProjectId {
    name(&format!("gc-prd-{n:04}"))
}

fn namespace_key(n: u64) -> NamespaceKey {
    name(&format!("compute-{}/team-{n}", n % 2))
}

fn scope<T>(random: &mut Random, settings: T) -> Scope<T> {
    Scope { settings, shared: random.one_in(6), deletion_policy: DeletionPolicy::Delete }
}

/// What a service might contain.
fn resources(random: &mut Random) -> ResourceSet {
    let mut resources = ResourceSet::default();
    for n in 0..PROJECTS {
        if random.one_in(4) {
            continue;
        }
        let id = project_id(n);
        if !random.one_in(3) {
            let settings = project(["ledger", "renamed"][random.below(2) as usize]);
            resources.projects.insert(id.clone(), scope(random, settings));
        }
        for api in ["run.googleapis.com", "pubsub.googleapis.com"] {
            if random.one_in(2) {
                resources.apis.entry(id.clone()).or_default().insert(name(api));
            }
        }
        for role in ["roles/viewer", "roles/browser"] {
            for member in ["group:a@example.com", "group:b@example.com", "user:c@example.com"] {
                if random.one_in(2) {
                    let grants = resources.iam.entry(id.clone()).or_default();
                    grants.entry(name(role)).or_default().insert(name(member));
                }
            }
        }
    }
    for n in 0..NAMESPACES {
        if random.one_in(4) {
            continue;
        }
        let key = namespace_key(n);
        let mut settings = namespace();
        settings.labels.extend(labels([("tier", ["1", "2"][random.below(2) as usize])]));
        resources.namespaces.insert(key.clone(), scope(random, settings));
        if random.one_in(2) {
            resources.quotas.insert(key.clone(), labels([("requests.cpu", ["4", "8"][random.below(2) as usize])]));
        }
        for binding_name in ["viewers", "operators"] {
            if !random.one_in(3) {
                let role = ["view", "edit"][random.below(2) as usize];
                let bindings = resources.role_bindings.entry(key.clone()).or_default();
                bindings.insert(binding_name.to_owned(), binding(role, &["Group:a"]));
            }
        }
    }
    resources
}

/// One change of a service, and what goes wrong with it.
#[derive(Default)]
struct Case {
    before: ResourceSet,
    desired: ResourceSet,
    removals: Removals,
    /// What others still use of it, with labels of their own.
    released: ResourceSet,
    environments: Vec<BTreeSet<Key>>,
    faults: String,
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let (before, desired) = (resources(&mut random), resources(&mut random));
        let leaving: BTreeSet<Key> = before.keys().difference(&desired.keys()).cloned().collect();
        let used: BTreeSet<Key> = leaving.iter().filter(|_| random.one_in(5)).cloned().collect();
        let kept = |key: &Key| used.contains(key).then(|| Release::UsedBy(vec!["ledger".to_owned()]));
        let removals = Removals::decide(&before, &leaving, kept, |_| None);
        let mut released = before.clone();
        released.projects.values_mut().for_each(|scope| scope.settings.labels = labels([("owner", "ledger")]));
        released.namespaces.values_mut().for_each(|scope| scope.settings.labels = labels([("owner", "ledger")]));
        let mut environments = vec![BTreeSet::new(); 3];
        for n in 0..PROJECTS {
            environments[random.below(3) as usize].insert(Key::Project(project_id(n)));
        }
        for n in 0..NAMESPACES {
            environments[random.below(3) as usize].insert(Key::Namespace(namespace_key(n)));
        }
        let (p, n) = (project_id(random.below(PROJECTS)), namespace_key(random.below(NAMESPACES)));
        let words = [
            format!("fail:project {p}"),
            format!("fail:API {p}"),
            format!("fail:IAM member {p}"),
            format!("fail:namespace {n}"),
            format!("fail:quota {n}"),
            format!("fail:role binding {n}"),
            "fail:role binding compute-1".to_owned(),
            "fail:a@example.com".to_owned(),
        ];
        let count = random.below(4);
        let faults: Vec<String> =
            (0..count).map(|_| words[random.below(words.len() as u64) as usize].clone()).collect();
        Self { before, desired, removals, released, environments, faults: faults.join(",") }
    }

    fn change(&self) -> ServiceChange<'_> {
        static ACME: LazyLock<RegistryName> = LazyLock::new(|| name("acme"));
        ServiceChange {
            registry: &ACME,
            previous_names: &[],
            relabel: false,
            managed: &self.before,
            desired: &self.desired,
            removals: &self.removals,
            released: &self.released,
            environments: &self.environments,
            adopt: false,
        }
    }

    /// Applies what was there before without faults, then the change with them.
    async fn run(&self, bound: usize) -> (Outcome, Dump) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("anu.db");
        let (none, no_removals) = (ResourceSet::default(), Removals::default());
        let platform = Embedded::open_with(&path, Faults::none()).await.expect("opens");
        let first = ServiceChange { managed: &none, desired: &self.before, removals: &no_removals, ..self.change() };
        let first = through_caches(&platform, &ServiceChange { environments: &[], ..first }, bound).await;
        assert!(first.is_complete(), "{first:?}");
        drop(platform);
        let platform = Embedded::open_with(&path, self.faults.parse().expect("faults")).await.expect("opens");
        let outcome = through_caches(&platform, &self.change(), bound).await;
        (outcome, platform.store().dump().expect("dumped"))
    }
}

/// One apply, through the caches of a run.
async fn through_caches(platform: &Embedded, change: &ServiceChange<'_>, bound: usize) -> Outcome {
    let projects = ProjectCache::new(Arc::new(platform.clone()));
    let clusters = ClusterCache::new(Arc::new(platform.clone()));
    let platforms = PlatformRefs { projects: Some(&projects), clusters: Some(&clusters) };
    apply_within(&ctx(), platforms, change, bound).await
}

/// The same outcome, failures in the same order, and the same on the platform.
#[tokio::test]
async fn side_by_side_comes_to_what_one_after_the_other_does() {
    let (mut failed, mut deferred) = (0, 0);
    for seed in 0..60 {
        let case = Case::new(seed);
        let (serial, parallel) = (case.run(1).await, case.run(SIDE_BY_SIDE).await);
        assert_eq!(serial, parallel, "seed {seed}, faults {:?}", case.faults);
        failed += usize::from(!serial.0.failures.is_empty());
        deferred += usize::from(!serial.0.deferred.is_empty());
    }
    assert!(
        failed > 15 && deferred > 8,
        "few cases have what this is about: {failed} with failures, {deferred} deferred"
    );
}

/// Ten namespaces, three requests each, every request 50 ms: about as long as one of them, not as all.
#[tokio::test]
async fn ten_namespaces_take_as_long_as_the_slowest() {
    let mut case = Case::default();
    let desired = &mut case.desired;
    for n in 0..SIDE_BY_SIDE as u64 {
        let key = namespace_key(n);
        let settings = Scope { settings: namespace(), shared: false, deletion_policy: DeletionPolicy::Delete };
        desired.namespaces.insert(key.clone(), settings);
        desired.quotas.insert(key.clone(), labels([("requests.cpu", "4")]));
        desired.role_bindings.insert(key, [("viewers".to_owned(), binding("view", &["Group:a"]))].into());
    }
    let mut took = Vec::new();
    for bound in [1, SIDE_BY_SIDE] {
        let folder = tempfile::tempdir().expect("a folder");
        let faults = "delay=50ms".parse().expect("a fault");
        let platform = Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens");
        let begun = Instant::now();
        let outcome = through_caches(&platform, &case.change(), bound).await;
        assert_eq!((outcome.failures, &outcome.managed), (vec![], &case.desired));
        took.push(begun.elapsed());
    }
    let [serial, parallel] = took[..] else { unreachable!("two runs") };
    println!("ten namespaces one after the other: {serial:?}; side by side: {parallel:?}");
    assert!(serial >= Duration::from_millis(10 * 3 * 50), "{serial:?}");
    assert!(parallel < serial / 3, "{parallel:?} side by side, {serial:?} one after the other");
}

/// Whatever was begun is in the outcome, and nothing is begun after the cancellation.
#[tokio::test]
async fn a_cancelled_apply_says_what_is_true() {
    let mut case = Case { desired: Case::new(3).before, ..Case::default() };
    case.desired.projects.values_mut().for_each(|scope| scope.shared = false);
    case.desired.namespaces.values_mut().for_each(|scope| scope.shared = false);
    let folder = tempfile::tempdir().expect("a folder");
    let faults = "delay=20ms".parse().expect("a fault");
    let platform = Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens");
    let context = RequestContext::default();
    let platforms = PlatformRefs { projects: Some(&platform), clusters: Some(&platform) };
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        context.cancel.cancel();
        Instant::now()
    };
    let change = case.change();
    let work = apply_within(&context, platforms, &change, SIDE_BY_SIDE);
    let (outcome, cancelled) = futures_util::future::join(work, cancel).await;
    assert!(cancelled.elapsed() < Duration::from_secs(2));
    assert!(!outcome.is_complete() && !outcome.managed.is_empty(), "{outcome:?}");
    let there = platform.store().dump().expect("dumped").active();
    let expected = Dump::expected(change.registry, [&outcome.managed]);
    for key in outcome.managed.keys() {
        let found = match key.scope() {
            Key::Project(id) => there.projects.get(&id) == expected.projects.get(&id),
            Key::Namespace(key) => {
                let of = |dump: &Dump| dump.clusters.get(&key.cluster).and_then(|all| all.get(&key.namespace)).cloned();
                of(&there) == of(&expected)
            }
            _ => false,
        };
        assert!(found, "{key}\nthere: {there:#?}\nexpected: {expected:#?}");
    }
}
