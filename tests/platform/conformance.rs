//! The embedded platform passes the suite, whole: at once, and with the delays of a platform far away.

use std::sync::atomic::{AtomicU32, Ordering};

use anu::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding};
use anu::platform::conformance::cancellation::{self, Unresponsive};
use anu::platform::conformance::{self, Ability, ClusterFixture, ProjectFixture, Report};
use anu::platform::embedded::{Embedded, Faults};
use anu::platform::{Clusters, Projects};
use anu::registry::names::{
    ClusterName, GoogleService, KubernetesServiceAccountName, NamespaceKey, NamespaceName, ProjectId,
    ServiceAccountName,
};
use async_trait::async_trait;

use crate::{labels, name};

/// Other users of the same store.
struct External {
    platform: Embedded,
    names: AtomicU32,
}

impl External {
    fn new(platform: Embedded) -> Self {
        Self { platform, names: AtomicU32::new(0) }
    }

    fn next(&self) -> u32 {
        self.names.fetch_add(1, Ordering::Relaxed)
    }
}

fn done<T>(result: anu::platform::Result<T>) -> Ability<T> {
    Ok(result.expect("an external write"))
}

#[async_trait]
impl ProjectFixture for External {
    fn fresh_id(&self) -> ProjectId {
        name(&format!("gc-conf-{:04}", self.next()))
    }

    fn settings(&self) -> ProjectSettings {
        ProjectSettings { labels: Labels::new(), ..crate::project("conformance") }
    }

    async fn foreign_project(&self, id: &ProjectId, labels: &Labels) -> Ability {
        done(self.platform.store().foreign_project(id, labels))
    }

    async fn set_label(&self, id: &ProjectId, key: &str, value: &str) -> Ability {
        done(self.platform.store().edit_project(id, |settings| settings.labels.extend(labels([(key, value)]))))
    }

    async fn foreign_api(&self, id: &ProjectId, api: &GoogleService) -> Ability {
        done(self.platform.store().foreign_api(id, api))
    }

    async fn foreign_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability {
        done(self.platform.store().foreign_member(id, role, member))
    }

    async fn conditional_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability {
        done(self.platform.store().conditional_member(
            id,
            role,
            member,
            "request.time < timestamp(\"2030-01-01T00:00:00Z\")",
        ))
    }

    async fn conditional_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>> {
        let dump = done(self.platform.store().dump())?;
        let conditional = dump.projects.get(id).map(|project| project.conditional.clone()).unwrap_or_default();
        Ok(conditional
            .into_iter()
            .flat_map(|(role, members)| members.into_iter().map(move |member| (role.clone(), member)))
            .collect())
    }

    async fn timed_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>> {
        let dump = done(self.platform.store().dump())?;
        let iam = dump.projects.get(id).map(|project| project.iam.clone()).unwrap_or_default();
        let members =
            iam.into_iter().flat_map(|(role, members)| members.into_iter().map(move |member| (role.clone(), member)));
        Ok(members.filter(|(_, member)| member.contains(" until ")).collect())
    }

    async fn foreign_service_account(&self, id: &ProjectId, name: &ServiceAccountName, description: &str) -> Ability {
        done(self.platform.store().foreign_service_account(id, name, description))
    }

    async fn foreign_account_member(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        role: &str,
        member: &str,
    ) -> Ability {
        done(self.platform.store().foreign_account_member(id, name, role, member))
    }
}

#[async_trait]
impl ClusterFixture for External {
    fn clusters(&self) -> [ClusterName; 2] {
        [name("compute-banking"), name("compute-lending")]
    }

    fn fresh_namespace(&self) -> NamespaceName {
        name(&format!("conf-{:04}", self.next()))
    }

    async fn foreign_namespace(&self, key: &NamespaceKey, labels: &Labels) -> Ability {
        done(self.platform.store().foreign_namespace(key, labels))
    }

    async fn edit_namespace(&self, key: &NamespaceKey, add: &NamespaceSettings) -> Ability {
        done(self.platform.store().edit_namespace(key, |settings| {
            settings.labels.extend(add.labels.clone());
            settings.annotations.extend(add.annotations.clone());
        }))
    }

    async fn foreign_contents(&self, key: &NamespaceKey) -> Ability<String> {
        done(self.platform.store().foreign_contents(key, "Deployment", "web").map(|()| "Deployment web".to_owned()))
    }

    async fn foreign_role_binding(
        &self,
        key: &NamespaceKey,
        name: &str,
        labels: &Labels,
        binding: &RoleBinding,
    ) -> Ability {
        done(self.platform.store().foreign_role_binding(key, name, labels, binding))
    }

    async fn foreign_quota(&self, key: &NamespaceKey, labels: &Labels, quota: &Quota) -> Ability {
        done(self.platform.store().foreign_quota(key, labels, quota))
    }

    async fn foreign_kubernetes_service_account(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        labels: &Labels,
        annotations: &Labels,
    ) -> Ability {
        done(self.platform.store().foreign_kubernetes_service_account(key, name, labels, annotations))
    }

    async fn kubernetes_service_account_annotations(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
    ) -> Ability<Labels> {
        let dump = done(self.platform.store().dump())?;
        Ok(dump.clusters[&key.cluster][&key.namespace].service_accounts[name].annotations.clone())
    }

    async fn set_finalizer(&self, key: &NamespaceKey, finalizer: &str, held: bool) -> Ability {
        done(self.platform.store().set_finalizer(key, finalizer, held))
    }
}

/// A platform that can play every part skips none.
fn whole(report: &Report, rules: usize) {
    assert_eq!((report.passed.len(), &report.skipped), (rules, &vec![]));
}

async fn run(faults: Faults) {
    let folder = tempfile::tempdir().expect("a folder");
    let platform = Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens");
    let others = External::new(platform.clone());
    whole(&conformance::projects(&platform, &others).await, 23);
    whole(&conformance::service_accounts(&platform, &others).await, 10);
    whole(&conformance::clusters(&platform, &others).await, 23);
    whole(&conformance::kubernetes_service_accounts(&platform, &others).await, 11);
}

#[tokio::test]
async fn the_embedded_platform_conforms() {
    run(Faults::none()).await;
}

/// Then a cancelled creation is really cut in two.
#[tokio::test]
async fn the_embedded_platform_conforms_when_it_is_slow() {
    run("delay=8ms".parse().expect("a fault")).await;
}

#[tokio::test]
async fn a_cancelled_run_ends_on_the_embedded_platform() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = async || {
        let faults: Faults = "delay=600s".parse().expect("a fault");
        Box::new(Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens"))
    };
    let waits_for = "an answer from far away";
    let projects: Unresponsive<dyn Projects> = Unresponsive { waits_for, platform: open().await, attempts: None };
    cancellation::projects(&projects, &name("gc-conf-cancelled"), &crate::project("conformance")).await;
    let clusters: Unresponsive<dyn Clusters> = Unresponsive { waits_for, platform: open().await, attempts: None };
    cancellation::clusters(&clusters, &name("compute-banking")).await;
}
