//! `anu service show`: one service.

use serde_json::Value;

use super::place::targets;
use crate::answers::ServiceDetails;
use crate::cli::common::{Answer, ContextOptions, Error, Page, Printer, Question, locate_entry, service};
use crate::cli::complete;

/// Show a service: its team, repository and environments
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Options {
    /// The service [default: the one whose `repository` is the git repository of this folder]
    #[arg(value_name = "SERVICE", add = complete::services())]
    service: Option<String>,
    #[command(flatten)]
    contexts: ContextOptions,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu service show make-it-rain
  anu service show make-it-rain -o json | jq -r .team";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let service = service(printer, &loaded, options.service.as_deref())?;
    let mut details = ServiceDetails::of(&loaded.fan_out, service);
    locate_entry(&loaded, &mut details);
    options.contexts.read(printer, &loaded)?.fill(details.environments.iter_mut().flat_map(|each| &mut each.targets));
    options.question.answer(printer, &details)
}

impl Answer for ServiceDetails {
    fn write(&self, page: &mut Page) {
        page.line(&self.service);
        let own = [
            ("team", self.team.clone()),
            ("repository", self.repository.clone()),
            ("alerts", self.alerts_channel.clone()),
            ("Google APIs", Some(self.google_services.join(", "))),
            ("deletion policy", Some(self.deletion_policy.clone())),
            ("resources", Some(self.resources.to_string())),
            ("defined at", self.entry.location.clone()),
        ];
        let extra = self.extra.iter().map(|(name, value)| (name.as_str(), Some(shown(value))));
        page.fields(2, own.into_iter().chain(extra));
        page.gap();
        page.table(targets::HEADER, targets::rows(&self.environments));
    }
}

/// A value that the format does not define, in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
