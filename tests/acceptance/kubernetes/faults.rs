//! Busy servers and bad networks: an apply converges, or ends with one clear error and a state that is true.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};

use super::super::clusters::Clusters;
use super::super::document::{Access, teams, texts};
use super::super::proxy::{Fate, Scope};
use super::super::support::Core;
use super::{Fixture, proxy};

/// Applies while every third request meets this fate, once; then nothing is left to do.
fn converges(core: &Core, fate: Fate) {
    let Some(clusters) = Clusters::shared() else { return };
    let proxy = proxy(&clusters);
    let fixture = Fixture::behind(core, &clusters, &proxy, "{token: any}");
    let sometimes = move || {
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        move |asked: &Scope| {
            // A request that is made again gets through.
            let times = met.entry(format!("{} {}", asked.method, asked.path)).or_default();
            *times += 1;
            let first = *times == 1 && asked.number.is_multiple_of(3);
            // A read has no conflicts.
            let possible = asked.writes() || !matches!(fate, Fate::Refused { code: 409, .. });
            if first && possible { fate } else { Fate::Through }
        }
    };
    proxy.judge(sometimes());
    let applied = fixture.workspace.apply();
    assert!(applied.warnings().is_empty(), "{}", applied.report());
    assert_eq!((fixture.marked::<Namespace>().len(), fixture.marked::<ResourceQuota>().len()), (4, 3));
    proxy.judge(sometimes());
    fixture.workspace.assert_empty_plan();
    // And one that changes.
    fixture.edit("ledger", |ledger| {
        ledger.environments[0].rbac = Access { admins: teams(&["platform"]), ..Access::default() };
        ledger.environments[0].quota = texts([("pods", "30")]);
    });
    proxy.judge(sometimes());
    fixture.workspace.apply();
    proxy.judge(|_| Fate::Through);
    fixture.workspace.assert_empty_plan();
}

fn refused(code: u16, reason: &'static str, retry_after: Option<u32>) -> Fate {
    Fate::Refused { code, reason, retry_after }
}

on_one_core! {
    fn too_many_requests(core: &Core) {
        converges(core, refused(429, "TooManyRequests", Some(1)));
    }

    fn internal_errors(core: &Core) {
        converges(core, refused(500, "InternalError", None));
    }

    fn conflicts(core: &Core) {
        converges(core, refused(409, "Conflict", None));
    }

    fn connections_lost(core: &Core) {
        converges(core, Fate::Lost);
    }

    fn answers_lost(core: &Core) {
        converges(core, Fate::Unanswered);
    }

    fn answers_torn(core: &Core) {
        converges(core, Fate::Torn);
    }

    fn slow_answers(core: &Core) {
        converges(core, Fate::Slow(Duration::from_millis(700)));
    }

    fn credentials_that_run_out_are_asked_for_again(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let proxy = proxy(&clusters);
        let fixture = Fixture::behind(core, &clusters, &proxy, "{token: any}");
        // Its tokens are numbered, and say nothing of when they end.
        let plugin = fixture.workspace.path().join("plugin");
        let credential = r#"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "t'$(wc -l < "$0.count")'"}}"#;
        fixture.workspace.write("plugin", &format!("#!/bin/sh\necho >> \"$0.count\"\necho '{credential}'\n"));
        std::fs::set_permissions(&plugin, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a script");
        let user = format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}'}}}}", plugin.display());
        fixture.workspace.write("kubeconfig", &proxy.kubeconfig(&user));
        let mut references: BTreeMap<String, usize> = BTreeMap::new();
        proxy.judge(move |asked| {
            let references = references.entry(asked.token.clone().unwrap_or_default()).or_default();
            *references += 1;
            if *references > 10 { refused(401, "Unauthorized", None) } else { Fate::Through }
        });
        fixture.workspace.apply();
        assert_eq!(fixture.marked::<Namespace>().len(), 4);
    }

    fn a_token_that_is_no_longer_accepted(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        insta::assert_snapshot!(gives_up(core, &clusters, refused(401, "Unauthorized", None)), @r#"
        Error: Service `ledger`: cannot bind 1 role binding: authentication failed

        Cannot bind these resources of service `ledger`:

          role binding compute-staging/ledger/anu:ledger:staging:admins:admin

        Cause: cluster `compute-staging`: authentication required (401): the proxy says 401. Log in again, or correct the token or the credential plugin of `cluster "compute-staging"` in the provider block.

        The state records what is true now. Plan and apply again to do the rest.

        anu:change-not-authenticated

        Error: Service `ledger`: 1 grant not deleted yet

        An addition in the same environment failed, so these resources of service `ledger` were not deleted yet: access is revoked only after its replacement exists.

          role binding compute-staging/ledger/anu:ledger:staging:viewers:view

        The state records what is true now. Plan and apply again to do the rest.

        anu:not-deleted-yet
        "#);
    }

    fn a_server_that_stays_broken(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        insta::assert_snapshot!(gives_up(core, &clusters, refused(500, "InternalError", None)), @r"
        Error: Service `ledger`: cannot bind 1 role binding: unavailable

        Cannot bind these resources of service `ledger`:

          role binding compute-staging/ledger/anu:ledger:staging:admins:admin

        Cause: cluster `compute-staging`: server error (500): the proxy says 500.

        The state records what is true now. Plan and apply again to do the rest.

        anu:change-unavailable

        Error: Service `ledger`: 1 grant not deleted yet

        An addition in the same environment failed, so these resources of service `ledger` were not deleted yet: access is revoked only after its replacement exists.

          role binding compute-staging/ledger/anu:ledger:staging:viewers:view

        The state records what is true now. Plan and apply again to do the rest.

        anu:not-deleted-yet
        ");
    }

    fn answers_of_something_else(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        insta::assert_snapshot!(gives_up(core, &clusters, Fate::Garbage), @r"
        Error: Service `ledger`: cannot bind 1 role binding: unavailable

        Cannot bind these resources of service `ledger`:

          role binding compute-staging/ledger/anu:ledger:staging:admins:admin

        Cause: the response of cluster `compute-staging` is not one of a Kubernetes API server (expected value at line 1 column 1): check the cluster's address.

        The state records what is true now. Plan and apply again to do the rest.

        anu:change-unavailable

        Error: Service `ledger`: 1 grant not deleted yet

        An addition in the same environment failed, so these resources of service `ledger` were not deleted yet: access is revoked only after its replacement exists.

          role binding compute-staging/ledger/anu:ledger:staging:viewers:view

        The state records what is true now. Plan and apply again to do the rest.

        anu:not-deleted-yet
        ");
    }
}

/// An update of `ledger` during which the fate of every request after its first write is this one: what is said. What the
/// state says is then true, and the next apply does the rest.
fn gives_up(core: &Core, clusters: &Clusters, fate: Fate) -> String {
    let proxy = proxy(clusters);
    let fixture = Fixture::behind(core, clusters, &proxy, "{token: any}");
    fixture.workspace.apply();
    fixture.edit("ledger", |ledger| {
        ledger.environments[0].rbac = Access { admins: teams(&["platform", "banking"]), ..Access::default() };
        ledger.environments[0].quota = texts([("pods", "30")]);
    });
    let plan = fixture.workspace.plan();
    let mut written = 0;
    proxy.judge(move |asked| {
        written += usize::from(asked.writes());
        if written > 1 { fate } else { Fate::Through }
    });
    let failed = fixture.workspace.apply_saved(&plan).failure();
    proxy.judge(|_| Fate::Through);
    let refresh = fixture.workspace.plan_with(&["-refresh-only"]);
    assert_eq!(refresh.drift(), [""; 0], "the state says what is not true: {}", refresh.text());
    fixture.workspace.apply();
    fixture.workspace.assert_empty_plan();
    let errors: Vec<String> = failed.errors().iter().map(ToString::to_string).collect();
    errors.join("\n\n").replace(&fixture.suffix, "")
}
