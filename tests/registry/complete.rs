//! A registry with every field of the format, for tests that walk them.

use serde_json::{Value, json};

/// A registry with every field of the format.
pub fn complete() -> Value {
    json!({
        "metadata": {"name": "acme", "previousNames": ["acme-old"], "revision": "4f2c91e", "compiledAt": "2026-11-20T10:00:00Z", "requires": {"anu": ">=0.1.0, <1.0.0"}},
        "teams": [{"type": "Team", "spec": {"name": "core", "email": "core@example.com", "services": ["statements"], "principals": {"google": "group:core@example.com", "kubernetes": "core"}}}],
        "clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute", "location": "europe-west4", "gke": {"groups": true, "clusterViewer": true}, "links": {"logs": "https://logs.example.com/{cluster}/{namespace}"}}}],
        "projects": [
            {"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}},
            {"type": "Project", "spec": {"id": "gc-prd-ledger", "name": "ledger", "parent": "folders/1", "billingAccount": "000000-AAAAAA-000000", "labels": {"tier": "2"}, "owner": "ledger", "sharedWith": ["search"], "sharedWithTeams": ["core"], "existing": false, "deletionPolicy": "prevent"}}],
        "namespaces": [{"type": "Namespace", "spec": {"cluster": "c1", "name": "ledger", "owner": "ledger", "sharedWith": ["search"], "sharedWithTeams": ["core"], "labels": {"tier": "2"}, "annotations": {"note": "x"}, "quota": {"pods": "1"}, "deletionPolicy": "prevent"}}],
        "services": [
            {"type": "Service", "spec": {"name": "ledger", "repository": "example/ledger", "team": "core", "links": {"dashboard": "https://grafana.example.com/{service}"}, "alertsChannel": "alerts", "googleServices": ["pubsub.googleapis.com"], "deletionPolicy": "prevent", "environments": [
                {"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-ledger", "deletionPolicy": "prevent",
                    "links": {"runbook": "https://wiki.example.com/{service}/{environment}"}, "rbac": {"viewers": ["core"], "operators": [{"principal": "group:ops@example.com", "reason": "on call"}], "admins": ["core"]},
                    "serviceAccounts": [{"name": "ledger-prod", "roles": ["roles/pubsub.publisher"], "kubernetesServiceAccount": "ledger"}],
                    "roleBindings": [{"role": "Role:deployer", "subjects": ["ServiceAccount:ci/deployer"]}],
                    "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "c1", "namespace": "ledger", "release": "ledger", "deletionPolicy": "prevent"}}]}},
                {"type": "Environment", "spec": {"name": "staging", "rbac": {"admins": ["core"]}, "quota": {"pods": "1"},
                    "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "ledger-staging"}}]}},
                {"type": "Environment", "spec": {"name": "incidents", "googleProject": "gc-prd-ledger",
                    "rbac": {"admins": ["core", {"principal": "user:on.call@example.com", "reason": "incident 42", "expires": "2099-01-31T00:00:00Z"}]}}}]}},
            {"type": "Service", "spec": {"name": "statements", "team": "core"}},
            {"type": "Service", "spec": {"name": "search", "team": "core"}}],
        "permissions": {"builtin": 1, "google": {"*": {"viewers": ["roles/browser"]}, "pubsub.googleapis.com": {"viewers": ["roles/pubsub.viewer"], "operators": ["roles/pubsub.editor"], "admins": ["roles/pubsub.admin"]}}, "kubernetes": {"viewers": "view", "operators": "edit", "admins": "admin"}}
    })
}
