//! `anu service list`: the services, or some of them.

use crate::answers::Services;
use crate::cli::common::{Answer, Error, Page, Printer, Question, selection, unknown_names};
use crate::cli::complete;

/// List the services of the registry
///
/// With several filters, a service must match all of them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Options {
    /// Only services of this team. Repeatable
    #[arg(long = "team", value_name = "NAME", add = complete::teams())]
    teams: Vec<String>,
    /// Only services with this environment, and of them this environment. Repeatable
    #[arg(short = 'e', long = "environment", value_name = "NAME", add = complete::environments())]
    environments: Vec<String>,
    /// Only services that run in this cluster. Repeatable
    #[arg(long = "cluster", value_name = "NAME", add = complete::clusters())]
    clusters: Vec<String>,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu service list
  anu service list --team core-banking --environment production
  anu service list --cluster compute-shop -o json | jq -r '.services[].service'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let selection = selection(&[], &options.teams, &options.environments, &options.clusters);
    let selected = loaded.fan_out.registry().select(&selection);
    let selected = selected.map_err(|unknown| unknown_names(&loaded, &unknown))?;
    let services = Services::of(&selected);
    if services.services.is_empty() {
        printer.aside("No service matches all filters");
    }
    options.question.answer(printer, &services)
}

impl Answer for Services {
    fn write(&self, page: &mut Page) {
        let rows = self.services.iter().map(|service| {
            [
                service.service.clone(),
                service.team.clone().unwrap_or_default(),
                service.environments.join(", "),
                service.clusters.join(", "),
            ]
        });
        page.table(["SERVICE", "TEAM", "ENVIRONMENTS", "CLUSTERS"], rows);
        page.total(self.services.len(), "service");
    }
}
