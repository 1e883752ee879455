//! `anu access who`: everyone with access to a service, project or namespace.

use crate::answers::{AccessReport, Subject};
use crate::cli::common::{Error, Printer, Question, environment, locate, service, unknown_key};
use crate::cli::complete;

/// Show who has access to a service, a project or a namespace
///
/// Groups are shown as the registry names them. Who is a member of a group is known to Google, and not to the registry.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
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
    let given = options.subject.as_deref();
    let registry = loaded.fan_out.registry();
    let scopes = match given {
        Some(text) if registry.service(text).is_none() => loaded.fan_out.scopes_of(text),
        _ => Vec::new(),
    };
    let is_scope = |text: &str| scopes.iter().find(|scope| scope.to_string() == text);
    let (shown, subject) = match given.and_then(|text| is_scope(text).map(|scope| (text, scope))) {
        Some((text, _)) if options.environment.is_some() => {
            return Err(Error::usage("`--environment` is for a service")
                .because(format!("`{text}` is a resource key."))
                .hint("name the service, or leave `--environment` out"));
        }
        Some((text, scope)) => (text.to_owned(), Subject::Scope(scope.clone())),
        None if given.is_some_and(|text| text.contains('/')) => {
            return Err(unknown_key(&loaded, given.unwrap_or_default()));
        }
        None => {
            let service = service(printer, &loaded, given)?;
            let name = options.environment.as_deref();
            let environment = name.map(|name| environment(&loaded, service, name)).transpose()?;
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
