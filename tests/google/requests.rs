//! One project with very many members costs one read and one write of its policy.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use google_simulator::{Options, Simulator};
use serde_json::{Value as Json, json};

use crate::fake_core::State;
use crate::fixture::{Fixture, text};
use crate::runs::fixture;
use crate::unlimited;

const MEMBERS: usize = 175;

/// A service with one project, on which so many have a role.
fn registry(members: usize) -> Json {
    let viewers: Vec<Json> = (0..members)
        .map(|number| json!({"principal": format!("user:person-{number}@example.com"), "reason": "they asked"}))
        .collect();
    json!({
        "metadata": {"name": "acme", "revision": members.to_string(), "compiledAt": "2026-11-25T10:00:00Z"},
        "teams": [{"type": "Team", "spec": {"name": "shop", "email": "shop-team@example.com"}}],
        "projects": [{"type": "Project", "spec": {"id": "acme-shop-prod-77aa"}}],
        "services": [{"type": "Service", "spec": {
            "name": "shop", "team": "shop", "googleServices": ["pubsub.googleapis.com"],
            "environments": [{"type": "Environment", "spec": {
                "name": "production", "googleProject": "acme-shop-prod-77aa",
                "rbac": {"viewers": viewers, "operators": [], "admins": ["shop"]}}}]}}],
    })
}

struct Command<'r> {
    fixture: &'r Fixture,
    simulator: &'r Simulator,
}

impl Command<'_> {
    /// Plans and applies; what each needed: requests by method, and time.
    async fn apply(&self, state: &State) -> (State, [BTreeMap<&'static str, usize>; 2], [Duration; 2]) {
        self.simulator.forget_exchanges();
        let began = Instant::now();
        let (plan, config) = self.fixture.planned(state).await;
        let (planned, refresh) = (self.simulator.request_counts(), began.elapsed());
        self.simulator.forget_exchanges();
        let began = Instant::now();
        let (state, diagnostics) = self.fixture.apply_plan(plan, &config).await;
        assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
        (state, [planned, self.simulator.request_counts()], [refresh, began.elapsed()])
    }
}

#[tokio::test]
async fn a_project_with_many_members() {
    let simulator = Simulator::start(Options { latency: Duration::from_millis(50), ..unlimited() });
    let folder = tempfile::tempdir().expect("a folder");
    let fixture = fixture(folder.path(), &simulator.url());
    let command = Command { fixture: &fixture, simulator: &simulator };
    let mut state = State::default();
    let mut lines = String::new();
    for (what, members) in [("create", MEMBERS), ("no changes", MEMBERS), ("one member more", MEMBERS + 1)] {
        fixture.publish(&registry(members));
        let (after, requests, took) = command.apply(&state).await;
        state = after;
        for (part, (requests, took)) in ["refresh", "apply"].iter().zip(requests.iter().zip(took)) {
            println!("{what}, {part}: {requests:?} in {:.2} s", took.as_secs_f64());
            let short = requests.iter().map(|(id, number)| (id.split_once('.').map_or(*id, |(_, rest)| rest), number));
            let short: Vec<String> = short.map(|(id, number)| format!("{id} {number}")).collect();
            let short = if short.is_empty() { "nothing".to_owned() } else { short.join(", ") };
            lines.push_str(&format!("{what}, {part}: {short}\n"));
        }
        let people = simulator.grants("projects/acme-shop-prod-77aa").into_iter();
        let people =
            people.filter(|(role, member, _)| role == "roles/pubsub.viewer" && member.starts_with("user:person"));
        assert_eq!(people.count(), members);
    }
    insta::assert_snapshot!(lines, @"
    create, refresh: projects.get 1, projects.getIamPolicy 1, services.list 1
    create, apply: projects.updateBillingInfo 1, operations.get 1, projects.create 1, projects.get 3, projects.getIamPolicy 2, projects.setIamPolicy 1, operations.get 1, services.enable 1, services.list 2
    no changes, refresh: projects.getBillingInfo 1, projects.get 1, projects.getIamPolicy 1, services.list 1
    no changes, apply: nothing
    one member more, refresh: projects.getBillingInfo 1, projects.get 1, projects.getIamPolicy 1, services.list 1
    one member more, apply: projects.getBillingInfo 1, projects.get 1, projects.getIamPolicy 1, projects.setIamPolicy 1, services.list 1
    ");
}
