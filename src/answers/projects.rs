//! The Google projects, and one of them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::console;
use super::line::{EntryPlace, HasEntry};
use crate::fanout::FanOut;
use crate::fanout::resource::Key;
use crate::registry::Registry;
use crate::registry::names::ProjectId;

/// `anu project list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Projects {
    /// The projects, by id.
    pub projects: Vec<ProjectSummary>,
}

/// A project, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProjectSummary {
    /// The project id.
    pub project: String,
    /// The service that owns it.
    pub owner: Option<String>,
    /// Whether anu creates it. Otherwise it exists, and anu manages APIs and grants in it only.
    pub is_created: bool,
    /// The services that use it, by name.
    pub services: Vec<String>,
}

/// `anu project show`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProjectDetails {
    /// The project id.
    pub project: String,
    /// Where its entry is.
    #[serde(flatten)]
    pub entry: EntryPlace,
    /// The page of the project in Google's console.
    pub url: String,
    /// The display name, if the entry has one.
    pub name: Option<String>,
    /// The service that owns it.
    pub owner: Option<String>,
    /// Whether anu creates it. Otherwise it exists, and anu manages APIs and grants in it only.
    pub is_created: bool,
    /// The folder or organization, if the entry has one.
    pub parent: Option<String>,
    /// The billing account, if the entry has one.
    pub billing_account: Option<String>,
    /// The environments that use it.
    pub uses: Vec<Use>,
    /// The clusters that run in it.
    pub clusters: Vec<String>,
    /// The APIs that anu enables in it, by name.
    pub apis: Vec<String>,
    /// The services and teams that may use it.
    pub shared_with: Vec<String>,
    /// How many IAM members anu grants in it.
    pub iam_members: usize,
}

/// An environment that uses a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Use {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
}

/// Every project: those with an entry, and those that environments and clusters name.
fn ids(registry: &Registry) -> BTreeSet<&ProjectId> {
    let declared = registry.projects.iter().map(|project| &project.id);
    let environments = registry.services.iter().flat_map(|service| &service.environments);
    let used = environments.filter_map(|environment| environment.google_project.as_ref());
    let clusters = registry.clusters.iter().filter_map(|cluster| cluster.google_project.as_ref());
    declared.chain(used).chain(clusters).collect()
}

fn uses(registry: &Registry, id: &ProjectId) -> Vec<Use> {
    let references = registry.references.of_project(id).iter();
    let mut uses: Vec<Use> = references
        .map(|reference| Use {
            service: reference.service(&registry.services).name.to_string(),
            environment: reference.environment(&registry.services).name.to_string(),
        })
        .collect();
    uses.sort();
    uses
}

impl Projects {
    /// Every project.
    pub fn of(registry: &Registry) -> Self {
        let summary = |id: &ProjectId| {
            let entry = registry.projects.get(id.as_str());
            let mut services: Vec<String> = uses(registry, id).into_iter().map(|each| each.service).collect();
            services.dedup();
            ProjectSummary {
                project: id.to_string(),
                owner: entry.and_then(|entry| entry.owner.as_ref()).map(ToString::to_string),
                is_created: entry.is_some_and(|entry| !entry.existing),
                services,
            }
        };
        Self { projects: ids(registry).into_iter().map(summary).collect() }
    }

    /// The ids of all projects.
    pub fn ids(registry: &Registry) -> Vec<&str> {
        ids(registry).into_iter().map(ProjectId::as_str).collect()
    }
}

impl ProjectDetails {
    /// A project; `None` if the registry does not name it.
    pub fn of(fan_out: &FanOut, id: &str) -> Option<Self> {
        let registry = fan_out.registry();
        let project = *ids(registry).get(&id.parse::<ProjectId>().ok()?)?;
        let entry = registry.projects.get(id);
        let position = registry.projects.position(id);
        let uses = uses(registry, project);
        let (mut apis, mut members) = (BTreeSet::new(), BTreeSet::new());
        for user in fan_out.users_of_scope(&Key::Project(project.clone())) {
            let Some(found) = fan_out.service(user.as_str()) else { continue };
            for key in found.resources.keys_on_project(project) {
                match key {
                    Key::Api(_, api) => drop(apis.insert(api.to_string())),
                    Key::IamMember(..) => drop(members.insert(key)),
                    _ => {}
                }
            }
        }
        let sharers = entry.into_iter().flat_map(|entry| {
            let services = entry.shared_with.iter().map(ToString::to_string);
            services.chain(entry.shared_with_teams.iter().map(|team| format!("team {team}")))
        });
        let clusters = registry.clusters.iter().filter(|cluster| cluster.google_project.as_ref() == Some(project));
        Some(Self {
            project: id.to_owned(),
            entry: EntryPlace::of("projects", position),
            url: console::project(project),
            name: entry.and_then(|entry| entry.name.as_ref()).map(ToString::to_string),
            owner: entry.and_then(|entry| entry.owner.as_ref()).map(ToString::to_string),
            is_created: entry.is_some_and(|entry| !entry.existing),
            parent: entry.and_then(|entry| entry.parent.as_ref()).map(ToString::to_string),
            billing_account: entry.and_then(|entry| entry.billing_account.as_ref()).map(ToString::to_string),
            uses,
            clusters: clusters.map(|cluster| cluster.name.to_string()).collect(),
            apis: apis.into_iter().collect(),
            shared_with: sharers.collect(),
            iam_members: members.len(),
        })
    }
}

impl HasEntry for ProjectDetails {
    fn entry_mut(&mut self) -> &mut EntryPlace {
        &mut self.entry
    }
}
