//! What one resource instance manages: the name that messages, the run state and the lifecycle share.

use std::fmt;

use crate::fanout::resource::Key;
use crate::registry::names::{NamespaceKey, ProjectId};

/// What one resource instance manages. Displays as ``service `pay` ``, with a filter as ``service `pay` (`staging`)``: core shows
/// warnings of one title as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A service of the registry, or some environments of it: one service may have several instances.
    Service {
        /// Its name.
        name: String,
        /// The `environments` filter; all of them without one.
        environments: Option<Vec<String>>,
    },
    /// A namespace that is managed by itself.
    Namespace(NamespaceKey),
    /// A project that is managed by itself.
    Project(ProjectId),
    /// The IAM members of a project that are managed by themselves.
    ProjectIam(ProjectId),
}

impl Identity {
    /// The bare word: `service`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service { .. } => "service",
            Self::Namespace(_) => "namespace",
            Self::Project(_) => "project",
            Self::ProjectIam(_) => "project IAM",
        }
    }

    /// The project or namespace that it is or is in. A service has several.
    pub fn scope(&self) -> Option<Key> {
        match self {
            Self::Service { .. } => None,
            Self::Namespace(key) => Some(Key::Namespace(key.clone())),
            Self::Project(id) | Self::ProjectIam(id) => Some(Key::Project(id.clone())),
        }
    }

    /// The object, whatever part of it is meant.
    pub fn object(&self) -> String {
        match self {
            Self::Service { name, .. } => format!("service {name}"),
            Self::Namespace(key) => format!("namespace {key}"),
            Self::Project(id) => format!("project {id}"),
            Self::ProjectIam(id) => format!("project IAM {id}"),
        }
    }

    /// Whether two of them mean the same object, or a common part of it.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Service { name, environments }, Self::Service { name: other, environments: others }) => {
                let common = match (environments, others) {
                    (Some(some), Some(others)) => some.iter().any(|name| others.contains(name)),
                    _ => true,
                };
                name == other && common
            }
            _ => self == other,
        }
    }

    /// At the start of a sentence or title: ``Service `pay` ``.
    pub fn title(&self) -> String {
        capitalized(&self.to_string())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { name, environments: None } => write!(f, "service `{name}`"),
            Self::Service { name, environments: Some(names) } => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "service `{name}` ({})", names.join(", "))
            }
            Self::Namespace(key) => write!(f, "namespace `{key}`"),
            Self::Project(id) => write!(f, "project `{id}`"),
            Self::ProjectIam(id) => write!(f, "project IAM `{id}`"),
        }
    }
}

/// With a capital first letter.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A key with its kind, since a namespace and its quota share one spelling.
pub fn name(key: &Key) -> String {
    format!("{} {key}", key.kind())
}
