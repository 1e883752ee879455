//! Drift of managed resources is shown and repaired; resources of others are neither shown nor changed.

use anu::fanout::resource::{ACTS_AS, Labels, RoleBinding};
use anu::platform::OwnerLabel;
use anu::platform::embedded::{Faults, Store};
use anu::registry::names::NamespaceKey;
use anu::sdk::to_json;

use crate::fake_core::{Action, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};
use crate::rights;

const PROJECT: &str = "proj-of-pay";
const API: &str = "pubsub.googleapis.com";
const ROLE: &str = "roles/pubsub.admin";
const WHO: &str = "group:team-1@example.com";
const ROBOT: &str = "robot-of-pay";
const WORKLOAD: &str = "serviceAccount:the-clusters.svc.id.goog[pay/robot-of-pay]";
const BINDING: &str = "anu:pay:production:admins:admin";

fn company() -> Company {
    let mut production = environment("production", PROJECT, &["compute-a/pay"], &["team-1"])
        .with_account(ROBOT, &["roles/pubsub.publisher"]);
    production.quota = Some(3);
    Company::default().with("pay", None, &[production]).listed(PROJECT, "pay", &["a"])
}

fn namespace() -> NamespaceKey {
    "compute-a/pay".parse().unwrap()
}

fn binding(role: &str, who: &str) -> RoleBinding {
    RoleBinding { role: role.parse().unwrap(), subjects: [who.to_owned()].into() }
}

/// Does something to the store, and expects the plan to show it so, and the apply to repair it.
async fn repaired(drift: impl FnOnce(&Store), shown: &str) {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let before = fixture.dump();
    drift(fixture.store());
    assert_ne!(fixture.dump(), before, "no drift at all");
    let (plan, _) = fixture.planned(&state).await;
    let change = &plan.changes[&address("pay")];
    assert_eq!(change.action, Action::Update, "{shown} is not noticed");
    let differences = rights::differences(&to_json(&change.before), &to_json(&change.after));
    assert!(differences.contains(shown), "{shown} is not shown:\n{differences}");
    // A refresh alone (`-refresh-only`) must not make the state forget what to repair.
    let state = fixture.apply(&plan.refreshed).await;
    assert_eq!(fixture.dump(), before);
    fixture.assert_settled(&state).await;
}

#[tokio::test]
async fn project_settings() {
    let id = PROJECT.parse().unwrap();
    let renamed = |store: &Store| store.edit_project(&id, |settings| settings.display_name = "x".into()).unwrap();
    repaired(renamed, "+  > projects > proj-of-pay > display_name").await;
    let moved = |store: &Store| store.edit_project(&id, |settings| settings.parent = None).unwrap();
    repaired(moved, "+  > projects > proj-of-pay > parent").await;
    let unpaid = |store: &Store| store.edit_project(&id, |settings| settings.billing_account = None).unwrap();
    repaired(unpaid, "+  > projects > proj-of-pay > billing_account").await;
    let label = |store: &Store| drop(store.edit_project(&id, |settings| drop(settings.labels.remove("a"))));
    repaired(label, "+  > projects > proj-of-pay > labels > a").await;
    let mark = |store: &Store| drop(store.edit_project(&id, |settings| drop(settings.labels.remove("managed-by"))));
    repaired(mark, "+  > projects > proj-of-pay > labels > managed-by").await;
}

#[tokio::test]
async fn apis_and_iam_members() {
    let (id, api) = (PROJECT.parse().unwrap(), API.parse().unwrap());
    repaired(|store| store.remove_api(&id, &api).unwrap(), "+  > apis > proj-of-pay").await;
    repaired(|store| store.remove_member(&id, ROLE, WHO).unwrap(), "+  > iam > proj-of-pay > roles/pubsub.admin").await;
}

#[tokio::test]
async fn service_accounts() {
    let (id, name) = (PROJECT.parse().unwrap(), ROBOT.parse().unwrap());
    // Its roles are those of a deleted account then, and it is another one when it is created again.
    let gone = |store: &Store| store.remove_service_account(&id, &name).unwrap();
    for shown in [
        "+  > service_accounts > proj-of-pay > robot-of-pay",
        "+  > workload_identity > proj-of-pay > robot-of-pay",
        "+  > iam > proj-of-pay > roles/pubsub.publisher",
    ] {
        let fixture = Fixture::open(&company().document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        gone(fixture.store());
        let (plan, _) = fixture.planned(&state).await;
        let change = &plan.changes[&address("pay")];
        let differences = rights::differences(&to_json(&change.before), &to_json(&change.after));
        assert!(differences.contains(shown), "{shown} is not shown:\n{differences}");
        fixture.apply(&state).await;
        let found = fixture.dump();
        assert_eq!(rights::missing(&company().expected(), &found), Vec::<String>::new());
        let members = &found.projects[PROJECT].iam["roles/pubsub.publisher"];
        assert!(members.iter().any(|member| member.starts_with("deleted:serviceAccount:robot-of-pay@")), "{members:?}");
    }
    let text = |store: &Store| store.foreign_service_account(&id, &name, "").unwrap();
    repaired(text, "+  > service_accounts > proj-of-pay > robot-of-pay > description").await;
    let renamed =
        |store: &Store| store.foreign_service_account(&id, &name, "managed-by=anu anu-registry=acme").unwrap();
    repaired(renamed, "+  > service_accounts > proj-of-pay > robot-of-pay > display_name").await;
    let role = "roles/iam.workloadIdentityUser";
    let revoked = |store: &Store| store.remove_account_member(&id, &name, role, WORKLOAD).unwrap();
    repaired(revoked, "+  > workload_identity > proj-of-pay > robot-of-pay").await;
}

#[tokio::test]
async fn kubernetes_service_accounts() {
    let (key, name) = (namespace(), ROBOT.parse().unwrap());
    let ours = OwnerLabel::labels(&"acme".parse().unwrap());
    let acts_as = |who: &str| [(ACTS_AS.to_owned(), who.to_owned()), ("note".to_owned(), "theirs".to_owned())].into();
    let shown = "+  > kubernetes_service_accounts > compute-a/pay > robot-of-pay > google_service_account";
    repaired(|store| store.remove_kubernetes_service_account(&key, &name).unwrap(), shown).await;
    // What others write on it stays.
    for (labels, annotations) in [
        (&ours, acts_as("else@proj-of-pay.iam.gserviceaccount.com")),
        (&ours, [("note".to_owned(), "theirs".to_owned())].into()),
        (&Labels::new(), acts_as("robot-of-pay@proj-of-pay.iam.gserviceaccount.com")),
    ] {
        let fixture = Fixture::open(&company().document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        fixture.store().foreign_kubernetes_service_account(&key, &name, labels, &annotations).unwrap();
        let (plan, _) = fixture.planned(&state).await;
        let change = &plan.changes[&address("pay")];
        let differences = rights::differences(&to_json(&change.before), &to_json(&change.after));
        assert!(differences.contains(shown), "{shown} is not shown:\n{differences}");
        let said = text(&plan.diagnostics);
        let missing = "ownership label missing on 1 Kubernetes service account";
        assert_eq!(said.contains(missing), labels.is_empty(), "{said}");
        let state = fixture.apply(&plan.refreshed).await;
        let found = fixture.dump().clusters["compute-a"]["pay"].service_accounts[&name].clone();
        assert_eq!(found.annotations, acts_as("robot-of-pay@proj-of-pay.iam.gserviceaccount.com"));
        assert_eq!(found.registry.map(|name| name.to_string()).as_deref(), Some("acme"));
        fixture.assert_settled(&state).await;
    }
}

#[tokio::test]
async fn namespaces_with_all_that_is_in_them() {
    let key = namespace();
    repaired(|store| store.remove_namespace(&key).unwrap(), "+  > namespaces > compute-a/pay").await;
    let label = |store: &Store| drop(store.edit_namespace(&key, |s| drop(s.labels.insert("team".into(), "x".into()))));
    repaired(label, "+  > namespaces > compute-a/pay > labels > team").await;
    let note = |store: &Store| store.edit_namespace(&key, |settings| settings.annotations.clear()).unwrap();
    repaired(note, "+  > namespaces > compute-a/pay > annotations").await;
}

#[tokio::test]
async fn quotas_and_role_bindings() {
    let key = namespace();
    repaired(|store| store.remove_quota(&key).unwrap(), "+  > quotas > compute-a/pay").await;
    let more = [("requests.cpu".to_owned(), "99".to_owned())].into();
    let mark = [("managed-by".into(), "anu".into()), ("anu-registry".into(), "acme".into())].into();
    repaired(|store| store.foreign_quota(&key, &mark, &more).unwrap(), "+  > quotas > compute-a/pay").await;
    let gone = |store: &Store| store.remove_role_binding(&key, BINDING).unwrap();
    repaired(gone, "+  > role_bindings > compute-a/pay").await;
    let wrong = binding("admin", "Group:else@example.com");
    let other = |store: &Store| store.foreign_role_binding(&key, BINDING, &mark, &wrong).unwrap();
    repaired(other, "+  > role_bindings > compute-a/pay").await;
    let role = binding("view", "Group:team-1@example.com");
    let role = |store: &Store| store.foreign_role_binding(&key, BINDING, &mark, &role).unwrap();
    repaired(role, "+  > role_bindings > compute-a/pay").await;
}

#[tokio::test]
async fn ownership_labels_of_quotas_and_role_bindings() {
    let (key, none) = (namespace(), Default::default());
    let ours = binding("admin", "Group:team-1@example.com");
    let quota = [("requests.cpu".to_owned(), "3".to_owned())].into();
    repaired(|store| store.foreign_quota(&key, &none, &quota).unwrap(), "+  > quotas > compute-a/pay").await;
    let shown = "+  > role_bindings > compute-a/pay";
    repaired(|store| store.foreign_role_binding(&key, BINDING, &none, &ours).unwrap(), shown).await;
    // Deleted by others, and created again without the label: for others, with another role.
    let theirs = binding("view", "User:else@example.com");
    repaired(|store| store.foreign_role_binding(&key, BINDING, &none, &theirs).unwrap(), shown).await;
}

/// A revocation does not depend on the label: otherwise an editor of a binding could keep access.
#[tokio::test]
async fn a_removed_ownership_label_blocks_no_revocation() {
    let mut company = company();
    company.services.get_mut("pay").unwrap().environments[0].access[0].insert("team-2".to_owned());
    let name = "anu:pay:production:viewers:view";
    for role in ["view", "edit"] {
        let fixture = Fixture::open(&company.document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let theirs = binding(role, "User:else@example.com");
        fixture.store().foreign_role_binding(&namespace(), name, &Default::default(), &theirs).unwrap();
        let limits = [("requests.cpu".to_owned(), "3".to_owned())].into();
        fixture.store().foreign_quota(&namespace(), &Default::default(), &limits).unwrap();
        let mut less = company.next();
        let environment = &mut less.services.get_mut("pay").unwrap().environments[0];
        environment.access[0].clear();
        environment.quota = None;
        fixture.publish(&less.document());
        let (plan, _) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains("ownership label missing on 1 quota and 1 grant"), "{said}");
        assert!(said.contains("1 quota and 2 grants will be deleted"), "{said}");
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), less.expected());
    }
}

#[tokio::test]
async fn a_project_deleted_by_hand_is_restored_and_the_plan_says_so() {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let before = fixture.dump();
    let id = PROJECT.parse().unwrap();
    fixture.store().delete_project_by_hand(&id).unwrap();
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("restored"), "{}", text(&plan.diagnostics));
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), before);
}

#[tokio::test]
async fn what_others_did_is_never_shown_and_never_touched() {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let (store, id, key) = (fixture.store(), PROJECT.parse().unwrap(), namespace());
    store.edit_project(&id, |settings| drop(settings.labels.insert("theirs".into(), "yes".into()))).unwrap();
    store.foreign_api(&id, &"storage.googleapis.com".parse().unwrap()).unwrap();
    store.foreign_member(&id, ROLE, "user:else@example.com").unwrap();
    store.foreign_member(&id, "roles/viewer", "domain:example.com").unwrap();
    store.conditional_member(&id, ROLE, WHO, "request.time < x").unwrap();
    let robot = ROBOT.parse().unwrap();
    let description = "Pays. managed-by=anu anu-registry=acme";
    store.edit_service_account(&id, &robot, |settings| settings.description = description.into()).unwrap();
    store.foreign_service_account(&id, &"robot-of-others".parse().unwrap(), "theirs").unwrap();
    store.foreign_account_member(&id, &robot, "roles/iam.serviceAccountUser", "user:else@example.com").unwrap();
    store.edit_namespace(&key, |settings| drop(settings.labels.insert("theirs".into(), "yes".into()))).unwrap();
    store.foreign_role_binding(&key, "theirs", &Default::default(), &binding("view", "User:else@example.com")).unwrap();
    store.foreign_contents(&key, "Deployment", "web").unwrap();
    let theirs = [("note".to_owned(), "theirs".to_owned())].into();
    store.foreign_kubernetes_service_account(&key, &"theirs".parse().unwrap(), &Labels::new(), &theirs).unwrap();
    let found = fixture.dump();
    fixture.assert_settled(&state).await;
    let mut company = company().next();
    company.services.get_mut("pay").unwrap().environments[0].access[2].insert("team-2".to_owned());
    fixture.publish(&company.document());
    let state = fixture.apply(&state).await;
    let mut back = self::company();
    back.revision = 2;
    fixture.publish(&back.document());
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), found);
}
