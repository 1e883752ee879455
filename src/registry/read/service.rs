//! Services, their environments, targets and access lists.

use super::super::access::{Access, AccessEntry};
use super::super::document::Node;
use super::super::entries::{BoundRole, Environment, Service, ServiceAccount, Target};
use super::super::expiry::Expiry;
use super::super::names::{Name, Principal, TeamName};
use super::super::pointer::PointerPath;
use super::super::pools::project_id_in;
use super::super::problem::{Presumes, rules};
use super::super::quote::quote;
use super::Reader;

pub(super) const SERVICE: [&str; 8] =
    ["name", "repository", "team", "alertsChannel", "googleServices", "environments", "links", "deletionPolicy"];
pub(super) const ENVIRONMENT: [&str; 9] =
    ["name", "googleProject", "rbac", "targets", "serviceAccounts", "roleBindings", "quota", "links", "deletionPolicy"];
pub(super) const BOUND_ROLE: [&str; 2] = ["role", "subjects"];
pub(super) const SERVICE_ACCOUNT: [&str; 3] = ["name", "roles", "kubernetesServiceAccount"];
pub(super) const TARGET: [&str; 5] = ["kind", "cluster", "namespace", "release", "deletionPolicy"];
pub(super) const RBAC: [&str; 3] = ["viewers", "operators", "admins"];
pub(super) const ACCESS_ENTRY: [&str; 3] = ["principal", "reason", "expires"];

impl Reader<'_> {
    pub(super) fn service(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Service {
        // Keys are in any order, so the name is read first: every problem of the entry has the service's name.
        self.problems.belong_to(spec_name(node), None);
        let mut name = None;
        let mut service = Service {
            name: Name::reported(),
            repository: None,
            team: None,
            alerts_channel: None,
            google_services: Vec::new(),
            environments: Vec::new(),
            links: Default::default(),
            deletion_policy: None,
            extra: Default::default(),
        };
        service.extra = self.entry::<Service>(node, at, &SERVICE, |r, key, node, at| {
            match key {
                "name" => name = Some(r.name(node, at)),
                "repository" => service.repository = r.text(node, at),
                "team" => service.team = Some(r.name(node, at)),
                "alertsChannel" => service.alerts_channel = r.text(node, at),
                "googleServices" => service.google_services = r.list(node, at, Reader::name),
                "environments" => service.environments = r.list(node, at, Reader::environment),
                "links" => service.links = r.links(node, at),
                "deletionPolicy" => service.deletion_policy = r.deletion_policy(node, at),
                _ => return false,
            }
            true
        });
        service.name = name.unwrap_or_else(|| self.missing(node, at, "service", "name"));
        self.problems.belong_to(None, None);
        service
    }

    fn environment(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Environment {
        self.problems.environment = spec_name(node).map(Into::into);
        let mut name = None;
        let mut environment = Environment {
            name: Name::reported(),
            google_project: None,
            access: Access::default(),
            targets: Vec::new(),
            service_accounts: Vec::new(),
            role_bindings: Vec::new(),
            quota: None,
            links: Default::default(),
            deletion_policy: None,
            extra: Default::default(),
        };
        environment.extra = self.entry::<Environment>(node, at, &ENVIRONMENT, |r, key, node, at| {
            match key {
                "name" => name = Some(r.name(node, at)),
                "googleProject" => environment.google_project = Some(r.name(node, at)),
                "rbac" => environment.access = r.access(node, at),
                "targets" => environment.targets = r.list(node, at, Reader::target),
                "serviceAccounts" => environment.service_accounts = r.list(node, at, Reader::service_account),
                "roleBindings" => environment.role_bindings = r.list(node, at, Reader::bound_role),
                "quota" => environment.quota = r.quota(node, at),
                "links" => environment.links = r.links(node, at),
                "deletionPolicy" => environment.deletion_policy = r.deletion_policy(node, at),
                _ => return false,
            }
            true
        });
        environment.name = name.unwrap_or_else(|| self.missing(node, at, "environment", "name"));
        self.problems.environment = None;
        environment
    }

    fn target(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Target {
        let mut cluster = None;
        let mut namespace = None;
        let mut target = Target {
            kind: None,
            cluster: Name::reported(),
            namespace: Name::reported(),
            release: None,
            deletion_policy: None,
            extra: Default::default(),
        };
        target.extra = self.entry::<Target>(node, at, &TARGET, |r, key, node, at| {
            match key {
                "kind" => target.kind = r.text(node, at),
                "cluster" => cluster = Some(r.name(node, at)),
                "namespace" => namespace = Some(r.name(node, at)),
                "release" => target.release = r.text(node, at),
                "deletionPolicy" => target.deletion_policy = r.deletion_policy(node, at),
                _ => return false,
            }
            true
        });
        target.cluster = cluster.unwrap_or_else(|| self.missing(node, at, "target", "cluster"));
        target.namespace = namespace.unwrap_or_else(|| self.missing(node, at, "target", "namespace"));
        target
    }

    fn service_account(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> ServiceAccount {
        let (mut name, mut roles, mut kubernetes) = (None, Vec::new(), None);
        self.closed_object(node, at, "a service account", &SERVICE_ACCOUNT, |r, key, node, at| {
            match key {
                "name" => name = Some(r.name(node, at)),
                "roles" => roles = r.list(node, at, Reader::name),
                "kubernetesServiceAccount" => kubernetes = Some(r.name(node, at)),
                _ => return false,
            }
            true
        });
        if name.is_none() && matches!(node, Node::Object(_)) {
            let detail =
                "This service account has no `name`, which is required: the part of its address before `@`. Add it.";
            self.missing_field(at, &at.key("name"), detail);
        }
        ServiceAccount { name: name.unwrap_or_else(Name::reported), roles, kubernetes_service_account: kubernetes }
    }

    fn bound_role(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> BoundRole {
        let (mut role, mut subjects) = (None, None);
        self.closed_object(node, at, "a role binding", &BOUND_ROLE, |r, key, node, at| {
            match key {
                "role" => role = Some(r.name(node, at)),
                "subjects" => subjects = Some(r.list(node, at, Reader::name)),
                _ => return false,
            }
            true
        });
        if matches!(node, Node::Object(_)) {
            if role.is_none() {
                let detail = "This role binding has no `role`, which is required: the name of a ClusterRole, or `Role:NAME`. Add it.";
                self.missing_field(at, &at.key("role"), detail);
            }
            let is_empty = matches!(node.get("subjects"), Some(Node::Array(subjects)) if subjects.is_empty());
            if subjects.is_none() || is_empty {
                let detail = "This role binding has no `subjects`, so it would grant nothing. Add one: `Group:NAME`, `User:NAME` or \
                              `ServiceAccount:NAMESPACE/NAME`.";
                // Of two fields of that name, the one that was meant may not be empty.
                let subjects = at.key("subjects").pointer();
                if !self.problems.has_missed(&subjects) {
                    self.problems.report_presuming(
                        Presumes::place(subjects),
                        rules::MISSING_FIELD,
                        at.pointer(),
                        detail,
                    );
                }
            }
        }
        BoundRole { role: role.unwrap_or_else(Name::reported), subjects: subjects.unwrap_or_default() }
    }

    fn access(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Access {
        let mut access = Access::default();
        self.closed_object(node, at, "`rbac`", &RBAC, |r, key, node, at| {
            match key {
                "viewers" => access.viewers = r.list(node, at, Reader::access_entry),
                "operators" => access.operators = r.list(node, at, Reader::access_entry),
                "admins" => access.admins = r.list(node, at, Reader::access_entry),
                _ => return false,
            }
            true
        });
        access
    }

    fn access_entry(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> AccessEntry {
        match node {
            Node::String(text) if text.contains(':') => {
                let written = match text.parse::<Principal>() {
                    Ok(principal) => principal.to_string(),
                    Err(_) => "group:NAME@DOMAIN".to_owned(),
                };
                let detail = format!(
                    "{} is not a team name. Write a single principal as `{{\"principal\": \"{written}\", \"reason\": \
                     \"…\"}}`.",
                    quote(text)
                );
                self.report(rules::BAD_PRINCIPAL, at, detail);
                AccessEntry::Team(TeamName::reported())
            }
            Node::String(_) => AccessEntry::Team(self.name(node, at)),
            Node::Object(_) => {
                let mut principal = None;
                let mut reason = None;
                let mut expires = None;
                self.closed_object(node, at, "an entry of an access list", &ACCESS_ENTRY, |r, key, node, at| {
                    match key {
                        "principal" => principal = Some(r.principal(node, at)),
                        "reason" => reason = r.text(node, at),
                        "expires" => expires = r.expiry(node, at),
                        _ => return false,
                    }
                    true
                });
                if principal.is_none() {
                    let detail = "This entry of an access list has no `principal`, which is required. Write the name of a \
                                  team, or `{\"principal\": \"group:NAME@DOMAIN\", \"reason\": \"…\"}`.";
                    self.missing_field(at, &at.key("principal"), detail);
                }
                let principal = principal.flatten().unwrap_or_else(Principal::reported);
                AccessEntry::Principal { principal, reason, expires }
            }
            other => {
                self.wrong_type(
                    other,
                    at,
                    "a team name, or an object with `principal`, and perhaps `reason` and `expires`",
                );
                AccessEntry::Team(TeamName::reported())
            }
        }
    }

    /// When access ends. An invalid time is reported, and the result is `None`.
    fn expiry(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<Expiry> {
        let text = self.text(node, at)?;
        match Expiry::parse(&text) {
            Ok(expiry) => Some(expiry),
            Err(detail) => {
                self.report(rules::BAD_EXPIRY, at, detail);
                None
            }
        }
    }

    /// A single principal. An invalid one is reported, and the result is `None`.
    pub(super) fn principal(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<Principal> {
        let Some(text) = node.as_str() else {
            self.wrong_type(node, at, "a string");
            return None;
        };
        match text.parse() {
            Ok(principal) => Some(principal),
            Err(error) => {
                let error: super::NameError = error;
                let mut detail = format!("{} is not a principal: {}.{}", quote(text), error.rule, error.hint());
                if matches!(text, "allUsers" | "allAuthenticatedUsers") {
                    detail.push_str(" A registry cannot grant public access.");
                } else if !text.contains(':') && text.contains('@') {
                    detail.push_str(" Add its kind as a prefix: `group:`, `user:` or `serviceAccount:`.");
                } else if let Some(id) = project_id_in(text) {
                    detail.push_str(&format!(
                        " Google names the project of an identity pool by its number, not by {}: `gcloud projects describe` shows it.",
                        quote(id)
                    ));
                }
                self.report(rules::BAD_PRINCIPAL, at, detail);
                None
            }
        }
    }
}

/// `spec.name` without a check, only for the place of problems.
fn spec_name<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.get("spec")?.get("name")?.as_str().filter(|name| name.len() <= 100)
}
