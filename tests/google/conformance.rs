//! The Google platform passes the suite, whole: on a simulator that is done at once, and on one whose operations take time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anu::fanout::resource::{Labels, ProjectSettings};
use anu::platform::conformance::{self, Ability, ProjectFixture};
use anu::registry::names::{GoogleService, ProjectId, ServiceAccountName};
use async_trait::async_trait;
use google_simulator::{Condition, Options, Simulator};

use crate::{google, name, project, unlimited};

/// Other users of the same projects.
struct External {
    simulator: Simulator,
    names: AtomicU32,
}

/// What the conditions of anu begin with.
const TIMED: &str = "anu: expires ";

fn resource(id: &ProjectId) -> String {
    format!("projects/{id}")
}

impl External {
    /// Every grant with a condition, as role, member and the condition's title.
    fn conditions(&self, id: &ProjectId) -> Vec<(String, String, String)> {
        let grants = self.simulator.grants(&resource(id)).into_iter();
        grants.filter_map(|(role, member, condition)| Some((role, member, condition?.title))).collect()
    }
}

#[async_trait]
impl ProjectFixture for External {
    fn fresh_id(&self) -> ProjectId {
        name(&format!("gc-conf-{:04}", self.names.fetch_add(1, Ordering::Relaxed)))
    }

    fn settings(&self) -> ProjectSettings {
        ProjectSettings { labels: Labels::new(), ..project("conformance") }
    }

    async fn foreign_project(&self, id: &ProjectId, labels: &Labels) -> Ability {
        let labels: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        self.simulator.add_project(id.as_str(), &labels);
        Ok(())
    }

    async fn set_label(&self, id: &ProjectId, key: &str, value: &str) -> Ability {
        self.simulator.set_label(id.as_str(), key, value);
        Ok(())
    }

    async fn foreign_api(&self, id: &ProjectId, api: &GoogleService) -> Ability {
        self.simulator.enable_service(id.as_str(), api.as_str());
        Ok(())
    }

    async fn foreign_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability {
        self.simulator.add_member(&resource(id), role, member);
        Ok(())
    }

    async fn conditional_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability {
        let condition = Condition {
            title: "until 2030".to_owned(),
            description: String::new(),
            expression: "request.time < timestamp(\"2030-01-01T00:00:00Z\")".to_owned(),
        };
        self.simulator.add_conditional_member(&resource(id), role, member, condition);
        Ok(())
    }

    async fn conditional_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>> {
        let others = self.conditions(id).into_iter().filter(|(.., title)| !title.starts_with(TIMED));
        Ok(others.map(|(role, member, _)| (role, member)).collect())
    }

    async fn timed_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>> {
        let timed = self
            .conditions(id)
            .into_iter()
            .filter_map(|(role, member, title)| Some((role, format!("{member} until {}", title.strip_prefix(TIMED)?))));
        Ok(timed.collect())
    }

    async fn foreign_service_account(&self, id: &ProjectId, name: &ServiceAccountName, description: &str) -> Ability {
        let email = name.email(id);
        if self.simulator.service_account(&email).is_none() {
            self.simulator.add_service_account(&email);
        }
        self.simulator.describe_service_account(&email, description);
        Ok(())
    }

    async fn foreign_account_member(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        role: &str,
        member: &str,
    ) -> Ability {
        self.simulator.add_member(&format!("serviceAccounts/{}", name.email(id)), role, member);
        Ok(())
    }
}

async fn run(options: Options) {
    let others = External { simulator: Simulator::start(options), names: AtomicU32::new(0) };
    let report = conformance::projects(&google(&others.simulator), &others).await;
    assert_eq!((report.passed.len(), &report.skipped), (23, &vec![]));
    let report = conformance::service_accounts(&google(&others.simulator), &others).await;
    assert_eq!((report.passed.len(), &report.skipped), (10, &vec![]));
}

#[tokio::test]
async fn google_conforms() {
    run(unlimited()).await;
}

/// Then a cancelled creation is really cut in two.
#[tokio::test]
async fn google_conforms_when_it_is_slow() {
    run(Options { latency: Duration::from_millis(8), operation_delay: Duration::from_millis(30), ..unlimited() }).await;
}
