//! The command line on real clusters: `anu doctor` says what one may do there, `anu kubectl` reaches the namespace of a service.

use std::path::Path;
use std::process::{Command, Output};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use serde_json::{Value as Json, json};

use crate::clusters::Clusters;
use crate::{namespace, rights};

/// Runs `anu` with a kubeconfig, in a folder with this registry.
fn anu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anu"));
    command.args(arguments).current_dir(folder).env("KUBECONFIG", folder.join("kubeconfig"));
    command.env("GCE_METADATA_HOST", "127.0.0.1:1").env("GOOGLE_APPLICATION_CREDENTIALS", folder.join("none.json"));
    command.output().expect("anu runs")
}

fn registry(clusters: &Clusters, namespace: &str) -> Json {
    let target = |cluster: &&str| json!({"type": "Target", "spec": {"cluster": cluster, "namespace": namespace}});
    let targets: Vec<Json> = clusters.names().iter().map(target).collect();
    json!({"metadata": {"name": "commands"}, "services": [{"type": "Service", "spec": {"name": "ledger", "team": "core",
        "environments": [{"type": "Environment", "spec": {"name": "production", "targets": targets}}]}}]})
}

#[tokio::test]
async fn the_doctor_says_what_each_user_may_do_on_each_cluster() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
    write("registry.json", registry(&clusters, "doctor").to_string());
    for (user, may) in [
        ("admin", "may plan and apply"),
        (rights::PROVIDER, "may plan and apply"),
        ("other", "may not list namespaces, quotas and role bindings, as a plan does"),
    ] {
        write("kubeconfig", clusters.kubeconfig(user));
        let output = anu(folder.path(), &["doctor", "-o", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        let of = |cluster: &str| {
            let checks = found["checks"].as_array().expect("a list");
            let subject = format!("cluster {cluster}");
            checks.iter().find(|check| check["subject"] == subject.as_str()).cloned().expect("a check")
        };
        for cluster in clusters.names() {
            let check = of(cluster);
            assert_eq!(check["state"], "ok", "{check}");
            assert_eq!(check["found"], format!("{} (context {cluster}), {may}", clusters.version));
        }
    }
    // A token that the cluster does not know, and a port on which nothing listens.
    let broken = clusters.kubeconfig("admin").replace("token: ", "token: not-");
    write("kubeconfig", broken);
    let output = anu(folder.path(), &["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cluster cluster-1: context cluster-1 does not answer: "), "{text}");
}

#[tokio::test]
async fn kubectl_reaches_the_namespace_of_the_service_in_the_chosen_cluster() {
    let Some(clusters) = Clusters::shared() else { return };
    let Some(kubectl) = crate::tools::installed("kubectl", "a test of `anu kubectl`") else { return };
    for cluster in ["cluster-1", "cluster-2"] {
        let namespaces = Api::<Namespace>::all(clusters.client(cluster, "admin").await);
        namespaces.create(&Default::default(), &namespace("commands")).await.expect("created");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
    write("registry.json", registry(&clusters, "commands").to_string());
    write("kubeconfig", clusters.kubeconfig("admin"));
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(kubectl, bin.join("kubectl")).expect("linked");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let kubectl = |cluster: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anu"));
        command.args(["kubectl", "ledger", "--cluster", cluster, "--"]).args(arguments);
        command.current_dir(folder.path()).env("KUBECONFIG", folder.path().join("kubeconfig")).env("PATH", &path);
        command.output().expect("anu runs")
    };
    let made = kubectl("cluster-2", &["create", "configmap", "mine", "--from-literal", "a=b"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let there = kubectl("cluster-2", &["get", "configmap", "mine", "-o", "jsonpath={.metadata.namespace}"]);
    assert_eq!(String::from_utf8_lossy(&there.stdout), "commands");
    let elsewhere = kubectl("cluster-1", &["get", "configmap", "mine"]);
    assert_eq!(elsewhere.status.code(), Some(1), "kubectl's own exit code");
    assert!(String::from_utf8_lossy(&elsewhere.stderr).contains("NotFound"), "not in the other cluster");
}
