//! Both registries and their impact.

use serde::Serialize;

use crate::estate::LoadedRegistry;
use crate::fanout::impact::Impact;
use crate::fanout::{self, FanOut, Settings};
use crate::registry::{LoadOptions, Position, Registry, positions_of};

/// One of the registries.
#[derive(Debug)]
pub(in crate::cli::registry) struct Side {
    /// Where it is from, as users may see it.
    pub(super) source: String,
    /// `None` for a file that is new.
    pub(super) loaded: Option<LoadedRegistry>,
}

impl Side {
    pub(in crate::cli::registry) fn of(loaded: LoadedRegistry) -> Self {
        Self { source: loaded.source.clone(), loaded: Some(loaded) }
    }

    /// Nothing, at this place.
    pub(in crate::cli::registry) fn nothing(source: String) -> Self {
        Self { source, loaded: None }
    }

    fn fan_out(&self) -> Option<&FanOut> {
        self.loaded.as_ref().map(|loaded| &loaded.fan_out)
    }
}

/// A comparison. `Display` is its form for a terminal, `Serialize` is its JSON form, documented in `docs/guides/reviewing-changes.md`.
#[derive(Debug)]
pub(in crate::cli::registry) struct Report {
    pub(super) old: Side,
    pub(super) new: Side,
    pub(in crate::cli::registry) impact: Impact,
}

impl Report {
    pub(in crate::cli::registry) fn of(old: Side, new: Side) -> Self {
        let nothing = nothing();
        let impact = Impact::between(old.fan_out().unwrap_or(&nothing), new.fan_out().unwrap_or(&nothing));
        Self { old, new, impact }
    }
}

/// The fan-out of a registry without entries.
fn nothing() -> FanOut {
    let options = LoadOptions { version: crate::version(), allow_empty: true, name: None };
    let loaded = fanout::load(b"{\"services\": []}", &options, &Settings::default());
    #[allow(clippy::expect_used, reason = "a constant without errors")]
    loaded.expect("a registry without entries is valid").0
}

/// Where a finding is.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The file of the new registry, if it is one.
    pub(super) file: Option<String>,
    /// The line in it. A program has other lines than what it compiles to.
    pub(super) line: Option<usize>,
}

impl Report {
    /// The places of the findings, in their order.
    pub(super) fn places(&self) -> Vec<Place> {
        let findings = &self.impact.findings;
        let Some(new) = &self.new.loaded else { return findings.iter().map(|_| Place::default()).collect() };
        let file = self.file();
        let pointers = findings.iter().map(|finding| finding.pointer.as_deref().unwrap_or_default());
        let is_document = file.as_ref().is_some_and(|file| file.ends_with(".json"));
        let positions =
            if is_document { positions_of(&new.document, pointers) } else { findings.iter().map(|_| None).collect() };
        let line = |position: Option<Position>| position.map(|position| position.line);
        positions.into_iter().map(|position| Place { file: file.clone(), line: line(position) }).collect()
    }

    fn file(&self) -> Option<String> {
        let source = &self.new.source;
        (!source.contains("://")).then(|| source.strip_prefix("./").unwrap_or(source).to_owned())
    }
}

/// The version of the JSON form. Fields may be added to it; one that is renamed, removed or means another thing raises it.
const FORMAT: u32 = 1;

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Of<'s> {
            source: &'s str,
            registry: Option<&'s str>,
            revision: Option<&'s str>,
            compiled_at: Option<String>,
            digest: Option<&'s str>,
        }

        #[derive(Serialize)]
        struct Shape<'s> {
            format: u32,
            old: Of<'s>,
            new: Of<'s>,
            #[serde(flatten)]
            impact: &'s Impact,
        }

        fn of(side: &Side) -> Of<'_> {
            let registry = side.loaded.as_ref().map(|loaded| &**loaded.fan_out.registry());
            let metadata = registry.map(|registry| &registry.metadata);
            Of {
                source: &side.source,
                registry: registry.and_then(|registry| registry.name()).map(AsRef::as_ref),
                revision: metadata.and_then(|metadata| metadata.revision.as_deref()),
                compiled_at: metadata.and_then(|metadata| metadata.compiled_at).map(|time| time.to_string()),
                digest: registry.map(Registry::digest),
            }
        }

        Shape { format: FORMAT, old: of(&self.old), new: of(&self.new), impact: &self.impact }.serialize(serializer)
    }
}
