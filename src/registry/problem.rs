//! Problems of a registry: the rule, the place, the service and environment, and the next step.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use super::location::Location;
use super::names::{EnvironmentName, Name, ServiceName};
use super::pointer::PointerPath;
use super::suggest::{Suggester, did_you_mean};
pub use crate::codes::Severity;
pub(crate) use crate::codes::{self as rules, Code as Rule};
use crate::printable::{escape, escape_lines};

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
    /// The rule: a row in the table of codes.
    pub code: Rule,
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
        write!(f, "{}: {}", self.severity.word(), self.summary)?;
        let location = self.location.as_ref().map(|location| format!("in `{location}`")).unwrap_or_default();
        let place = self.place();
        match (location.is_empty(), place.is_empty()) {
            (true, true) => {}
            (false, false) => write!(f, "\n  {location}, {place}")?,
            _ => write!(f, "\n  {location}{place}")?,
        }
        write!(f, "\n  {}\n  {}", self.detail, self.code)
    }
}

/// The limit of text in one list of problems, per severity. A list of a hundred thousand problems is below it. Above it
/// problems are counted: the pointer of each contains the keys on its way, so that a document of a megabyte with one long key
/// would fill the memory.
const MOST_TEXT: usize = 32 * 1024 * 1024;

/// What a problem presumes. Where that could not be read, the problem may follow from it, and is left out (`derived`).
#[derive(Debug)]
pub(crate) enum Presumes {
    /// This top-level list was read, and does not contain this name.
    List(&'static str, String),
    /// What is at these pointers was read.
    Places(Vec<String>),
}

impl Presumes {
    /// One pointer.
    pub(crate) fn place(pointer: impl Into<String>) -> Self {
        Self::Places(vec![pointer.into()])
    }
}

/// A problem in the list.
#[derive(Debug)]
pub(super) struct Reported {
    pub(super) problem: Problem,
    pub(super) presumes: Option<Presumes>,
    /// Whether it was found while a value was read, and not between values.
    pub(super) reading: bool,
}

/// The list of problems. It adds the current service and environment to each problem, so that no check passes them.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(super) list: Vec<Reported>,
    /// Whether the document is being read.
    pub(super) reading: bool,
    /// Pointers of fields that are in the document under another name or in another place.
    pub(super) missed: BTreeSet<String>,
    /// The number of entries by top-level list whose name could not be read.
    pub(super) unnamed: HashMap<&'static str, usize>,
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
        self.add(rule, pointer.into(), &detail.into(), None);
    }

    /// Reports a problem that is none if what it presumes could not be read.
    pub(crate) fn report_presuming(
        &mut self,
        presumes: Presumes,
        rule: Rule,
        pointer: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.add(rule, pointer.into(), &detail.into(), Some(presumes));
    }

    fn add(&mut self, rule: Rule, pointer: String, detail: &str, presumes: Option<Presumes>) {
        let severity = rule.severity() as usize;
        if self.text[severity] > MOST_TEXT {
            self.left_out[severity] += 1;
            return;
        }
        let detail = escape_lines(detail).into_owned();
        self.text[severity] += pointer.len() + detail.len();
        let problem = Problem {
            location: None,
            severity: rule.severity(),
            pointer,
            service: self.service.as_deref().map(str::to_owned),
            environment: self.environment.as_deref().map(str::to_owned),
            code: rule,
            summary: rule.summary(),
            detail,
            more: 0,
        };
        self.list.push(Reported { problem, presumes, reading: self.reading });
    }

    /// Reports a problem at a place in the tree of the document, whose pointer may be long.
    pub(crate) fn report_at(&mut self, rule: Rule, at: &PointerPath<'_>, detail: impl Into<String>) {
        let full = self.text[rule.severity() as usize] > MOST_TEXT;
        self.report(rule, if full { String::new() } else { at.pointer() }, detail);
    }

    /// Notes the pointer of a field that is in the document under another name or in another place, which was reported.
    pub(crate) fn miss(&mut self, pointer: String) {
        if self.text[Severity::Error as usize] <= MOST_TEXT {
            self.missed.insert(pointer);
        }
    }

    /// Whether such a field was noted.
    pub(crate) fn has_missed(&self, pointer: &str) -> bool {
        self.missed.contains(pointer)
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
        self.left_out[Severity::Error as usize] > 0 || self.list.iter().any(|reported| reported.problem.is_error())
    }

    /// Sorts problems by their place in the document. Problems at one place remain in the order of their discovery. `order` says
    /// where in the document a pointer leads.
    pub(crate) fn sort<O: Ord>(&mut self, mut order: impl FnMut(&str) -> O) {
        if self.list.len() > 1 {
            self.list.sort_by_cached_key(|reported| order(&reported.problem.pointer));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        let mut list: Vec<Problem> = self.list.into_iter().map(|reported| reported.problem).collect();
        for severity in [Severity::Error, Severity::Warning] {
            if let Some(last) = list.iter_mut().rfind(|problem| problem.severity == severity) {
                last.more = self.left_out[severity as usize];
            }
        }
        list
    }
}
