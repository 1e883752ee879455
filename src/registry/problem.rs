//! Problems of a registry: the rule, the place, the service and environment, and the next step.

use std::fmt;
use std::sync::Arc;

use super::location::Location;
use super::names::{EnvironmentName, Name, ServiceName};
use super::pointer::PointerPath;
use super::suggest::{Suggester, did_you_mean};
use crate::printable::{escape, escape_lines};

/// Whether a problem prevents the use of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The registry is rejected.
    Error,
    /// The registry is used.
    Warning,
}

/// One problem of a registry.
///
/// `Display` is the complete text, the same on the command line and in Terraform, without hidden characters. An interface with separate fields for
/// summary and detail uses [`Problem::summary`], [`Problem::detail`] and [`Problem::place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the problem prevents the use of the registry.
    pub severity: Severity,
    /// The place, as a JSON pointer (RFC 6901) into the document. Empty for the whole document and for the provider block. For
    /// programs: it may contain hidden characters, and [`Problem::place`] does not.
    pub pointer: String,
    /// Where it is written, if that is known: in the document, or in what it was compiled from.
    pub location: Option<Location>,
    /// The service with the problem, if there is one.
    pub service: Option<String>,
    /// The environment of that service.
    pub environment: Option<String>,
    /// The rule's code for programs: stable, kebab-case.
    pub code: &'static str,
    /// The rule as a short fixed phrase: `Unknown team`.
    pub summary: &'static str,
    /// The value, the rule and the next step.
    pub detail: String,
    /// The number of further problems of this severity that are counted, not listed, because the list would exhaust memory.
    pub more: usize,
}

impl Problem {
    /// Whether the problem prevents the use of the registry.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The place in the document, for people: ``at `/services/0/spec/team`, service `ledger` ``. Empty if there is none.
    pub fn place(&self) -> String {
        let mut place = Vec::new();
        if !self.pointer.is_empty() {
            place.push(format!("at `{}`", escape(&self.pointer)));
        }
        if let Some(service) = &self.service {
            place.push(format!("service `{}`", escape(service)));
        }
        if let Some(environment) = &self.environment {
            place.push(format!("environment `{}`", escape(environment)));
        }
        place.join(", ")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}", self.summary)?;
        let location = self.location.as_ref().map(|location| format!("in `{location}`")).unwrap_or_default();
        let place = self.place();
        match (location.is_empty(), place.is_empty()) {
            (true, true) => {}
            (false, false) => write!(f, "\n  {location}, {place}")?,
            _ => write!(f, "\n  {location}{place}")?,
        }
        write!(f, "\n  {}", self.detail)
    }
}

/// A rule: its code for programs and its phrase for people, declared once in [`rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) summary: &'static str,
}

const fn error(code: &'static str, summary: &'static str) -> Rule {
    Rule { severity: Severity::Error, code, summary }
}

const fn warning(code: &'static str, summary: &'static str) -> Rule {
    Rule { severity: Severity::Warning, code, summary }
}

/// Every rule, in one list.
pub(crate) mod rules {
    use super::{Rule, error, warning};

    pub(crate) const NOT_JSON: Rule = error("not-json", "Registry is not valid JSON");
    pub(crate) const NOT_UTF8: Rule = error("not-utf8", "Registry is not UTF-8 text");
    pub(crate) const TOO_LARGE: Rule = error("too-large", "Registry is too large");
    pub(crate) const DUPLICATE_KEY: Rule = error("duplicate-key", "Duplicate key");
    pub(crate) const WRONG_TYPE: Rule = error("wrong-type", "Wrong JSON type");
    pub(crate) const MISSING_FIELD: Rule = error("missing-field", "Missing field");
    pub(crate) const WRONG_ENVELOPE: Rule = error("wrong-entry-type", "Wrong entry type");
    pub(crate) const MISSPELT_FIELD: Rule = error("misspelt-field", "Unknown field");
    pub(crate) const UNDEFINED_FIELD: Rule = error("undefined-field", "Unknown field");
    pub(crate) const MISPLACED_FIELD: Rule = error("misplaced-field", "Misplaced field");
    pub(crate) const STRAY_FIELD: Rule = warning("stray-field", "Misplaced field");
    pub(crate) const BAD_NAME: Rule = error("bad-name", "Invalid name");
    pub(crate) const ANOTHER_NAME: Rule = error("another-name", "Registry has another name");
    pub(crate) const BAD_PREVIOUS_NAME: Rule = error("bad-previous-name", "Invalid previous name");
    pub(crate) const BAD_EXPIRY: Rule = error("bad-expires", "Invalid expiry");
    pub(crate) const EXPIRES_ON_KUBERNETES: Rule = error("expires-on-kubernetes", "Access in Kubernetes cannot expire");
    pub(crate) const CONTRADICTORY_EXPIRY: Rule =
        error("contradictory-expires", "Principal is listed with different expiries");
    pub(crate) const EXPIRED_ACCESS: Rule = warning("expired-access", "Access has expired");
    pub(crate) const DISTANT_EXPIRY: Rule = warning("distant-expiry", "Access expires in the distant future");
    pub(crate) const BASIC_ROLE_EXPIRES: Rule = error("basic-role-expires", "Basic role cannot expire");
    pub(crate) const TOO_MANY_EXPIRIES: Rule = error("too-many-expiries", "Principal has too many expiries");
    pub(crate) const EXPIRY_WITHOUT_EFFECT: Rule = warning("expiry-without-effect", "Expiry has no effect");
    pub(crate) const BAD_PRINCIPAL: Rule = error("bad-principal", "Invalid principal");
    pub(crate) const BAD_QUOTA: Rule = error("bad-quota", "Invalid quota");
    pub(crate) const BAD_LABEL: Rule = error("bad-label", "Invalid label");
    pub(crate) const BAD_ANNOTATION: Rule = error("bad-annotation", "Invalid annotation");
    pub(crate) const RESERVED_LABEL: Rule = error("reserved-label", "Reserved label");
    pub(crate) const BAD_DELETION_POLICY: Rule = error("bad-deletion-policy", "Invalid deletion policy");
    pub(crate) const BAD_COMPILED_AT: Rule = error("bad-compiled-at", "Invalid timestamp");
    pub(crate) const BAD_REQUIREMENT: Rule = error("bad-requirement", "Invalid version requirement");
    pub(crate) const REQUIREMENT_NOT_MET: Rule =
        error("requirement-not-met", "Registry requires another version of anu");
    pub(crate) const UNKNOWN_BUILTIN: Rule = error("unknown-builtin", "Unknown built-in permissions");
    pub(crate) const NO_SERVICES: Rule = error("no-services", "Registry has no services");
    pub(crate) const DUPLICATE_NAME: Rule = error("duplicate-name", "Duplicate name");
    pub(crate) const DUPLICATE_PROJECT: Rule = error("duplicate-project", "Duplicate project");
    pub(crate) const DUPLICATE_TARGET: Rule = error("duplicate-target", "Duplicate target");
    pub(crate) const DUPLICATE_SERVICE_ACCOUNT: Rule = error("duplicate-service-account", "Duplicate service account");
    pub(crate) const SERVICE_ACCOUNT_WITHOUT_PROJECT: Rule =
        error("service-account-without-project", "Service account has no project");
    pub(crate) const SERVICE_ACCOUNT_NOT_OWNER: Rule =
        error("service-account-not-owner", "Service account in a project of another service");
    pub(crate) const RESERVED_SERVICE_ACCOUNT: Rule =
        error("reserved-service-account", "Reserved Kubernetes service account");
    pub(crate) const CLUSTER_WITHOUT_PROJECT: Rule = error("cluster-without-project", "Cluster has no Google project");
    pub(crate) const GKE_GROUPS: Rule = warning("gke-groups", "Groups may have no members in this cluster");
    pub(crate) const SERVICE_ACCOUNT_WITHOUT_TARGET: Rule =
        warning("service-account-without-target", "Kubernetes service account has no effect");
    pub(crate) const UNKNOWN_TEAM: Rule = error("unknown-team", "Unknown team");
    pub(crate) const UNKNOWN_CLUSTER: Rule = error("unknown-cluster", "Unknown cluster");
    pub(crate) const CLUSTER_NOT_LISTED: Rule =
        warning("cluster-not-listed", "Cluster of the provider block is not in the registry");
    pub(crate) const UNKNOWN_SERVICE: Rule = error("unknown-service", "Unknown service");
    pub(crate) const UNKNOWN_PROJECT: Rule = error("unknown-project", "Unknown project");
    pub(crate) const UNKNOWN_SHARER: Rule = error("unknown-sharer", "Unknown service or team");
    pub(crate) const WRONG_SHARING_LIST: Rule = error("wrong-sharing-list", "Name is in the wrong list");
    pub(crate) const AMBIGUOUS_SHARER: Rule = error("ambiguous-sharer", "Name of a service and of a team");
    pub(crate) const SHARING_WITHOUT_EFFECT: Rule = warning("sharing-without-effect", "Sharing has no effect");
    pub(crate) const EXISTING_WITHOUT_OWNER: Rule = warning("existing-without-owner", "Existing project has no owner");
    pub(crate) const GOOGLE_SERVICES_WITHOUT_EFFECT: Rule =
        warning("google-services-without-effect", "Google services have no effect");
    pub(crate) const UNDECLARED_SHARING: Rule = error("undeclared-sharing", "Sharing is not declared");
    pub(crate) const OWNER_ABSENT: Rule = warning("owner-absent", "Owner does not use the shared resource");
    pub(crate) const UNUSED_ENTRY: Rule = warning("unused-entry", "Entry is not used");
    pub(crate) const CONFLICTING_QUOTA: Rule = error("conflicting-quota", "Conflicting quotas");
    pub(crate) const QUOTA_WITHOUT_EFFECT: Rule = warning("quota-without-effect", "Quota has no effect");
    pub(crate) const NO_TEAM: Rule = warning("no-team", "Service has no team");
    pub(crate) const TEAM_WITHOUT_ACCESS: Rule = warning("team-without-access", "Owning team has no access");
    pub(crate) const UNKNOWN_ROLE: Rule = warning("unknown-role", "Unknown IAM role");
    pub(crate) const UNUSED_ROW: Rule = warning("unused-row", "Row of the permissions table is not used");
    pub(crate) const FORBIDDEN_ROLE: Rule = error("forbidden-role", "Forbidden role");
    pub(crate) const FORBIDDEN_PRINCIPAL: Rule = error("forbidden-principal", "Forbidden principal");
    pub(crate) const GUARDED_METADATA: Rule = error("guarded-metadata", "Label or annotation is not allowed");
    pub(crate) const PROJECT_ANNOTATION: Rule = error("project-annotation", "Annotation names another project");
    pub(crate) const LABEL_OVERRIDDEN: Rule = warning("label-overridden", "Label is overridden");
    pub(crate) const QUOTA_TOO_LARGE: Rule = error("quota-too-large", "Quota is too large");
    pub(crate) const QUOTA_MISSING: Rule = error("quota-missing", "Quota is missing");
    pub(crate) const RESERVED_NAMESPACE: Rule = error("reserved-namespace", "Reserved namespace");
    pub(crate) const PROJECT_NOT_ALLOWED: Rule = error("project-not-allowed", "Project is not allowed");
    pub(crate) const PARENT_NOT_ALLOWED: Rule = error("parent-not-allowed", "Parent is not allowed");
    pub(crate) const NO_PERMISSIONS: Rule = error("no-permissions", "Google service has no permissions row");
    pub(crate) const UNRESOLVED_TEAM: Rule = error("unresolved-team", "Team has no group");
    pub(crate) const BAD_MEMBER_TEMPLATE: Rule = error("bad-member-template", "Invalid member template");
    pub(crate) const TOO_MANY_PRINCIPALS: Rule = error("too-many-principals", "Project has too many principals");
    pub(crate) const TOO_MANY_RESOURCES: Rule = error("too-many-resources", "Service has too many resources");
    pub(crate) const TOO_MANY_GROUPS: Rule = error("too-many-groups", "Project has too many groups");
}

/// The limit of text in one list of problems, per severity. A list of a hundred thousand problems is below it. Above it
/// problems are counted: the pointer of each contains the keys on its way, so that a document of a megabyte with one long key
/// would fill the memory.
const MOST_TEXT: usize = 32 * 1024 * 1024;

/// The list of problems. It adds the current service and environment to each problem, so that no check passes them.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    /// By severity: the bytes of text in the list, and the number of problems that are not in it.
    text: [usize; 2],
    left_out: [usize; 2],
    pub(crate) suggester: Suggester,
    pub(crate) service: Option<Arc<str>>,
    pub(crate) environment: Option<Arc<str>>,
}

impl Problems {
    /// Reports a problem of the current service and environment.
    pub(crate) fn report(&mut self, rule: Rule, pointer: impl Into<String>, detail: impl Into<String>) {
        let severity = rule.severity as usize;
        if self.text[severity] > MOST_TEXT {
            self.left_out[severity] += 1;
            return;
        }
        let (pointer, detail) = (pointer.into(), escape_lines(&detail.into()).into_owned());
        self.text[severity] += pointer.len() + detail.len();
        self.list.push(Problem {
            location: None,
            severity: rule.severity,
            pointer,
            service: self.service.as_deref().map(str::to_owned),
            environment: self.environment.as_deref().map(str::to_owned),
            code: rule.code,
            summary: rule.summary,
            detail,
            more: 0,
        });
    }

    /// Reports a problem at a place in the tree of the document, whose pointer may be long.
    pub(crate) fn report_at(&mut self, rule: Rule, at: &PointerPath<'_>, detail: impl Into<String>) {
        let full = self.text[rule.severity as usize] > MOST_TEXT;
        self.report(rule, if full { String::new() } else { at.pointer() }, detail);
    }

    /// `` Did you mean `x`?`` with its leading space, or nothing.
    pub(crate) fn did_you_mean<'c>(
        &mut self,
        list: &'static str,
        value: &str,
        candidates: impl Iterator<Item = &'c str>,
    ) -> String {
        did_you_mean(self.suggester.nearest(list, value, candidates).as_deref())
    }

    /// Sets the current service and environment, or none.
    pub(crate) fn belong_to(&mut self, service: Option<&str>, environment: Option<&str>) {
        self.service = service.filter(|name| !name.is_empty()).map(Arc::from);
        self.environment = environment.filter(|name| !name.is_empty()).map(Arc::from);
    }

    /// Sets the current service.
    pub(crate) fn belong_to_service(&mut self, service: &ServiceName) {
        self.service = (!service.is_reported()).then(|| service.shared());
        self.environment = None;
    }

    /// Sets the current environment, without copying the names: most entries have no problem.
    pub(crate) fn belong_to_entry(&mut self, service: &ServiceName, environment: &EnvironmentName) {
        self.service = (!service.is_reported()).then(|| service.shared());
        self.environment = (!environment.is_reported()).then(|| environment.shared());
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.left_out[Severity::Error as usize] > 0 || self.list.iter().any(Problem::is_error)
    }

    /// Sorts problems by their place in the document. Problems at one place remain in the order of their discovery. `order` says
    /// where in the document a pointer leads.
    pub(crate) fn sort<O: Ord>(&mut self, mut order: impl FnMut(&str) -> O) {
        if self.list.len() > 1 {
            self.list.sort_by_cached_key(|problem| order(&problem.pointer));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn into_vec(mut self) -> Vec<Problem> {
        for severity in [Severity::Error, Severity::Warning] {
            if let Some(last) = self.list.iter_mut().rfind(|problem| problem.severity == severity) {
                last.more = self.left_out[severity as usize];
            }
        }
        self.list
    }
}
