//! A real API server as the referee of what the registry refuses, and of the form in which quantities are kept.

use std::collections::{BTreeMap, BTreeSet};

use anu::registry::LoadOptions;
use anu::registry::quota::{check_limit, kept_quota, without_effect};
use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::discovery::{Discovery, Scope, verbs};
use serde_json::{Value as Json, json};

use crate::clusters::Clusters;
use crate::eventually;

/// What becomes of a line of a quota.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Refused,
    Kept(String),
}

/// What the server accepts, and the registry does not: no digit at all is taken for 0, white space is removed, and a number that is
/// too large for its suffixes is returned without one.
const STRICTER: [&str; 10] = ["+", "-", ".", "Gi", "m", " 1", "1Gi ", "1000E", "1000000000000000000000", "12000000E"];

const NAMES: [&str; 58] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.storage",
    "limits.ephemeral-storage",
    "pods",
    "pod",
    "Pods",
    "resourcequotas",
    "replicationcontrollers",
    "services",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "deployments",
    "services.nodeports",
    "services.loadbalancers",
    "services.externalips",
    "request.cpu",
    "requests.",
    "hugepages-2Mi",
    "hugepages-1Gi",
    "hugepages-x",
    "hugepages-",
    "requests.hugepages-2Mi",
    "limits.hugepages-2Mi",
    "count/deployments.apps",
    "count/deployments",
    "count/pods",
    "count/pod",
    "count/events",
    "count/namespaces",
    "count/",
    "/pods",
    "count/a/b",
    "count/-a",
    "Count/pods",
    "count/Pods",
    "nvidia.com/gpu",
    "requests.nvidia.com/gpu",
    "limits.nvidia.com/gpu",
    "requests.Nvidia.com/gpu",
    "requests.nvidia.com/gpu_",
    "requests.nvidia..com/gpu",
    "requests.nvidia.com/GPU",
    "requests.kubernetes.io/x",
    "gold.storageclass.storage.k8s.io/requests.storage",
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims",
    "gold.storageclass.storage.k8s.io/limits.storage",
    "gpu.deviceclass.resource.k8s.io/devices",
    "gpu.deviceclass.resource.k8s.io/device",
];

/// Resources of each kind that the server checks in its own way, for every quantity.
const KINDS: [&str; 3] = ["requests.cpu", "pods", "gold.storageclass.storage.k8s.io/requests.storage"];

/// Quantities: what people write, and numbers at the limits of what the server calculates.
fn quantities() -> Vec<String> {
    let mut all: Vec<String> = STRICTER.map(str::to_owned).into();
    let numbers = [
        "0", "1", "007", "+5", "-1", "-0", "8", "1000", "1023", "1024", "1025", "0.5", "1.5", ".5", "5.", "1.500",
        "0.0001",
    ];
    let suffixes = [
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-4", "e+1", "e12",
    ];
    all.extend(numbers.iter().flat_map(|number| suffixes.map(|suffix| format!("{number}{suffix}"))));
    all.extend(
        [
            "",
            "one",
            "1GB",
            "1gi",
            "1K",
            "32 Gi",
            "1..2",
            "1.2.3",
            "--1",
            "1e",
            "1e+",
            "1KiB",
            "1e3Gi",
            "1_000",
            "1,5",
            "0x10",
            "٣",
            "1mi",
            "1iM",
            "NaN",
            "Inf",
            "1e1.5",
            "0.035714286",
            "33.3333Gi",
            "0.1n",
            "1.1n",
            "999999999n",
            "0.9999",
            "1.0001m",
            "999.9m",
            "8191Pi",
            "8192Pi",
            "7.999Ei",
            "9Pi",
            "8Pi",
            "16Pi",
            "9000P",
            "9223372036854775807",
            "9223372036854775808",
            "9223372036854775",
            "9223372036854776",
            "18446744073709551",
            "18446744073709552",
            "123456789012345678",
            "1234567890123456789",
            "123456789123456789123",
            "0.123456789123456789",
            "12345678901.5Ki",
            "0.0001Ki",
            "0.5Ki",
            "1.5Ki",
            "1e99",
            "1e-99",
            "12e98",
            "999E",
            "1001E",
            "1500E",
            "100000000000000000000m",
        ]
        .map(str::to_owned),
    );
    // The same numbers in every run.
    let mut state = 14_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..100 {
        let digits = 1 + next(20);
        let mut text: String = (0..digits).map(|_| char::from(b'0' + next(10) as u8)).collect();
        if next(2) == 0 {
            text.insert(next(digits + 1) as usize, '.');
        }
        text.push_str(suffixes[next(suffixes.len() as u64) as usize]);
        all.push(text);
    }
    all
}

fn ours(resource: &str, quantity: &str) -> Verdict {
    let quota = [(resource.to_owned(), quantity.to_owned())].into();
    match check_limit(resource, quantity).is_empty() {
        true => Verdict::Kept(kept_quota(&quota)[resource].clone()),
        false => Verdict::Refused,
    }
}

/// What the server makes of an object that it does not store: `None`, if it refuses it.
async fn applied<K>(api: &Api<K>, name: &str, object: &Json) -> Option<K>
where
    K: Clone + serde::de::DeserializeOwned + std::fmt::Debug,
{
    match api.patch(name, &PatchParams::apply("comparison").dry_run(), &Patch::Apply(object)).await {
        Ok(object) => Some(object),
        // A quantity that cannot be parsed is an error of the server's own to it.
        Err(kube::Error::Api(status)) if matches!(status.code, 400 | 403 | 413 | 422 | 500) => None,
        Err(error) => panic!("{object}: {error}"),
    }
}

#[tokio::test]
async fn quotas_are_refused_and_kept_as_the_api_server_does() {
    let Some(clusters) = Clusters::shared() else { return };
    let api = &Api::<ResourceQuota>::namespaced(clusters.client("cluster-1", "admin").await, "default");
    let quantities = quantities();
    let lines: BTreeSet<(&str, &str)> = KINDS
        .iter()
        .flat_map(|kind| quantities.iter().map(|quantity| (*kind, quantity.as_str())))
        .chain(NAMES.iter().flat_map(|name| ["1", "0.5", "9Pi"].map(|quantity| (*name, quantity))))
        .collect();
    let server = async |(resource, quantity): (&'static str, &str)| {
        let object = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "anu"}, "spec": {"hard": {resource: quantity}}});
        let kept = applied(api, "anu", &object).await.and_then(|quota| quota.spec?.hard?.remove(resource));
        kept.map_or(Verdict::Refused, |kept| Verdict::Kept(kept.0))
    };
    let count = lines.len();
    let compared: Vec<_> = futures_util::stream::iter(lines)
        .map(|line| async move { (line, server(line).await, ours(line.0, line.1)) })
        .buffer_unordered(16)
        .collect()
        .await;
    let differ = |((resource, quantity), server, ours): &&(_, Verdict, Verdict)| {
        let known = STRICTER.contains(quantity) && *ours == Verdict::Refused;
        server != ours && !(known && KINDS.contains(resource))
    };
    let different: Vec<_> = compared.iter().filter(differ).collect();
    assert!(different.is_empty(), "line, the server's verdict, ours: {different:#?}");
    let accepted =
        |text: &&str| compared.iter().any(|((_, quantity), server, _)| quantity == text && *server != Verdict::Refused);
    assert!(STRICTER.iter().all(accepted), "the server refuses some of {STRICTER:?}");
    let refused = compared.iter().filter(|(_, server, _)| *server == Verdict::Refused).count();
    assert!(count >= 300 && refused >= 100 && count - refused >= 100, "{refused} of {count}");
    println!("{count} lines of quotas compared with an API server {}: {refused} refused", clusters.version);
}

/// The quota controller counts what limits something.
#[tokio::test]
async fn a_quota_limits_nothing_where_the_quota_controller_counts_nothing() {
    let Some(clusters) = Clusters::shared() else { return };
    let client = clusters.client("cluster-1", "admin").await;
    let discovery = Discovery::new(client.clone()).run().await.expect("the kinds");
    let mut names: BTreeSet<String> = NAMES
        .iter()
        .filter(|name| check_limit(name, "1").is_empty())
        .map(|name| (*name).to_owned())
        .chain(["count/deployment.apps", "count/deployments.batch", "count/nodes"].map(str::to_owned))
        .collect();
    for (resource, capabilities) in discovery.groups().flat_map(|group| group.recommended_resources()) {
        let counted = [verbs::CREATE, verbs::LIST, verbs::WATCH, verbs::DELETE]
            .iter()
            .all(|verb| capabilities.supports_operation(verb));
        // Groups of other tests come and go.
        if counted && capabilities.scope == Scope::Namespaced && !resource.group.ends_with("example.com") {
            let group = if resource.group.is_empty() { String::new() } else { format!(".{}", resource.group) };
            names.insert(format!("count/{}{group}", resource.plural));
        }
    }
    // Whether one of `events` is counted is not ours to say: those of the core group are not, and the other is the same kind.
    names.remove("count/events.events.k8s.io");
    let limits: BTreeMap<&String, &str> = names.iter().map(|name| (name, "1")).collect();

    let namespace = "quota-names";
    let object: Namespace = serde_json::from_value(json!({"metadata": {"name": namespace}})).expect("a namespace");
    Api::all(client.clone()).create(&PostParams::default(), &object).await.expect("created");
    let quotas = Api::<ResourceQuota>::namespaced(client, namespace);
    let object = json!({"metadata": {"name": "all"}, "spec": {"hard": limits}});
    quotas.create(&PostParams::default(), &serde_json::from_value(object).expect("a quota")).await.expect("created");
    let expected: BTreeSet<&String> = names.iter().filter(|name| without_effect(name).is_none()).collect();
    let used = eventually("the quota is counted", async || {
        let status = quotas.get("all").await.expect("the quota").status?;
        let used: BTreeSet<String> = status.used?.into_keys().collect();
        status.hard.is_some_and(|hard| hard.len() == names.len()).then_some(used)
    })
    .await;
    assert_eq!(used.iter().collect::<BTreeSet<_>>(), expected);
    assert!(expected.len() >= 50 && names.len() - expected.len() >= 10, "{} of {}", expected.len(), names.len());
    println!("{} names of resources compared with a quota controller: {} limit something", names.len(), expected.len());
}

/// The codes of what is wrong with one label or annotation of a namespace in a registry.
fn problems(field: &str, key: &str, value: &str) -> Vec<&'static str> {
    let document = json!({
        "namespaces": [{"type": "Namespace", "spec": {"cluster": "c", "name": "n", field: {key: value}}}],
        "services": [],
    });
    let options = LoadOptions { version: semver::Version::new(1, 0, 0), allow_empty: true, name: None };
    let problems = match anu::registry::load(document.to_string().as_bytes(), &options) {
        Ok((_, problems)) | Err(problems) => problems,
    };
    problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.code.name()).collect()
}

#[tokio::test]
async fn labels_and_annotations_of_namespaces_are_refused_as_the_api_server_does() {
    let Some(clusters) = Clusters::shared() else { return };
    let api = &Api::<Namespace>::all(clusters.client("cluster-1", "admin").await);
    let keys = [
        "tier",
        "Tier_1.x",
        "-tier",
        "tier-",
        "a b",
        "",
        "example.com/tier",
        "Example.com/tier",
        "example.com/Tier",
        "/tier",
        "a/b/c",
        "example.com/",
        "exa_mple.com/x",
        "é",
        "example.com./x",
    ];
    let values = ["", "restricted", "a b", "-a", "a-", "a.b_c-1", "é"];
    let levels = ["privileged", "baseline", "restricted", "Baseline", "", "restrict"];
    let versions =
        ["latest", "v1.0", "v1.31", "v1.01", "1.31", "v2.0", "v1.", "", "v1.99999999999999999999", "v1.31.0"];
    let long = "v".repeat(63);
    let too_long = "v".repeat(64);
    let own = "cnrm.cloud.google.com/project-id".len() + anu::registry::names::ProjectId::LONGEST;
    let most = "a".repeat(256 * 1024 - 4 - own);
    let beyond = "a".repeat(256 * 1024 - 3);
    let mut cases: Vec<(&str, String, &str)> = Vec::new();
    for field in ["labels", "annotations"] {
        cases.extend(keys.map(|key| (field, key.to_owned(), "x")));
        cases.extend(values.map(|value| (field, "tier".to_owned(), value)));
        cases.extend([
            (field, long.clone(), "x"),
            (field, too_long.clone(), "x"),
            (field, "x".to_owned(), too_long.as_str()),
        ]);
    }
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("pod-security.kubernetes.io/{mode}");
        cases.extend(versions.map(|version| ("labels", format!("{key}-version"), version)));
        cases.extend(levels.map(|level| ("labels", key.clone(), level)));
    }
    cases.extend([
        ("annotations", "note".to_owned(), most.as_str()),
        ("annotations", "note".to_owned(), beyond.as_str()),
    ]);
    let count = cases.len();
    let different: Vec<_> = futures_util::stream::iter(cases)
        .map(|(field, key, value)| async move {
            let metadata = json!({"name": "comparison", field: {key.as_str(): value}});
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
            let refused = applied(api, "comparison", &object).await.is_none();
            let problems = problems(field, &key, value);
            (refused == problems.is_empty())
                .then(|| (field, key, value.chars().take(80).collect::<String>(), refused, problems))
        })
        .buffer_unordered(16)
        .filter_map(|different| async { different })
        .collect()
        .await;
    assert!(different.is_empty(), "whether the server refuses, and our problems: {different:#?}");
    println!("{count} labels and annotations compared with an API server {}", clusters.version);
}
