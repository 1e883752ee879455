//! What exists already and is in no state: a lost state, a fork, a new state over what is labelled, adoption, an earlier name of the
//! registry. The plan shows what the apply changes on it, and refuses what is not ours.

use anu::fanout::resource::{ACTS_AS, Labels, RoleBinding};
use anu::platform::OwnerLabel;
use anu::platform::embedded::{Dump, Faults, Store};
use anu::registry::names::{KubernetesServiceAccountName, NamespaceKey, ProjectId, RegistryName, ServiceAccountName};
use anu::sdk::Value;

use crate::fake_core::{Action, State};
use crate::fixture::{Fixture, address, assert_refused, text};
use crate::generator::{APIS, Company, environment};

const BINDING: &str = "anu:pay:production:admins:admin";
const ROBOT: &str = "robot-of-pay";

fn company() -> Company {
    let mut production = environment("production", "proj-of-pay", &["compute-a/pay"], &["team-1"])
        .with_account(ROBOT, &["roles/pubsub.publisher"]);
    production.quota = Some(3);
    let company = Company::default().with("pay", Some("delete-with-contents"), &[production]);
    company.listed("proj-of-pay", "pay", &["a"]).declared("compute-a/pay", "pay", &["b"])
}

fn project() -> ProjectId {
    "proj-of-pay".parse().unwrap()
}

fn namespace() -> NamespaceKey {
    "compute-a/pay".parse().unwrap()
}

/// The account of Google.
fn robot() -> ServiceAccountName {
    ROBOT.parse().unwrap()
}

/// The account of Kubernetes that acts as it.
fn pods() -> KubernetesServiceAccountName {
    ROBOT.parse().unwrap()
}

/// A Kubernetes account that acts as this one, or as none.
fn plant_pods(store: &Store, labels: &Labels, acts_as: Option<&str>) {
    let annotations = acts_as.map(|who| (ACTS_AS.to_owned(), who.to_owned())).into_iter().collect();
    store.foreign_kubernetes_service_account(&namespace(), &pods(), labels, &annotations).unwrap();
}

fn owner(registry: &str) -> Labels {
    OwnerLabel::labels(&registry.parse().unwrap())
}

fn binding(role: &str, subjects: &[&str]) -> RoleBinding {
    RoleBinding { role: role.parse().unwrap(), subjects: subjects.iter().map(|&who| who.to_owned()).collect() }
}

fn limits(limits: &[(&str, &str)]) -> Labels {
    limits.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn plant(store: &Store, labels: &Labels, role: &str, subjects: &[&str]) {
    store.foreign_role_binding(&namespace(), BINDING, labels, &binding(role, subjects)).unwrap();
}

type Write = fn(&Store);

/// Every setting that an apply writes, each changed by others; and what the plan says of it.
const DIFFERENCES: [(Write, &str); 17] = [
    (
        |s| s.edit_service_account(&project(), &robot(), |a| a.display_name = "x".into()).unwrap(),
        "display name: `x` -> `pay production`",
    ),
    (
        |s| plant_pods(s, &owner("acme"), Some("x@example.com")),
        "annotation `iam.gke.io/gcp-service-account`: `x@example.com` -> `robot-of-pay@proj-of-pay.iam.gserviceaccount.com`",
    ),
    (
        |s| plant_pods(s, &owner("acme"), None),
        "annotation `iam.gke.io/gcp-service-account`: none -> `robot-of-pay@proj-of-pay.iam.gserviceaccount.com`",
    ),
    (
        |s| s.edit_project(&project(), |p| p.display_name = "x".into()).unwrap(),
        "display name: `x` -> `proj-of-pay yes`",
    ),
    (
        |s| s.edit_project(&project(), |p| p.parent = Some("folders/7".into())).unwrap(),
        "parent: `folders/7` -> `folders/1234`",
    ),
    (
        |s| s.edit_project(&project(), |p| p.billing_account = None).unwrap(),
        "billing account: none -> `000000-AAAAAA-000000`",
    ),
    (
        |s| s.edit_project(&project(), |p| drop(p.labels.insert("a".into(), "x".into()))).unwrap(),
        "label `a`: `x` -> `yes`",
    ),
    (|s| s.edit_project(&project(), |p| drop(p.labels.remove("a"))).unwrap(), "label `a`: none -> `yes`"),
    (
        |s| s.edit_namespace(&namespace(), |n| drop(n.labels.insert("team".into(), "x".into()))).unwrap(),
        "label `team`: `x` -> `team-1`",
    ),
    (|s| s.edit_namespace(&namespace(), |n| drop(n.labels.remove("b"))).unwrap(), "label `b`: none -> `yes`"),
    (
        |s| s.edit_namespace(&namespace(), |n| drop(n.annotations.remove("note"))).unwrap(),
        "annotation `note`: none -> `yes`",
    ),
    (
        |s| s.foreign_quota(&namespace(), &owner("acme"), &limits(&[("requests.cpu", "99")])).unwrap(),
        "limit `requests.cpu`: `99` -> `3`",
    ),
    (
        |s| s.foreign_quota(&namespace(), &owner("acme"), &limits(&[("pods", "1"), ("requests.cpu", "3")])).unwrap(),
        "limit `pods`: `1` -> none",
    ),
    (
        |s| plant(s, &owner("acme"), "admin", &["Group:team-1@example.com", "Group:oncall@example.com"]),
        "revoked from `Group:oncall@example.com`",
    ),
    (|s| plant(s, &owner("acme"), "admin", &["Group:oncall@example.com"]), "granted to `Group:team-1@example.com`"),
    (
        |s| plant(s, &owner("acme"), "view", &["Group:team-1@example.com"]),
        "role: `view` -> `admin` (deleted and created again)",
    ),
    (|s| plant(s, &owner("acme"), "admin", &[]), "granted to `Group:team-1@example.com`"),
];

#[tokio::test]
async fn taking_over_shows_what_changes_and_changes_nothing_else() {
    for (write, shown) in DIFFERENCES {
        let fixture = Fixture::open(&company().document(), Faults::none()).await;
        fixture.apply(&State::default()).await;
        let expected = fixture.dump();
        // A state that was lost, over what exists as it should be.
        let (plan, _) = fixture.planned(&State::default()).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains("existing resources will be adopted\n") && !said.contains("changed by apply"), "{said}");
        write(fixture.store());
        assert_ne!(fixture.dump(), expected, "{shown}: no difference");
        let (plan, _) = fixture.planned(&State::default()).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains("1 of them changed by apply") && said.contains(shown), "{shown} is not shown:\n{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("    ")).count(), shown_lines(&said, shown), "{said}");
        fixture.apply(&State::default()).await;
        assert_eq!(fixture.dump(), expected, "{shown}");
    }
    println!("{} differences", DIFFERENCES.len());
}

/// Two services share a project and a namespace, and their team has the same grants.
fn sharers() -> Company {
    let production = environment("production", "proj-of-pay", &["compute-a/pay"], &["team-1"]);
    let company = Company::default().with("pay", Some("delete"), std::slice::from_ref(&production));
    let company = company.with("web", Some("delete"), &[production]);
    company.listed("proj-of-pay", "pay", &["a"]).declared("compute-a/pay", "pay", &["b"])
}

#[tokio::test]
async fn what_a_sharer_has_created_is_no_news() {
    let fixture = Fixture::open(&sharers().document(), Faults::none()).await;
    let (plan, config) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(!said.contains("already"), "{said}");
    let (_, said) = fixture.apply_plan(plan, &config).await;
    assert!(!said.has_errors() && !text(&said).contains("already"), "{}", text(&said));

    // The owner comes first, in a run of its own; the sharer joins it.
    let fixture = Fixture::open(&sharers().document(), Faults::none()).await;
    let state = fixture.apply_of(&State::default(), &["pay"]).await;
    let (plan, _) = fixture.planned(&state).await;
    let said = text(&plan.diagnostics);
    assert!(!said.contains("already"), "{said}");

    // A lost state is news, with what others do not use; so is what others have created.
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("already") && said.contains("\n  project proj-of-pay\n"), "{said}");
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    fixture.store().foreign_api(&project(), &APIS[0].parse().unwrap()).unwrap();
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("Service `pay`: 1 existing resource will be adopted"), "{said}");
}

/// One change is one line, except that of subjects who are exchanged.
fn shown_lines(said: &str, shown: &str) -> usize {
    if shown.contains("granted") && said.contains("revoked from") { 2 } else { 1 }
}

#[tokio::test]
async fn what_is_not_ours_is_refused_under_the_names_of_ours() {
    let cases: [(Write, &str, bool); 11] = [
        (|s| s.foreign_service_account(&project(), &robot(), "").unwrap(), "exists already", true),
        (
            |s| {
                let description = "managed-by=anu anu-registry=globex";
                s.foreign_service_account(&project(), &robot(), description).unwrap();
            },
            "belongs to the registry `globex`",
            false,
        ),
        (|s| plant_pods(s, &Labels::new(), None), "exists already", true),
        (|s| plant_pods(s, &Labels::new(), Some("x@example.com")), "exists already", true),
        (|s| plant_pods(s, &owner("globex"), None), "belongs to the registry `globex`", false),
        (|s| plant(s, &Labels::new(), "admin", &["Group:team-1@example.com"]), "exists already", true),
        (|s| plant(s, &Labels::new(), "admin", &["User:else@example.com"]), "exists already", true),
        (|s| plant(s, &Labels::new(), "view", &["User:else@example.com"]), "exists with another role", false),
        (
            |s| plant(s, &owner("globex"), "admin", &["User:else@example.com"]),
            "belongs to the registry `globex`",
            false,
        ),
        (|s| s.foreign_quota(&namespace(), &Labels::new(), &limits(&[("pods", "1")])).unwrap(), "exists already", true),
        (
            |s| s.foreign_quota(&namespace(), &owner("globex"), &limits(&[("pods", "1")])).unwrap(),
            "belongs to the registry `globex`",
            false,
        ),
    ];
    for (write, words, adoptable) in cases {
        for adopt in [false, true] {
            let mut fixture = Fixture::open(&company().document(), Faults::none()).await;
            fixture.store().foreign_namespace(&namespace(), &owner("acme")).unwrap();
            write(fixture.store());
            fixture.arguments.insert("adopt_existing".into(), Value::from(adopt));
            let before = fixture.dump();
            let planned = fixture.plan(&State::default()).await;
            if adopt && adoptable {
                let said = text(&planned.unwrap_or_else(|errors| panic!("{}", text(&errors))).0.diagnostics);
                assert!(said.contains("ownership label: none -> `acme`"), "{said}");
                fixture.apply(&State::default()).await;
                assert_eq!(fixture.dump(), company().expected());
            } else {
                let words = if adopt { words } else { words.replace("with another role", "already").leak() };
                assert_refused(planned, words);
                assert_eq!(fixture.dump(), before);
            }
        }
    }
}

/// The same in a state that manages the namespace, and gets a grant more.
#[tokio::test]
async fn a_binding_planted_before_a_new_grant_is_refused_at_plan() {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let name = "anu:pay:production:viewers:view";
    for (labels, words) in [(Labels::new(), "exists already"), (owner("globex"), "belongs to the registry `globex`")] {
        let theirs = binding("cluster-reader", &["User:else@example.com"]);
        fixture.store().foreign_role_binding(&namespace(), name, &labels, &theirs).unwrap();
        let mut company = company().next();
        company.services.get_mut("pay").unwrap().environments[0].access[0].insert("team-2".to_owned());
        fixture.publish(&company.document());
        assert_refused(fixture.plan(&state).await, words);
    }
    // With our label and another role: shown, and repaired.
    let theirs = binding("cluster-reader", &["User:else@example.com"]);
    fixture.store().foreign_role_binding(&namespace(), name, &owner("acme"), &theirs).unwrap();
    let (plan, _) = fixture.planned(&state).await;
    let said = text(&plan.diagnostics);
    assert!(
        said.contains("role: `cluster-reader` -> `view`") && said.contains("revoked from `User:else@example.com`"),
        "{said}"
    );
    fixture.apply(&state).await;
    let found = fixture.dump().clusters["compute-a"]["pay"].role_bindings[name].binding.clone();
    assert_eq!(found, binding("view", &["Group:team-2@example.com"]));
}

/// `metadata.name` and `metadata.previousNames` of the company's document.
fn named(company: &Company, name: &str, previous: &[&str]) -> serde_json::Value {
    let mut document = company.document();
    document["metadata"]["name"] = name.into();
    document["metadata"]["previousNames"] = previous.into();
    document
}

fn expected(company: &Company, name: &str) -> Dump {
    let name: RegistryName = name.parse().unwrap();
    Dump::expected(&name, company.fan_out().services().map(|(_, service)| &service.resources)).relabelled(&name)
}

trait Relabelled {
    /// The labels of projects and namespaces, which are those of the document's own name.
    fn relabelled(self, name: &RegistryName) -> Self;
}

impl Relabelled for Dump {
    fn relabelled(mut self, name: &RegistryName) -> Self {
        for project in self.projects.values_mut().filter_map(|project| project.project.as_mut()) {
            OwnerLabel::write(name, &mut project.settings.labels);
        }
        for namespace in self.clusters.values_mut().flat_map(|all| all.values_mut()) {
            OwnerLabel::write(name, &mut namespace.settings.labels);
        }
        self
    }
}

#[tokio::test]
async fn a_registry_with_another_name_takes_over_what_carries_an_earlier_one() {
    for state_is_lost in [false, true] {
        let fixture = Fixture::open(&company().document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        let state = if state_is_lost { State::default() } else { state };
        // Another name alone, or other earlier names, are another registry.
        for previous in [&[][..], &["initech"]] {
            fixture.publish(&named(&company().next(), "globex", previous));
            let words = if state_is_lost { "belongs to the registry `acme`" } else { "belongs to another registry" };
            assert_refused(fixture.plan(&state).await, words);
        }
        fixture.publish(&named(&company().next(), "globex", &["initech", "acme"]));
        let (plan, _) = fixture.planned(&state).await;
        let change = &plan.changes[&address("pay")];
        if state_is_lost {
            let said = text(&plan.diagnostics);
            assert!(said.contains("label `anu-registry`: `acme` -> `globex`"), "{said}");
            assert_eq!(said.matches("ownership label: `acme` -> `globex`").count(), 4, "{said}");
        } else {
            assert_eq!(change.action, Action::Update);
            let of = |value: &Value| value.get("registry").cloned();
            let names = (of(&change.before), of(&change.after));
            assert_eq!(names, (Some(Value::from("acme")), Some(Value::from("globex"))));
        }
        let state = fixture.apply(&state).await;
        assert_eq!(fixture.dump(), expected(&company(), "globex"), "state lost: {state_is_lost}");
        // And what is deleted later, is.
        let state = fixture.apply_of(&state, &[]).await;
        assert!(state.0.is_empty());
        assert_eq!(fixture.dump().active(), Dump::default());
    }
}

/// An apply of the new name that fails at each of its writes, and is repeated.
#[tokio::test]
async fn a_takeover_from_an_earlier_name_is_resumed() {
    for failing in ["project", "namespace", "quota", "role binding", "service account", "Kubernetes service account"] {
        let mut fixture = Fixture::open(&company().document(), Faults::none()).await;
        let state = fixture.apply(&State::default()).await;
        fixture.publish(&named(&company().next(), "globex", &["acme"]));
        fixture.reopen(format!("fail:{failing}").parse().unwrap()).await;
        let (state, errors) = fixture.try_apply(&state).await;
        assert!(errors.has_errors(), "{failing}");
        fixture.reopen(Faults::none()).await;
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), expected(&company(), "globex"), "{failing}");
    }
}

/// A destroy under the new name, of what no apply has labelled again.
#[tokio::test]
async fn what_carries_an_earlier_name_is_deleted_under_the_new_one() {
    let fixture = Fixture::open(&company().document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    let mut gone = company().next();
    gone.services.clear();
    gone.settle();
    let other = environment("production", "", &["compute-c/other"], &["team-1"]);
    let gone = gone.with("other", None, &[other]);
    fixture.publish(&named(&gone, "globex", &["acme"]));
    fixture.apply(&state).await;
    assert_eq!(fixture.dump().active(), expected(&gone, "globex"));
}
