//! `anu doctor`: whether everything is there that anu works with.
//!
//! | file | what |
//! |---|---|
//! | `programs` | the programs on PATH |
//! | `registry` | the registry: found, readable, valid, how old |
//! | `clusters` | a context for each cluster, an answer, permissions |
//! | `google` | credentials for Google Cloud |

mod clusters;
mod google;
mod programs;
mod registry;

use super::common::{Answer, ContextOptions, Error, Page, Printer, Question, block_on, count};
use crate::answers::{Check, CheckState, Checks};
use crate::codes;

/// Check that everything is there: programs, the registry, contexts and credentials
///
/// Each line is ok, or is followed by what mends it. Nothing is changed anywhere. The exit code is 1 if something is there and does not
/// work; what is only missing is a warning, because not every command needs it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(flatten)]
    contexts: ContextOptions,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu doctor
  anu doctor -o json | jq -r '.checks[] | select(.state != \"ok\") | .subject'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let mut checks = Checks::default();
    checks.checks.push(Check::ok("anu", crate::version()));
    checks.checks.extend(programs::checks());
    let (of_registry, loaded) = registry::check(printer, &options.question);
    checks.checks.extend(of_registry);
    if let Some(loaded) = &loaded {
        let registry = loaded.fan_out.registry();
        let contexts = options.contexts.read(printer, loaded)?;
        let (of_clusters, of_google) = block_on(async {
            printer.progress("asking the clusters");
            let answered = (clusters::checks(registry, &contexts).await, google::check(registry).await);
            printer.progress("");
            answered
        })?;
        checks.checks.extend(of_clusters);
        checks.checks.extend(of_google);
    }
    options.question.answer(printer, &checks)?;
    let failed = checks.checks.iter().filter(|check| check.state == CheckState::Failed).count();
    if failed > 0 {
        return Err(Error::failed(codes::CHECKS_FAILED, format!("{} failed", count(failed, "check"))));
    }
    Ok(())
}

impl Answer for Checks {
    fn write(&self, page: &mut Page) {
        let rows = self.checks.iter().flat_map(|check| {
            let found = (check.state.as_str(), Some(format!("{}: {}", check.subject, check.found)));
            [found, ("", check.remedy.as_ref().map(|remedy| format!("to mend it: {remedy}")))]
        });
        page.fields(0, rows);
    }
}
