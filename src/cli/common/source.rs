//! The registry that a verb is about: where it is, reading it, and saying what is wrong with it.

use std::path::PathBuf;

use super::{Error, Printer, count, provider_options::ProviderOptions};
use crate::cli::error::io;
use crate::connect::RequestContext;
use crate::discovery::{DiscoveryError, Failure, FetchContext, Mode, RegistryConfig, Secret, SettingNames, discover};
use crate::fanout::FanOut;
use crate::registry::{LoadOptions, Problem};

/// What is read where nothing is named.
const DEFAULT: &str = "registry.json";
/// A secret has no place on a command line, where every user of the machine can read it.
const TOKEN: &str = "ANU_REGISTRY_TOKEN";
/// What is called how here.
const NAMES: SettingNames = SettingNames {
    sha256: "`--sha256`",
    token: "the variable `ANU_REGISTRY_TOKEN`",
    ca_certificate: "`--ca-certificate`",
};

/// Where the registry is
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
pub(super) struct Source {
    /// Where the registry is: a path, `file://…` or `https://…` [default: registry.json]
    ///
    /// A bearer token for `https://` is taken from the variable ANU_REGISTRY_TOKEN.
    #[arg(long = "registry", value_name = "SOURCE")]
    source: Option<String>,
    /// Accept only a registry with this SHA-256
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// A PEM file of a certificate authority to trust for `https://`, beside the usual ones
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<PathBuf>,
}

/// A registry without errors.
#[derive(Debug)]
pub(super) struct LoadedRegistry {
    pub(super) fan_out: FanOut,
    /// Where it was read, fit to be shown.
    pub(super) source: String,
}

impl Source {
    /// Reads the registry and fans it out. Problems are printed as they are, all of them; warnings do not stop anybody.
    pub(super) fn load(
        &self,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let settings = provider_options.settings(printer)?;
        let config = self.config()?;
        let around = FetchContext::of_this_process(std::env::current_dir().unwrap_or_default());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::failed(format!("Could not prepare to read the registry: {error}")))?;
        let (fetched, stale) = runtime
            .block_on(discover(&RequestContext::default(), &config, mode, &around))
            .map_err(|error| self.unreadable(error))?;
        for warning in &stale {
            printer.warning(warning.summary, &warning.detail);
        }
        let options = LoadOptions { version: crate::version(), allow_empty: provider_options.allow_empty() };
        match crate::fanout::load(&fetched.bytes, &options, &settings) {
            Ok((fan_out, warnings)) => {
                warnings.iter().for_each(|warning| printer.problem(warning));
                Ok(LoadedRegistry { fan_out, source: fetched.source })
            }
            Err(problems) => Err(refused(printer, &problems, &format!("The registry in `{}`", fetched.source))),
        }
    }

    fn config(&self) -> Result<RegistryConfig, Error> {
        let ca_certificate = self.ca_certificate.as_ref();
        let ca_certificate = ca_certificate.map(|path| std::fs::read_to_string(path).map_err(io("read", path)));
        Ok(RegistryConfig {
            source: self.source.clone().unwrap_or_else(|| DEFAULT.to_owned()),
            fallbacks: Vec::new(),
            sha256: self.sha256.as_ref().map(|hex| hex.to_ascii_lowercase()),
            token: std::env::var(TOKEN).ok().filter(|token| !token.is_empty()).map(Secret::new),
            ca_certificate: ca_certificate.transpose()?,
            names: NAMES,
        })
    }

    fn unreadable(&self, error: DiscoveryError) -> Error {
        let attempts = match error {
            DiscoveryError::Source { error, .. } => {
                return Error::usage("`--registry` names no place a registry can be read from")
                    .because(error.to_string());
            }
            DiscoveryError::Pin { .. } => {
                return Error::usage("`--sha256` is no SHA-256")
                    .because("It has to be 64 hexadecimal digits, as `sha256sum registry.json` prints them.");
            }
            DiscoveryError::Cancelled => return Error::failed("Reading the registry was cancelled"),
            DiscoveryError::Nowhere { attempts, .. } => attempts,
        };
        if self.source.is_none() && attempts.iter().any(|attempt| matches!(attempt.failure, Failure::Missing { .. })) {
            return Error::missing(format!("There is no `{DEFAULT}` here"))
                .because("It is read where no other registry is named.")
                .hint("name the registry: --registry SOURCE, a path, `file://…` or `https://…`");
        }
        let lines: Vec<String> = attempts.iter().map(ToString::to_string).collect();
        Error::missing("The registry could not be read").because(lines.join("\n  "))
    }
}

/// Prints every problem of a document, errors and warnings, and says how many there were.
pub(super) fn refused(printer: &Printer, problems: &[Problem], what: &str) -> Error {
    problems.iter().for_each(|problem| printer.problem(problem));
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    Error::failed(format!("{what} has {}", count(errors, "error"))).because("Nothing is made of it as it is.")
}
