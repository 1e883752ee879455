//! The services of a git repository.

use crate::registry::{Registry, Service};

/// A repository, in a form that does not depend on how it is written: an address of any kind, or `OWNER/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    host: Option<String>,
    path: String,
}

impl Repository {
    /// Reads an address: `https://HOST/PATH`, `ssh://USER@HOST/PATH`, `USER@HOST:PATH` or `PATH`. `None` for an empty one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (host, path) = match text.split_once("://") {
            Some(("file", path)) => (None, path),
            Some((_, rest)) => rest.split_once('/').map(|(host, path)| (Some(host), path))?,
            // As git reads it: a colon before the first slash ends the host.
            None => match text.split_once(':').filter(|(host, _)| !host.contains('/')) {
                Some((host, path)) => (Some(host), path),
                None => match text.split_once('/').filter(|(first, rest)| first.contains('.') && rest.contains('/')) {
                    Some((host, path)) => (Some(host), path),
                    None => (None, text),
                },
            },
        };
        // User, secret and port are no part of the name.
        let host = host.map(|host| host.rsplit_once('@').map_or(host, |(_, host)| host));
        let host = host.map(|host| host.split(':').next().unwrap_or_default().to_ascii_lowercase());
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).to_ascii_lowercase();
        (!path.is_empty()).then_some(Self { host, path })
    }

    /// Whether both are the same one. Where one has no host, the path decides.
    fn is(&self, other: &Self) -> bool {
        let same_host = match (&self.host, &other.host) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        same_host && self.path == other.path
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{host}/{}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// The services whose entry names a repository, in the document's order.
pub fn services_of<'r>(registry: &'r Registry, repository: &Repository) -> Vec<&'r Service> {
    let is_theirs = |service: &&Service| {
        service.repository.as_deref().and_then(Repository::parse).is_some_and(|theirs| theirs.is(repository))
    };
    registry.services.iter().filter(is_theirs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_the_same_repository() {
        let shown = |text: &str| Repository::parse(text).map(|repository| repository.to_string());
        for text in [
            "git@github.com:Example/Make-it-rain.git",
            "https://github.com/example/make-it-rain",
            "https://user:secret@github.com/example/make-it-rain.git",
            "ssh://git@github.com:22/example/make-it-rain.git/",
            "git://github.com/example/make-it-rain",
            "github.com/example/make-it-rain",
            "github.com:example/make-it-rain",
        ] {
            assert_eq!(shown(text).as_deref(), Some("github.com/example/make-it-rain"), "{text}");
        }
        assert_eq!(shown("example/make-it-rain").as_deref(), Some("example/make-it-rain"));
        assert_eq!(shown("gitlab.example.com/group/sub/name").as_deref(), Some("gitlab.example.com/group/sub/name"));
        assert_eq!((shown(""), shown("/"), shown("https://github.com/")), (None, None, None));
    }

    #[test]
    fn a_repository_without_a_host_is_of_any() {
        let is = |one: &str, other: &str| {
            let parse = |text| Repository::parse(text).expect("a repository");
            parse(one).is(&parse(other))
        };
        assert!(is("example/a", "git@github.com:example/a.git"));
        assert!(!is("example/a", "git@github.com:example/b.git"));
        assert!(!is("gitlab.com/example/a", "git@github.com:example/a.git"));
    }
}
