//! What verbs share that answer questions from the registry.

use super::error::Error;
use super::page::Answer;
use super::printer::{Format, Printer};
use super::provider_options::ProviderOptions;
use super::source::{Source, warnings};
use super::text::{count, list};
use crate::answers::{HasEntry, Line};
use crate::codes;
use crate::discovery::Mode;
use crate::estate::LoadedRegistry;
use crate::fanout::FanOut;
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest};
use crate::registry::{Environment, Registry, Selection, SelectionError, Service, Severity};

/// The registry that a question is about, and the form of the answer
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Question {
    /// The form of the answer on standard output: text for people, or JSON as `docs/answers.schema.json` describes it
    #[arg(short = 'o', long, visible_alias = "output", value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    registry: RegistryOptions,
}

/// The registry that is read to know something
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RegistryOptions {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

impl RegistryOptions {
    /// Loads the registry. Its warnings are for those who write it: a note counts them.
    pub(in crate::cli) fn load(&self, printer: &Printer) -> Result<LoadedRegistry, Error> {
        let place = self.source.place(printer)?;
        self.source.check_input(&[&place])?;
        let loaded = self.source.load_unreported(&place, printer, Mode::Read, &self.provider_options)?;
        let problems = warnings(printer, &loaded);
        let found = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
        if found > 0 {
            printer.aside(format!("The registry has {}: `anu registry validate` shows them", count(found, "warning")));
        }
        Ok(loaded)
    }
}

impl Question {
    /// Loads the registry. Its warnings are for those who write it: a note counts them.
    pub(in crate::cli) fn load(&self, printer: &Printer) -> Result<LoadedRegistry, Error> {
        self.registry.load(printer)
    }

    /// Answers with one entry of the registry, by its name. Without one of that name, the error has the nearest.
    pub(in crate::cli) fn show<A: Answer + HasEntry>(
        &self,
        printer: &Printer,
        what: &str,
        name: &str,
        find: impl FnOnce(&FanOut) -> Option<A>,
        names: impl FnOnce(&Registry) -> Vec<&str>,
    ) -> Result<(), Error> {
        let loaded = self.load(printer)?;
        let mut answer = find(&loaded.fan_out).ok_or_else(|| {
            let names = names(loaded.fan_out.registry());
            let hint = did_you_mean(nearest(name, names.into_iter()));
            Error::usage(format!("`{}` is not a {what} of the registry in `{}`", escape(name), loaded.source))
                .because(format!("`anu {what} list` shows all.{hint}"))
        })?;
        locate_entry(&loaded, &mut answer);
        self.answer(printer, &answer)
    }

    /// Prints the answer.
    pub(in crate::cli) fn answer(&self, printer: &Printer, answer: &impl Answer) -> Result<(), Error> {
        printer.answer(self.format, answer)
    }
}

/// Adds to lines of the registry where they are written.
pub(in crate::cli) fn locate<'l>(loaded: &LoadedRegistry, lines: impl Iterator<Item = &'l mut Line>) {
    let mut lines: Vec<&mut Line> = lines.collect();
    let locations = loaded.locations(lines.iter().map(|line| line.pointer.as_str()));
    for (line, location) in lines.iter_mut().zip(locations) {
        line.location = location.map(|location| location.to_string());
    }
}

/// Adds to an answer where its entry is written.
pub(in crate::cli) fn locate_entry(loaded: &LoadedRegistry, answer: &mut impl HasEntry) {
    let entry = answer.entry_mut();
    let location = entry.pointer.as_deref().and_then(|pointer| loaded.locations([pointer]).pop().flatten());
    entry.location = location.map(|location| location.to_string());
}

/// An error for names that the registry does not have.
pub(in crate::cli) fn unknown_names(loaded: &LoadedRegistry, unknown: &[SelectionError]) -> Error {
    let verb = if unknown.len() == 1 { "is" } else { "are" };
    let names = count(unknown.len(), "name");
    let lines: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    Error::usage(format!("{names} {verb} not in the registry in `{}`", loaded.source)).because(lines.join("\n  "))
}

/// A selection by names that were given; none of a kind selects all of it.
pub(in crate::cli) fn selection(
    services: &[String],
    teams: &[String],
    environments: &[String],
    clusters: &[String],
) -> Selection {
    let named = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
    Selection {
        services: named(services),
        teams: named(teams),
        environments: named(environments),
        clusters: named(clusters),
    }
}

/// The environment of a service.
pub(in crate::cli) fn environment<'l>(
    loaded: &LoadedRegistry,
    service: &'l Service,
    name: &str,
) -> Result<&'l Environment, Error> {
    if let Some(environment) = service.environment(name) {
        return Ok(environment);
    }
    let names = || service.environments.iter().map(|environment| environment.name.as_str());
    let has = match service.environments.as_slice() {
        [] => "It has none.".to_owned(),
        _ => format!("It has {}.{}", list(names()), did_you_mean(nearest(name, names()))),
    };
    let what = format!("Service `{}` has no environment `{}` in `{}`", service.name, escape(name), loaded.source);
    Err(Error::usage(what).because(has))
}

/// An error for a text that is no key of the registry, with the nearest key in its project or namespace.
pub(in crate::cli) fn unknown_key(loaded: &LoadedRegistry, text: &str) -> Error {
    let fan_out = &loaded.fan_out;
    let scopes = fan_out.scopes_of(text);
    let keys = scopes.iter().flat_map(|scope| fan_out.keys_of_scope(scope));
    let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
    let nearest = did_you_mean(nearest(text, keys.iter().map(String::as_str)));
    let rule = if scopes.is_empty() {
        "A key begins with a project id or with CLUSTER/NAMESPACE, and the registry has neither of this text."
            .to_owned()
    } else {
        format!("The registry has {} in {}.{nearest}", count(keys.len(), "key"), list(&scopes))
    };
    Error::usage(format!("No key `{}` in the registry in `{}`", escape(text), loaded.source))
        .coded(codes::UNKNOWN_KEY)
        .because(rule)
}
