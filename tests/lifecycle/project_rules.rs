//! Rules of `anu_project` alone. [`leaf_rules`](crate::leaf_rules) has those that it shares with its siblings.

use std::collections::BTreeMap;

use anu::fanout::resource::Labels;
use anu::platform::OwnerLabel;
use anu::platform::embedded::{Faults, ProjectPhase};
use anu::registry::names::ProjectId;
use anu::sdk::{Value, to_json};
use serde_json::json;

use crate::fake_core::{Action, Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::generator::{APIS, Company, environment};
use crate::leaves::{PROJECT, list, set, texts};

const ADDRESS: &str = PROJECT.address;

fn id(text: &str) -> ProjectId {
    text.parse().unwrap()
}

fn log() -> ProjectId {
    id(PROJECT.import)
}

/// A registry whose service `pay` uses the project in an environment. It is not listed, or listed as one that exists.
fn named(listed: bool) -> Company {
    let production = environment("production", PROJECT.import, &["compute-a/own"], &["team-1"]);
    let mut company = Company::default().with("pay", Some("delete"), &[production]);
    if listed {
        company = company.listed(PROJECT.import, "pay", &[]);
        company.projects.get_mut(PROJECT.import).unwrap().existing = true;
    }
    company
}

async fn with(company: &Company, configuration: Value) -> Fixture {
    let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
    fixture.others = BTreeMap::from([(ADDRESS.to_owned(), configuration)]);
    fixture
}

fn configuration(policy: &str) -> Value {
    (PROJECT.configuration)(policy, "1")
}

#[tokio::test]
async fn what_it_has_enabled_in_the_same_run_is_no_news_to_a_service() {
    let fixture = with(&named(true), set(configuration("prevent"), "apis", list(&[APIS[0]]))).await;
    let (plan, config) = fixture.planned(&State::default()).await;
    let (_, said) = fixture.apply_plan(plan, &config).await;
    assert!(!said.has_errors() && !text(&said).contains("already"), "{}", text(&said));
}

#[tokio::test]
async fn only_the_number_is_not_known_at_plan() {
    let fixture = with(&(PROJECT.company)(false), set(configuration("prevent"), "parent", Value::Null)).await;
    let (plan, _) = fixture.planned(&State::default()).await;
    let planned = &plan.changes[ADDRESS].after;
    let Value::Map(attributes) = planned else { panic!("a plan") };
    let unknown: Vec<&str> = attributes.iter().filter(|(_, v)| !v.is_wholly_known()).map(|(k, _)| k.as_str()).collect();
    assert_eq!(unknown, ["number"]);
    let state = fixture.apply(&State::default()).await;
    let mut state = to_json(&state.0[ADDRESS].value);
    let number = fixture.dump().projects[&log()].project.as_ref().unwrap().number.to_string();
    assert_eq!(state["number"].take(), json!(number));
    assert_eq!(
        state,
        json!({
            "project_id": "proj-of-log", "id": "proj-of-log", "registry": "acme", "display_name": "proj-of-log", "parent": null,
            "billing_account": "000000-BBBBBB-000000", "labels": {"tier": "1"}, "number": null, "adopt_existing": null,
            "apis": ["logging.googleapis.com", "redis.googleapis.com"], "deletion_policy": "prevent",
        })
    );
    let owner = OwnerLabel::of(&fixture.dump().projects[&log()].project.as_ref().unwrap().settings.labels);
    assert!(owner.is(&"acme".parse().unwrap()), "the ownership label is written by the creating call");
}

#[tokio::test]
async fn the_order_of_apis_means_nothing() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let state = fixture.apply(&State::default()).await;
    let other = set(configuration("prevent"), "apis", list(&["redis.googleapis.com", "logging.googleapis.com"]));
    fixture.others.insert(ADDRESS.into(), other);
    fixture.assert_settled(&state).await;
}

/// An argument that is taken out again, and changes of others to it.
#[tokio::test]
async fn a_parent_and_a_billing_account_that_are_not_set_stay_as_they_are() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let state = fixture.apply(&State::default()).await;
    let mut without = configuration("prevent");
    for attribute in ["parent", "billing_account", "display_name"] {
        without = set(without, attribute, Value::Null);
    }
    fixture.others.insert(ADDRESS.into(), without);
    fixture.assert_settled(&state).await;
    fixture.store().edit_project(&log(), |p| p.parent = Some("folders/7".into())).unwrap();
    fixture.assert_settled(&state).await;
    assert_eq!(fixture.dump().projects[&log()].project.as_ref().unwrap().settings.parent.as_deref(), Some("folders/7"));
    // Set again, it is moved back.
    fixture.others.insert(ADDRESS.into(), configuration("prevent"));
    fixture.apply(&state).await;
    assert_eq!(fixture.dump().projects[&log()].project.as_ref().unwrap().settings.parent.as_deref(), Some("folders/1"));
}

/// The defaults of the provider block, on the embedded platform.
fn defaults(fixture: &Fixture, parent: &str) -> BTreeMap<String, Value> {
    let google = Value::object([("parent", Value::from(parent)), ("billing_account", "111111-AAAAAA-111111".into())]);
    let path = Value::from(fixture.path("anu.db"));
    let embedded = Value::object([("path", path), ("replaces", list(&["google", "kubernetes"]))]);
    BTreeMap::from([("google".to_owned(), google), ("embedded".to_owned(), embedded)])
}

#[tokio::test]
async fn what_is_not_set_has_the_defaults_of_the_provider_block() {
    let without = set(set(configuration("prevent"), "parent", Value::Null), "billing_account", Value::Null);
    let mut fixture = with(&(PROJECT.company)(false), without).await;
    fixture.provider = defaults(&fixture, "folders/5");
    let (plan, _) = fixture.planned(&State::default()).await;
    let planned = to_json(&set(plan.changes[ADDRESS].after.clone(), "number", Value::Null));
    assert_eq!(
        (&planned["parent"], &planned["billing_account"]),
        (&json!("folders/5"), &json!("111111-AAAAAA-111111"))
    );
    let state = fixture.apply(&State::default()).await;
    // Another default moves it, as it moves the projects of the registry.
    fixture.provider = defaults(&fixture, "folders/6");
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(to_json(&plan.changes[ADDRESS].after)["parent"], json!("folders/6"));
    let state = fixture.apply(&state).await;
    // Its own goes before it; and a default must be allowed as well.
    fixture.others.insert(ADDRESS.into(), configuration("prevent"));
    fixture.apply(&state).await;
    fixture.others.insert(ADDRESS.into(), set(configuration("prevent"), "parent", Value::Null));
    fixture.provider.insert("fences".into(), Value::object([("allowed_parents", list(&["folders/7"]))]));
    assert_refused(fixture.plan(&State::default()).await, "`google.parent` in the provider block, `folders/6`");
}

#[tokio::test]
async fn each_drift_is_found_and_repaired_and_what_others_set_stays() {
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let state = fixture.apply(&State::default()).await;
    let good = fixture.dump();
    let store = fixture.store();
    store.foreign_api(&log(), &"dns.googleapis.com".parse().unwrap()).unwrap();
    store.edit_project(&log(), |p| drop(p.labels.insert("theirs".into(), "yes".into()))).unwrap();
    fixture.assert_settled(&state).await;
    store.edit_project(&log(), |p| drop(p.labels.remove("theirs"))).unwrap();
    store.remove_api(&log(), &"dns.googleapis.com".parse().unwrap()).unwrap();
    type Drift = fn(&Fixture);
    let drifts: [(Drift, &str); 7] = [
        (|f| f.store().edit_project(&log(), |p| p.display_name = "other".into()).unwrap(), "display_name"),
        (|f| f.store().edit_project(&log(), |p| p.parent = Some("folders/7".into())).unwrap(), "parent"),
        (|f| f.store().edit_project(&log(), |p| p.billing_account = None).unwrap(), "billing_account"),
        (|f| f.store().edit_project(&log(), |p| drop(p.labels.insert("tier".into(), "9".into()))).unwrap(), "labels"),
        (|f| f.store().edit_project(&log(), |p| drop(p.labels.remove("tier"))).unwrap(), "labels"),
        (|f| f.store().edit_project(&log(), |p| drop(p.labels.remove("managed-by"))).unwrap(), "registry"),
        (|f| f.store().remove_api(&log(), &"redis.googleapis.com".parse().unwrap()).unwrap(), "apis"),
    ];
    for (drift, attribute) in drifts {
        drift(&fixture);
        let (plan, _) = fixture.planned(&state).await;
        let change = &plan.changes[ADDRESS];
        let (before, after) = (to_json(&change.before), to_json(&change.after));
        let changed: Vec<&String> =
            before.as_object().unwrap().iter().filter(|(k, v)| after[k] != **v).map(|(k, _)| k).collect();
        assert_eq!(changed, [attribute]);
        fixture.apply(&state).await;
        assert_eq!(fixture.dump(), good, "{attribute}");
    }
}

/// For a project that it does not list, or lists as existing, the registry is a user like any other.
#[tokio::test]
async fn a_project_that_environments_name_is_managed_and_never_deleted() {
    for listed in [false, true] {
        let mut fixture = with(&named(listed), configuration("delete")).await;
        let state = fixture.apply(&State::default()).await;
        let found = fixture.dump();
        let resource = fixture.others.remove(ADDRESS).unwrap();
        let words = "Project `proj-of-log`: 1 project cannot be deleted while in use";
        assert_refused(fixture.plan(&state).await, words);
        let moved = set(resource.clone(), "project_id", "proj-of-logs");
        fixture.others.insert(ADDRESS.into(), moved);
        assert_refused(fixture.plan(&state).await, words);
        // Once no environment names it any more.
        fixture.others.clear();
        assert_eq!(fixture.dump(), found);
        fixture.publish(&(PROJECT.company)(false).next().document());
        fixture.apply(&state).await;
        let left = fixture.dump();
        assert_eq!(left.projects[&log()].project.as_ref().unwrap().phase, ProjectPhase::DeleteRequested);
    }
}

/// What it has enabled comes back with a restored project, and is disabled unless it is still listed; also by a state that was
/// only refreshed in between. One that is gone for good is created again.
#[tokio::test]
async fn an_api_that_is_not_listed_any_more_does_not_come_back_with_a_restored_project() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("delete")).await;
    let state = fixture.apply(&State::default()).await;
    fixture.store().delete_project_by_hand(&log()).unwrap();
    let state = fixture.planned(&state).await.0.refreshed;
    assert_eq!(to_json(&state.0[ADDRESS].value)["registry"], json!(null));
    fixture.others.insert(ADDRESS.into(), (PROJECT.configuration)("delete", "2"));
    let (plan, _) = fixture.planned(&state).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("API proj-of-log/redis.googleapis.com"), "{said}");
    let state = fixture.apply(&plan.refreshed).await;
    let apis =
        |fixture: &Fixture| fixture.dump().projects[&log()].apis.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(apis(&fixture), ["logging.googleapis.com", "storage.googleapis.com"]);
    // A destroy of one that others have deleted does nothing.
    fixture.store().delete_project_by_hand(&log()).unwrap();
    let resource = fixture.others.remove(ADDRESS).unwrap();
    assert_eq!(fixture.apply(&state).await.0.len(), 1, "only the service is left");
    fixture.store().purge_project(&log()).unwrap();
    fixture.others.insert(ADDRESS.into(), resource);
    let (plan, _) = fixture.planned(&state).await;
    assert_eq!(plan.changes[ADDRESS].action, Action::Create);
    fixture.apply(&state).await;
    assert_eq!(apis(&fixture), ["logging.googleapis.com", "storage.googleapis.com"]);
}

/// A saved destroy outlives the review in which no environment named the project.
#[tokio::test]
async fn a_saved_destroy_is_refused_once_an_environment_names_the_project() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("delete")).await;
    let state = fixture.apply(&State::default()).await;
    fixture.others.clear();
    let (plan, config) = fixture.planned(&state).await;
    fixture.publish(&named(false).next().document());
    let found = fixture.dump().projects;
    let (left, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "Project `proj-of-log`: 1 project cannot be deleted while in use");
    assert!(left.0.contains_key(ADDRESS));
    assert_eq!(fixture.dump().projects[&log()], found[&log()]);
}

#[tokio::test]
async fn an_api_that_a_service_uses_is_released_and_not_disabled() {
    let apis = list(&["logging.googleapis.com", "pubsub.googleapis.com"]);
    let mut fixture = with(&named(false), set(configuration("prevent"), "apis", apis)).await;
    let state = fixture.apply(&State::default()).await;
    fixture.others.insert(ADDRESS.into(), set(configuration("prevent"), "apis", Value::Null));
    let (plan, _) = fixture.planned(&state).await;
    let said = text(&plan.diagnostics);
    assert!(said.contains("API proj-of-log/pubsub.googleapis.com: still used by `pay`"), "{said}");
    assert!(said.contains("Project `proj-of-log`: 1 API will be deleted"), "{said}");
    fixture.apply(&state).await;
    let found = fixture.dump();
    let apis: Vec<&str> = found.projects[&log()].apis.iter().map(|api| api.as_str()).collect();
    assert_eq!(apis, ["pubsub.googleapis.com"]);
}

#[tokio::test]
async fn a_project_that_the_registry_lists_is_refused() {
    let fixture = with(&(PROJECT.company)(true), configuration("prevent")).await;
    let words = "Project `proj-of-log` belongs to the registry";
    assert_refused(fixture.plan(&State::default()).await, words);
    // Also at apply.
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let (plan, config) = fixture.planned(&State::default()).await;
    fixture.publish(&(PROJECT.company)(true).next().document());
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, words);
    assert!(!state.0.contains_key(ADDRESS));
}

#[tokio::test]
async fn a_project_that_is_pending_deletion_is_restored_if_it_is_ours() {
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let state = fixture.apply(&State::default()).await;
    let good = fixture.dump();
    let store = fixture.store();
    store.foreign_member(&log(), "roles/browser", "user:else@example.com").unwrap();
    store.delete_project_by_hand(&log()).unwrap();
    let (plan, config) = fixture.planned(&state).await;
    assert_eq!(plan.changes[ADDRESS].action, Action::Update);
    let said = text(&plan.diagnostics);
    assert!(said.contains("Project `proj-of-log`: 1 project will be restored"), "{said}");
    assert!(said.contains("IAM member proj-of-log/roles/browser/user:else@example.com"), "{said}");
    assert!(!said.contains("API proj-of-log"), "its own APIs are desired: {said}");
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    fixture.assert_settled(&state).await;
    store.remove_member(&log(), "roles/browser", "user:else@example.com").unwrap();
    assert_eq!(fixture.dump(), good);
    // One of others is not.
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    fixture.store().foreign_project(&log(), &Labels::new()).unwrap();
    fixture.store().delete_project_by_hand(&log()).unwrap();
    assert_refused(fixture.plan(&State::default()).await, "Project `proj-of-log` is being deleted");
}

#[tokio::test]
async fn each_policy_does_what_it_says() {
    for (policy, phase) in [("abandon", ProjectPhase::Active), ("delete", ProjectPhase::DeleteRequested)] {
        let mut fixture = with(&(PROJECT.company)(false), configuration(policy)).await;
        let state = fixture.apply(&State::default()).await;
        fixture.others.clear();
        let (plan, _) = fixture.planned(&state).await;
        let word = if policy == "abandon" { "will be abandoned" } else { "will be deleted" };
        let title = format!("Project `proj-of-log`: 1 project and 2 APIs {word}");
        assert!(text(&plan.diagnostics).contains(&title), "{}", text(&plan.diagnostics));
        fixture.apply(&state).await;
        let found = &fixture.dump().projects[&log()];
        assert_eq!(found.project.as_ref().unwrap().phase, phase);
        assert_eq!(found.apis.len(), if policy == "abandon" { 2 } else { 0 });
    }
    let mut fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let state = fixture.apply(&State::default()).await;
    let found = fixture.dump();
    let words = "Project `proj-of-log`: deletion is refused";
    let moved = set(configuration("delete"), "project_id", "proj-of-logs");
    fixture.others.insert(ADDRESS.into(), moved);
    assert_refused(fixture.plan(&state).await, words);
    fixture.others.clear();
    assert_refused(fixture.plan(&state).await, words);
    assert_eq!(fixture.dump(), found);
}

#[tokio::test]
async fn what_exists_is_adopted_only_when_told_and_the_plan_says_what_changes() {
    let owner = |name: &str| OwnerLabel::labels(&name.parse().unwrap());
    for (labels, adopt, refused) in [
        (Labels::new(), false, Some("Project `proj-of-log` exists already")),
        (Labels::new(), true, None),
        (owner("acme"), false, None),
        (owner("globex"), true, Some("belongs to the registry `globex`")),
    ] {
        let fixture = with(&(PROJECT.company)(false), set(configuration("prevent"), "adopt_existing", adopt)).await;
        fixture.store().foreign_project(&log(), &labels).unwrap();
        fixture.store().foreign_api(&log(), &"redis.googleapis.com".parse().unwrap()).unwrap();
        match refused {
            Some(words) => assert_refused(fixture.plan(&State::default()).await, words),
            None => {
                let (plan, _) = fixture.planned(&State::default()).await;
                let said = text(&plan.diagnostics);
                assert!(said.contains("2 existing resources will be adopted, 1 of them changed by apply"), "{said}");
                assert!(said.contains("parent: none -> `folders/1`") && said.contains("label `tier`: none -> `1`"));
                assert!(plan.changes[ADDRESS].after.is_wholly_known(), "the number is known");
                fixture.apply(&State::default()).await;
            }
        }
    }
}

#[tokio::test]
async fn an_import_takes_settings_and_no_apis() {
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let store = fixture.store();
    store.foreign_project(&log(), &texts_of(&[("theirs", "yes")])).unwrap();
    store.foreign_api(&log(), &"dns.googleapis.com".parse().unwrap()).unwrap();
    let process = Process::start(&fixture.block()).await.unwrap();
    let imported = process.of(ADDRESS).import(PROJECT.import).await.unwrap();
    let state = to_json(&imported.value);
    assert_eq!((&state["labels"], &state["apis"], &state["registry"]), (&json!(null), &json!(null), &json!("")));
    let state = fixture.apply(&State([(ADDRESS.to_owned(), imported)].into())).await;
    fixture.assert_settled(&state).await;
    let found = fixture.dump();
    assert!(found.projects[&log()].apis.contains("dns.googleapis.com"), "others' APIs stay enabled");
    let labels = &found.projects[&log()].project.as_ref().unwrap().settings.labels;
    assert_eq!((labels["theirs"].as_str(), labels["managed-by"].as_str()), ("yes", "anu"));
}

fn texts_of(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn what_cannot_be_imported_is_an_error() {
    let fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let store = fixture.store();
    store.foreign_project(&id("proj-of-globex"), &OwnerLabel::labels(&"globex".parse().unwrap())).unwrap();
    store.foreign_project(&id("proj-of-gone"), &Labels::new()).unwrap();
    store.delete_project_by_hand(&id("proj-of-gone")).unwrap();
    fixture.publish(&(PROJECT.company)(true).document());
    let process = Process::start(&fixture.block()).await.unwrap();
    for (import, words) in [
        ("log", "Import id `log` is not valid"),
        ("projects/proj-of-log", "Import id `projects/proj-of-log` is not valid"),
        ("proj-of-nothing", "Project `proj-of-nothing` cannot be imported"),
        ("proj-of-globex", "belongs to the registry `globex`"),
        ("proj-of-gone", "Project `proj-of-gone` is being deleted"),
        ("proj-of-log", "Project `proj-of-log` belongs to the registry"),
    ] {
        assert_refused(process.of(ADDRESS).import(import).await, words);
    }
}

#[tokio::test]
async fn no_argument_passes_a_fence() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("prevent")).await;
    let fences = |name: &'static str, pattern: &str| {
        BTreeMap::from([("fences".to_owned(), Value::object([(name, list(&[pattern]))]))])
    };
    for (provider, parent, refused) in [
        (fences("allowed_projects", "gc-*"), Value::Null, Some("project `proj-of-log` is not allowed")),
        (fences("allowed_projects", "proj-*"), Value::Null, None),
        (fences("allowed_parents", "folders/7"), Value::from("folders/1"), Some("parent `folders/1` is not allowed")),
        (fences("allowed_parents", "folders/7"), Value::Null, Some("Parent is not allowed")),
        (fences("allowed_parents", "folders/7"), Value::from("folders/7"), None),
        (fences("allowed_parents", "folders/*"), Value::from("organizations/1"), Some("is not allowed")),
    ] {
        fixture.provider = provider;
        fixture.others.insert(ADDRESS.into(), set(configuration("prevent"), "parent", parent));
        match refused {
            Some(words) => assert_refused(fixture.plan(&State::default()).await, words),
            None => drop(fixture.planned(&State::default()).await),
        }
    }
    // A parent that is known only at apply, and an import.
    fixture.provider = fences("allowed_parents", "folders/7");
    fixture.others.insert(ADDRESS.into(), set(configuration("prevent"), "parent", Value::unknown()));
    let (plan, mut config) = fixture.planned(&State::default()).await;
    config.resources.insert(ADDRESS.into(), set(configuration("prevent"), "parent", "folders/1"));
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert_says(&errors, "parent `folders/1` is not allowed");
    assert!(!state.0.contains_key(ADDRESS) && !fixture.dump().projects.contains_key(&log()));
    fixture.provider = fences("allowed_projects", "gc-*");
    let process = Process::start(&fixture.block()).await.unwrap();
    assert_refused(process.of(ADDRESS).import(PROJECT.import).await, "project `proj-of-log` is not allowed");
}

#[tokio::test]
async fn a_kind_that_is_not_managed_is_refused() {
    let mut fixture = with(&(PROJECT.company)(false), configuration("delete")).await;
    let state = fixture.apply(&State::default()).await;
    fixture.provider.insert("manage".into(), list(&["kubernetes"]));
    assert_refused(fixture.plan(&State::default()).await, "Project `proj-of-log` is excluded by `manage`");
    // Its removal leaves the platform alone.
    fixture.others.clear();
    let found = fixture.dump();
    let state = fixture.apply(&state).await;
    assert!(!state.0.contains_key(ADDRESS));
    assert_eq!(fixture.dump(), found);
}

#[tokio::test]
async fn labels_with_unknown_values_are_planned() {
    let unknown = Value::Map([("tier".to_owned(), Value::unknown())].into());
    let fixture = with(&(PROJECT.company)(false), set(configuration("prevent"), "labels", unknown)).await;
    let (plan, mut config) = fixture.planned(&State::default()).await;
    config.resources.insert(ADDRESS.into(), set(configuration("prevent"), "labels", texts(&[("tier", "3")])));
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    assert_eq!(to_json(&state.0[ADDRESS].value)["labels"], json!({"tier": "3"}));
}
