//! Who decides over what is shared: only the entry's word and its owner's count, and only its owner's state deletes it. Every
//! place where a policy can stand, for a project and a namespace, in one state and in two, in every way of removing it.

use anu::platform::embedded::{Dump, Faults};
use anu::sdk::{Diagnostics, Value};
use serde_json::Value as Json;

use crate::fake_core::{self, Config, Plan, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, Environment, environment};

const PROJECT: &str = "proj-of-both";
const NS: &str = "compute-a/both";
const OWNER: &str = "pay";
const SHARER: &str = "ledger";

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Entry,
    Service(&'static str),
    Environment(&'static str),
    Target(&'static str),
    Argument(&'static str),
}

const PLACES: [Place; 9] = [
    Place::Entry,
    Place::Service(OWNER),
    Place::Environment(OWNER),
    Place::Target(OWNER),
    Place::Argument(OWNER),
    Place::Service(SHARER),
    Place::Environment(SHARER),
    Place::Target(SHARER),
    Place::Argument(SHARER),
];

impl Place {
    /// Whether a policy there is the owner's word over the project or namespace.
    fn counts(self, project: bool) -> bool {
        match self {
            Self::Entry => true,
            Self::Target(service) => service == OWNER && !project,
            Self::Service(service) | Self::Environment(service) | Self::Argument(service) => service == OWNER,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Removal {
    /// Both services stop using it.
    Update,
    /// Both services leave the registry.
    Unregistered,
    /// Both are destroyed while they are registered.
    Registered,
}

fn production(project: bool, shares: bool, team: &str) -> Environment {
    match (project, shares) {
        (_, false) => environment("production", "", &[], &[team]),
        (true, true) => environment("production", PROJECT, &[], &[team]),
        (false, true) => environment("production", "", &[NS], &[team]),
    }
}

/// Owner and sharer, and another service, so that the registry never is empty.
fn company(project: bool, removal: Option<Removal>) -> Company {
    let stays = environment("production", "", &["compute-b/other"], &["team-1"]);
    let mut company = Company::default().with("other", None, &[stays]);
    let shares = removal.is_none() || removal == Some(Removal::Registered);
    if removal != Some(Removal::Unregistered) {
        company = company.with(OWNER, None, &[production(project, shares, "team-1")]).with(
            SHARER,
            None,
            &[production(project, shares, "team-2")],
        );
    }
    if shares && project {
        company = company.listed(PROJECT, OWNER, &["a"]);
    } else if shares {
        company = company.declared(NS, OWNER, &["a"]);
    }
    company.revision = u32::from(removal.is_some());
    company
}

/// The document with a policy in its place. An argument is not in the document.
fn document(company: &Company, place: Place, policy: &str) -> Json {
    let mut document = company.document();
    let mut set = |pointer: &str| {
        if let Some(Json::Object(spec)) = document.pointer_mut(pointer) {
            spec.insert("deletionPolicy".into(), policy.into());
        }
    };
    let index = |document: &Json, name: &str| {
        let services = document["services"].as_array().unwrap();
        services.iter().position(|service| service["spec"]["name"] == name)
    };
    let found = |name: &str| index(&company.document(), name);
    match place {
        Place::Entry => {
            set("/projects/0/spec");
            set("/namespaces/0/spec");
        }
        Place::Service(name) => found(name).into_iter().for_each(|n| set(&format!("/services/{n}/spec"))),
        Place::Environment(name) => {
            found(name).into_iter().for_each(|n| set(&format!("/services/{n}/spec/environments/0/spec")));
        }
        Place::Target(name) => {
            let targets = |n| format!("/services/{n}/spec/environments/0/spec/targets/0/spec");
            found(name).into_iter().for_each(|n| set(&targets(n)));
        }
        Place::Argument(_) => {}
    }
    document
}

/// Two states, or one: the services of each.
fn states(one: bool) -> Vec<Vec<&'static str>> {
    if one { vec![vec![OWNER, SHARER, "other"]] } else { vec![vec![OWNER, "other"], vec![SHARER]] }
}

async fn plan(
    fixture: &Fixture,
    state: &State,
    services: &[&str],
    argument: Option<(&str, &str)>,
) -> Result<(Plan, Config), Diagnostics> {
    let process = Process::start(&fixture.block()).await?;
    let names = services.iter().map(|&name| name.to_owned()).collect();
    let mut config = fixture.config(&process, Some(&names)).await?;
    if let Some((service, policy)) = argument
        && let Some(Value::Map(instance)) = config.resources.get_mut(&address(service))
    {
        instance.insert("deletion_policy".into(), Value::from(policy));
    }
    Ok((fake_core::plan_in(&process, state, &config).await?, config))
}

/// A plan and its apply; none if the plan was refused because of a policy.
async fn try_apply(
    fixture: &Fixture,
    state: &State,
    services: &[&str],
    argument: Option<(&str, &str)>,
) -> Option<State> {
    match plan(fixture, state, services, argument).await {
        Ok((plan, config)) => {
            let (state, errors) = fixture.apply_plan(plan, &config).await;
            assert!(!errors.has_errors(), "{}", text(&errors));
            Some(state)
        }
        Err(errors) => {
            assert!(text(&errors).contains("is refused"), "{}", text(&errors));
            None
        }
    }
}

fn is_there(dump: &Dump, project: bool) -> bool {
    let dump = dump.clone().active();
    if project {
        dump.projects.get(PROJECT).is_some_and(|project| project.project.is_some())
    } else {
        dump.clusters.get("compute-a").is_some_and(|cluster| cluster.contains_key("both"))
    }
}

/// Whether anything in the store was granted to the sharer's team.
fn has_grants(dump: &Dump) -> bool {
    serde_json::to_string(&dump.clone().active()).unwrap().contains("team-2@")
}

/// The part of a state that has these services: what `-target` plans.
fn part(state: &State, services: &[&str]) -> State {
    State(
        state
            .0
            .iter()
            .filter(|(at, _)| services.iter().any(|name| address(name) == **at))
            .map(|(a, o)| (a.clone(), o.clone()))
            .collect(),
    )
}

async fn one_case(place: Place, policy: &str, project: bool, one_state: bool, removal: Removal) {
    let case = format!("{place:?} = {policy}, project: {project}, one state: {one_state}, {removal:?}");
    let argument = if let Place::Argument(service) = place { Some((service, policy)) } else { None };
    let fixture = Fixture::open(&document(&company(project, None), place, policy), Faults::none()).await;
    let mut applied = Vec::new();
    for services in states(one_state) {
        applied.push(try_apply(&fixture, &State::default(), &services, argument).await.expect(&case));
    }
    assert!(is_there(&fixture.dump(), project) && has_grants(&fixture.dump()), "{case}");
    fixture.publish(&document(&company(project, Some(removal)), place, policy));
    let left = |services: &[&'static str]| -> Vec<&'static str> {
        services.iter().copied().filter(|name| removal == Removal::Update || *name == "other").collect()
    };
    // The sharer first, alone: in a state of its own, or by `-target`.
    let sharers = applied.last().unwrap();
    let alone = part(sharers, &[SHARER]);
    let targeted = try_apply(&fixture, &alone, &left(&[SHARER]), argument).await;
    assert!(is_there(&fixture.dump(), project), "{case}: the sharer's state has deleted it");
    // The sharer's own policy still protects the sharer itself from a destroy while it is registered.
    let own = place == Place::Service(SHARER) || place == Place::Argument(SHARER);
    let refused = removal == Removal::Registered && !own;
    assert_eq!(targeted.is_none(), refused, "{case}");
    if !refused && policy != "abandon" {
        assert!(!has_grants(&fixture.dump()), "{case}: its grants stay");
    }
    if refused {
        return;
    }
    // Then the owner.
    let owners = State(
        applied[0].0.iter().filter(|(at, _)| **at != address(SHARER)).map(|(a, o)| (a.clone(), o.clone())).collect(),
    );
    let done = try_apply(&fixture, &owners, &left(&[OWNER, "other"]), argument).await;
    let protects = removal == Removal::Registered || !place.counts(project);
    assert_eq!(done.is_none(), protects, "{case}");
    let deleted = !protects && policy != "abandon";
    assert_eq!(is_there(&fixture.dump(), project), !deleted, "{case}");
}

#[tokio::test]
async fn only_the_entry_and_the_owner_decide_over_what_is_shared() {
    let mut cases = 0;
    for place in PLACES {
        for policy in ["delete-with-contents", "abandon"] {
            for project in [true, false] {
                for (one_state, removal) in [
                    (true, Removal::Update),
                    (false, Removal::Update),
                    (false, Removal::Unregistered),
                    (false, Removal::Registered),
                ] {
                    one_case(place, policy, project, one_state, removal).await;
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 9 * 2 * 2 * 4);
}

/// One edit makes the sharer the owner and lets it go: the state of before decides.
#[tokio::test]
async fn an_edit_that_makes_a_service_the_owner_deletes_nothing_with_the_same_apply() {
    for project in [true, false] {
        let delete = Place::Service(SHARER);
        let fixture = Fixture::new(&document(&company(project, None), delete, "delete-with-contents"));
        try_apply(&fixture, &State::default(), &[OWNER, "other"], None).await.unwrap();
        let ledger = try_apply(&fixture, &State::default(), &[SHARER], None).await.unwrap();
        // The entry is the sharer's, and no service uses the resource any more.
        let mut taken = company(project, Some(Removal::Update)).document();
        let mut entry = document(&company(project, None), Place::Entry, "delete-with-contents");
        for list in ["projects", "namespaces"] {
            let mut entries = entry[list].take();
            for entry in entries.as_array_mut().into_iter().flatten() {
                entry["spec"]["owner"] = SHARER.into();
                entry["spec"]["sharedWith"] = Json::Array(Vec::new());
            }
            taken[list] = entries;
        }
        fixture.publish(&taken);
        try_apply(&fixture, &ledger, &[SHARER], None).await.unwrap();
        assert!(is_there(&fixture.dump(), project));
        try_apply(&fixture, &ledger, &[], None).await;
        assert!(is_there(&fixture.dump(), project));
    }
}

/// A change of the owner's policy is in no plan of those it shares with.
#[tokio::test]
async fn a_sharer_has_no_policy_of_what_it_shares() {
    for project in [true, false] {
        let fixture = Fixture::new(&document(&company(project, None), Place::Entry, "prevent"));
        let ledger = try_apply(&fixture, &State::default(), &[SHARER], None).await.unwrap();
        let mut next = company(project, None);
        next.revision = 2;
        fixture.publish(&document(&next, Place::Entry, "delete"));
        let (plan, _) = plan(&fixture, &ledger, &[SHARER], None).await.unwrap();
        assert_eq!(plan.pending(), Vec::<&str>::new());
        let kind = if project { "projects" } else { "namespaces" };
        let shared = ledger.0[&address(SHARER)].value.get(kind).unwrap();
        let Value::Map(shared) = shared else { panic!() };
        assert!(shared.values().all(|entry| entry.get("deletion_policy").unwrap().is_null()));
    }
}
