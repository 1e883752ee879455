//! What is refused, at plan where it can be and at apply where it must be, and that nothing is lost by it.

use anu::platform::embedded::Faults;
use anu::sdk::{ApplyRequest, Call, Value};

use crate::fake_core::{self, Apply, Config, Plan, Process, State};
use crate::fixture::{Fixture, address, assert_refused, assert_says, source, text};
use crate::generator::{Company, environment};

const PROJECT: &str = "proj-of-pay";

fn company(policy: Option<&str>) -> Company {
    let production = environment("production", PROJECT, &["compute-a/pay"], &["team-1"]);
    let other = environment("production", "there-already", &["compute-b/other"], &["team-2"]);
    let company = Company::default().with("pay", policy, &[production]).with("other", policy, &[other]);
    company.listed(PROJECT, "pay", &["a"])
}

async fn applied(policy: Option<&str>) -> (Fixture, State) {
    let fixture = Fixture::open(&company(policy).document(), Faults::none()).await;
    let state = fixture.apply(&State::default()).await;
    (fixture, state)
}

/// The next revision, in which `pay` has one more administrator.
fn edited(policy: Option<&str>) -> Company {
    let mut company = company(policy).next();
    company.services.get_mut("pay").unwrap().environments[0].access[2].insert("team-2".to_owned());
    company
}

/// Without `pay`.
fn removed(policy: Option<&str>) -> Company {
    let mut company = company(policy).next();
    company.services.remove("pay");
    company.settle();
    company
}

async fn apply(plan: Plan, config: &Config) -> (State, anu::sdk::Diagnostics) {
    Apply::start(plan, config).await.unwrap().finish().await
}

#[tokio::test]
async fn replace_is_refused_at_plan() {
    let (fixture, state) = applied(None).await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let wanted = process.services().complete(config.resources[&address("pay")].clone());
    // Core plans the update first; then, because of the flag, again as if there were nothing, and passes the private state on.
    let first = process.services().plan_one(state.0.get(&address("pay")), Some(&wanted)).await;
    let mut second = state.0[&address("pay")].clone();
    (second.value, second.private) = (Value::Null, first.private);
    let response = process.services().plan_one(Some(&second), Some(&wanted)).await;
    assert!(response.planned.is_none());
    assert_says(&response.diagnostics, "Replacement of service `pay` is refused");
}

#[tokio::test]
async fn taint_is_refused_at_plan_with_the_command_to_run() {
    let (fixture, mut state) = applied(None).await;
    state.0.get_mut(&address("pay")).unwrap().tainted = true;
    assert_refused(fixture.plan(&state).await, "terraform untaint");
    assert_eq!(fixture.dump(), company(None).expected());
}

#[tokio::test]
async fn create_before_destroy_never_deletes_what_was_just_created() {
    let (fixture, state) = applied(Some("delete")).await;
    let deposed = &state.0[&address("pay")];
    // As if no plan had been able to refuse: one process creates, plans the destroy of the deposed object, and deletes it.
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let wanted = process.services().complete(config.resources[&address("pay")].clone());
    let create = process.services().plan_one(None, Some(&wanted)).await;
    let call = Call { private: create.private, ..Call::default() };
    let planned = create.planned.unwrap();
    let request = ApplyRequest { prior: Value::Null, planned, config: wanted, call };
    let made = process.services().resource().apply(request).await;
    assert!(made.state.is_some(), "{}", text(&made.diagnostics));
    let destroy = process.services().plan_one(Some(deposed), None).await;
    assert_says(&destroy.diagnostics, "Service `pay` is in the state already");
    let another = Process::start(&fixture.block()).await.unwrap();
    let destroy = another.services().plan_one(Some(deposed), None).await;
    assert_eq!(destroy.planned, Some(Value::Null), "{}", text(&destroy.diagnostics));
    let call = Call { private: destroy.private, ..Call::default() };
    let request = ApplyRequest { prior: deposed.value.clone(), planned: Value::Null, config: Value::Null, call };
    let response = process.services().resource().apply(request).await;
    assert!(response.state.is_none());
    assert_says(&response.diagnostics, "Replacement of service `pay` is refused");
    assert_eq!(fixture.dump(), company(Some("delete")).expected());
}

#[tokio::test]
async fn a_saved_plan_is_refused_once_the_service_changed_in_the_registry() {
    let fixture = Fixture::new(&company(None).document());
    let (plan, config) = fixture.planned(&State::default()).await;
    fixture.publish(&edited(None).document());
    let (state, errors) = apply(plan, &config).await;
    assert_says(&errors, "Service `pay` changed in the registry after planning");
    assert_says(&errors, "Plan again");
    assert_eq!(state.0.keys().collect::<Vec<_>>(), [&address("other")], "the others are applied");
    assert!(!fixture.dump().projects.contains_key(PROJECT), "nothing of it was touched");
    fixture.apply(&state).await;
    assert_eq!(fixture.dump(), edited(None).expected());
}

/// No resource of this service carries the policy or the registry's name, but its plan shows both.
#[tokio::test]
async fn a_saved_plan_is_refused_when_only_the_policy_or_the_registrys_name_changed() {
    let bare = environment("production", "there-already", &[], &["team-1"]);
    let company = |policy| Company::default().with("pay", policy, std::slice::from_ref(&bare));
    let mut renamed = company(None).next().document();
    renamed["metadata"]["name"] = "another".into();
    for changed in [company(Some("delete")).next().document(), renamed] {
        let fixture = Fixture::new(&company(None).document());
        let (plan, config) = fixture.planned(&State::default()).await;
        fixture.publish(&changed);
        let (state, errors) = apply(plan, &config).await;
        assert_says(&errors, "Service `pay` changed in the registry after planning");
        assert_eq!(state, State::default());
    }
}

#[tokio::test]
async fn a_saved_plan_is_applied_whatever_changed_elsewhere() {
    let (fixture, state) = applied(None).await;
    fixture.publish(&edited(None).document());
    let (plan, config) = fixture.planned(&state).await;
    let mut elsewhere = edited(None).next();
    elsewhere.services.get_mut("other").unwrap().environments[0].access[0].insert("team-1".to_owned());
    fixture.publish(&elsewhere.document());
    let (_, errors) = apply(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(fixture.dump(), edited(None).expected());
}

#[tokio::test]
async fn a_saved_destroy_is_refused_once_the_entry_is_back() {
    let (fixture, state) = applied(Some("delete")).await;
    fixture.publish(&removed(Some("delete")).document());
    let (plan, config) = fixture.planned(&state).await;
    fixture.publish(&company(Some("delete")).next().next().document());
    let (state, errors) = apply(plan, &config).await;
    assert_says(&errors, "It is in the registry now");
    assert_eq!(state.0.len(), 2);
    assert_eq!(fixture.dump(), company(Some("delete")).expected());
}

#[tokio::test]
async fn a_saved_destroy_is_refused_once_another_service_uses_what_it_deletes() {
    let (fixture, state) = applied(Some("delete")).await;
    fixture.publish(&removed(Some("delete")).document());
    let (plan, config) = fixture.planned(&state).await;
    let mut taken = removed(Some("delete")).next();
    taken.services.get_mut("other").unwrap().environments[0].targets.insert(("compute-a".into(), "pay".into()));
    fixture.publish(&taken.document());
    let (left, errors) = apply(plan, &config).await;
    assert_says(&errors, "namespace compute-a/pay: still used by `other`");
    assert_eq!(left.0.len(), 2);
    assert_eq!(fixture.dump(), company(Some("delete")).expected());
}

#[tokio::test]
async fn another_registry_is_refused() {
    let (fixture, state) = applied(Some("delete")).await;
    let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap();
    let mut document = edited(Some("delete")).document();
    document["metadata"]["name"] = "another".into();
    fixture.publish(&document);
    assert_refused(fixture.plan(&state).await, "was applied from the registry `acme`");
    assert_refused(fixture.plan_of(&state, &[]).await, "belongs to another registry");
    let (left, errors) = apply(plan, &config).await;
    assert_says(&errors, "belongs to another registry");
    assert_eq!(left.0.len(), 2);
    // What this one created is not adopted by the other one either.
    assert_refused(fixture.plan(&State::default()).await, "belongs to the registry `acme`");
}

#[tokio::test]
async fn an_older_registry_is_refused() {
    let (fixture, state) = applied(Some("delete")).await;
    fixture.publish(&edited(Some("delete")).document());
    let newer = fixture.apply(&state).await;
    let (plan, config) = fixture.plan_of(&newer, &[]).await.unwrap();
    fixture.publish(&company(Some("delete")).document());
    assert_refused(fixture.plan(&newer).await, "the registry is older than the last one applied");
    assert_refused(fixture.plan_of(&newer, &[]).await, "the registry is older than the last one applied");
    let (left, errors) = apply(plan, &config).await;
    assert_says(&errors, "the registry is older than the last one applied");
    assert_eq!(left.0.len(), 2);
    assert_eq!(fixture.dump(), edited(Some("delete")).expected());
}

#[tokio::test]
async fn without_a_registry_a_destroy_is_planned_with_a_warning_and_not_applied() {
    let (fixture, state) = applied(Some("delete")).await;
    std::fs::write(fixture.path("registry.json"), "{").unwrap();
    let nothing = Config { block: fixture.block(), resources: Default::default(), moved: Vec::new() };
    let plan = fake_core::plan(&state, &nothing).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    assert!(text(&plan.diagnostics).contains("destroy is planned without the registry"));
    assert_eq!(plan.pending().len(), 2);
    let (left, errors) = apply(plan.clone(), &nothing).await;
    assert_says(&errors, "destroy needs the registry");
    assert_eq!(left.0.len(), 2);
    // When it can be read again, it has the service: that could not be known at plan.
    fixture.publish(&company(Some("delete")).document());
    let (left, errors) = apply(plan, &nothing).await;
    assert_says(&errors, "It is in the registry now");
    assert_eq!(left.0.len(), 2);
    assert_eq!(fixture.dump(), company(Some("delete")).expected());
}

#[tokio::test]
async fn a_fallback_serves_a_plan_and_no_apply() {
    let (mut fixture, state) = applied(Some("delete")).await;
    let (fallback, gone) = (fixture.path("fallback.json"), fixture.path("gone.json"));
    fixture.provider.insert("registry".into(), source(&gone, std::slice::from_ref(&fallback)));
    std::fs::write(&fallback, edited(Some("delete")).document().to_string()).unwrap();
    let (plan, config) = fixture.planned(&state).await;
    assert_eq!(plan.pending(), [address("pay")]);
    let (left, errors) = apply(plan, &config).await;
    assert_says(&errors, "An apply does not: a copy may be out of date");
    assert_eq!(left, state);
    let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap();
    assert!(text(&plan.diagnostics).contains("gone.json"), "a warning says so: {}", text(&plan.diagnostics));
    let (left, errors) = apply(plan, &config).await;
    assert_says(&errors, "An apply does not: a copy may be out of date");
    assert_eq!(left.0.len(), 2);
    assert_eq!(fixture.dump(), company(Some("delete")).expected());
}

#[tokio::test]
async fn a_removal_takes_two_reviewed_steps() {
    for leaves in ["service", "environment", "target"] {
        let mut after = company(None).next().next();
        let gone = match leaves {
            "service" => {
                after.services.remove("pay");
                "project proj-of-pay"
            }
            "environment" => {
                after.services.get_mut("pay").unwrap().environments.clear();
                "project proj-of-pay"
            }
            _ => {
                after.services.get_mut("pay").unwrap().environments[0].targets.clear();
                "namespace compute-a/pay"
            }
        };
        after.settle();
        let (fixture, state) = applied(None).await;
        fixture.publish(&after.document());
        assert_refused(fixture.plan(&state).await, &format!("  {gone}"));
        // One edit that both unlocks and removes is refused too: the policy that the state has decides.
        let mut sneaky = after.clone();
        sneaky.services.values_mut().for_each(|service| service.policy = Some("delete".to_owned()));
        fixture.publish(&sneaky.document());
        assert_refused(fixture.plan(&state).await, "is refused");
        assert_eq!(fixture.dump(), company(None).expected());
        let mut unlocked = company(Some("delete"));
        unlocked.revision = 1;
        fixture.publish(&unlocked.document());
        let state = fixture.apply(&state).await;
        fixture.publish(&after.document());
        let (plan, _) = fixture.planned(&state).await;
        let warning = text(&plan.diagnostics);
        assert!(warning.contains("will be deleted") && warning.contains(&format!("  {gone}")), "{warning}");
        fixture.apply(&state).await;
        assert_eq!(fixture.dump().active(), after.expected());
    }
}

#[tokio::test]
async fn a_refresh_never_changes_the_policy() {
    let (fixture, state) = applied(None).await;
    let mut unlocked = company(Some("delete"));
    unlocked.revision = 1;
    fixture.publish(&unlocked.document());
    let (plan, _) = fixture.planned(&state).await;
    let refreshed = plan.refreshed;
    fixture.publish(&removed(Some("delete")).next().document());
    assert_refused(fixture.plan(&refreshed).await, "is refused");
}

#[tokio::test]
async fn a_registered_service_is_not_destroyed_under_prevent() {
    let (fixture, state) = applied(None).await;
    assert_refused(fixture.plan_of(&state, &["other"]).await, "is still in the registry");
}

#[tokio::test]
async fn resources_without_an_ownership_label_are_adopted_only_on_request() {
    let mut fixture = Fixture::open(&company(None).document(), Faults::none()).await;
    let labels = [("theirs".to_owned(), "yes".to_owned())].into();
    fixture.store().foreign_project(&PROJECT.parse().unwrap(), &labels).unwrap();
    fixture.store().foreign_namespace(&"compute-a/pay".parse().unwrap(), &labels).unwrap();
    let refused = fixture.plan(&State::default()).await.map(drop);
    assert_refused(refused.clone(), "Project `proj-of-pay` exists and was not created by anu");
    assert_refused(refused, "Namespace `compute-a/pay` exists and was not created by anu");
    fixture.arguments.insert("adopt_existing".into(), Value::from(true));
    fixture.apply(&State::default()).await;
    assert_eq!(crate::rights::missing(&company(None).expected(), &fixture.dump()), Vec::<String>::new());
}
