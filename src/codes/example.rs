//! What a page shows and leads to: the example, and the guide with the rules.

/// What provokes an error or warning, and so what its page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// A registry that has this problem and no other. The text of the problem is that of the check.
    Document(&'static str),
    /// Such a registry, with settings of the provider block as JSON, in the form of the function `fan_out`.
    With(&'static str, &'static str),
    /// The text is one of a snapshot of the tests.
    Shown,
}

/// Guides that a page leads to: the file under `docs/guides/`, and its title.
pub(super) type Guide = (&'static str, &'static str);

/// The guides.
pub(super) mod guide {
    use super::Guide;

    pub(in crate::codes) const ASKING: Guide = ("asking-the-registry.md", "Asking the registry");
    pub(in crate::codes) const BUILT_IN: Guide = ("built-in-permissions.md", "Built-in permissions");
    pub(in crate::codes) const GETTING_STARTED: Guide = ("getting-started.md", "Getting started");
    pub(in crate::codes) const GOOGLE: Guide = ("google.md", "Google Cloud");
    pub(in crate::codes) const JSONNET: Guide = ("jsonnet.md", "Write your registry in Jsonnet");
    pub(in crate::codes) const KUBERNETES: Guide = ("kubernetes.md", "Kubernetes");
    pub(in crate::codes) const PUBLISHING: Guide = ("publishing.md", "Publishing a registry");
    pub(in crate::codes) const READING: Guide = ("reading-the-registry.md", "Reading the registry");
    pub(in crate::codes) const REGISTRY: Guide = ("your-own-registry.md", "Your own registry");
    pub(in crate::codes) const REMOVING: Guide = ("removing-and-moving.md", "Removing and moving");
    pub(in crate::codes) const REVIEWING: Guide = ("reviewing-changes.md", "Reviewing changes");
    pub(in crate::codes) const SECURITY: Guide = ("security.md", "Security");
    pub(in crate::codes) const SIGNED: Guide = ("signed-registries.md", "Signed registries");
    pub(in crate::codes) const SOURCES: Guide = ("registry-sources.md", "Where the registry is read from");
}
