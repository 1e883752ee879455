//! `anu kubectl`: kubectl with the context and the namespace of a service.

use std::ffi::OsString;

use super::common::{
    Error, Printer, RegistryOptions, TargetOptions, become_program, find_program, list, quote, service,
};
use super::complete;
use crate::codes;

/// Run kubectl with the context and the namespace of a service
///
/// So one names the service and the environment, and never a cluster. kubectl replaces this process: its input, output and exit code are
/// its own. It has the permissions that you have in the cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The service [default: the one whose `repository` is the git repository of this folder]
    #[arg(value_name = "SERVICE", add = complete::services())]
    service: Option<String>,
    #[command(flatten)]
    target: TargetOptions,
    /// Only print the command
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    registry: RegistryOptions,
    /// What kubectl is to do
    #[arg(last = true, value_name = "ARGS", required = true)]
    arguments: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  anu kubectl make-it-rain -e production -- get pods
  anu kubectl -e staging -- logs deployment/make-it-rain --follow
  anu kubectl ledger -e production --print -- get events";

/// What this verb decides, for every command of kubectl.
const DECIDED: [&str; 7] = ["--context", "--cluster", "--namespace", "-n", "--server", "-s", "--kubeconfig"];

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    refuse_decided(&options.arguments)?;
    let loaded = options.registry.load(printer)?;
    let service = service(printer, &loaded, options.service.as_deref())?;
    let (environment, target, context) = options.target.choose(printer, &loaded, service)?;
    let place = ["--context", &context, "--namespace", &target.namespace].map(OsString::from);
    let all: Vec<&OsString> = place.iter().chain(&options.arguments).collect();
    let shown: Vec<String> = all.iter().map(|each| quote(&each.to_string_lossy())).collect();
    let shown = format!("kubectl {}", shown.join(" "));
    if options.print {
        printer.line(shown);
        return Ok(());
    }
    printer.aside(format!("{environment} of `{}` is {shown}", service.name));
    let program = find_program("kubectl").ok_or_else(|| {
        Error::missing(codes::NOT_FOUND, "`kubectl` not found on PATH")
            .hint("install it (https://kubernetes.io/docs/tasks/tools), or print the command with `--print`")
    })?;
    Err(become_program(&program, all))
}

/// Refuses an argument that would lead kubectl to another place than the service's.
fn refuse_decided(arguments: &[OsString]) -> Result<(), Error> {
    let of_kubectl = arguments.iter().map(|each| each.to_string_lossy()).take_while(|each| each != "--");
    for argument in of_kubectl {
        let name = argument.split('=').next().unwrap_or_default();
        // A short one may have its value in the same argument.
        let short = ["-n", "-s"].into_iter().find(|short| argument.starts_with(short));
        if let Some(decided) = short.or(DECIDED.into_iter().find(|decided| *decided == name)) {
            return Err(Error::usage(format!("`{decided}` is not for this command"))
                .because(format!("The service and its environment decide {}.", list(DECIDED)))
                .hint("leave it out, or run kubectl itself"));
        }
    }
    Ok(())
}
