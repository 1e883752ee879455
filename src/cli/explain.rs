//! `anu explain`: why a resource exists; what an error means.

use std::collections::BTreeMap;

use super::common::{Answer, Error, Page, Printer, Question, example, locate, unknown_key};
use super::complete;
use crate::answers::{CodeExplanation, Explanation, Explanations, Line};
use crate::codes::{self, Code};
use crate::printable::escape;
use crate::registry::suggest::{did_you_mean, nearest};

/// Explain a resource of the registry, or the code of an error
///
/// For a resource key: which lines of the registry lead to it, who uses it, and what a removal does. For a code, which is the last line of
/// every error and warning: what it means and what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// A resource key as plans, the state and errors show it, such as PROJECT/ROLE/MEMBER or CLUSTER/NAMESPACE; or a code, such as
    /// anu:unknown-team
    #[arg(value_name = "KEY-OR-CODE", add = complete::codes())]
    subject: String,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu explain gc-prd-ledger-prod-a41f/roles/cloudsql.viewer/group:auditors@example.com
  anu explain compute-shop/catalog
  anu explain anu:unknown-team";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    if let Some(code) = code(&options.subject)? {
        let text = example(code, &BTreeMap::new());
        return options.question.answer(printer, &CodeExplanation::of(code, text));
    }
    let loaded = options.question.load(printer)?;
    let mut found = Explanations::of(&loaded.fan_out, &options.subject);
    if found.resources.is_empty() {
        return Err(unknown_key(&loaded, &options.subject));
    }
    locate(&loaded, found.lines_mut());
    options.question.answer(printer, &found)
}

/// The code that a text is. Names of codes and keys differ: a key of one step is a project id, which the registry decides on.
fn code(text: &str) -> Result<Option<Code>, Error> {
    let Some(name) = text.strip_prefix("anu:") else { return Ok(codes::find(text)) };
    let names = codes::all().map(Code::name);
    let found = codes::find(name).ok_or_else(|| {
        Error::usage(format!("`{}` is not a code of this version", escape(text)))
            .because(format!("Every code has a page in `docs/errors`.{}", did_you_mean(nearest(name, names))))
    });
    found.map(Some)
}

impl Answer for CodeExplanation {
    fn write(&self, page: &mut Page) {
        page.line(format_args!("{} ({} {})", self.summary, self.severity, self.code));
        page.gap();
        page.paragraph(&self.cause);
        page.gap();
        page.line("What to do");
        page.paragraph(&self.way_out);
        if let Some(example) = &self.example {
            page.gap();
            page.line("Example");
            for line in example.lines() {
                page.line(format_args!("  {line}"));
            }
        }
        page.gap();
        page.line(&self.url);
    }
}

impl Answer for Explanations {
    fn write(&self, page: &mut Page) {
        for resource in &self.resources {
            page.gap();
            page.line(format_args!("{} {}", resource.kind, self.key));
            write(resource, page);
        }
    }
}

fn write(resource: &Explanation, page: &mut Page) {
    page.fields(
        2,
        [
            ("used by", Some(resource.services.join(", "))),
            ("owner", resource.owner.clone()),
            ("on removal", Some(on_removal(resource))),
            ("until", resource.expires.clone()),
        ],
    );
    page.gap();
    page.table(["WRITTEN AT", "SERVICE", "ENVIRONMENT", "BECAUSE OF"], resource.lines.iter().map(row));
}

/// What becomes of it when no entry leads to it any more.
fn on_removal(resource: &Explanation) -> String {
    match (resource.deletion_policy.as_deref(), resource.kind.as_str()) {
        (Some(policy), _) => format!("deletion policy `{policy}`"),
        (None, "IAM member" | "workload identity" | "role binding") => "revoked".to_owned(),
        (None, "API") => "stays enabled if the project remains".to_owned(),
        (None, _) => "removed".to_owned(),
    }
}

fn row(line: &Line) -> [String; 4] {
    let place = line.location.clone().unwrap_or_else(|| line.pointer.clone());
    let who = line.team.clone().map(|team| format!("team {team}")).or_else(|| line.reason.clone());
    let because = match (&line.level, who) {
        (Some(level), Some(who)) => format!("{level}: {who}"),
        (Some(level), None) => level.clone(),
        (None, _) => field(&line.pointer).to_owned(),
    };
    [place, line.service.clone(), line.environment.clone(), because]
}

/// The name of the field that a pointer leads to, without indexes.
fn field(pointer: &str) -> &str {
    let is_name = |step: &&str| !step.bytes().all(|byte| byte.is_ascii_digit());
    pointer.rsplit('/').find(is_name).unwrap_or(pointer)
}
