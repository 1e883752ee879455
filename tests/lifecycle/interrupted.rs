//! A destroy in several runs, after an interruption or with `-target`: nothing that is shared is left behind in silence. The last
//! one that used it deletes it, or a plan has said that it belongs to no service.

use anu::platform::embedded::{Dump, Faults};

use crate::fake_core::{Apply, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, environment};

const NAMES: [&str; 3] = ["fx", "ledger", "pay"];
const PROJECT: &str = "proj-of-all";
const NS: &str = "compute-a/all";

/// Three services in one project and one namespace, of which `owner` is the owner.
fn company(owner: &str, policy: &str) -> Company {
    let mut company = Company::default();
    for name in NAMES {
        let team = if name == owner { "team-1" } else { "team-2" };
        company = company.with(name, Some("delete"), &[environment("production", PROJECT, &[NS], &[team])]);
    }
    let mut company = company.listed(PROJECT, owner, &["a"]).declared(NS, owner, &["a"]);
    for entry in company.projects.values_mut().chain(company.namespaces.values_mut()) {
        entry.policy = Some(policy.to_owned());
    }
    company
}

/// Nothing is registered any more but one service that has nothing to do with it.
fn unregistered() -> Company {
    let other = environment("production", "", &["compute-b/other"], &["team-1"]);
    Company::default().next().with("other", None, &[other])
}

/// Every way to divide some of the names into runs, in every order.
fn runs() -> Vec<Vec<Vec<&'static str>>> {
    fn of(left: &[&'static str]) -> Vec<Vec<Vec<&'static str>>> {
        if left.is_empty() {
            return vec![Vec::new()];
        }
        let mut all = Vec::new();
        for chosen in 1..1_u32 << left.len() {
            let is_chosen = |nth: &usize| chosen & (1 << nth) != 0;
            let run: Vec<_> = (0..left.len()).filter(is_chosen).map(|nth| left[nth]).collect();
            let rest: Vec<_> = (0..left.len()).filter(|nth| !is_chosen(nth)).map(|nth| left[nth]).collect();
            for mut later in of(&rest) {
                later.insert(0, run.clone());
                all.push(later);
            }
        }
        all
    }
    of(&NAMES)
}

/// The shared things that are there, as plans name them.
fn there(dump: Dump) -> Vec<&'static str> {
    let dump = dump.active();
    let project = dump.projects.get(PROJECT).is_some_and(|project| project.project.is_some());
    let namespace = dump.clusters.get("compute-a").is_some_and(|cluster| cluster.contains_key("all"));
    let all = [(project, "project proj-of-all"), (namespace, "namespace compute-a/all")];
    all.into_iter().filter(|(is, _)| *is).map(|(_, key)| key).collect()
}

/// The grants that are there, as plans name them.
fn grants(dump: Dump) -> Vec<String> {
    let dump = dump.active();
    let mut grants = Vec::new();
    for (id, project) in &dump.projects {
        for (role, members) in &project.iam {
            grants.extend(members.iter().map(|member| format!("IAM member {id}/{role}/{member}")));
        }
    }
    for (cluster, namespaces) in &dump.clusters {
        for (name, namespace) in namespaces.iter().filter(|(name, _)| name.as_str() != "other") {
            let bindings = namespace.role_bindings.keys();
            grants.extend(bindings.map(|binding| format!("role binding {cluster}/{name}/{binding}")));
        }
    }
    grants
}

#[tokio::test]
async fn a_destroy_in_several_runs_leaves_nothing_shared_behind_in_silence() {
    let (mut cases, mut left_behind) = (0, 0);
    for owner in NAMES {
        for policy in ["delete", "delete-with-contents"] {
            for registered in [true, false] {
                for runs in runs() {
                    cases += 1;
                    let case = format!("{owner} owns, {policy}, registered: {registered}, {runs:?}");
                    let fixture = Fixture::open(&company(owner, policy).document(), Faults::none()).await;
                    let mut state = fixture.apply(&State::default()).await;
                    if !registered {
                        fixture.publish(&unregistered().document());
                    }
                    let mut said = String::new();
                    for run in &runs {
                        let of_run = |at: &String| run.iter().any(|name| address(name) == *at);
                        let part = state.0.iter().filter(|(at, _)| of_run(at));
                        let part = State(part.map(|(at, object)| (at.clone(), object.clone())).collect());
                        state.0.retain(|at, _| !of_run(at));
                        let (plan, config) =
                            fixture.plan_of(&part, &[]).await.unwrap_or_else(|e| panic!("{}", text(&e)));
                        said.push_str(&text(&plan.diagnostics));
                        let (left, errors) = fixture.apply_plan(plan, &config).await;
                        assert!(!errors.has_errors() && left.0.is_empty(), "{case}: {}", text(&errors));
                    }
                    let left = there(fixture.dump());
                    left_behind += usize::from(!left.is_empty());
                    let says = |key: &str| said.contains(&format!("  {key}")) && said.contains("belongs to no service");
                    for key in left.iter().map(ToString::to_string).chain(grants(fixture.dump())) {
                        assert!(says(&key), "{case}: no plan says that {key} is left behind:\n{said}");
                    }
                    let owner_first = runs.len() == 2 && runs[0] == [owner];
                    if !registered || runs.len() == 1 || owner_first {
                        assert_eq!(left, Vec::<&str>::new(), "{case}");
                        assert_eq!(grants(fixture.dump()), Vec::<String>::new(), "{case}");
                    }
                }
            }
        }
    }
    println!("{cases} destroys, {left_behind} of which a plan has said that they leave something behind");
    assert_eq!(cases, 3 * 2 * 2 * 13);
}

/// One that comes back in between takes its word back: then the last of the others deletes nothing.
#[tokio::test]
async fn an_owner_that_is_applied_again_takes_its_word_back() {
    let fixture = Fixture::new(&company("pay", "delete").document());
    let state = fixture.apply(&State::default()).await;
    let part = |name: &str| State([(address(name), state.0[&address(name)].clone())].into());
    fixture.apply_of(&part("fx"), &[]).await;
    let (plan, config) = fixture.plan_of(&part("pay"), &[]).await.unwrap();
    assert!(text(&plan.diagnostics).contains("label `anu-deletion`"), "{}", text(&plan.diagnostics));
    fixture.apply_plan(plan, &config).await;
    let labels = |fixture: &Fixture| fixture.dump().clusters["compute-a"]["all"].settings.labels.clone();
    assert_eq!(labels(&fixture).get("anu-deletion").map(String::as_str), Some("delete"));
    fixture.apply_of(&State::default(), &["pay"]).await;
    assert_eq!(labels(&fixture).get("anu-deletion"), None);
    fixture.apply_of(&part("ledger"), &[]).await;
    assert_eq!(there(fixture.dump()).len(), 2);
}

/// A destroy that fails, or is cut short, at each of its writes, and is begun again.
#[tokio::test]
async fn a_destroy_that_fails_anywhere_and_is_repeated_leaves_nothing_behind_in_silence() {
    let mut cases = 0;
    for owner in NAMES {
        for nth in 1.. {
            let mut fixture = Fixture::open(&company(owner, "delete").document(), Faults::none()).await;
            let state = fixture.apply(&State::default()).await;
            fixture.publish(&unregistered().document());
            fixture.reopen(format!("fail@{nth}").parse().unwrap()).await;
            let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap();
            let (state, errors) = Apply::start(plan, &config).await.unwrap().finish().await;
            let failed = errors.has_errors();
            fixture.reopen(Faults::none()).await;
            let state = fixture.apply_of(&state, &[]).await;
            assert!(state.0.is_empty());
            assert_eq!(there(fixture.dump()), Vec::<&str>::new(), "{owner}, write {nth}");
            cases += 1;
            if !failed {
                break;
            }
        }
    }
    assert!(cases > 3 * 3, "{cases}");
}
