//! Service accounts of Google and of Kubernetes: what each policy does with those that a service no longer has, and the order of an
//! apply.

use std::sync::{Arc, Mutex};

use anu::platform::embedded::{Dump, Faults};
use anu::sdk::Value;

use crate::fake_core::State;
use crate::fixture::{Fixture, address, assert_refused, text};
use crate::generator::{Company, environment};

const PROJECT: &str = "proj-of-pay";
const NS: &str = "compute-a/pay";
const ROBOT: &str = "robot-of-pay";
const ACCOUNT: &str = "service account proj-of-pay/robot-of-pay";
const ROLE: &str =
    "IAM member proj-of-pay/roles/pubsub.publisher/serviceAccount:robot-of-pay@proj-of-pay.iam.gserviceaccount.com";
const WORKLOAD: &str = "workload identity proj-of-pay/robot-of-pay/the-clusters.svc.id.goog[pay/robot-of-pay]";
const KUBERNETES: &str = "Kubernetes service account compute-a/pay/robot-of-pay";

/// A service with an account, on both platforms.
fn company(policy: &str) -> Company {
    let mut production =
        environment("production", PROJECT, &[NS], &["team-1"]).with_account(ROBOT, &["roles/pubsub.publisher"]);
    production.quota = Some(3);
    Company::default().with("pay", Some(policy), &[production]).listed(PROJECT, "pay", &[])
}

/// A later revision in which the account is gone, or (`workload`) only that of Kubernetes.
fn without(company: &Company, workload: bool) -> Company {
    let mut next = company.next();
    let accounts = &mut next.services.get_mut("pay").unwrap().environments[0].accounts;
    match workload {
        true => accounts.get_mut(ROBOT).unwrap().workload = false,
        false => accounts.clear(),
    }
    next
}

fn kubernetes_account(dump: &Dump) -> bool {
    dump.clusters["compute-a"]["pay"].service_accounts.contains_key(ROBOT)
}

#[tokio::test]
async fn an_account_that_leaves_is_protected_abandoned_or_deleted_with_all_that_it_has() {
    for policy in ["prevent", "abandon", "delete", "delete-with-contents"] {
        let company = company(policy);
        let fixture = Fixture::open(&company.document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let before = fixture.dump();
        assert!(kubernetes_account(&before));
        let less = without(&company, false);
        fixture.publish(&less.document());
        if policy == "prevent" {
            let refused = "deletion of 1 service account and 1 Kubernetes service account is refused";
            assert_refused(fixture.plan(&state).await, refused);
            assert_eq!(fixture.dump(), before);
            continue;
        }
        let (plan, config) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        for key in [ACCOUNT, ROLE, WORKLOAD, KUBERNETES] {
            assert!(said.contains(&format!("\n  {key}\n")), "{policy}: {key} is not in\n{said}");
        }
        let (state, errors) = fixture.apply_plan(plan, &config).await;
        assert!(!errors.has_errors(), "{}", text(&errors));
        fixture.assert_settled(&state).await;
        for attribute in ["service_accounts", "workload_identity", "kubernetes_service_accounts"] {
            let value = state.0[&address("pay")].value.get(attribute).cloned();
            assert_eq!(value, Some(Value::Map(Default::default())), "{policy}: {attribute}");
        }
        if policy == "abandon" {
            assert_eq!(fixture.dump(), before, "what is abandoned works on");
            // And what carries our label is managed again once the registry has it again.
            let mut back = company.clone();
            back.revision = 2;
            fixture.publish(&back.document());
            fixture.apply(&state).await;
            assert_eq!(fixture.dump(), before);
        } else {
            let expected = less.expected();
            assert_eq!(Company::found(&expected, fixture.dump()), expected, "{policy}");
        }
    }
}

/// Only the one of Kubernetes: the one of Google and its roles stay, and nothing in the cluster acts as it any more.
#[tokio::test]
async fn a_kubernetes_account_that_leaves_alone_is_protected_abandoned_or_deleted() {
    for policy in ["prevent", "abandon", "delete"] {
        let company = company(policy);
        let fixture = Fixture::open(&company.document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let before = fixture.dump();
        let less = without(&company, true);
        fixture.publish(&less.document());
        if policy == "prevent" {
            assert_refused(fixture.plan(&state).await, "deletion of 1 Kubernetes service account is refused");
            continue;
        }
        fixture.apply(&state).await;
        let (expected, found) = (less.expected(), fixture.dump());
        let account = |dump: &Dump| dump.projects[PROJECT].service_accounts[ROBOT].clone();
        assert_eq!(account(&found), account(&expected), "{policy}");
        assert_eq!(kubernetes_account(&found), policy == "abandon");
        if policy == "abandon" {
            assert_eq!(found.clusters, before.clusters);
        }
    }
}

/// A deletion of its namespace includes it, whatever its own policy; in a namespace that others still use, its own policy counts.
#[tokio::test]
async fn a_kubernetes_account_leaves_with_its_namespace_or_by_itself() {
    for shared in [false, true] {
        let of_ledger = environment("production", "", if shared { &[NS] } else { &["compute-b/ledger"] }, &["team-2"]);
        let mut company = company("delete").with("ledger", Some("delete"), &[of_ledger]);
        if shared {
            company = company.declared(NS, "ledger", &[]);
        }
        let fixture = Fixture::open(&company.document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        assert!(kubernetes_account(&fixture.dump()));
        let mut less = company.next();
        less.services.get_mut("pay").unwrap().environments[0].targets.clear();
        less.settle();
        fixture.publish(&less.document());
        let (plan, _) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains(&format!("\n  {KUBERNETES}\n")), "{said}");
        fixture.apply(&state).await;
        let expected = less.expected();
        assert_eq!(Company::found(&expected, fixture.dump()), expected, "shared: {shared}");
    }
}

/// The namespace and its quota, then the account, then what is bound to it; removals in reverse.
#[tokio::test]
async fn an_account_exists_before_role_bindings_and_until_they_are_deleted() {
    let company = company("delete");
    let fixture = Fixture::open(&company.document(), Faults::none()).await;
    let seen: Arc<Mutex<Vec<[bool; 3]>>> = Arc::default();
    let watched = seen.clone();
    fixture.store().observe(move |store| {
        let dump = store.dump().unwrap();
        let Some(found) = dump.clusters.get("compute-a").and_then(|namespaces| namespaces.get("pay")) else { return };
        let now = [found.quota.is_some(), !found.service_accounts.is_empty(), !found.role_bindings.is_empty()];
        let mut seen = watched.lock().unwrap();
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    });
    let state = fixture.apply(&State::default()).await;
    let mut less = without(&company, false);
    let production = &mut less.services.get_mut("pay").unwrap().environments[0];
    production.quota = None;
    production.access[2].clear();
    fixture.publish(&less.document());
    fixture.apply(&state).await;
    let (no, yes) = (false, true);
    let up = [[no, no, no], [yes, no, no], [yes, yes, no], [yes, yes, yes]];
    let down = [[yes, yes, no], [yes, no, no], [no, no, no]];
    assert_eq!(*seen.lock().unwrap(), [&up[..], &down[..]].concat());
}

/// Its address is known without the project's platform.
#[tokio::test]
async fn the_kubernetes_account_alone_is_managed_where_google_is_not() {
    let company = company("delete");
    let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
    fixture.provider.insert("manage".into(), Value::List(vec![Value::from("kubernetes")]));
    let state = fixture.apply(&State::default()).await;
    let found = fixture.dump();
    assert!(found.projects.is_empty());
    assert_eq!(found.clusters, company.expected().clusters);
    fixture.publish(&without(&company, false).document());
    fixture.apply(&state).await;
    assert_eq!(fixture.dump().clusters, without(&company, false).expected().clusters);
}

/// A Helm chart has made it, and no other kind of object is in the way.
#[tokio::test]
async fn an_account_of_others_is_refused_at_plan_and_adopted_on_request_with_all_that_is_theirs() {
    let company = company("delete");
    let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
    let (key, name) = (NS.parse().unwrap(), ROBOT.parse().unwrap());
    let ours = [("managed-by".into(), "anu".into()), ("anu-registry".into(), "acme".into())].into();
    fixture.store().foreign_namespace(&key, &ours).unwrap();
    let charts = [("meta.helm.sh/release-name".to_owned(), "pay".to_owned())];
    fixture
        .store()
        .foreign_kubernetes_service_account(&key, &name, &Default::default(), &charts.clone().into())
        .unwrap();
    let before = fixture.dump();
    let errors = fixture.plan(&State::default()).await.map(drop).expect_err("it is not ours");
    insta::assert_snapshot!(text(&errors));
    assert_eq!(fixture.dump(), before);
    fixture.arguments.insert("adopt_existing".into(), Value::from(true));
    let (plan, _) = fixture.planned(&State::default()).await;
    insta::assert_snapshot!(text(&plan.diagnostics));
    let state = fixture.apply(&State::default()).await;
    let found = fixture.dump().clusters["compute-a"]["pay"].service_accounts[&name].clone();
    let annotations: Vec<&str> = found.annotations.keys().map(String::as_str).collect();
    assert_eq!(annotations, ["iam.gke.io/gcp-service-account", "meta.helm.sh/release-name"]);
    // A label that was removed: it is not deleted, because the chart may have made it again.
    fixture.store().foreign_kubernetes_service_account(&key, &name, &Default::default(), &charts.into()).unwrap();
    fixture.publish(&without(&company, false).document());
    let (_, errors) = fixture.try_apply(&state).await;
    assert!(
        text(&errors).contains(
            "Kubernetes service account `compute-a/pay/robot-of-pay` was not created by anu and is not deleted"
        ),
        "{}",
        text(&errors)
    );
    assert!(kubernetes_account(&fixture.dump()));
}
