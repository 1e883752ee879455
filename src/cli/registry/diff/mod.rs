//! `anu registry diff`: what a change of the registry does, for people and for programs.
//!
//! | file | what |
//! |---|---|
//! | `report` | both registries and their impact; as JSON |
//! | `words` | what all forms for people have in common |
//! | `text`, `markdown` | one form each |
//! | `findings` | the findings, for the forms that other verbs have too |

mod findings;
mod markdown;
mod report;
mod text;
mod words;

use super::base::{Base, Wanted};
use super::forms::job::{self, Job};
use super::forms::{github, sarif};
use crate::cli::common::{Error, Format, Place, Printer, ProviderOptions, Source};
use crate::codes;
use crate::discovery::Mode;
use crate::estate::LoadedRegistry;

use markdown::Page;
pub(super) use report::{Report, Side};

/// Compare two registries: what changes, for whom, and how much
///
/// Both are checked and fanned out with the same settings. The result has the services, resources, access and sharing that change,
/// and lists first what a reviewer should read first: removals that a plan will refuse, access that is won or widened, the last
/// admin of an environment, protection that is removed. It compares registries and not platforms: it needs no credentials.
///
/// In a job of GitHub Actions, the forms `text` and `github` also write the Markdown to the summary of the job, and its outputs `changed` and
/// `impact`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The registry before: a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…`, `configmap://…`, or `-` for standard input
    #[arg(required_unless_present = "base", conflicts_with = "base")]
    old: Option<String>,
    /// The registry after [default: the one that --registry names]
    #[arg(conflicts_with = "source")]
    new: Option<String>,
    /// Compare with the registry's file at the merge base of this revision and HEAD, for example `origin/main`
    ///
    /// The files of that commit are read from the git repository of the registry's file. A file that the commit does not contain
    /// is an empty registry.
    #[arg(long, value_name = "REVISION")]
    base: Option<String>,
    /// The form of the result on standard output. Errors and warnings are text on standard error
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: DiffFormat,
    /// With `--format markdown`: at most 60,000 bytes, because a comment on GitHub has a limit
    #[arg(long)]
    short: bool,
    /// Exit with code 1 if there is a difference
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

/// The form of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum DiffFormat {
    /// Text for people
    #[default]
    Text,
    /// Markdown for a pull request
    Markdown,
    /// One JSON document for programs
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

const EXAMPLES: &str = "\
Examples:
  Two files:
    anu registry diff old.json new.json

  What the published registry would become:
    anu registry diff https://registry.example.com/registry.json

  What a branch changes, as a comment on its pull request:
    anu registry diff --base origin/main --format markdown --short > comment.md

  In a workflow of GitHub: annotations, and the summary of the job:
    anu registry diff --base origin/main --format github

  Whether anything changes:
    anu registry diff old.json new.json --exit-code > /dev/null";

/// What a comment on GitHub may contain is 65,536 characters.
const COMMENT: usize = 60_000;
/// What needs a git repository.
const WANTED: Wanted = Wanted { option: "--base", instead: "name both registries: anu registry diff OLD NEW" };

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    if options.short && options.format != DiffFormat::Markdown {
        return Err(Error::usage("`--short` needs `--format markdown`").because("The other forms have no limit."));
    }
    let new_place = match &options.new {
        Some(new) => Place::named("NEW", new.as_str()),
        None => options.source.place(printer)?,
    };
    let old_place = options.old.as_ref().map(|old| Place::named("OLD", old.as_str()));
    options.source.check_input(&[Some(&new_place), old_place.as_ref()].into_iter().flatten().collect::<Vec<_>>())?;
    let old = options.old(printer, old_place.as_ref(), &new_place)?;
    let new = options.source.load_at(&new_place, printer, Mode::Read, &options.provider_options)?;
    let report = Report::of(old, Side::of(new));
    match options.format {
        DiffFormat::Text => printer.result(Format::Text, &report),
        DiffFormat::Json => printer.result(Format::Json, &report),
        DiffFormat::Markdown => printer.text(&page(&report, if options.short { COMMENT } else { usize::MAX })),
        DiffFormat::Github => {
            printer.text(&github::annotations(&findings::of(&report), &words::summary(&report.impact)))
        }
        DiffFormat::Sarif => printer.result(Format::Json, &sarif::log(&findings::rules(), &findings::of(&report))),
    }?;
    // The other forms are files for other programs.
    if matches!(options.format, DiffFormat::Text | DiffFormat::Github) {
        let job = Job::of_this_process();
        job.summary(|| page(&report, job::MOST))?;
        let changed = if report.impact.is_empty() { "false" } else { "true" };
        job.outputs(&[("changed", changed), ("impact", &report.impact.digest)])?;
    }
    if options.exit_code && !report.impact.is_empty() {
        return Err(Error::failed(codes::REGISTRIES_DIFFER, "The registries differ")
            .because("`--exit-code` makes a difference a failure."));
    }
    Ok(())
}

/// How much a comparison has, in one line.
pub(super) fn summary(report: &Report) -> String {
    words::summary(&report.impact)
}

/// The Markdown of a comparison, of at most so many bytes.
pub(super) fn page(report: &Report, most: usize) -> String {
    Page::of(report, most).into_text()
}

impl Options {
    /// The registry before. Its warnings are not those of the change.
    fn old(&self, printer: &Printer, old: Option<&Place<'_>>, new: &Place<'_>) -> Result<Side, Error> {
        let load = |place: &Place<'_>| -> Result<LoadedRegistry, Error> {
            self.source.load_at(&place.quietly(), printer, Mode::Read, &self.provider_options)
        };
        match (&self.base, old) {
            (Some(revision), _) => {
                let base = Base::of(new, revision, WANTED)?;
                if !base.is_found {
                    let detail = format!("There is no `{}`: everything counts as created.", base.shown);
                    printer.warning(codes::NOT_COMPARED, "The registry's file is new", &detail);
                    return Ok(Side::nothing(base.shown));
                }
                let loaded = load(&base.place("--base"))?;
                Ok(Side { source: base.shown, loaded: Some(loaded) })
            }
            (None, Some(old)) => Ok(Side::of(load(old)?)),
            (None, None) => Err(Error::usage("No registry to compare with").hint("name it, or use --base REVISION")),
        }
    }
}
