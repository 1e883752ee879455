//! Teams, clusters, projects and namespaces.

use super::super::characters::bad_subject;
use super::super::document::Node;
use super::super::entries::{Cluster, Gke, Namespace, Principals, Project, Team};
use super::super::labels::Dialect;
use super::super::link::Links;
use super::super::names::Name;
use super::super::pointer::PointerPath;
use super::super::problem::rules;
use super::super::quote::quote;
use super::Reader;

pub(super) const TEAM: [&str; 4] = ["name", "email", "principals", "services"];
pub(super) const PRINCIPALS: [&str; 2] = ["google", "kubernetes"];
pub(super) const CLUSTER: [&str; 5] = ["name", "googleProject", "location", "gke", "links"];
pub(super) const GKE: [&str; 2] = ["groups", "clusterViewer"];
pub(super) const PROJECT: [&str; 10] = [
    "id",
    "name",
    "parent",
    "billingAccount",
    "labels",
    "owner",
    "sharedWith",
    "sharedWithTeams",
    "existing",
    "deletionPolicy",
];
pub(super) const NAMESPACE: [&str; 9] =
    ["cluster", "name", "owner", "sharedWith", "sharedWithTeams", "labels", "annotations", "quota", "deletionPolicy"];

impl Reader<'_> {
    pub(super) fn team(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Team {
        let mut name = None;
        let mut email = None;
        let mut principals = Principals::default();
        let mut services = Vec::new();
        let extra = self.entry::<Team>(node, at, &TEAM, |r, key, node, at| {
            match key {
                "name" => name = Some(r.name(node, at)),
                "email" => email = Some(r.name(node, at)),
                "principals" => principals = r.principals(node, at),
                "services" => services = r.list(node, at, Reader::name),
                _ => return false,
            }
            true
        });
        let name = name.unwrap_or_else(|| self.missing(node, at, "team", "name"));
        Team { name, email, principals, services, extra }
    }

    fn principals(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Principals {
        let mut principals = Principals::default();
        principals.extra = self.object(node, at, "principals", &PRINCIPALS, |r, key, node, at| {
            match key {
                "google" => principals.google = r.principal(node, at),
                "kubernetes" => {
                    principals.kubernetes = r.text(node, at).filter(|group| {
                        let bad = bad_subject(group);
                        if let Some(why) = &bad {
                            let detail = format!(
                                "{} is not a valid name of a Kubernetes group.{why} Write the group's name as it is in the \
                                 cluster.",
                                quote(group)
                            );
                            r.report(rules::BAD_PRINCIPAL, at, detail);
                        }
                        bad.is_none()
                    });
                }
                _ => return false,
            }
            true
        });
        principals
    }

    pub(super) fn cluster(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Cluster {
        let mut name = None;
        let mut google_project = None;
        let mut location = None;
        let mut gke = None;
        let mut links = Links::new();
        let extra = self.entry::<Cluster>(node, at, &CLUSTER, |r, key, node, at| {
            match key {
                "name" => name = Some(r.name(node, at)),
                "googleProject" => google_project = Some(r.name(node, at)),
                "location" => location = r.text(node, at),
                "gke" => gke = r.gke(node, at),
                "links" => links = r.links(node, at),
                _ => return false,
            }
            true
        });
        let name = name.unwrap_or_else(|| self.missing(node, at, "cluster", "name"));
        Cluster { name, google_project, location, gke, links, extra }
    }

    fn gke(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<Gke> {
        let mut gke = Gke::default();
        self.closed_object(node, at, "`gke`", &GKE, |r, key, node, at| {
            match key {
                "groups" => gke.groups = r.boolean(node, at),
                "clusterViewer" => gke.cluster_viewer = r.boolean(node, at),
                _ => return false,
            }
            true
        });
        matches!(node, Node::Object(_)).then_some(gke)
    }

    pub(super) fn project(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Project {
        let mut id = None;
        let mut project = Project {
            id: Name::reported(),
            name: None,
            parent: None,
            billing_account: None,
            labels: Default::default(),
            owner: None,
            shared_with: Vec::new(),
            shared_with_teams: Vec::new(),
            existing: false,
            deletion_policy: None,
            extra: Default::default(),
        };
        project.extra = self.entry::<Project>(node, at, &PROJECT, |r, key, node, at| {
            match key {
                "id" => id = Some(r.name(node, at)),
                "name" => project.name = Some(r.name(node, at)),
                "parent" => project.parent = Some(r.name(node, at)),
                "billingAccount" => project.billing_account = Some(r.name(node, at)),
                "labels" => project.labels = r.labels(node, at, Dialect::Google),
                "owner" => project.owner = Some(r.name(node, at)),
                "sharedWith" => project.shared_with = r.list(node, at, Reader::name),
                "sharedWithTeams" => project.shared_with_teams = r.list(node, at, Reader::name),
                "existing" => project.existing = r.boolean(node, at),
                "deletionPolicy" => project.deletion_policy = r.deletion_policy(node, at),
                _ => return false,
            }
            true
        });
        project.id = id.unwrap_or_else(|| self.missing(node, at, "project", "id"));
        project
    }

    pub(super) fn namespace(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Namespace {
        let mut cluster = None;
        let mut name = None;
        let mut namespace = Namespace {
            cluster: Name::reported(),
            name: Name::reported(),
            owner: None,
            shared_with: Vec::new(),
            shared_with_teams: Vec::new(),
            labels: Default::default(),
            annotations: Default::default(),
            quota: None,
            deletion_policy: None,
            extra: Default::default(),
        };
        namespace.extra = self.entry::<Namespace>(node, at, &NAMESPACE, |r, key, node, at| {
            match key {
                "cluster" => cluster = Some(r.name(node, at)),
                "name" => name = Some(r.name(node, at)),
                "owner" => namespace.owner = Some(r.name(node, at)),
                "sharedWith" => namespace.shared_with = r.list(node, at, Reader::name),
                "sharedWithTeams" => namespace.shared_with_teams = r.list(node, at, Reader::name),
                "labels" => namespace.labels = r.labels(node, at, Dialect::NamespaceLabel),
                "annotations" => namespace.annotations = r.labels(node, at, Dialect::Annotation),
                "quota" => namespace.quota = r.quota(node, at),
                "deletionPolicy" => namespace.deletion_policy = r.deletion_policy(node, at),
                _ => return false,
            }
            true
        });
        namespace.cluster = cluster.unwrap_or_else(|| self.missing(node, at, "namespace", "cluster"));
        namespace.name = name.unwrap_or_else(|| self.missing(node, at, "namespace", "name"));
        namespace
    }
}
