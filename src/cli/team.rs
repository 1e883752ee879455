//! `anu team`: the teams of the registry.

use clap::Subcommand;

use super::common::{Answer, Error, Page, Printer, Question, count, location, unknown};
use super::complete;
use crate::answers::{TeamDetails, Teams};

/// The teams of the registry: their groups, services and access
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu team list
  anu team show core-banking
  anu team show core-banking -o json | jq -r '.services[]'";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the teams
    List(Box<List>),
    /// Show a team: its groups, its services, and the environments that it has access to
    Show(Box<Show>),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    question: Question,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The team
    #[arg(value_name = "TEAM", add = complete::teams())]
    team: String,
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    match &options.verb {
        Verb::List(options) => {
            let loaded = options.question.load(printer)?;
            options.question.answer(printer, &Teams::of(&loaded.fan_out))
        }
        Verb::Show(options) => {
            let loaded = options.question.load(printer)?;
            let found = TeamDetails::of(&loaded.fan_out, &options.team);
            let names = || Teams::names(loaded.fan_out.registry());
            let mut details = found.ok_or_else(|| unknown(&loaded, "team", &options.team, &names()))?;
            details.location = details.pointer.as_ref().and_then(|pointer| location(&loaded, pointer));
            options.question.answer(printer, &details)
        }
    }
}

impl Answer for Teams {
    fn write(&self, page: &mut Page) {
        let rows = self.teams.iter().map(|team| {
            let principal = team.google.clone().or_else(|| team.kubernetes.clone()).unwrap_or_default();
            [team.team.clone(), principal, team.services.to_string(), team.access.to_string()]
        });
        page.table(["TEAM", "PRINCIPAL", "SERVICES", "ACCESS TO OTHERS"], rows);
        if self.teams.len() > 1 {
            page.gap();
            page.line(count(self.teams.len(), "team"));
        }
    }
}

impl Answer for TeamDetails {
    fn write(&self, page: &mut Page) {
        page.line(&self.team);
        page.fields(
            2,
            [
                ("Google", self.google.clone()),
                ("Kubernetes", self.kubernetes.clone()),
                ("services", Some(self.services.join(", "))),
                ("shared by", Some(self.shared_by.join(", "))),
                ("defined at", self.location.clone()),
            ],
        );
        page.gap();
        let rows = self.access.iter().map(|access| {
            let owner = if access.is_owner { "yes" } else { "no" };
            [access.service.clone(), access.environment.clone(), access.levels.join(", "), owner.to_owned()]
        });
        page.table(["SERVICE", "ENVIRONMENT", "ACCESS", "OWNER"], rows);
    }
}
