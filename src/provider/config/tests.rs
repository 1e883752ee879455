//! Bad provider blocks, and what is said of them.

use super::*;
use crate::fanout::Fences;
use crate::sdk::{Severity, validate};

/// A block with these attributes; the rest is null.
fn block(attributes: serde_json::Value) -> Value {
    crate::sdk::from_json(&attributes, &schema().ty()).unwrap()
}

fn texts(config: Value) -> String {
    let mut all = validate(&schema(), &config);
    all.extend(check(config.clone()));
    if let Err(errors) = read(config) {
        all.extend(errors);
    }
    all.iter()
        .map(|d| {
            assert_eq!(d.severity, Severity::Error);
            format!("{:?}: {} ({})\n{}\n", d.severity, d.summary, d.path, d.text())
        })
        .collect()
}

#[test]
fn bad_blocks() {
    let cases = [
        ("empty source", serde_json::json!({"registry": {"source": ""}})),
        ("bad pin", serde_json::json!({"registry": {"source": "x", "sha256": "abc"}})),
        (
            "Jsonnet settings without a program",
            serde_json::json!({"registry": {"source": "registry.json", "fallbacks": ["old.json"], "jsonnet": {"library_paths": ["vendor"]}}}),
        ),
        (
            "bad keys, comments and ages",
            serde_json::json!({"registry": {"source": "registry.json", "max_age": "7 bananas", "verify": {
                "minisign": ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3", "very secret", "RWRTY0IytFTUTFctGqpbI4utaRXK9nGTnX12E6haVbWXFsMdQkcAABAAAAAA"],
                "trusted_comment": ["main"],
            }}}),
        ),
        (
            "no keys, no time",
            serde_json::json!({"registry": {"source": "registry.json", "max_age": "0s", "verify": {"minisign": []}}}),
        ),
        (
            "bad headers, staleness and size",
            serde_json::json!({"registry": {"max_stale": "soon", "max_bytes": 0, "token": "very secret", "headers": {
                "X Key": "very secret", "Host": "very secret", "X-Key": "very secret\n", "authorization": "very secret",
            }}}),
        ),
        ("empty path", serde_json::json!({"embedded": {"path": ""}})),
        ("unknown kind", serde_json::json!({"manage": ["google", "gogle"]})),
        ("nothing managed", serde_json::json!({"manage": []})),
        ("template without team", serde_json::json!({"member_template": "group:all@example.com"})),
        ("template that makes no principal", serde_json::json!({"member_template": "{team}-team"})),
        (
            "bad role",
            serde_json::json!({"permissions": {"google": {"pubsub.googleapis.com": {"viewers": ["pubsub.viewer"]}}}}),
        ),
        (
            "bad level",
            serde_json::json!({"permissions": {"google": {"*": {"readers": ["roles/browser"]}}, "kubernetes": {"owners": "admin"}}}),
        ),
        ("bad service", serde_json::json!({"permissions": {"google": {"pubsub": {"viewers": []}}}})),
        ("embedded replaces what is not", serde_json::json!({"embedded": {"path": "anu.db", "replaces": ["aws"]}})),
        ("two platforms for one kind", serde_json::json!({"embedded": {"path": "anu.db"}, "kubernetes": {}})),
        (
            "clusters that cannot be reached",
            serde_json::json!({"kubernetes": {"cluster": {
                "a cluster": {"context": "a"},
                "both": {"context": "a", "endpoint": "https://10.0.0.1", "token": "t"},
                "idle": {"context": "a", "token": "t", "ca_certificate": "-----BEGIN CERTIFICATE-----"},
                "neither": {},
                "no-login": {"endpoint": "https://10.0.0.1"},
                "two": {"endpoint": "https://10.0.0.1", "token": "t", "exec": {"command": "login"}},
                "google-beside": {"endpoint": "https://10.0.0.1", "token": "t", "google_credentials": true},
                "google-with-context": {"context": "a", "google_credentials": true},
                "not-google": {"endpoint": "https://10.0.0.1", "google_credentials": false},
            }}}),
        ),
        (
            "bad contexts",
            serde_json::json!({"kubernetes": {"contexts": {"a cluster": "a", "empty": "", "both": "b"}, "cluster": {"both": {"context": "b"}}}}),
        ),
        (
            "bad values of a cluster",
            serde_json::json!({"kubernetes": {"kubeconfig": "", "deletion_timeout": "5 bananas", "cluster": {
                "a": {"endpoint": "10.0.0.1", "ca_certificate": "LS0tLS1C", "exec": {"command": ""}},
                "b": {"endpoint": "https://10.0.0.1", "token": "very secret\n"},
            }}}),
        ),
        (
            "beside a real platform it is said what the store replaces",
            serde_json::json!({"embedded": {"path": "anu.db"}, "google": {}}),
        ),
        (
            "beside two real platforms too",
            serde_json::json!({"embedded": {"path": "anu.db"}, "google": {}, "kubernetes": {}}),
        ),
        (
            "bad values of google",
            serde_json::json!({"google": {
                "parent": "1234",
                "billing_account": "billingAccounts/000000-AAAAAA-000000",
                "quota_project": "Seed",
                "impersonate_service_account": "serviceAccount:applier@example-seed.iam.gserviceaccount.com",
                "universe_domain": "https://googleapis.com",
                "access_token": "very secret\n",
                "retry_budget": "forever",
                "requests_per_minute": 0.5,
            }}),
        ),
        (
            "other bad values of google",
            serde_json::json!({"google": {
                "parent": "projects/1234",
                "billing_account": "000000",
                "quota_project": "",
                "impersonate_service_account": "ada@example.com",
                "universe_domain": "localhost",
                "access_token": "",
                "retry_budget": "0s",
                "requests_per_minute": 0,
            }}),
        ),
        (
            "endpoints that are no addresses",
            serde_json::json!({"google": {"endpoints": {
                "default": "127.0.0.1:8080",
                "resource_manager": "http://simulator.example.com",
                "service_usage": "https://serviceusage.googleapis.com/v1",
                "billing": "https://ada:very-secret@cloudbilling.googleapis.com",
                "iam": "ftp://127.0.0.1",
            }}}),
        ),
        ("no time at all", serde_json::json!({"kubernetes": {"deletion_timeout": "0s"}})),
        (
            "limits that are none",
            serde_json::json!({"guard": {"max_removals": "101%", "max_revocations": "-1", "acknowledge": "yes"}}),
        ),
        ("other limits that are none", serde_json::json!({"guard": {"max_removals": "ten", "max_revocations": "1.5"}})),
        ("bad ClusterRole", serde_json::json!({"permissions": {"kubernetes": {"viewers": "a b"}}})),
    ];
    let mut all = String::new();
    for (name, json) in cases {
        let text = texts(block(json));
        assert!(!text.is_empty(), "{name} is not refused");
        all.push_str(&format!("== {name}\n{text}\n"));
    }
    assert!(!all.contains("very secret") && !all.contains("very-secret"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn unknown_values_are_named() {
    let mut config = block(serde_json::json!({}));
    if let Value::Map(map) = &mut config {
        map.insert(
            "registry".into(),
            Value::object([("source", Value::unknown()), ("fallbacks", Value::List(vec![Value::unknown()]))]),
        );
        map.insert("labels".into(), Value::object([("tier", Value::unknown())]));
        map.insert("fences".into(), Value::unknown());
    }
    insta::assert_snapshot!(texts(config));
}

#[test]
fn a_good_block_is_read() {
    let config = read(block(serde_json::json!({
        "registry": {"source": "registry.json", "fallbacks": ["copy.json"], "max_age": "7d", "max_stale": "24h", "max_bytes": 1000,
            "headers": {"X-Api-Key": "hunter2"}, "verify": {
            "minisign": ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"], "trusted_comment": ["branch:main"],
        }},
        "manage": ["kubernetes"],
        "labels": {"tier": "1"},
        "fences": {"reserved_namespaces": ["istio-*"]},
        "permissions": {"google": {"*": {"viewers": ["roles/browser"]}}},
    })))
    .unwrap();
    assert!(config.fan_out.manage.kubernetes && !config.fan_out.manage.google && !config.allow_empty);
    let config = config.or_source(Some("elsewhere.json".into()));
    let registry = config.registry;
    assert_eq!(registry.source, "registry.json", "the block overrides the variable");
    assert_eq!((registry.max_stale.unwrap().as_secs(), registry.max_bytes), (24 * 60 * 60, Some(1000)));
    let shown = format!("{:?}", registry.headers);
    assert!(shown.contains("x-api-key") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(registry.fallbacks, ["copy.json"]);
    assert_eq!(registry.max_age.unwrap().as_secs(), 7 * 24 * 60 * 60);
    let verify = registry.verify.unwrap();
    assert_eq!((verify.minisign.len(), verify.trusted_comment), (1, vec!["branch:main".to_owned()]));
    let fences = &config.fan_out.fences;
    assert!(fences.reserved_namespaces.find("istio-x").is_some(), "what is added");
    assert!(fences.reserved_namespaces.find("kube-system").is_some(), "a default");
    assert_eq!(fences.forbidden_roles, Fences::default().forbidden_roles, "what is not set keeps its default");
    assert!(config.fan_out.permissions.unwrap().google.every.is_some());
}

#[test]
fn a_block_without_source_is_of_the_registry_that_the_variable_names() {
    let without_source = serde_json::json!({"registry": {"max_age": "7d", "jsonnet": {"library_paths": ["vendor"]}}});
    for (json, max_age) in [(without_source, true), (serde_json::json!({}), false)] {
        let config = read(block(json)).unwrap();
        assert_eq!(config.registry.source, "");
        let config = config.or_source(Some("registry.jsonnet".into()));
        assert_eq!(config.registry.source, "registry.jsonnet");
        assert_eq!(config.registry.max_age.is_some(), max_age);
        assert_eq!(config.registry.names.source, "the variable `ANU_REGISTRY`");
    }
}

#[test]
fn clusters_are_read() {
    let config = read(block(serde_json::json!({
        "kubernetes": {"deletion_timeout": "90s", "contexts": {"e": "gke_e"}, "cluster": {
            "a": {"context": "gke_a", "replaces": "uid-of-the-old-one"},
            "b": {"endpoint": "https://10.0.0.1", "token": "very-secret"},
            "c": {"endpoint": "https://10.0.0.1", "exec": {"command": "login", "args": ["--now"], "env": {"A": "b"}}},
            "d": {"endpoint": "https://10.0.0.1", "google_credentials": true},
        }},
        "embedded": {"path": "anu.db", "replaces": ["google"]},
    })))
    .unwrap();
    let embedded = config.embedded.unwrap();
    assert!(embedded.google && !embedded.kubernetes);
    let settings = config.clusters.unwrap();
    assert_eq!(settings.deletion_timeout.as_secs(), 90);
    let shown = format!("{settings:?}");
    assert!(!shown.contains("very-secret"), "{shown}");
    insta::assert_snapshot!(shown, @r#"Settings { kubeconfig: None, clusters: {"a": Context("gke_a"), "b": Endpoint { url: "https://10.0.0.1", ca_certificate: None, credentials: Token([secret]) }, "c": Endpoint { url: "https://10.0.0.1", ca_certificate: None, credentials: Exec(Exec { api_version: None, command: "login", args: ["--now"], env: {"A": [secret]} }) }, "d": Endpoint { url: "https://10.0.0.1", ca_certificate: None, credentials: Google }, "e": Context("gke_e")}, replaced: {"a": "uid-of-the-old-one"}, force_conflicts: false, deletion_timeout: 90s }"#);
}

#[test]
fn google_is_read() {
    let config = read(block(serde_json::json!({"google": {
        "parent": "folders/1234",
        "billing_account": "000000-AAAAAA-000000",
        "quota_project": "example-seed",
        "impersonate_service_account": "applier@example-seed.iam.gserviceaccount.com",
        "universe_domain": "example-cloud.goog",
        "access_token": "very-secret",
        "endpoints": {"default": "http://127.0.0.1:8080/", "resource_manager": "http://[::1]:8080", "iam": "https://iam-anu.p.googleapis.com"},
        "retry_budget": "90s",
        "requests_per_minute": 300,
        "project_liens": true,
        "remove_creator_owner": true,
    }})))
    .unwrap();
    let defaults = &config.fan_out.project_defaults;
    assert_eq!(defaults.parent.as_ref().map(ToString::to_string).as_deref(), Some("folders/1234"));
    assert_eq!(defaults.billing_account.as_ref().map(ToString::to_string).as_deref(), Some("000000-AAAAAA-000000"));
    let shown = format!("{:?}", config.projects);
    assert!(!shown.contains("very-secret"), "{shown}");
    insta::assert_snapshot!(shown, @r#"Some(Settings { access: GoogleAccess { quota_project: Some("example-seed"), impersonate_service_account: Some("applier@example-seed.iam.gserviceaccount.com"), universe_domain: Some("example-cloud.goog"), access_token: Some([secret]), endpoints: Endpoints { default: Some("http://127.0.0.1:8080"), resource_manager: Some("http://[::1]:8080"), service_usage: None, billing: None, iam: Some("https://iam-anu.p.googleapis.com") }, retry_budget: 90s, quotas: Published(Some(300)) }, project_liens: true, remove_creator_owner: Some(true) })"#);
    let empty = read(block(serde_json::json!({"google": {}}))).unwrap();
    assert_eq!(format!("{:?}", empty.projects.unwrap()), format!("{:?}", GoogleSettings::default()));
    assert!(read(block(serde_json::json!({}))).unwrap().projects.is_none());
}

#[test]
fn the_embedded_platform_is_beside_a_real_one_when_it_says_what_it_replaces() {
    for replaces in [&["google"][..], &["kubernetes"], &["google", "kubernetes"]] {
        let both =
            serde_json::json!({"embedded": {"path": "anu.db", "replaces": replaces}, "google": {}, "kubernetes": {}});
        let config = read(block(both)).unwrap();
        let embedded = config.embedded.unwrap();
        assert_eq!(
            (embedded.google, embedded.kubernetes),
            (replaces.contains(&"google"), replaces.contains(&"kubernetes"))
        );
    }
}

#[test]
fn a_cluster_that_is_not_there_yet_is_no_error() {
    let cluster = Value::object([
        ("endpoint", Value::unknown()),
        ("ca_certificate", Value::unknown()),
        ("google_credentials", Value::from(true)),
    ]);
    let mut clusters = block(serde_json::json!({"kubernetes": {"cluster": {"new": {}, "unknown": {}}}}));
    let Value::Map(top) = &mut clusters else { panic!("a block") };
    let Some(Value::Map(kubernetes)) = top.get_mut("kubernetes") else { panic!("a block") };
    let Some(Value::Map(all)) = kubernetes.get_mut("cluster") else { panic!("clusters") };
    let Some(Value::Map(new)) = all.get_mut("new") else { panic!("a cluster") };
    let Value::Map(cluster) = cluster else { panic!("a cluster") };
    new.extend(cluster);
    all.insert("unknown".into(), Value::unknown());
    assert!(!check(clusters.clone()).has_errors());
    let settings = read(clusters).unwrap().clusters.unwrap();
    assert!(settings.clusters.values().all(|access| matches!(access, crate::connect::kubernetes::Access::Unknown)));
    assert_eq!(settings.clusters.len(), 2);
}
