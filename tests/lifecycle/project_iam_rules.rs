//! Rules of `anu_project_iam` alone. [`leaf_rules`](crate::leaf_rules) has those that it shares with its siblings.

use std::collections::BTreeMap;

use anu::fanout::FORBIDDEN_ROLES;
use anu::fanout::resource::Labels;
use anu::platform::embedded::{Faults, ProjectDump};
use anu::registry::names::ProjectId;
use anu::sdk::{Value, to_json};
use serde_json::json;

use crate::fake_core::{Action, Apply, Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::leaves::{PROJECT_IAM, list, set};

const ADDRESS: &str = PROJECT_IAM.address;
const VIEWER: &str = "roles/logging.viewer";
const CONDITION: &str = "resource.name.startsWith('x')";

fn log() -> ProjectId {
    PROJECT_IAM.import.parse().unwrap()
}

/// A configuration with these members by role.
fn members(members: &[(&str, &[&str])]) -> Value {
    let members = members.iter().map(|(role, members)| ((*role).to_owned(), list(members)));
    Value::object([("project_id", Value::from(PROJECT_IAM.import)), ("members", Value::Map(members.collect()))])
}

async fn with(used: bool, configuration: Value) -> Fixture {
    let mut fixture = Fixture::open(&(PROJECT_IAM.company)(used).document(), Faults::none()).await;
    fixture.others = BTreeMap::from([(ADDRESS.to_owned(), configuration)]);
    fixture
}

/// The project as it is.
fn project(fixture: &Fixture) -> ProjectDump {
    fixture.dump().projects.remove(&log()).unwrap_or_default()
}

/// The members of a role on the project.
fn found(fixture: &Fixture, role: &str) -> Vec<String> {
    project(fixture).iam.get(role).into_iter().flatten().cloned().collect()
}

#[tokio::test]
async fn members_of_others_are_never_touched_and_ours_are_repaired_one_by_one() {
    let (a, b, theirs) = ("group:a@example.com", "user:b@example.com", "user:theirs@example.com");
    let mut fixture = with(false, members(&[(VIEWER, &[a, b]), ("roles/browser", &[a])])).await;
    let store = fixture.store();
    store.foreign_member(&log(), VIEWER, theirs).unwrap();
    store.foreign_member(&log(), VIEWER, "domain:example.com").unwrap();
    store.conditional_member(&log(), VIEWER, a, CONDITION).unwrap();
    let others = project(&fixture);
    let state = fixture.apply(&State::default()).await;
    assert!(!to_json(&state.0[ADDRESS].value).to_string().contains("theirs"), "others' members are no noise");
    let whole = fixture.dump();
    for (role, member) in [(VIEWER, a), (VIEWER, b), ("roles/browser", a)] {
        fixture.store().remove_member(&log(), role, member).unwrap();
        let (plan, _) = fixture.planned(&state).await;
        let change = &plan.changes[ADDRESS];
        assert_eq!(change.action, Action::Update);
        let before = to_json(&change.before)["members"].clone();
        assert!(!before[role].to_string().contains(member), "{before}");
        assert_eq!(before["roles/browser"] == json!([a]), role == VIEWER, "only the member that is missing: {before}");
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), whole, "{role} {member}");
    }
    // One member leaves; the rest is not touched.
    fixture.others.insert(ADDRESS.into(), members(&[(VIEWER, &[b])]));
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("Project IAM `proj-of-log`: 2 grants will be deleted"));
    let state = fixture.apply(&state).await;
    assert_eq!(found(&fixture, VIEWER), ["domain:example.com", b, theirs]);
    fixture.others.clear();
    fixture.apply(&state).await;
    assert_eq!(project(&fixture), others);
}

#[tokio::test]
async fn order_and_the_case_of_addresses_mean_nothing() {
    let mut fixture = with(false, members(&[(VIEWER, &["user:B@Example.com", "group:a@example.com"])])).await;
    let state = fixture.apply(&State::default()).await;
    assert_eq!(found(&fixture, VIEWER), ["group:a@example.com", "user:b@example.com"]);
    let spelled = to_json(&state.0[ADDRESS].value)["members"][VIEWER].clone();
    assert_eq!(spelled, json!(["user:B@Example.com", "group:a@example.com"]), "as it is configured");
    fixture.others.insert(ADDRESS.into(), members(&[(VIEWER, &["group:A@EXAMPLE.com", "user:b@example.com"])]));
    fixture.assert_settled(&state).await;
}

#[tokio::test]
async fn what_is_granted_already_is_adopted_and_the_plan_says_so() {
    let fixture = with(false, members(&[(VIEWER, &["group:a@example.com", "user:b@example.com"])])).await;
    fixture.store().foreign_member(&log(), VIEWER, "group:a@example.com").unwrap();
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("Project IAM `proj-of-log`: 1 existing resource will be adopted"), "{said}");
    assert!(said.contains("IAM member proj-of-log/roles/logging.viewer/group:a@example.com"), "{said}");
    fixture.apply(&State::default()).await;
}

#[tokio::test]
async fn an_import_adopts_nothing_that_is_not_listed() {
    let fixture = with(false, members(&[(VIEWER, &["group:a@example.com"])])).await;
    for member in ["group:a@example.com", "user:theirs@example.com"] {
        fixture.store().foreign_member(&log(), VIEWER, member).unwrap();
    }
    let process = Process::start(&fixture.block()).await.unwrap();
    let imported = process.of(ADDRESS).import(PROJECT_IAM.import).await.unwrap();
    assert_eq!(
        to_json(&imported.value),
        json!({"project_id": PROJECT_IAM.import, "id": PROJECT_IAM.import, "members": {}})
    );
    let before = project(&fixture);
    let state = fixture.apply(&State([(ADDRESS.to_owned(), imported)].into())).await;
    assert_eq!(project(&fixture), before, "what is listed was granted already");
    assert_eq!(to_json(&state.0[ADDRESS].value)["members"], json!({VIEWER: ["group:a@example.com"]}));
    for bad in ["log", "proj-of-log/roles/viewer/user:a@example.com", ""] {
        assert_refused(process.of(ADDRESS).import(bad).await, &format!("Import id `{bad}` is not valid"));
    }
}

/// The service `pay` grants `roles/pubsub.admin` to `team-1`.
#[tokio::test]
async fn what_a_service_grants_is_released_and_not_revoked() {
    const ADMIN: &str = "roles/pubsub.admin";
    let both = members(&[(ADMIN, &["group:team-1@example.com", "user:b@example.com"])]);
    for destroy in [false, true] {
        let mut fixture = with(true, both.clone()).await;
        let state = fixture.apply(&State::default()).await;
        match destroy {
            true => fixture.others.clear(),
            false => drop(fixture.others.insert(ADDRESS.into(), members(&[(VIEWER, &["user:b@example.com"])]))),
        }
        let (plan, _) = fixture.planned(&state).await;
        let said = text(&plan.diagnostics);
        assert!(said.contains("Project IAM `proj-of-log`: 1 grant will be released"), "{said}");
        assert!(said.contains("roles/pubsub.admin/group:team-1@example.com: still used by `pay`"), "{said}");
        assert!(said.contains("Project IAM `proj-of-log`: 1 grant will be deleted"), "{said}");
        fixture.apply(&state).await;
        assert_eq!(found(&fixture, ADMIN), ["group:team-1@example.com"], "destroy: {destroy}");
    }
}

/// The other way round, a service does not know of this resource: its removal is drift, and repaired.
#[tokio::test]
async fn what_a_service_revokes_is_granted_again() {
    let fixture = with(true, members(&[("roles/pubsub.admin", &["group:team-1@example.com"])])).await;
    let state = fixture.apply(&State::default()).await;
    fixture.publish(&(PROJECT_IAM.company)(false).next().document());
    let (state, errors) = fixture.try_apply(&state).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(found(&fixture, "roles/pubsub.admin"), Vec::<String>::new());
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.pending(), [ADDRESS]);
    fixture.apply(&state).await;
    assert_eq!(found(&fixture, "roles/pubsub.admin"), ["group:team-1@example.com"]);
}

fn unknown_member(known: &[&str]) -> Value {
    let Value::List(mut items) = list(known) else { panic!("a list") };
    items.push(Value::unknown());
    let members = Value::Map([(VIEWER.to_owned(), Value::List(items))].into());
    Value::object([("project_id", Value::from(PROJECT_IAM.import)), ("members", members)])
}

/// A member that is known only at apply, such as the address of a service account: on every core, and the plan shows what may be
/// revoked.
#[tokio::test]
async fn an_unknown_member_is_planned_and_hides_no_removal() {
    for newer_core in [false, true] {
        for last in ["user:new@example.com", "user:old@example.com"] {
            let mut fixture = with(false, members(&[(VIEWER, &["user:a@example.com", "user:old@example.com"])])).await;
            fixture.newer_core = newer_core;
            let state = fixture.apply(&State::default()).await;
            fixture.others.insert(ADDRESS.into(), unknown_member(&["user:a@example.com"]));
            let (plan, mut config) = fixture.planned(&state).await;
            let said = text(&plan.diagnostics);
            assert!(said.contains("IAM member proj-of-log/roles/logging.viewer/user:old@example.com"), "{said}");
            config.resources.insert(ADDRESS.into(), members(&[(VIEWER, &["user:a@example.com", last])]));
            let (state, errors) = Apply::start(plan, &config).await.unwrap().finish().await;
            assert!(!errors.has_errors(), "{}", text(&errors));
            assert_eq!(found(&fixture, VIEWER), ["user:a@example.com", last]);
            fixture.others.insert(ADDRESS.into(), members(&[(VIEWER, &["user:a@example.com", last])]));
            fixture.assert_settled(&state).await;
        }
    }
}

/// Where a whole list is not known, a plan cannot show what leaves.
#[tokio::test]
async fn unknown_lists_of_members_reveal_no_removal_and_make_none() {
    let before = members(&[(VIEWER, &["user:a@example.com"])]);
    let role = set(before.clone(), "members", Value::Map([(VIEWER.to_owned(), Value::unknown())].into()));
    for unknown in [set(before.clone(), "members", Value::unknown()), role] {
        let mut fixture = with(false, before.clone()).await;
        let state = fixture.apply(&State::default()).await;
        fixture.others.insert(ADDRESS.into(), unknown.clone());
        assert_refused(fixture.plan(&state).await, "Project IAM `proj-of-log`: `members` is not known at plan");
        fixture.newer_core = true;
        let (plan, mut config) = fixture.planned(&state).await;
        config.resources.insert(ADDRESS.into(), members(&[(VIEWER, &["user:b@example.com"])]));
        let (_, errors) = Apply::start(plan, &config).await.unwrap().finish().await;
        assert_says(&errors, "1 grant not in the plan would be removed");
        assert_eq!(found(&fixture, VIEWER), ["user:a@example.com"]);
    }
}

#[tokio::test]
async fn a_grant_that_ends_is_another_grant() {
    let (endless, until) = ("user:a@example.com", "user:a@example.com until 2099-01-31T00:00:00Z");
    let mut fixture = with(false, members(&[(VIEWER, &[until])])).await;
    let state = fixture.apply(&State::default()).await;
    assert_eq!(found(&fixture, VIEWER), [until]);
    fixture.others.insert(ADDRESS.into(), members(&[(VIEWER, &[endless])]));
    let (plan, _) = fixture.planned(&state).await;
    assert!(text(&plan.diagnostics).contains("user:a@example.com until 2099-01-31T00:00:00Z"));
    fixture.apply(&state).await;
    assert_eq!(found(&fixture, VIEWER), [endless]);
}

#[tokio::test]
async fn a_grant_that_has_ended_is_a_warning_with_its_end() {
    let until = "user:a@example.com until 2001-01-31T00:00:00Z";
    let mut fixture = with(false, members(&[(VIEWER, &[until])])).await;
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("Project IAM `proj-of-log`: 1 grant ended") && said.contains(until), "{said}");
    let state = fixture.apply(&State::default()).await;
    fixture.others.insert(ADDRESS.into(), members(&[]));
    fixture.apply(&state).await;
    assert_eq!(found(&fixture, VIEWER), Vec::<String>::new());
}

#[tokio::test]
async fn a_project_that_is_pending_deletion_is_an_error_at_apply_and_its_grants_are_remembered() {
    let fixture = with(false, members(&[(VIEWER, &["user:a@example.com"])])).await;
    fixture.store().foreign_project(&log(), &Labels::new()).unwrap();
    let state = fixture.apply(&State::default()).await;
    fixture.store().delete_project_by_hand(&log()).unwrap();
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.pending(), [ADDRESS]);
    let said = text(&plan.diagnostics);
    assert!(said.contains("Project IAM `proj-of-log`: 1 project pending deletion"), "{said}");
    let (state, errors) = fixture.try_apply(&state).await;
    assert_says(&errors, "Project `proj-of-log` is being deleted");
    fixture.store().restore_project_by_hand(&log()).unwrap();
    fixture.assert_settled(&state).await;
    assert_eq!(found(&fixture, VIEWER), ["user:a@example.com"]);
}

/// A name that a pattern of a fence matches.
fn example(pattern: &str) -> String {
    pattern.replace('*', "x")
}

#[tokio::test]
async fn no_argument_passes_a_fence() {
    let mut fixture = with(false, members(&[])).await;
    let fences = |name: &'static str, pattern: &str| Value::object([(name, list(&[pattern]))]);
    let none = Value::Null;
    let mut all = Vec::new();
    for role in FORBIDDEN_ROLES.iter().filter(|role| role.starts_with("roles/")).map(|role| example(role)) {
        for role in [role.to_uppercase().replace("ROLES/", "roles/"), role] {
            all.push((none.clone(), members(&[(role.as_str(), &["user:a@example.com"])]), "Forbidden "));
        }
    }
    let custom = members(&[("projects/proj-of-log/roles/x", &["user:a@example.com"])]);
    all.push((none.clone(), custom.clone(), "`projects/proj-of-log/roles/x` is a custom role"));
    let public = "principalSet://goog/public:all";
    all.push((none.clone(), members(&[(VIEWER, &[public])]), "`principalSet://goog/public:all`"));
    for member in ["user:a@gmail.com", "user:a@gmail.com until 2099-01-31T00:00:00Z", "group:a@example.com.evil.org"] {
        let domains = fences("allowed_email_domains", "example.com");
        all.push((domains, members(&[(VIEWER, &[member])]), "Forbidden "));
    }
    let one = members(&[(VIEWER, &["user:a@example.com"])]);
    all.push((
        fences("forbidden_principals", "a@example.com"),
        one.clone(),
        "member `user:a@example.com` is forbidden",
    ));
    all.push((fences("allowed_projects", "gc-*"), one.clone(), "project `proj-of-log` is not allowed"));
    let count = all.len();
    for (fences, configuration, words) in all {
        fixture.provider = BTreeMap::from([("fences".to_owned(), fences)]);
        fixture.others.insert(ADDRESS.into(), configuration.clone());
        match fixture.plan(&State::default()).await {
            Ok(_) => panic!("{configuration:?} is accepted"),
            Err(errors) => assert!(text(&errors).contains(words), "{configuration:?}: {}", text(&errors)),
        }
    }
    assert_eq!(count, 43, "forbidden values in arguments");
    for (allowed, configuration) in [
        (fences("allowed_custom_roles", "projects/proj-of-log/roles/*"), custom),
        (fences("allowed_email_domains", "example.com"), one.clone()),
        (fences("allowed_projects", "proj-*"), one),
    ] {
        fixture.provider = BTreeMap::from([("fences".to_owned(), allowed)]);
        fixture.others.insert(ADDRESS.into(), configuration);
        fixture.planned(&State::default()).await;
    }
    // A member that is known only at apply.
    fixture.provider = BTreeMap::from([("fences".to_owned(), fences("allowed_email_domains", "example.com"))]);
    fixture.others.insert(ADDRESS.into(), unknown_member(&[]));
    let (plan, mut config) = fixture.planned(&State::default()).await;
    config.resources.insert(ADDRESS.into(), members(&[(VIEWER, &["user:a@gmail.com"])]));
    let (state, errors) = Apply::start(plan, &config).await.unwrap().finish().await;
    assert_says(&errors, "the member `user:a@gmail.com`");
    assert!(!state.0.contains_key(ADDRESS) && found(&fixture, VIEWER).is_empty());
}

#[tokio::test]
async fn a_role_that_google_does_not_have_is_a_warning() {
    let fixture = with(false, members(&[("roles/pubsub.viwer", &["user:a@example.com"])])).await;
    let (plan, _) = fixture.planned(&State::default()).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("Project IAM `proj-of-log`: 1 role is unknown"), "{said}");
    assert!(said.contains("roles/pubsub.viwer Did you mean `roles/pubsub.viewer`?"), "{said}");
}

#[tokio::test]
async fn a_kind_that_is_not_managed_is_refused() {
    let mut fixture = with(false, members(&[(VIEWER, &["user:a@example.com"])])).await;
    let state = fixture.apply(&State::default()).await;
    fixture.provider.insert("manage".into(), list(&["kubernetes"]));
    assert_refused(fixture.plan(&State::default()).await, "Project IAM `proj-of-log` is excluded by `manage`");
    fixture.others.clear();
    let state = fixture.apply(&state).await;
    assert!(!state.0.contains_key(ADDRESS));
    assert_eq!(found(&fixture, VIEWER), ["user:a@example.com"]);
}
