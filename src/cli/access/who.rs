//! `anu access who`: everyone with access to a service, project or namespace.

use crate::answers::{AccessReport, Projects, Subject};
use crate::cli::common::{Error, Printer, Question, environment, locate, service};
use crate::cli::complete;
use crate::codes;
use crate::estate::LoadedRegistry;
use crate::fanout::resource::Key;
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest};

/// Show who has access to a service, a project or a namespace
///
/// Groups are shown as the registry names them. Who is a member of a group is known to Google, and not to the registry.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Options {
    /// A service, a project id, or CLUSTER/NAMESPACE [default: the service whose `repository` is the git repository of this folder]
    #[arg(value_name = "KEY-OR-SERVICE", add = complete::services())]
    subject: Option<String>,
    /// Only this environment of the service
    #[arg(short = 'e', long, value_name = "NAME", add = complete::environments())]
    environment: Option<String>,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu access who ledger -e production
  anu access who gc-prd-ledger-prod-a41f
  anu access who compute-banking/ledger
  anu access who ledger -o json | jq -r '.grants[] | [.principal, .role, .on] | @tsv'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let registry = loaded.fan_out.registry();
    let scope = match options.subject.as_deref() {
        Some(text) if registry.service(text).is_none() => Some(scope(&loaded, text)?),
        _ => None,
    };
    let (shown, subject) = match scope {
        Some(scope) if options.environment.is_some() => {
            return Err(Error::usage("`--environment` is for a service")
                .because(format!("`{scope}` is a resource key."))
                .hint("name the service, or leave `--environment` out"));
        }
        Some(scope) => (scope.to_string(), Subject::Scope(scope)),
        None => {
            let service = service(printer, &loaded, options.subject.as_deref())?;
            let named = options.environment.as_deref();
            let environment = named.map(|name| environment(&loaded, service, name)).transpose()?;
            let environment = environment.map(|environment| environment.name.clone());
            (service.name.to_string(), Subject::Service(service.name.to_string(), environment))
        }
    };
    let mut report = AccessReport::of(&loaded.fan_out, &shown, &subject);
    locate(&loaded, report.lines_mut());
    if report.grants.is_empty() {
        printer.aside(format!("The registry grants no access to `{shown}`"));
    }
    options.question.answer(printer, &report)
}

/// The project or namespace that a text is.
fn scope(loaded: &LoadedRegistry, text: &str) -> Result<Key, Error> {
    let registry = loaded.fan_out.registry();
    let is_scope = |scope: &Key| scope.to_string() == text;
    loaded.fan_out.scopes_of(text).into_iter().find(is_scope).ok_or_else(|| {
        let environments = registry.services.iter().flat_map(|service| &service.environments);
        let namespaces: Vec<String> =
            environments.flat_map(|each| &each.targets).map(|target| target.key().to_string()).collect();
        let services = registry.services.iter().map(|service| service.name.as_str());
        let all = services.chain(Projects::ids(registry)).chain(namespaces.iter().map(String::as_str));
        let hint = did_you_mean(nearest(text, all));
        let what = format!("`{}` is not in the registry in `{}`", escape(text), loaded.source);
        Error::usage(what)
            .coded(codes::UNKNOWN_KEY)
            .because(format!("It is neither a service, nor a project id, nor CLUSTER/NAMESPACE.{hint}"))
    })
}
