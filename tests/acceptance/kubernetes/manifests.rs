//! `anu registry manifests` on real clusters: by the real `kubectl`, beside what the provider makes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::ResourceExt as _;
use serde_json::{Value as Json, json};

use super::super::clusters::Clusters;
use super::super::document::texts;
use super::super::rights;
use super::super::support::{Core, Output, Running, Workspace, example, repository, tool};
use super::{CONTEXTS, Fixture, context, wait};

/// The clusters and kubectl, if both are here.
macro_rules! needed {
    () => {{
        let Some(clusters) = Clusters::shared() else { return };
        let Some(kubectl) = tool("kubectl", "ANU_TEST_KUBECTL") else { return };
        (clusters, kubectl)
    }};
}

/// Writes the manifests of all clusters to `clusters/`.
fn write(fixture: &Fixture<'_>) {
    let anu = Path::new(env!("CARGO_BIN_EXE_anu"));
    let arguments = ["registry", "manifests", "--dir", "clusters"];
    Running::start(fixture.workspace.command(anu, &arguments)).wait().success();
}

/// `kubectl VERB --server-side …` with one cluster's manifests, as who has the rights of the provider, and nobody's else.
fn kubectl(fixture: &Fixture<'_>, kubectl: &Path, cluster: &str, verb: &str) -> Output {
    let file = format!("clusters/{cluster}.yaml");
    let arguments = [
        "--kubeconfig",
        "kubeconfig",
        "--context",
        context(cluster),
        verb,
        "--server-side",
        "--field-manager=argocd-controller",
        "-f",
        &file,
    ];
    Running::start(fixture.workspace.command(kubectl, &arguments)).wait()
}

/// Nothing on any cluster would change.
#[track_caller]
fn assert_no_difference(fixture: &Fixture<'_>, program: &Path) {
    for (cluster, _) in CONTEXTS {
        let output = kubectl(fixture, program, cluster, "diff");
        assert_eq!((output.code, output.text().as_str()), (0, ""), "{cluster}: {output}");
    }
}

/// The versions of everything with this registry's mark: none changes when nothing is written.
fn versions(fixture: &Fixture<'_>) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    let mut add = |kind: &str, key: String, version: Option<String>| {
        versions.insert(format!("{kind} {key}"), version.expect("a version"));
    };
    fixture
        .marked::<Namespace>()
        .into_iter()
        .for_each(|(key, object)| add("Namespace", key, object.resource_version()));
    // A quota's controller counts, when it comes to it: what was set is what counts here.
    for (key, quota) in fixture.marked::<ResourceQuota>() {
        let set =
            quota.managed_fields().iter().find(|fields| fields.subresource.is_none()).and_then(|f| f.time.clone());
        add("ResourceQuota", key, set.map(|time| format!("{time:?}")));
    }
    fixture
        .marked::<RoleBinding>()
        .into_iter()
        .for_each(|(key, object)| add("RoleBinding", key, object.resource_version()));
    versions
}

/// A stage that no core works on.
fn without_core<'c>(clusters: &'c Clusters, name: &str) -> Fixture<'c> {
    wait(rights::grant(clusters));
    Fixture::without_core(&no_core(), clusters, name, &clusters.kubeconfig(rights::PROVIDER))
}

fn no_core() -> Core {
    Core { name: "none", path: PathBuf::from("none"), version: String::new() }
}

on_one_core! {
    fn say_what_the_provider_makes(core: &Core) {
        let (clusters, program) = needed!();
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        write(&fixture);
        assert_no_difference(&fixture, &program);
        // And both may work on the same things, as long as they read the same registry.
        for (cluster, _) in CONTEXTS {
            kubectl(&fixture, &program, cluster, "apply").success();
        }
        fixture.workspace.assert_empty_plan();
        assert_no_difference(&fixture, &program);
    }

    fn are_taken_up_by_the_provider(core: &Core) {
        let (clusters, program) = needed!();
        let fixture = Fixture::new(core, &clusters);
        write(&fixture);
        for (cluster, _) in CONTEXTS {
            kubectl(&fixture, &program, cluster, "apply").success();
        }
        let before = versions(&fixture);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(versions(&fixture), before, "nothing was left to do");
    }
}

#[test]
fn are_applied_to_empty_clusters_and_again_without_effect() {
    let (clusters, program) = needed!();
    let fixture = without_core(&clusters, "kubernetes");
    write(&fixture);
    for (cluster, _) in CONTEXTS {
        let output = kubectl(&fixture, &program, cluster, "apply").success();
        assert!(output.stderr.is_empty(), "{output}");
    }
    assert_eq!(fixture.marked::<Namespace>().len(), 4);
    assert_eq!(fixture.marked::<ResourceQuota>().len(), 3);
    assert_eq!(fixture.marked::<RoleBinding>().len(), 8);
    let before = versions(&fixture);
    for (cluster, _) in CONTEXTS {
        kubectl(&fixture, &program, cluster, "apply").success();
    }
    assert_eq!(versions(&fixture), before);
    assert_no_difference(&fixture, &program);
}

/// What the guide puts beside a cluster's file.
#[test]
fn go_through_the_kustomization_of_the_guide() {
    let Some(kubectl) = tool("kubectl", "ANU_TEST_KUBECTL") else { return };
    let guide = std::fs::read_to_string(repository().join("docs/guides/kubernetes.md")).expect("the guide");
    let (_, block) = guide.split_once("```yaml\nresources: [compute-shop.yaml]\n").expect("a kustomization");
    let (block, _) = block.split_once("```").expect("its end");
    let workspace = Workspace::new(&no_core());
    workspace.copy(&example("kubernetes"), "");
    let run =
        |program: &Path, arguments: &[&str]| Running::start(workspace.command(program, arguments)).wait().success();
    let anu = Path::new(env!("CARGO_BIN_EXE_anu"));
    run(anu, &["registry", "manifests", "--cluster", "compute-shop", "--dir", "c"]);
    workspace.write("c/kustomization.yaml", &format!("resources: [compute-shop.yaml]\n{block}"));
    let built: Vec<Json> = serde_saphyr::from_multiple(&run(&kubectl, &["kustomize", "c"]).stdout).expect("YAML");
    let mut expected: Vec<Json> = serde_saphyr::from_multiple(&workspace.read("c/compute-shop.yaml")).expect("YAML");
    let namespaces = expected.iter_mut().filter(|object| object["kind"] == "Namespace");
    namespaces.for_each(|namespace| {
        namespace["metadata"]["annotations"] = json!({
            "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
            "kustomize.toolkit.fluxcd.io/prune": "disabled",
        });
    });
    assert_eq!(built, expected);
    // A cluster whose last service has left.
    workspace.write("c/compute-shop.yaml", "# Written by `anu registry manifests`\n");
    assert_eq!(run(&kubectl, &["kustomize", "c"]).stdout, "");
}

/// Kubernetes reads YAML its own way: what comes through is what the registry says.
#[test]
fn say_nothing_that_yaml_could_misread() {
    let (clusters, program) = needed!();
    let fixture = without_core(&clusters, "kubernetes");
    let values = [
        "",
        "on",
        "off",
        "yes",
        "no",
        "y",
        "n",
        "true",
        "null",
        "0123",
        "0o17",
        "0x1f",
        "0b1",
        "1",
        "1.0",
        "1_000",
        "1e3",
        "2026-11-20",
        "inf",
        "nan",
    ];
    let labels: BTreeMap<String, &str> =
        values.iter().enumerate().map(|(at, value)| (format!("example.com/{at}"), *value)).collect();
    let mut annotations = labels.clone();
    let lines = format!("one\n  two: three\n\n# {}\n", "word ".repeat(40));
    for (key, value) in [
        ("12:30:45", "12:30:45"), // no label can be that
        ("date", "2026-11-20T10:00:00Z"),
        ("number", "-.inf"),
        ("nothing", "~"),
        ("text", "a: b # c"),
        ("quotes", "it's \"so\" \\ {}[]"),
        ("space", "  "),
        // Not U+0085: the server reads even JSON as YAML there, and makes a space of it.
        ("unicode", "größer \u{2028} ✓"),
        ("lines", &lines),
    ] {
        annotations.insert(key.replace(':', "_"), value);
    }
    fixture.workspace.edit_registry(|registry| {
        let entry = &mut registry.namespaces[0];
        entry.labels = texts(labels.clone());
        entry.labels.insert("on".to_owned(), "1".to_owned());
        entry.annotations = texts(annotations.clone());
        entry.quota = texts([("requests.cpu", "1"), ("requests.memory", "1e3"), ("pods", "0"), ("limits.cpu", "1.5")]);
    });
    write(&fixture);
    kubectl(&fixture, &program, "compute-shop", "apply").success();
    let namespace =
        fixture.marked::<Namespace>().remove(&fixture.key("compute-shop", "catalog")).expect("the namespace");
    for (key, value) in &labels {
        assert_eq!(namespace.labels()[key], *value, "{key}");
    }
    assert_eq!(namespace.labels()["on"], "1");
    for (key, value) in &annotations {
        assert_eq!(namespace.annotations()[key], *value, "{key}");
    }
    let quota = fixture.marked::<ResourceQuota>().remove(&format!("{}/anu", fixture.key("compute-shop", "catalog")));
    let hard = quota.and_then(|quota| quota.spec).and_then(|spec| spec.hard).expect("limits");
    let hard: BTreeMap<&str, &str> = hard.iter().map(|(key, limit)| (key.as_str(), limit.0.as_str())).collect();
    assert_eq!(
        hard,
        BTreeMap::from([("limits.cpu", "1500m"), ("pods", "0"), ("requests.cpu", "1"), ("requests.memory", "1e3")])
    );
    // Written once more, spelled as the registry spells it, that is no change.
    let output = kubectl(&fixture, &program, "compute-shop", "diff");
    assert_eq!((output.code, output.text().as_str()), (0, ""), "{output}");
}
