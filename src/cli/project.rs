//! `anu project`: the Google projects of the registry.

use clap::Subcommand;

use super::common::{Answer, Error, Page, Printer, Question, count, location, unknown};
use super::complete;
use crate::answers::{ProjectDetails, Projects};

/// The Google projects of the registry: who owns and who uses them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  anu project list
  anu project show gc-prd-ledger-prod-a41f
  anu project list -o json | jq -r '.projects[] | select(.services == []) | .project'";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the projects
    List(Box<List>),
    /// Show a project: its owner, the environments and clusters that use it, its APIs
    Show(Box<Show>),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    question: Question,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The project id
    #[arg(value_name = "PROJECT", add = complete::projects())]
    project: String,
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    match &options.verb {
        Verb::List(options) => {
            let loaded = options.question.load(printer)?;
            options.question.answer(printer, &Projects::of(loaded.fan_out.registry()))
        }
        Verb::Show(options) => {
            let loaded = options.question.load(printer)?;
            let found = ProjectDetails::of(&loaded.fan_out, &options.project);
            let ids = || Projects::ids(loaded.fan_out.registry());
            let mut details = found.ok_or_else(|| unknown(&loaded, "project", &options.project, &ids()))?;
            details.location = details.pointer.as_ref().and_then(|pointer| location(&loaded, pointer));
            options.question.answer(printer, &details)
        }
    }
}

/// Whether anu creates a project, for people.
fn created(is_created: bool) -> &'static str {
    if is_created { "created" } else { "existing" }
}

impl Answer for Projects {
    fn write(&self, page: &mut Page) {
        let rows = self.projects.iter().map(|project| {
            [
                project.project.clone(),
                created(project.is_created).to_owned(),
                project.owner.clone().unwrap_or_default(),
                project.services.join(", "),
            ]
        });
        page.table(["PROJECT", "ORIGIN", "OWNER", "USED BY"], rows);
        if self.projects.len() > 1 {
            page.gap();
            page.line(count(self.projects.len(), "project"));
        }
    }
}

impl Answer for ProjectDetails {
    fn write(&self, page: &mut Page) {
        page.line(&self.project);
        page.fields(
            2,
            [
                ("name", self.name.clone()),
                ("origin", Some(created(self.is_created).to_owned())),
                ("owner", self.owner.clone()),
                ("shared with", Some(self.shared_with.join(", "))),
                ("clusters", Some(self.clusters.join(", "))),
                ("APIs", Some(self.apis.join(", "))),
                ("IAM members", Some(self.iam_members.to_string())),
                ("parent", self.parent.clone()),
                ("billing account", self.billing_account.clone()),
                ("console", Some(self.url.clone())),
                ("defined at", self.location.clone()),
            ],
        );
        page.gap();
        page.table(
            ["SERVICE", "ENVIRONMENT"],
            self.uses.iter().map(|each| [each.service.clone(), each.environment.clone()]),
        );
    }
}
