//! kill -9 at each request of an apply, then apply again: everything is there once, nothing is left over, and the state says
//! what is true.
//!
//! A proxy holds the request at which the provider dies: before the cluster hears of it, or after it has done it. In turn
//! the provider dies alone, or with Terraform, which then saves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::Resource;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::document::{Access, Environment, Target, teams, texts};
use super::super::proxy::{Fate, Proxy};
use super::super::support::Core;
use super::{Fixture, proxy, thoroughness};

/// What there is of a registry on all clusters, in words that are the same for every stage.
fn content(fixture: &Fixture<'_>) -> BTreeMap<String, String> {
    fn of<K>(fixture: &Fixture<'_>, kind: &str) -> Vec<(String, String)>
    where
        K: Resource<DynamicType = ()> + Clone + Serialize + DeserializeOwned + std::fmt::Debug,
    {
        let say = |(key, object): (String, K)| {
            let json = serde_json::to_value(object).expect("JSON");
            let metadata = &json["metadata"];
            let said = json!([
                metadata["labels"],
                metadata["annotations"],
                json["spec"]["hard"],
                json["roleRef"],
                json["subjects"]
            ]);
            let plain = |text: String| text.replace(&fixture.suffix, "");
            (plain(format!("{kind} {key}")), plain(said.to_string()))
        };
        fixture.marked::<K>().into_iter().map(say).collect()
    }
    let mut all = of::<Namespace>(fixture, "namespace");
    all.extend(of::<ResourceQuota>(fixture, "quota"));
    all.extend(of::<RoleBinding>(fixture, "role binding"));
    all.into_iter().collect()
}

/// A stage behind a proxy of its own, made ready for the apply to be killed.
fn ready<'c>(core: &Core, clusters: &'c Clusters, prepare: fn(&Fixture<'_>)) -> (Fixture<'c>, Proxy) {
    let proxy = proxy(clusters);
    let fixture = Fixture::behind(core, clusters, &proxy, "{token: any}");
    prepare(&fixture);
    (fixture, proxy)
}

/// Kills an apply at as many of its requests as `ANU_KUBERNETES_KILLS` says, evenly spread; all of them with 1000.
fn kill(core: &Core, prepare: fn(&Fixture<'_>)) {
    let Some(clusters) = Clusters::shared() else { return };
    let (fixture, proxy) = ready(core, &clusters, prepare);
    let plan = fixture.workspace.plan();
    proxy.judge(|_| Fate::Through);
    fixture.workspace.apply_saved(&plan).success();
    let (asked, expected) = (proxy.asked(), content(&fixture));
    fixture.workspace.assert_empty_plan();

    let before = asked.iter().map(|asked| (asked.number, Fate::Held));
    let after = asked.iter().filter(|asked| asked.writes()).map(|asked| (asked.number, Fate::HeldAfter));
    let places: Vec<(usize, Fate)> = before.chain(after).collect();
    assert!(places.len() > 20, "{places:?}");
    let last = places.len() - 1;
    let rounds = thoroughness("ANU_KUBERNETES_KILLS").clamp(2, places.len());
    let chosen: BTreeSet<usize> = (0..rounds).map(|round| round * last / (rounds - 1)).collect();
    let mut missed = 0;
    for (round, place) in chosen.iter().copied().enumerate() {
        let (number, fate) = places[place];
        let what = format!("{fate:?} at request {number} of {}", asked.len());
        let (fixture, proxy) = ready(core, &clusters, prepare);
        let plan = fixture.workspace.plan();
        proxy.judge(move |asked| if asked.number == number { fate } else { Fate::Through });
        let mut running = fixture.workspace.start(&["apply", "-input=false", &plan.file.to_string_lossy()]);
        while proxy.held(Duration::from_millis(20)).is_none() && !running.has_ended() {}
        if running.has_ended() {
            // Services are applied at the same time: what one has just written, another sees or not, so a run may have a few
            // requests less.
            missed += 1;
        } else if round % 2 == 0 {
            running.kill();
        } else {
            running.kill_providers();
        }
        let killed = running.wait();
        proxy.judge(|_| Fate::Through);
        assert!(fixture.workspace.tainted().is_empty(), "{what}");
        fixture.workspace.try_apply(&[]).success();
        assert_eq!(content(&fixture), expected, "{what}: {killed}");
        fixture.workspace.assert_empty_plan();
        assert!(fixture.workspace.tainted().is_empty(), "{what}");
    }
    assert!(missed <= 1 + chosen.len() / 10, "{missed} of {} runs came to their end", chosen.len());
}

/// The next revision: another team, another quota, a binding that goes, a new namespace, labels.
fn change(fixture: &Fixture<'_>) {
    fixture.workspace.apply();
    fixture.edit("ledger", |ledger| {
        let staging = &mut ledger.environments[0];
        staging.rbac = Access { admins: teams(&["platform"]), operators: teams(&["banking"]), ..Access::default() };
        staging.quota = texts([("pods", "30"), ("requests.cpu", "5")]);
    });
    fixture.workspace.edit_registry(|registry| {
        registry.namespaces[0].labels = texts([("tier", "1"), ("zone", "b")]);
        let extra = Environment {
            name: "extra".to_owned(),
            rbac: Access { viewers: teams(&["platform"]), ..Access::default() },
            targets: vec![Target::of("argo", "compute-banking", &fixture.namespace("extra"), "search").into()],
            ..Environment::default()
        };
        registry.service_mut("search").environments.push(extra.into());
    });
}

/// A service leaves, and may take its namespaces along.
fn removal(fixture: &Fixture<'_>) {
    fixture.edit("ledger", |ledger| {
        for environment in &mut ledger.environments {
            environment.deletion_policy = Some("delete".to_owned());
        }
    });
    fixture.workspace.apply();
    fixture.workspace.edit_registry(|registry| drop(registry.remove_service("ledger")));
}

on_one_core! {
    fn while_it_creates(core: &Core) {
        kill(core, |_| {});
    }

    fn while_it_changes(core: &Core) {
        kill(core, change);
    }

    fn while_it_removes(core: &Core) {
        kill(core, removal);
    }
}
