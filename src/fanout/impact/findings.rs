//! What a reviewer should read first.

use std::collections::HashSet;
use std::fmt::Display;

use serde::Serialize;

use crate::registry::DeletionPolicy;
use crate::registry::names::{EnvironmentName, ServiceName};

use super::super::FanOut;
use super::super::resource::Key;
use super::access::{AccessChange, First, LastAdmin};
use super::counts::Counts;
use super::entries::EntryEdit;
use super::guard::{Excess, Guard, Guarded};
use super::kind::Kind;
use super::reach::AccessStep;
use super::resources::{Change, Outcome, ResourceChange};
use super::sentence::Sentence;
use super::service::{ServiceChange, ServiceImpact};
use super::sharing::SharingChange;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A plan will be refused.
    Error,
    /// Access, sharing or protection that changes, or something that is deleted.
    Warning,
    /// Good to know.
    Notice,
}

/// A rule: its code for programs, stable and in kebab-case, and its phrase for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    /// What it weighs.
    pub severity: Severity,
    /// `first-access`
    pub code: &'static str,
    /// `First access`
    pub title: &'static str,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its rule.
    pub rule: Rule,
    /// The service that it is about.
    pub service: Option<ServiceName>,
    /// The environment.
    pub environment: Option<EnvironmentName>,
    /// What was found.
    pub detail: Sentence,
    /// The place in the new document, as a JSON pointer; none for what it does not contain any more.
    pub pointer: Option<String>,
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'f> {
            severity: Severity,
            code: &'static str,
            title: &'static str,
            service: &'f Option<ServiceName>,
            environment: &'f Option<EnvironmentName>,
            detail: &'f Sentence,
            pointer: &'f Option<String>,
        }
        let Self { rule: Rule { severity, code, title }, service, environment, detail, pointer } = self;
        Shape { severity: *severity, code, title, service, environment, detail, pointer }.serialize(serializer)
    }
}

macro_rules! rules {
    ($($name:ident: $severity:ident $code:literal $title:literal;)+) => {
        $(const $name: Rule = Rule { severity: Severity::$severity, code: $code, title: $title };)+
        /// Every rule, in the order in which findings are listed.
        pub const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    ANOTHER_REGISTRY: Error "another-registry" "Another registry";
    OLDER_REGISTRY: Error "older-registry" "Older registry";
    MASS_REMOVAL: Error "mass-removal" "Mass removal";
    MASS_REVOCATION: Error "mass-revocation" "Mass revocation";
    REFUSED_REMOVAL: Error "refused-removal" "Removal is refused";
    LAST_ADMIN: Warning "last-admin" "Last admin is removed";
    FIRST_ACCESS: Warning "first-access" "First access";
    WIDENED_ACCESS: Warning "widened-access" "Wider access";
    NEW_ACCESS: Warning "new-access" "New access";
    CHANGED_ROLES: Warning "changed-roles" "Roles of a level change";
    NEW_SHARING: Warning "new-sharing" "New sharing";
    WEAKER_POLICY: Warning "weaker-deletion-policy" "Less protection";
    DELETION: Warning "deletion" "Deletion";
    ABANDONED: Warning "abandoned" "No longer managed";
    REMOVED_SERVICE: Notice "removed-service" "Service is removed";
}

/// What findings are made from.
pub(super) struct Material<'i> {
    pub(super) old: &'i FanOut,
    pub(super) new: &'i FanOut,
    pub(super) counts: &'i Counts,
    pub(super) services: &'i [ServiceImpact],
    pub(super) access: &'i [AccessChange],
    pub(super) last_admins: &'i [LastAdmin],
    pub(super) sharing: &'i [SharingChange],
    pub(super) entries: &'i [EntryEdit],
    /// The environments that were there before, by their names now.
    pub(super) environments: HashSet<(&'i ServiceName, &'i EnvironmentName)>,
}

impl Material<'_> {
    /// All findings, in the order of the rules.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        self.registry(&mut found);
        found.extend(Guard::default().verdict(self.counts).into_iter().map(|excess| beyond(&excess)));
        for service in self.services {
            self.service(service, &mut found);
        }
        found.extend(self.last_admins.iter().map(|lost| {
            let admins = lost.admins.iter().map(|admin| admin as &dyn Display);
            let detail =
                Sentence::of("No principal is admin of {} any more. Before: ", [&lost.environment as &dyn Display]);
            Finding {
                rule: LAST_ADMIN,
                service: Some(lost.service.clone()),
                environment: Some(lost.environment.clone()),
                detail: list(detail, admins).then(Sentence::words(".")),
                pointer: Some(lost.pointer.clone()),
            }
        }));
        found.extend(self.access.iter().filter_map(|change| self.access_finding(change)));
        for edit in self.entries.iter().filter(|edit| edit.section == "permissions") {
            let detail = match (&edit.field.from, &edit.field.to) {
                (Some(from), Some(to)) => Sentence::of(
                    "{} of {}: {} is replaced by {}.",
                    [&edit.field.field as &dyn Display, &edit.entry, from, to],
                ),
                (None, Some(to)) => {
                    Sentence::of("{} of {}: {} is added.", [&edit.field.field as &dyn Display, &edit.entry, to])
                }
                (from, _) => {
                    let from: &dyn Display = from.as_ref().map_or(&"" as &dyn Display, |from| from);
                    Sentence::of("{} of {}: {} is removed.", [&edit.field.field as &dyn Display, &edit.entry, from])
                }
            };
            found.push(Finding {
                rule: CHANGED_ROLES,
                service: None,
                environment: None,
                detail,
                pointer: Some("/permissions".into()),
            });
        }
        for change in self.sharing.iter().filter(|change| change.is_won) {
            let names = [&change.with as &dyn Display, &change.key, &change.owner];
            let words = match (change.is_used, change.is_team) {
                (true, _) => "{} uses {} of service {}.",
                (false, false) => "{} may use {} of service {}.",
                (false, true) => "The services of team {} may use {} of service {}.",
            };
            let detail = Sentence::of(words, names);
            let service = Some(change.owner.clone());
            found.push(Finding { rule: NEW_SHARING, service, environment: None, detail, pointer: None });
        }
        let place = |rule: &Rule| RULES.iter().position(|other| other == rule);
        found.sort_by(|a, b| (place(&a.rule), a).cmp(&(place(&b.rule), b)));
        found
    }

    fn registry(&self, found: &mut Vec<Finding>) {
        let (old, new) = (&self.old.registry, &self.new.registry);
        if let (Some(before), Some(after)) = (old.name(), new.name())
            && before != after
            && !new.previous_names().contains(before)
        {
            let words = "The new registry is {}, and the old one {}. An apply of another registry is refused. If it was \
                         renamed, add the earlier name to {}.";
            let detail = Sentence::of(words, [after as &dyn Display, before, &"metadata.previousNames"]);
            let pointer = Some("/metadata/name".to_owned());
            found.push(Finding { rule: ANOTHER_REGISTRY, service: None, environment: None, detail, pointer });
        }
        let Some(before) = old.metadata.compiled_at else { return };
        let detail = match new.metadata.compiled_at {
            Some(after) if after < before => {
                let words =
                    "The new registry was compiled at {}, the old one at {}. An apply of an older registry is refused.";
                Sentence::of(words, [&after as &dyn Display, &before])
            }
            Some(_) => return,
            None => {
                let words = "The new registry has no {}, so it is unknown whether it is older than the old one ({}). An apply is \
                             refused.";
                Sentence::of(words, [&"metadata.compiledAt" as &dyn Display, &before])
            }
        };
        found.push(Finding {
            rule: OLDER_REGISTRY,
            service: None,
            environment: None,
            detail,
            pointer: Some("/metadata".into()),
        });
    }

    fn service(&self, service: &ServiceImpact, found: &mut Vec<Finding>) {
        let refused: HashSet<Key> =
            service.resources.iter().filter(|change| is_refused(change)).map(|c| c.key.clone()).collect();
        for resource in &service.resources {
            let Some((rule, words)) = removal(resource, &refused).or_else(|| weaker(resource)) else { continue };
            let detail = Sentence::words(resource.kind.names().0)
                .then(Sentence::of(" {}: ", [&resource.key as &dyn Display]))
                .then(Sentence::words(words));
            let pointer = self.new.explain(&resource.key).into_iter().next().map(|origin| origin.pointer);
            let pointer = pointer.or_else(|| {
                let position = self.new.registry.services.position(service.service.as_str())?;
                Some(format!("/services/{position}"))
            });
            let environment = resource.environment.clone();
            found.push(Finding { rule, service: Some(service.service.clone()), environment, detail, pointer });
        }
        if service.change == ServiceChange::Removed {
            let detail = Sentence::of("The registry does not contain {} any more.", [&service.service as &dyn Display]);
            let (service, environment) = (Some(service.service.clone()), None);
            found.push(Finding { rule: REMOVED_SERVICE, service, environment, detail, pointer: None });
        }
    }

    fn access_finding(&self, change: &AccessChange) -> Option<Finding> {
        let was_there = self.environments.contains(&(&change.service, &change.environment));
        let rule = match (change.change, change.first) {
            (AccessStep::Won, Some(_)) => FIRST_ACCESS,
            (AccessStep::Won, None) if was_there => NEW_ACCESS,
            (AccessStep::Widened, _) => WIDENED_ACCESS,
            _ => return None,
        };
        let mut detail = Sentence::of("{} ", [&change.principal as &dyn Display]);
        if let Some(team) = &change.team {
            detail = detail.then(Sentence::of("(team {}) ", [team as &dyn Display]));
        }
        detail =
            list(detail.then(Sentence::words("is granted ")), change.after.iter().map(|level| level as &dyn Display));
        if !change.before.is_empty() {
            detail = list(
                detail.then(Sentence::words(", before ")),
                change.before.iter().map(|level| level as &dyn Display),
            );
        }
        detail = match (change.first, &change.scope) {
            (Some(First::Anything), _) => detail.then(Sentence::words(", and had no access to anything before.")),
            (Some(First::Environment), _) => {
                let words = ", and had no access to any environment {} before.";
                detail.then(Sentence::of(words, [&change.environment as &dyn Display]))
            }
            (None, Some(scope)) => {
                detail.then(Sentence::of(" in {}, which the environment uses now.", [scope as &dyn Display]))
            }
            (None, None) => detail.then(Sentence::words(".")),
        };
        Some(Finding {
            rule,
            service: Some(change.service.clone()),
            environment: Some(change.environment.clone()),
            detail,
            pointer: change.pointer.clone(),
        })
    }
}

/// A plan of the whole registry, by the limits that are in force unless the provider block has others.
fn beyond(excess: &Excess) -> Finding {
    let (rule, words) = match excess.guarded {
        Guarded::Revocations => (
            MASS_REVOCATION,
            "{} of {} principals (once for each project and namespace) lose access. The guard refuses a plan beyond {}, unless the provider \
             block has another limit or acknowledges it.",
        ),
        Guarded::Removals | Guarded::Adoptions => (
            MASS_REMOVAL,
            "{} of {} projects, namespaces and service accounts are removed. The guard refuses a plan beyond {}, unless the provider block has \
             another limit or acknowledges it.",
        ),
    };
    let detail = Sentence::of(words, [&excess.number as &dyn Display, &excess.total, &excess.limit]);
    Finding { rule, service: None, environment: None, detail, pointer: None }
}

fn is_refused(resource: &ResourceChange) -> bool {
    matches!(resource.change, Change::Removed { outcome: Outcome::Refused })
}

/// The removal of what has a deletion policy of its own. A service account goes with its project, one of Kubernetes with its namespace.
fn removal(resource: &ResourceChange, refused: &HashSet<Key>) -> Option<(Rule, &'static str)> {
    let Change::Removed { outcome } = &resource.change else { return None };
    let is_account = matches!(resource.kind, Kind::ServiceAccount | Kind::KubernetesServiceAccount);
    if !is_account && !matches!(resource.kind, Kind::Project | Kind::Namespace) {
        return None;
    }
    if is_account && refused.contains(&resource.key.scope()) {
        return None;
    }
    Some(match outcome {
        Outcome::Refused => (
            REFUSED_REMOVAL,
            "its deletion policy is `prevent`, so the plan is refused. To remove it, first apply a registry in which the policy is \
             `delete`.",
        ),
        Outcome::Deleted => (DELETION, "an apply deletes it."),
        Outcome::DeletedWithContents => (DELETION, "an apply deletes it with everything in it."),
        Outcome::Abandoned => (ABANDONED, "it remains, and is not managed any more."),
    })
}

fn weaker(resource: &ResourceChange) -> Option<(Rule, &'static str)> {
    let Change::Changed { fields } = &resource.change else { return None };
    let field = fields.iter().find(|field| field.field == "deletionPolicy")?;
    let policy = |text: &Option<String>| DeletionPolicy::parse(text.as_deref()?);
    let (from, to) = (policy(&field.from)?, policy(&field.to)?);
    (from == DeletionPolicy::Prevent && to != from).then_some((
        WEAKER_POLICY,
        "its deletion policy is no longer `prevent`: from the next apply on, its removal is not refused.",
    ))
}

/// A sentence with a list of names after it.
fn list<'n>(mut sentence: Sentence, names: impl Iterator<Item = &'n dyn Display>) -> Sentence {
    for (position, name) in names.enumerate() {
        sentence = sentence.then(Sentence::of(if position == 0 { "{}" } else { ", {}" }, [name]));
    }
    sentence
}
