//! The service of the git repository that the working folder is in.

use std::path::Path;

use super::error::Error;
use super::printer::Printer;
use super::program::git;
use super::question::{selection, unknown_names};
use super::text::list;
use crate::answers::{Repository, services_of};
use crate::codes;
use crate::estate::LoadedRegistry;
use crate::printable::escape;
use crate::registry::Service;

/// The service of that name; without one, the service whose repository the working folder is in, and a note says which.
pub(in crate::cli) fn service<'l>(
    printer: &Printer,
    loaded: &'l LoadedRegistry,
    name: Option<&str>,
) -> Result<&'l Service, Error> {
    let registry = loaded.fan_out.registry();
    let name = match name {
        Some(name) => name.to_owned(),
        None => inferred(printer, loaded)?,
    };
    let selected = registry.select(&selection(std::slice::from_ref(&name), &[], &[], &[]));
    let selected = selected.map_err(|unknown| unknown_names(loaded, &unknown))?;
    let (service, _) = selected.services[0]; // a known name selects its service
    Ok(service)
}

fn inferred(printer: &Printer, loaded: &LoadedRegistry) -> Result<String, Error> {
    let remote = remote()?;
    let Some(repository) = Repository::parse(&remote.address) else {
        return Err(nameless(format!("The remote `{}` of this git repository has no address.", escape(&remote.name))));
    };
    let services = services_of(loaded.fan_out.registry(), &repository);
    let shown = escape(&repository.to_string()).into_owned();
    match services.as_slice() {
        [service] => {
            printer.aside(format!("Service `{}`, whose repository this is (`{shown}`)", service.name));
            Ok(service.name.to_string())
        }
        [] => Err(nameless(format!(
            "This git repository is `{shown}` (remote `{}`), and no service in `{}` has it as its `repository`.",
            escape(&remote.name),
            loaded.source
        ))),
        several => Err(nameless(format!(
            "Several services have this git repository (`{shown}`) as their `repository`: {}.",
            list(several.iter().map(|service| &service.name))
        ))),
    }
}

/// A remote of the git repository that the working folder is in.
struct Remote {
    name: String,
    address: String,
}

/// The remote `origin`, else the only one.
fn remote() -> Result<Remote, Error> {
    let remotes =
        printed(&["remote"])?.ok_or_else(|| nameless("This folder is not in a git repository.".to_owned()))?;
    let remotes: Vec<&str> = remotes.lines().collect();
    let name = match remotes.as_slice() {
        [] => return Err(nameless("This git repository has no remote, by which its service is found.".to_owned())),
        [only] => *only,
        several if several.contains(&"origin") => "origin",
        several => {
            return Err(nameless(format!(
                "This git repository has several remotes, and none is called `origin`: {}.",
                list(several)
            )));
        }
    };
    let address = printed(&["config", "--get", &format!("remote.{name}.url")])?.unwrap_or_default();
    Ok(Remote { name: name.to_owned(), address: address.trim().to_owned() })
}

/// What git prints; `None` if it fails.
fn printed(arguments: &[&str]) -> Result<Option<String>, Error> {
    let output = git(Path::new(".")).args(arguments).output().map_err(|error| {
        nameless(format!("The service of a git repository is found with git, which cannot be run: {error}."))
    })?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn nameless(why: String) -> Error {
    Error::usage("No service is named")
        .coded(codes::NO_SERVICE_NAMED)
        .because(why)
        .hint("name it: `anu service list` shows all")
}
