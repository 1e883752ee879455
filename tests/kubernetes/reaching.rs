//! Each way to reach a cluster, and what is said where there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anu::connect::Secret;
use anu::connect::kubernetes::{Access, Credentials, Exec};
use anu::fanout::resource::{Labels, NamespaceSettings, RoleBinding};
use anu::platform::kubernetes::{Kubernetes, Settings};
use anu::platform::{Clusters as _, OwnershipPolicy, RequestContext, ServerId};
use anu::registry::names::{ClusterName, NamespaceKey};

use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value as Json, json};

use crate::clusters::Clusters;
use crate::{eventually, rights};

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of(name("reaching"))
}

fn exec(command: &Path) -> Credentials {
    Credentials::Exec(Exec {
        api_version: None,
        command: command.to_string_lossy().into_owned(),
        args: vec!["--now".to_owned()],
        env: BTreeMap::from([("GREETING".to_owned(), Secret::new("hello"))]),
    })
}

/// A program that does this.
fn script(folder: &Path, file: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(file);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    path
}

/// Asks a cluster for something; what went wrong, in words.
async fn ask(settings: Settings, cluster: &str) -> Result<(), String> {
    let platform = Kubernetes::new(settings);
    let asked = BTreeSet::from([name("default")]);
    let cluster: ClusterName = name(cluster);
    let found = platform.read_namespaces(&RequestContext::default(), &cluster, &asked).await;
    found.map(|found| assert_eq!(found.len(), 1)).map_err(|error| error.to_string())
}

fn only(access: Access) -> Settings {
    Settings { clusters: [("here".to_owned(), access)].into(), ..Settings::default() }
}

#[tokio::test]
async fn by_context_endpoint_token_and_plugin() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(rights::PROVIDER)).expect("written");
    let with_kubeconfig = |clusters: BTreeMap<String, Access>| Settings {
        kubeconfig: Some(kubeconfig.clone()),
        clusters,
        ..Settings::default()
    };
    let context = Access::Context("cluster-2".to_owned());
    assert_eq!(ask(with_kubeconfig([("here".to_owned(), context)].into()), "here").await, Ok(()));
    assert_eq!(ask(with_kubeconfig(BTreeMap::new()), "cluster-1").await, Ok(()), "a context of the cluster's own name");

    let cluster = clusters.cluster("cluster-1");
    let endpoint = |credentials| Access::Endpoint {
        url: cluster.endpoint.clone(),
        ca_certificate: Some(cluster.ca_certificate.clone()),
        credentials,
    };
    let token = cluster.token(rights::PROVIDER).to_owned();
    assert_eq!(ask(only(endpoint(Credentials::Token(Secret::new(token.clone())))), "here").await, Ok(()));
    let credential = format!(
        r#"[ "$1 $GREETING" = "--now hello" ] || exit 7
echo '{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {{"token": "{token}"}}}}'"#
    );
    let plugin = script(folder.path(), "login", &credential);
    assert_eq!(ask(only(endpoint(exec(&plugin))), "here").await, Ok(()));
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(rights::PROVIDER)).expect("written");
    let garbage = folder.path().join("garbage");
    std::fs::write(&garbage, "clusters: [").expect("written");
    let cluster = clusters.cluster("cluster-1");
    let endpoint = |url: &str, ca: Option<&str>, credentials| {
        only(Access::Endpoint { url: url.to_owned(), ca_certificate: ca.map(str::to_owned), credentials })
    };
    let token = |text: &str| Credentials::Token(Secret::new(text));
    let (url, ca) = (cluster.endpoint.as_str(), Some(cluster.ca_certificate.as_str()));
    let from = |kubeconfig: &Path, context: &str| Settings {
        kubeconfig: Some(kubeconfig.to_owned()),
        ..only(Access::Context(context.to_owned()))
    };
    let refuses = script(folder.path(), "refuses", "echo secret; echo 'no session: run login first' >&2; exit 3");
    let chatters = script(folder.path(), "chatters", "echo hello");

    let mut all = String::new();
    for (case, settings, name) in [
        ("not listed", only(Access::Context("x".to_owned())), "there"),
        ("no such kubeconfig", from(&folder.path().join("none"), "cluster-1"), "here"),
        ("a kubeconfig that is none", from(&garbage, "cluster-1"), "here"),
        ("no such context", from(&kubeconfig, "cluster-9"), "here"),
        ("connection refused", endpoint("https://127.0.0.1:1", ca, token("t")), "here"),
        ("an unknown authority", endpoint(url, None, token("t")), "here"),
        ("a wrong token", endpoint(url, ca, token("wrong")), "here"),
        ("no rights", endpoint(url, ca, token(cluster.token("nobody"))), "here"),
        ("no such plugin", endpoint(url, ca, exec(&folder.path().join("missing"))), "here"),
        ("a plugin that refuses", endpoint(url, ca, exec(&refuses)), "here"),
        ("a plugin that chatters", endpoint(url, ca, exec(&chatters)), "here"),
    ] {
        let said = ask(settings, name).await.expect_err(case);
        assert!(!said.contains("secret") && !said.contains("hello\""), "{said}");
        all.push_str(&format!("== {case}\n{said}\n\n"));
    }

    // What the documented rights leave out: a ClusterRole that is not in the list, and one that does not exist.
    let platform = Kubernetes::new(from(&kubeconfig, "cluster-1"));
    let key = NamespaceKey { cluster: name("here"), namespace: name("reaching") };
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    platform.ensure_namespace(&RequestContext::default(), &key, &settings, &ownership()).await.expect("made");
    let binding = RoleBinding { role: name("cluster-admin"), subjects: BTreeSet::from(["User:somebody".to_owned()]) };
    let refused = platform.put_role_binding(&RequestContext::default(), &key, "theirs", &binding, &ownership()).await;
    all.push_str(&format!("== a ClusterRole that may not be bound\n{}\n\n", refused.expect_err("escalation")));
    let binding = RoleBinding { role: name("no-such-role"), ..binding };
    let refused = platform.put_role_binding(&RequestContext::default(), &key, "theirs", &binding, &ownership()).await;
    all.push_str(&format!("== a ClusterRole that does not exist\n{}\n", refused.expect_err("nothing to bind")));

    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&regex_of(folder.path()), "FOLDER");
    // Three questions are asked at once; any of them may be refused first.
    settings
        .add_filter(r#"\S+ ("\S+" )?is forbidden: User "nobody" cannot .* in the namespace "default""#, "WHAT IT SAYS");
    settings.add_filter(r"https?://127\.0\.0\.1:\d+", "ENDPOINT");
    settings.bind(|| insta::assert_snapshot!(all));
}

/// The rule in the message is the one that is missing.
#[tokio::test]
async fn a_role_can_be_bound_with_the_rule_of_the_message() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let admin = clusters.client("cluster-1", "admin").await;
    let params = PatchParams::apply("tests");
    let roles = Api::<ClusterRole>::all(admin.clone());
    let reads = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]});
    let role = |name: &str, rules: Json| json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules});
    roles.patch("pod-readers", &params, &Patch::Apply(role("pod-readers", json!([reads])))).await.expect("a role");

    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(rights::PROVIDER)).expect("written");
    let platform = Kubernetes::new(Settings { kubeconfig: Some(kubeconfig), ..Settings::default() });
    let (ctx, key) =
        (RequestContext::default(), NamespaceKey { cluster: name("cluster-1"), namespace: name("escalation") });
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    platform.ensure_namespace(&ctx, &key, &settings, &ownership()).await.expect("made");
    let binding = RoleBinding { role: name("pod-readers"), subjects: BTreeSet::from(["Group:readers".to_owned()]) };
    let put = async || platform.put_role_binding(&ctx, &key, "readers", &binding, &ownership()).await;
    let refused = put().await.expect_err("escalation").to_string();

    let rule = refused.rsplit('`').nth(1).expect("a rule in backticks");
    let rules: Json = serde_saphyr::from_str(rule).expect("YAML");
    roles.patch("anu-binds-more", &params, &Patch::Apply(role("anu-binds-more", rules))).await.expect("a role");
    rights::bind(&admin, "anu-binds-more", "anu-binds-more", rights::PROVIDER).await;
    // The server's own copy of its roles is a little older.
    eventually("the role can be bound", async || put().await.ok()).await;
}

fn regex_of(path: &Path) -> String {
    path.to_string_lossy().replace('.', r"\.")
}

/// A cluster is its API server, whatever contexts reach it, and whether or not `kube-system` may be read.
#[tokio::test]
async fn two_contexts_of_one_api_server_are_one_cluster() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    for (user, by_uid) in [(rights::PROVIDER, true), ("nobody", false)] {
        let kubeconfig = folder.path().join(user);
        std::fs::write(&kubeconfig, clusters.kubeconfig(user)).expect("written");
        let context = |name: &str, context: &str| (name.to_owned(), Access::Context(context.to_owned()));
        let names = [context("prod", "cluster-1"), context("alias", "cluster-1"), context("other", "cluster-2")];
        let platform =
            Kubernetes::new(Settings { kubeconfig: Some(kubeconfig), clusters: names.into(), ..Settings::default() });
        let ctx = RequestContext::default();
        let (prod, alias, other) = (name("prod"), name("alias"), name("other"));
        let server = async |cluster: &ClusterName| platform.server(&ctx, cluster).await.expect("a server");
        let found = server(&prod).await;
        assert_eq!(matches!(found, ServerId::Uid(_)), by_uid, "{found}");
        assert_eq!(server(&alias).await, found);
        assert_ne!(server(&other).await, found);
    }
}
