//! `anu registry validate`: everything that is wrong with a registry.
//!
//! | file | what |
//! |---|---|
//! | `report` | the problems and their places; as JSON |
//! | `excerpt` | the line of a problem |
//! | `affected` | which problems a branch has caused |
//! | `text` | the form for a terminal |
//! | `findings` | the problems, for the forms that other verbs have too |

mod affected;
mod excerpt;
mod findings;
mod report;
mod text;

use super::base::{Base, Wanted};
use super::forms::job::Job;
use super::forms::{github, junit, sarif};
use crate::cli::common::{Error, Format, Place, Printer, ProviderOptions, Source};
use crate::codes;
use crate::discovery::Mode;

use affected::Before;
use report::Report;

/// Check a registry: all errors and warnings, with their lines
///
/// The contents are checked as in a Terraform run with the same settings: names, references, sharing, quotas, fences. It needs no
/// credentials. Errors are exit code 1; warnings alone are success.
///
/// In a job of GitHub Actions, the forms `text` and `github` also write the problems to the summary of the job, and its outputs `valid`,
/// `errors` and `warnings`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The registry: a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…`, `configmap://…`, or `-` for standard input [default: the one that --registry names]
    #[arg(value_name = "SOURCE", conflicts_with = "source")]
    argument: Option<String>,
    /// The form of the result on standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: ValidateFormat,
    /// Only problems that changed since the merge base of this revision and HEAD [default: the branch of the pull request, else
    /// origin/HEAD]
    ///
    /// Those of entries that changed, and those that the registry at the merge base has not. The others are counted.
    #[arg(
        long,
        value_name = "REVISION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    affected: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

/// The form of the problems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum ValidateFormat {
    /// Text for people
    #[default]
    Text,
    /// One JSON document for programs
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for the tests of a merge request on GitLab
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  The registry in this folder or above it:
    anu registry validate

  What another program prints:
    cue export | anu registry validate -

  In a workflow of GitHub: annotations of what the branch has caused:
    anu registry validate --affected --format github

  In a pipeline of GitLab: a report of tests:
    anu registry validate --format junit > registry.xml";

/// What needs a git repository.
const WANTED: Wanted = Wanted { option: "--affected", instead: "leave `--affected` out: all problems are shown" };

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let place = match &options.argument {
        Some(source) => Place::named("SOURCE", source.as_str()),
        None => options.source.place(printer)?,
    };
    options.source.check_input(&[&place])?;
    let before = options.affected.as_deref().map(|revision| options.before(printer, &place, revision)).transpose()?;
    let checked = options.source.check_at(&place, printer, Mode::Read, &options.provider_options)?;
    let report = Report::of(printer, checked, before.as_ref());
    match options.format {
        ValidateFormat::Text => printer.result(Format::Text, &report),
        ValidateFormat::Json => printer.result(Format::Json, &report),
        ValidateFormat::Github => printer.text(&github::annotations(&findings::of(&report), &report.verdict())),
        ValidateFormat::Sarif => {
            let findings = findings::of(&report);
            printer.result(Format::Json, &sarif::log(&findings::rules(&findings), &findings))
        }
        ValidateFormat::Junit => {
            let failure = (report.errors > 0).then(|| report.verdict());
            printer.text(&junit::report(&report.source, &findings::of(&report), failure.as_deref())?)
        }
    }?;
    // The other forms are files for other programs.
    if matches!(options.format, ValidateFormat::Text | ValidateFormat::Github) {
        let (job, [errors, warnings]) =
            (Job::of_this_process(), [report.errors, report.warnings].map(|n| n.to_string()));
        job.summary(|| findings::markdown(&report))?;
        let valid = if report.errors == 0 { "true" } else { "false" };
        job.outputs(&[("valid", valid), ("errors", &errors), ("warnings", &warnings)])?;
    }
    if report.errors > 0 {
        return Err(Error::failed(codes::INVALID_REGISTRY, report.verdict()));
    }
    Ok(())
}

impl Options {
    /// The registry before the change.
    fn before(&self, printer: &Printer, place: &Place<'_>, revision: &str) -> Result<Before, Error> {
        let revision = match revision {
            "" => target_branch(),
            revision => revision.to_owned(),
        };
        let base = Base::of(place, &revision, WANTED)?;
        if !base.is_found {
            return Ok(Before::nothing());
        }
        let before = base.place("--affected").quietly();
        match self.source.check_at(&before, printer, Mode::Read, &self.provider_options) {
            Ok(checked) => Ok(Before::of(checked)),
            Err(error) => {
                let detail = format!("All problems are shown: {error}");
                printer.warning(
                    codes::NOT_COMPARED,
                    &format!("The registry at `{}` cannot be read", base.shown),
                    &detail,
                );
                Ok(Before::nothing())
            }
        }
    }
}

/// The branch that a pull request changes, as the systems for CI name it.
fn target_branch() -> String {
    let names = ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"];
    let set = names.iter().find_map(|name| std::env::var(name).ok().filter(|branch| !branch.is_empty()));
    format!("origin/{}", set.as_deref().unwrap_or("HEAD"))
}
