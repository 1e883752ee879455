//! A company's projects, within Google's quotas: how many requests its commands need, and no minute above a quota.
//!
//! Minutes are short here, for the provider's bounds and for the simulator's quotas alike.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anu::platform::google::{GoogleAccess, Quotas as Bounds};
use anu::sdk::{ApplyRequest, Call, Value};
use futures_util::StreamExt as _;
use futures_util::stream;
use google_simulator::{Api, Metric, Options, Quotas, Simulator};
use serde_json::{Value as Json, json};

use crate::fake_core::{Object, Process, State};
use crate::fixture::{Fixture, text};
use crate::runs::fixture;
use crate::{access, thoroughness, with_access};

/// How long a minute is.
const MINUTE: Duration = Duration::from_secs(1);
/// How long an operation takes: 5 s of those minutes. It is polled meanwhile, and polls are requests.
const OPERATION: Duration = Duration::from_millis(83);
/// As core's `-parallelism`.
const PARALLEL: usize = 10;
const PUBLISHED: [(Api, Metric, u64); 6] = [
    (Api::ResourceManager, Metric::Read, 600),
    (Api::ResourceManager, Metric::Write, 600),
    (Api::ServiceUsage, Metric::Read, 240),
    (Api::ServiceUsage, Metric::Write, 60),
    (Api::Billing, Metric::Read, 300),
    (Api::Billing, Metric::Write, 300),
];

/// So many services, each with a project, three APIs, a billing account and members. `granted` has one more.
fn registry(projects: usize, granted: Option<usize>) -> Json {
    let spec = |kind: &str, spec: Json| json!({"type": kind, "spec": spec});
    let id = |number: usize| format!("acme-shop-{number:03}-77aa");
    let service = |number: usize| {
        let operators = if granted == Some(number) { vec!["platform"] } else { vec![] };
        let environment = json!({
            "name": "production", "googleProject": id(number),
            "rbac": {"viewers": ["platform"], "operators": operators, "admins": ["shop"]},
        });
        spec(
            "Service",
            json!({
                "name": format!("shop-{number:03}"), "team": "shop",
                "googleServices": ["pubsub.googleapis.com", "run.googleapis.com", "sqladmin.googleapis.com"],
                "environments": [spec("Environment", environment)],
            }),
        )
    };
    let team = |name: &str| spec("Team", json!({"name": name, "email": format!("{name}-team@example.com")}));
    json!({
        "metadata": {"name": "acme", "revision": format!("{granted:?}"), "compiledAt": "2026-11-25T10:00:00Z"},
        "teams": [team("shop"), team("platform")],
        "projects": (0..projects).map(|number| spec("Project", json!({"id": id(number)}))).collect::<Vec<_>>(),
        "services": (0..projects).map(service).collect::<Vec<_>>(),
    })
}

struct Company {
    simulator: Simulator,
    fixture: Fixture,
}

impl Company {
    /// `terraform apply`: one process plans all, and another one applies what is planned. How many objects changed.
    async fn apply(&self, state: &mut State) -> usize {
        let process = Process::start(&self.fixture.block()).await.expect("it is configured");
        let config = self.fixture.config(&process, None).await.expect("a registry");
        let before = &*state;
        let planned = stream::iter(config.resources).map(|(address, wanted)| {
            let managed = process.of(&address);
            async move {
                let object = match before.0.get(&address) {
                    Some(object) => {
                        managed.refresh(object).await.unwrap_or_else(|errors| panic!("{}", text(&errors))).0
                    }
                    None => None,
                };
                let wanted = managed.complete(wanted);
                let plan = managed.plan_one(object.as_ref(), Some(&wanted)).await;
                assert!(!plan.diagnostics.has_errors(), "{}", text(&plan.diagnostics));
                let changes = plan.planned.as_ref() != object.as_ref().map(|object| &object.value);
                (address, object, wanted, changes)
            }
        });
        let planned: Vec<_> = planned.buffer_unordered(PARALLEL).collect().await;
        let process = Process::start(&self.fixture.block()).await.expect("it is configured");
        let changes: Vec<_> = planned.into_iter().filter(|(.., changes)| *changes).collect();
        let (number, done) = (changes.len(), Mutex::new(Vec::new()));
        let applied = stream::iter(changes).map(|(address, object, wanted, _)| {
            let (managed, done) = (process.of(&address), &done);
            async move {
                let plan = managed.plan_one(object.as_ref(), Some(&wanted)).await;
                let prior = object.map_or(Value::Null, |object| object.value);
                let call = Call { private: plan.private, ..Call::default() };
                let planned = plan.planned.expect("a plan");
                let applied = managed.resource().apply(ApplyRequest { prior, planned, config: wanted, call }).await;
                assert!(!applied.diagnostics.has_errors(), "{}", text(&applied.diagnostics));
                let value = applied.state.expect("a state");
                let object = Object { value, private: applied.private, tainted: false };
                done.lock().expect("sound").push((address, object));
            }
        });
        applied.buffer_unordered(PARALLEL).collect::<Vec<()>>().await;
        state.0.extend(done.into_inner().expect("sound"));
        number
    }
}

/// With `ANU_GOOGLE_PROJECTS=300` a minute and a half.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_minute_is_above_a_quota() {
    let projects = thoroughness("ANU_GOOGLE_PROJECTS", 25);
    let options =
        Options { quotas: Quotas::published(), quota_minute: MINUTE, operation_delay: OPERATION, ..Options::default() };
    let simulator = Simulator::start(options);
    let folder = tempfile::tempdir().expect("a folder");
    let mut fixture = fixture(folder.path(), &simulator.url());
    let quotas = Bounds::ShortMinutes(MINUTE);
    fixture.google = Some(with_access(GoogleAccess { quotas, ..access(&simulator.url()) }));
    let company = Company { fixture, simulator };
    let mut state = State::default();
    let mut counts = Vec::new();
    for (run, granted, expected) in [("create", None, projects), ("no changes", None, 0), ("one change", Some(7), 1)] {
        company.fixture.publish(&registry(projects, granted));
        let began = Instant::now();
        assert_eq!(company.apply(&mut state).await, expected, "{run}");
        let minutes = began.elapsed().as_secs_f64() / MINUTE.as_secs_f64();
        let mut requests: BTreeMap<&str, usize> = BTreeMap::new();
        for exchange in company.simulator.take_exchanges() {
            assert_ne!(exchange.status, 429, "{run}: {exchange:?}");
            *requests.entry(exchange.id).or_default() += 1;
        }
        println!("{projects} projects, {run}: {minutes:.1} minutes at most, {requests:?}");
        counts.push(requests);
    }
    for (api, metric, quota) in PUBLISHED {
        let peak = company.simulator.peak(api, metric);
        println!("{api:?} {metric:?}: at most {peak} of {quota} in a minute");
        assert!(peak < quota, "{api:?} {metric:?}: {peak} of {quota}");
    }
    let of = |run: usize, id: &str| counts[run].get(id).copied().unwrap_or_default();
    let (get, set) = ("cloudresourcemanager.projects.getIamPolicy", "cloudresourcemanager.projects.setIamPolicy");
    assert_eq!((of(0, "cloudresourcemanager.projects.create"), of(0, set)), (projects, projects));
    // Three single ones cost less than a batch.
    assert_eq!((of(0, "serviceusage.services.enable"), of(0, "serviceusage.services.batchEnable")), (3 * projects, 0));
    assert_eq!((of(1, get), of(1, set)), (projects, 0));
    assert_eq!((of(2, get), of(2, set)), (projects + 1, 1));
}
