//! Why a registry was not loaded, as the error of a verb.

use super::error::Error;
use super::jsonnet_options::not_compiled;
use super::place::Place;
use super::printer::Printer;
use super::problems::refused;
use crate::codes;
use crate::discovery::{Attempt, DiscoveryError};
use crate::estate::LoadError;
use crate::registry::{self, LoadOptions};

/// Why a registry was not loaded, as the error of a verb.
pub(super) fn not_loaded(printer: &Printer, place: &Place<'_>, error: LoadError) -> Error {
    let attempts = match error {
        LoadError::Problems { source_name, problems } => {
            return refused(printer, &problems, &format!("The registry in `{source_name}`"));
        }
        LoadError::Compile { source_name, error } => return not_compiled(&source_name, &error),
        LoadError::PinnedProgram { .. } => {
            return Error::usage("`--sha256` cannot pin what is compiled")
                .coded(codes::REGISTRY_NOT_PINNED)
                .because(format!("{error}."));
        }
        LoadError::SignedProgram { .. } => {
            return Error::usage("`--minisign` cannot verify what is compiled")
                .coded(codes::REGISTRY_NOT_VERIFIED)
                .because(format!("{error}."));
        }
        LoadError::SignedForAnother { .. } => return not_accepted(format!("{error}.")),
        LoadError::NoAge { .. } | LoadError::TooOld { .. } => {
            return Error::failed(codes::REGISTRY_TOO_OLD, "Registry is too old").because(format!("{error}."));
        }
        LoadError::Discovery(DiscoveryError::Unproved { attempts }) => return not_accepted(lines(&attempts)),
        LoadError::Discovery(DiscoveryError::NotAllowed { attempts }) => {
            let hidden = "No copy of it is read, which would hide that access was withdrawn.";
            return Error::missing(codes::REGISTRY_ACCESS_REFUSED, "Registry access refused")
                .because(format!("{}\n  {hidden}", lines(&attempts)));
        }
        LoadError::Cancelled(_) | LoadError::Discovery(DiscoveryError::Cancelled) => {
            return Error::cancelled("Reading of the registry was cancelled");
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
    Error::missing(codes::REGISTRY_NOT_READABLE, "Registry is not readable").because(lines(&attempts))
}

fn not_accepted(why: String) -> Error {
    Error::failed(codes::SIGNATURE_NOT_ACCEPTED, "Registry signature is not accepted").because(why)
}

/// Each place that was tried, on a line of its own.
fn lines(attempts: &[Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}

/// The error of a text that is not JSON, in the words that every reader of a registry has for it.
pub(in crate::cli) fn not_json(printer: &Printer, text: &[u8], name: &str) -> Error {
    let options = LoadOptions { version: crate::version(), allow_empty: true, name: None };
    let problems = registry::load(text, &options).err().unwrap_or_default();
    refused(printer, &problems, &format!("The registry in `{name}`"))
}
