//! `anu team`: the teams of the registry.

use clap::Subcommand;

use super::common::{Answer, Error, Page, Printer, Question};
use super::complete;
use crate::answers::{TeamDetails, Teams};

/// Of all its verbs.
pub(super) const EXAMPLES: &str = "\
Examples:
  anu team list
  anu team show core-banking
  anu team show core-banking -o json | jq -r '.services[]'";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List the teams
    List(Box<Question>),
    /// Show a team: its groups, its services, and the environments that it has access to
    Show(Box<Show>),
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The team
    #[arg(value_name = "TEAM", add = complete::teams())]
    team: String,
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(printer: &Printer, verb: &Verb) -> Result<(), Error> {
    match verb {
        Verb::List(question) => question.answer(printer, &Teams::of(&question.load(printer)?.fan_out)),
        Verb::Show(options) => {
            let Show { team, question } = &**options;
            question.show(printer, "team", team, |fan_out| TeamDetails::of(fan_out, team), Teams::names)
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
        page.total(self.teams.len(), "team");
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
                ("defined at", self.entry.location.clone()),
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
