//! `anu access can`: everything that a principal may do.

use crate::answers::{AccessReport, Subject, Teams};
use crate::cli::common::{Error, Printer, Question, locate};
use crate::cli::complete;
use crate::codes;
use crate::printable::escape;
use crate::registry::names::NameError;
use crate::registry::suggest::{did_you_mean, nearest};

/// Show what a principal or a team may do
///
/// Only what the registry grants to exactly this principal: the access that a person has as a member of a group is that of the group.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Options {
    /// `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `principal://…`, `principalSet://…`; `Group:NAME` or `User:NAME` as a
    /// cluster has it; or the name of a team
    #[arg(value_name = "PRINCIPAL", add = complete::teams())]
    principal: String,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu access can group:auditors@example.com
  anu access can core-banking
  anu access can serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com -o json | jq -r '.grants[].key'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let text = options.principal.as_str();
    let subject = match text.split_once(':') {
        Some(("Group" | "User" | "ServiceAccount", name)) if !name.is_empty() => Subject::Kubernetes(text.to_owned()),
        Some(_) => Subject::Principal(text.parse().map_err(|error: NameError| {
            Error::usage(format!("`{}` is not a principal", escape(text)))
                .coded(codes::UNKNOWN_PRINCIPAL)
                .because(format!("A principal is {}.", error.rule))
        })?),
        None => {
            let names = Teams::names(loaded.fan_out.registry());
            let team = names.contains(&text).then(|| text.parse().ok()).flatten();
            let team = team.ok_or_else(|| {
                Error::usage(format!("`{}` is not a principal", escape(text)))
                    .coded(codes::UNKNOWN_PRINCIPAL)
                    .because(format!(
                        "It is not a team in `{}` either.{} A principal has its kind in front of it: `group:{}`, `user:{}`.",
                        loaded.source,
                        did_you_mean(nearest(text, names.iter().copied())),
                        example(text),
                        example(text)
                    ))
            })?;
            Subject::Team(team)
        }
    };
    let mut report = AccessReport::of(&loaded.fan_out, text, &subject);
    locate(&loaded, report.lines_mut());
    if report.grants.is_empty() {
        printer.aside(format!("The registry grants nothing to `{}`", escape(text)));
    }
    options.question.answer(printer, &report)
}

/// The address that was probably meant.
fn example(text: &str) -> String {
    if text.contains('@') { escape(text).into_owned() } else { format!("{}@example.com", escape(text)) }
}
