//! `anu project`: the Google projects of the registry.

use clap::Subcommand;

use super::common::{Answer, Error, Page, Printer, Question};
use super::complete;
use crate::answers::{ProjectDetails, Projects};

/// Of all its verbs.
pub(super) const EXAMPLES: &str = "\
Examples:
  anu project list
  anu project show gc-prd-ledger-prod-a41f
  anu project list -o json | jq -r '.projects[] | select(.services == []) | .project'";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List the projects
    List(Box<Question>),
    /// Show a project: its owner, the environments and clusters that use it, its APIs
    Show(Box<Show>),
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The project id
    #[arg(value_name = "PROJECT", add = complete::projects())]
    project: String,
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(printer: &Printer, verb: &Verb) -> Result<(), Error> {
    match verb {
        Verb::List(question) => question.answer(printer, &Projects::of(question.load(printer)?.fan_out.registry())),
        Verb::Show(options) => {
            let Show { project, question } = &**options;
            question.show(printer, "project", project, |fan_out| ProjectDetails::of(fan_out, project), Projects::ids)
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
        page.total(self.projects.len(), "project");
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
                ("defined at", self.entry.location.clone()),
            ],
        );
        page.gap();
        page.table(
            ["SERVICE", "ENVIRONMENT"],
            self.uses.iter().map(|each| [each.service.clone(), each.environment.clone()]),
        );
    }
}
