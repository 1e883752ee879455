//! The registry that a verb reads: its options, loading it, and reporting what is wrong with it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{Error, io};
use super::jsonnet_options::{JsonnetOptions, not_compiled};
use super::printer::Printer;
use super::problems::{refused, report};
use super::provider_options::ProviderOptions;
use super::runtime::block_on;
use super::search::Search;
use crate::connect::{RequestContext, Secret};
use crate::discovery::{
    Attempt, DiscoveryError, FetchContext, KeyError, MinisignKey, Mode, RegistryConfig, SettingNames, Verify,
    comment_field,
};
use crate::estate::{LoadError, LoadRequest, LoadedRegistry, Warning, load, parse_age};
use crate::registry::names::RegistryName;

/// Not an option: every user of the machine can read a command line.
const TOKEN: &str = "ANU_REGISTRY_TOKEN";
/// The names that settings have on the command line, for errors.
const NAMES: SettingNames = SettingNames {
    sha256: "`--sha256`",
    minisign: "`--minisign`",
    trusted_comment: "`--trusted-comment`",
    max_age: "`--max-age`",
    token: "the variable `ANU_REGISTRY_TOKEN`",
    ca_certificate: "`--ca-certificate`",
};

/// The registry that is read
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
pub(in crate::cli) struct Source {
    /// The source of the registry: a path, `file://…` or `https://…` [default: the registry that is found]
    ///
    /// Found is, in this order: what the variable ANU_REGISTRY names; `registry.jsonnet`, `registry.yaml`, `registry.yml` or
    /// `registry.json` in the working folder, then in each folder above it up to the root of the repository.
    ///
    /// A source whose name ends in `.jsonnet`, `.yaml` or `.yml` is compiled.
    ///
    /// The bearer token for `https://` is the value of the variable ANU_REGISTRY_TOKEN.
    #[arg(long = "registry", value_name = "SOURCE")]
    source: Option<String>,
    /// The name of a registry without `metadata.name`
    #[arg(long = "registry-name", value_name = "NAME")]
    name: Option<RegistryName>,
    /// Accept only a registry with this SHA-256
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Accept only registries that are signed with this public key of minisign; repeatable
    ///
    /// The signature is `SOURCE.minisig`. Its trusted comment must contain `registry:NAME`. It is required of every registry that
    /// the command reads.
    #[arg(long, value_name = "KEY")]
    minisign: Vec<String>,
    /// A field that the trusted comment of the signature must contain, such as `branch:main`; repeatable
    #[arg(long, value_name = "FIELD", requires = "minisign", value_parser = comment_field)]
    trusted_comment: Vec<String>,
    /// Accept only a registry that was compiled at most this long ago (`metadata.compiledAt`), such as `7d`
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    max_age: Option<Duration>,
    /// A PEM file of a certificate authority to trust for `https://`, in addition to those of the operating system
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<PathBuf>,
    #[command(flatten)]
    jsonnet: JsonnetOptions,
}

/// A key. clap would show a value that it refuses, and that may be a secret key.
fn key(text: &str) -> Result<MinisignKey, Error> {
    let refused = |error: KeyError| Error::usage("`--minisign` is not a public key").because(format!("{error}."));
    text.parse().map_err(refused)
}

/// A registry that a verb reads.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Place<'p> {
    /// The option, argument or variable that names it, for errors.
    named_by: &'static str,
    source: Cow<'p, str>,
    /// The folder of a relative path.
    folder: PathBuf,
    is_quiet: bool,
}

impl<'p> Place<'p> {
    /// The source that an argument names.
    pub(in crate::cli) fn named(named_by: &'static str, source: impl Into<Cow<'p, str>>) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        Self { named_by, source: source.into(), folder, is_quiet: false }
    }

    /// With relative paths in this folder.
    pub(in crate::cli) fn in_folder(self, folder: PathBuf) -> Self {
        Self { folder, ..self }
    }

    /// Without the warnings about its contents.
    pub(in crate::cli) fn quietly(&self) -> Self {
        Self { is_quiet: true, ..self.clone() }
    }

    pub(in crate::cli) fn source(&self) -> &str {
        &self.source
    }

    pub(in crate::cli) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Source {
    /// The registry that the options name, or the one that is found: then a note says which and why.
    pub(in crate::cli) fn place(&self, printer: &Printer) -> Result<Place<'_>, Error> {
        if let Some(source) = &self.source {
            return Ok(Place::named("--registry", source.as_str()));
        }
        let found = Search::of_this_process().run()?;
        printer.aside(&found.note);
        Ok(Place::named(found.named_by, found.source))
    }

    /// Loads the registry. Prints all problems; warnings do not stop the verb.
    pub(in crate::cli) fn load(
        &self,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        self.load_at(&self.place(printer)?, printer, mode, provider_options)
    }

    /// Loads a registry with these options.
    pub(in crate::cli) fn load_at(
        &self,
        place: &Place<'_>,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let request = LoadRequest {
            fan_out: provider_options.settings(printer)?,
            registry: self.config(place)?,
            jsonnet: self.jsonnet.settings()?,
            mode,
            allow_empty: provider_options.allow_empty(),
            name: self.name.clone(),
            accept_older: None,
        };
        let context = FetchContext::of_this_process(place.folder.clone());
        let loaded = block_on(load(&RequestContext::default(), &request, &context))?
            .map_err(|error| not_loaded(printer, place, error))?;
        let mut problems = Vec::new();
        for warning in loaded.take_warnings() {
            match warning {
                Warning::Discovery(warning) => printer.warning(warning.summary, &warning.detail),
                Warning::FromTheFuture(text) => printer.warning("Registry is compiled in the future", &text),
                Warning::Problem(_) if place.is_quiet => {}
                Warning::Problem(problem) => problems.push(problem),
            }
        }
        report(printer, &problems, &format!("The registry in `{}`", loaded.source));
        Ok(loaded)
    }

    fn config(&self, place: &Place<'_>) -> Result<RegistryConfig, Error> {
        let ca_certificate = self.ca_certificate.as_ref();
        let ca_certificate = ca_certificate.map(|path| std::fs::read_to_string(path).map_err(io("read", path)));
        let minisign = self.minisign.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(RegistryConfig {
            source: place.source().to_owned(),
            fallbacks: Vec::new(),
            // The pin and the age are of the registry that the verb is about, not of one that it is compared with.
            sha256: self.sha256.as_ref().filter(|_| !place.is_quiet).map(|hex| hex.to_ascii_lowercase()),
            verify: (!minisign.is_empty()).then(|| Verify { minisign, trusted_comment: self.trusted_comment.clone() }),
            max_age: self.max_age.filter(|_| !place.is_quiet),
            token: std::env::var(TOKEN).ok().filter(|token| !token.is_empty()).map(Secret::new),
            ca_certificate: ca_certificate.transpose()?,
            names: NAMES,
        })
    }
}

/// Why a registry was not loaded, as the error of a verb.
fn not_loaded(printer: &Printer, place: &Place<'_>, error: LoadError) -> Error {
    let attempts = match error {
        LoadError::Problems { source_name, problems } => {
            return refused(printer, &problems, &format!("The registry in `{source_name}`"));
        }
        LoadError::Compile { source_name, error } => return not_compiled(&source_name, &error),
        LoadError::PinnedProgram { .. } => {
            return Error::usage("`--sha256` cannot pin a program").because(format!("{error}."));
        }
        LoadError::SignedProgram { .. } => {
            return Error::usage("`--minisign` cannot verify a program").because(format!("{error}."));
        }
        LoadError::SignedForAnother { .. } => return not_accepted(format!("{error}.")),
        LoadError::NoAge { .. } | LoadError::TooOld { .. } => {
            return Error::failed("Registry is too old").because(format!("{error}."));
        }
        LoadError::Discovery(DiscoveryError::Unproved { attempts }) => return not_accepted(lines(&attempts)),
        LoadError::Discovery(DiscoveryError::NotAllowed { attempts }) => {
            let hidden = "No copy of it is read, which would hide that access was withdrawn.";
            return Error::missing("Registry access refused").because(format!("{}\n  {hidden}", lines(&attempts)));
        }
        LoadError::Cancelled(_) | LoadError::Discovery(DiscoveryError::Cancelled) => {
            return Error::stopped("Stopped");
        }
        LoadError::Discovery(DiscoveryError::Source { error, .. }) => {
            return Error::usage(format!("`{}` is not a valid source", place.named_by)).because(error.to_string());
        }
        LoadError::Discovery(DiscoveryError::Pin { .. }) => {
            return Error::usage("`--sha256` is not a SHA-256")
                .because("It must have 64 hexadecimal digits, as `sha256sum registry.json` prints them.");
        }
        LoadError::Discovery(DiscoveryError::Nowhere { attempts, .. }) => attempts,
    };
    Error::missing("Registry source is not readable").because(lines(&attempts))
}

fn not_accepted(why: String) -> Error {
    Error::failed("Registry signature is not accepted").because(why)
}

/// Each place that was tried, on a line of its own.
fn lines(attempts: &[Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}

/// The program that is compiled if none is named; a note says which.
pub(in crate::cli) fn program(printer: &Printer) -> Result<PathBuf, Error> {
    let found = Search::of_this_process().for_program().run()?;
    printer.aside(&found.note);
    Ok(found.source.into())
}
