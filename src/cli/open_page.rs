//! `anu open`: pages about a service, in the browser.

use super::common::{Answer, Error, Page, Printer, Question, TargetOptions, list, service};
use super::complete;
use crate::answers::ServiceLinks;
use crate::codes;
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest};

/// Open a page about a service: its logs, dashboard or console
///
/// The pages are the `links` of the service, the environment and the cluster in the registry, and `console` and `workloads` in Google's
/// console. Without the name of one they are listed. The address is printed, and opened where there is a browser.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The service [default: the one whose `repository` is the git repository of this folder], then the name of a link
    #[arg(value_names = ["SERVICE", "LINK"], num_args = 0..=2, add = complete::services())]
    names: Vec<String>,
    #[command(flatten)]
    target: TargetOptions,
    /// Only print the address
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu open make-it-rain -e production
  anu open make-it-rain -e production console --print
  anu open -e production -o json | jq -r '.links[].url'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let registry = loaded.fan_out.registry();
    // One name is that of a service if there is one, else of a link.
    let (named, link) = match options.names.as_slice() {
        [] => (None, None),
        [one] if registry.service(one).is_some() => (Some(one.as_str()), None),
        [one] => (None, Some(one)),
        [name, link, ..] => (Some(name.as_str()), Some(link)),
    };
    let service = service(printer, &loaded, named)?;
    let (environment, target) = options.target.place(&loaded, service)?;
    let links = ServiceLinks::of(&loaded.fan_out, service, environment, target.as_ref());
    let Some(name) = link else { return options.question.answer(printer, &links) };
    let url = url(&links, name)?;
    printer.line(&url);
    if !options.print && has_browser() && open::that_detached(&url).is_err() {
        printer.aside("No browser could be started");
    }
    Ok(())
}

/// The address of a link.
fn url(links: &ServiceLinks, name: &str) -> Result<String, Error> {
    let place = format!("environment `{}` of service `{}`", links.environment, links.service);
    let Some(link) = links.links.iter().find(|link| link.name == name) else {
        let names = || links.links.iter().map(|link| link.name.as_str());
        let has = match links.links.as_slice() {
            [] => "It has none. Add `links` to its entry in the registry.".to_owned(),
            _ => format!("It has {}.{}", list(names()), did_you_mean(nearest(name, names()))),
        };
        return Err(Error::usage(format!("No link `{}` of {place}", escape(name))).coded(codes::NO_LINK).because(has));
    };
    link.url.clone().ok_or_else(|| {
        let missing = link.missing.as_deref().unwrap_or_default();
        Error::usage(format!("Link `{name}` has no address for {place}"))
            .coded(codes::NO_LINK)
            .because(format!("Its address contains `{{{missing}}}`, and that has no value here."))
    })
}

/// Whether there is a screen. On macOS there is.
fn has_browser() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME")
}

impl Answer for ServiceLinks {
    fn write(&self, page: &mut Page) {
        let rows = self.links.iter().map(|link| {
            let missing = link.missing.as_ref().map(|missing| format!("no value for {{{missing}}}"));
            [link.name.clone(), link.url.clone().or(missing).unwrap_or_default(), link.of.clone()]
        });
        page.table(["LINK", "ADDRESS", "FROM"], rows);
    }
}
