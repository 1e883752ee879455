//! One cause that concerns every service of a run: each service has an error, and one of them has the whole text.

use std::time::Duration;

use anu::platform::google::{Endpoints, GoogleAccess, Quotas, Settings};
use anu::sdk::{Diagnostics, Value};
use google_simulator::{Authentication, Options, Simulator};

use crate::fake_core::{Config, Process, State};
use crate::fixture::{Fixture, text};
use crate::generator::{CLUSTERS, Company, environment};

const SERVICES: usize = 50;
const REFERENCE: &str = " of this run has the full text for this cause.";

/// Services with a project and a namespace each, on three clusters.
fn company() -> Company {
    (1..=SERVICES).fold(Company::default(), |company, number| {
        let name = format!("s-{number:02}");
        let project = format!("proj-of-{name}");
        let place = format!("{}/{name}", CLUSTERS[number % CLUSTERS.len()]);
        let production = environment("production", &project, &[&place], &["team-1"]);
        company.with(&name, Some("delete"), &[production]).listed(&project, &name, &[])
    })
}

fn google(url: &str) -> Settings {
    let access = GoogleAccess {
        access_token: Some(anu::connect::Secret::new("expired")),
        endpoints: Endpoints { default: Some(url.to_owned()), ..Endpoints::default() },
        quotas: Quotas::Unlimited,
        retry_budget: Duration::from_millis(20),
        ..GoogleAccess::default()
    };
    Settings { access, ..Settings::default() }
}

/// The errors of each service, refreshed and planned in one run.
async fn plan_each(process: &Process, state: &State, config: &Config) -> Vec<Diagnostics> {
    let mut answers = Vec::new();
    for (address, config) in &config.resources {
        let managed = process.of(address);
        let prior = match state.0.get(address) {
            None => None,
            Some(object) => match managed.refresh(object).await {
                Ok((object, _)) => object,
                Err(errors) => {
                    answers.push(errors);
                    continue;
                }
            },
        };
        answers.push(managed.plan_one(prior.as_ref(), Some(&managed.complete(config.clone()))).await.diagnostics);
    }
    answers
}

/// The full text and a short one, of answers of which all but one refer to that one.
fn full_and_short(fixture: &Fixture, answers: &[Diagnostics]) -> String {
    assert_eq!(answers.len(), SERVICES);
    assert!(!answers.iter().any(Diagnostics::is_empty), "each service has its own");
    let (short, full): (Vec<String>, Vec<String>) =
        answers.iter().map(text).partition(|answer| answer.contains(REFERENCE));
    assert_eq!((full.len(), short.len()), (1, SERVICES - 1), "{full:#?}");
    assert!(short.iter().all(|short| short.len() < full[0].len()), "{full:?} {short:?}");
    format!("{}----\n{}", full[0], short[SERVICES - 2]).replace(&fixture.path(""), "FOLDER/")
}

/// All services of a new state in one run.
async fn plan_all(fixture: &Fixture) -> String {
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let answers = plan_each(&process, &State::default(), &config).await;
    assert!(answers.iter().all(Diagnostics::has_errors), "an error is an error on each service");
    full_and_short(fixture, &answers)
}

#[tokio::test]
async fn credentials_that_google_does_not_accept() {
    let simulator = Simulator::start(Options { authentication: Authentication::Required, ..Options::default() });
    let mut fixture = Fixture::new(&company().document());
    fixture.google = Some(google(&simulator.url()));
    insta::assert_snapshot!(plan_all(&fixture).await);
    // One read that concerns all projects has one error, with all of them in it.
    let process = Process::start(&fixture.block()).await.unwrap();
    let nulls = ["select", "also_projects", "also_namespaces"].map(|name| (name, Value::Null));
    let errors = process.data("anu_unmanaged_grants", Value::object(nulls)).await.unwrap_err();
    assert_eq!(errors.iter().count(), 1, "{}", text(&errors));
    assert_eq!(text(&errors).matches("\n  project `proj-of-").count(), SERVICES);
}

#[tokio::test]
async fn a_google_that_cannot_be_reached() {
    let mut fixture = Fixture::new(&company().document());
    fixture.google = Some(google("http://127.0.0.1:1"));
    insta::assert_snapshot!(plan_all(&fixture).await);
}

#[tokio::test]
async fn no_platform() {
    let mut fixture = Fixture::new(&company().document());
    fixture.provider.insert("embedded".into(), Value::Null);
    insta::assert_snapshot!(plan_all(&fixture).await);
}

#[tokio::test]
async fn a_store_that_cannot_be_opened() {
    let fixture = Fixture::new(&company().document());
    std::fs::write(fixture.path("anu.db"), "not a database, and more than sixteen bytes of it").unwrap();
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let answers = plan_each(&process, &State::default(), &config).await;
    // One sentence, which is no longer than one that refers to it.
    assert!(answers.iter().all(|answer| answer == &answers[0]) && answers.len() == SERVICES);
    let sentence = text(&answers[0]).replace(&fixture.path(""), "FOLDER/");
    insta::assert_snapshot!(sentence);
}

#[tokio::test]
async fn a_kubeconfig_of_three_clusters_that_cannot_be_read() {
    let mut fixture = Fixture::new(&company().document());
    let google_only = Value::List(vec![Value::from("google")]);
    let store = Value::from(fixture.path("anu.db"));
    fixture.provider.insert("embedded".into(), Value::object([("path", store), ("replaces", google_only)]));
    let kubeconfig = Value::from(fixture.path("kubeconfig"));
    fixture.provider.insert("kubernetes".into(), Value::object([("kubeconfig", kubeconfig)]));
    insta::assert_snapshot!(plan_all(&fixture).await);
}

#[tokio::test]
async fn an_older_registry_and_a_new_run() {
    let newer = Company { revision: 5, ..company() };
    let fixture = Fixture::new(&newer.document());
    let state = fixture.apply(&State::default()).await;
    fixture.publish(&company().document());
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let answers = full_and_short(&fixture, &plan_each(&process, &state, &config).await);
    insta::assert_snapshot!(answers);
    // In debug mode a process serves many runs, and each of them has the full text.
    process.configure(&fixture.block()).await.unwrap();
    assert_eq!(full_and_short(&fixture, &plan_each(&process, &state, &config).await), answers);
}

#[tokio::test]
async fn a_registry_with_errors() {
    let fixture = Fixture::new(&company().document());
    let state = fixture.apply(&State::default()).await;
    let process = Process::start(&fixture.block()).await.unwrap();
    let config = fixture.config(&process, None).await.unwrap();
    let mut document = company().document();
    for service in 0..2 {
        document["services"][service]["spec"]["team"] = "nope".into();
    }
    fixture.publish(&document);
    let process = Process::start(&fixture.block()).await.unwrap();
    let answers = full_and_short(&fixture, &plan_each(&process, &state, &config).await);
    insta::assert_snapshot!(answers);
}

#[tokio::test]
async fn destroys_without_a_registry() {
    let mut fixture = Fixture::new(&company().document());
    fixture.provider.insert("guard".into(), Value::object([("max_removals", Value::from("100%"))]));
    let state = fixture.apply(&State::default()).await;
    let (plan, config) = fixture.plan_of(&state, &[]).await.unwrap();
    std::fs::write(fixture.path("registry.json"), "{").unwrap();
    let process = Process::start(&fixture.block()).await.unwrap();
    let mut answers = Vec::new();
    for (address, object) in &state.0 {
        let planned = process.of(address).plan_one(Some(object), None).await.diagnostics;
        assert!(!planned.has_errors(), "a destroy can be planned");
        // Beside those about what is deleted.
        answers.push(planned.into_iter().filter(|warning| warning.summary.contains("without the registry")).collect());
    }
    insta::assert_snapshot!(full_and_short(&fixture, &answers));
    let (_, errors) = fixture.apply_plan(plan, &config).await;
    let (short, full): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.detail.contains(REFERENCE));
    assert_eq!((full.len(), short.len()), (1, SERVICES - 1), "{}", text(&errors));
}
