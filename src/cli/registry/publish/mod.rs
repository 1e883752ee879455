//! `anu registry publish`: from a registry in a repository to the document that everyone reads.
//!
//! | file | what |
//! |---|---|
//! | `commit` | the commit of the repository, from which a document has its revision and time |
//! | `document` | the document that is published, and its packed form |
//! | `key` | the key that signs it |
//! | `target` | a place that it is written to |
//! | `step` | what is published there now, and what has to be done |
//! | `report` | what was done |

mod commit;
mod document;
mod key;
mod report;
mod step;
mod target;

use crate::codes;
use std::path::PathBuf;

use super::diff::{self, Side};
use super::forms::job::{self, Job};
use crate::cli::common::{
    Error, Format, FormatOptions, Place, Printer, ProviderOptions, Source, refused, report as report_problems, warnings,
};
use crate::discovery::{Mode, comment_field};
use crate::fanout::impact::Impact;
use crate::fanout::impact::guard::{Guard, Limit};
use crate::printable::escape;

use document::Publication;
use key::SigningKey;
use report::{Outcome, Report, Written};
use step::Step;
use target::{Action, Target};

/// Publish a registry: check it, show what changes, sign it, and write it to each place
///
/// Compiles the registry if it is a program, and writes one JSON document. A registry with errors is not published; nor is one that is
/// older than the published one (`metadata.compiledAt`), that has another name, or that removes more than the guard permits.
///
/// A document without `metadata.revision` and `metadata.compiledAt` has those of the commit that is checked out: publishing the same commit
/// again writes the same bytes, which is nothing. With changes that are not committed the revision ends in `-dirty`, and the time is now.
///
/// What was read and what is replaced is the same: if another publisher is faster, nothing is overwritten and the command fails. Places
/// are written in their order, and one that fails ends the command; running it again completes the rest.
///
/// In a job of GitHub Actions it writes the impact to the summary of the job, and its outputs `published`, `impact` and `sha256`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// The registry: a path, `file://…`, `https://…` or `-` for standard input [default: the one that --registry names]
    #[arg(value_name = "SOURCE", conflicts_with = "source")]
    argument: Option<String>,
    /// A place to write it to: a path, `file://…`, `gs://…`, `s3://…`, `az://…` or `configmap://…`; repeatable
    ///
    /// A name that ends in `.gz` or `.zst` is written compressed. What it replaces is kept beside a file as
    /// `NAME.previous`, in a ConfigMap as the key `KEY.previous`, and in a bucket if its versioning is on.
    #[arg(long = "to", value_name = "PLACE", required = true)]
    to: Vec<String>,
    /// Sign it with the secret key of minisign in this file, and write the signature to `PLACE.minisig`
    ///
    /// The password of the key is the value of the variable ANU_MINISIGN_PASSWORD, or is typed at the terminal. The trusted comment is
    /// `registry:NAME compiledAt:TIME revision:REVISION`.
    #[arg(long, value_name = "KEYFILE")]
    sign: Option<PathBuf>,
    /// A further field of the trusted comment, such as `branch:main`; repeatable
    #[arg(long = "comment", value_name = "FIELD", requires = "sign", value_parser = comment_field)]
    comments: Vec<String>,
    /// The value of `metadata.revision` [default: the document's own, else the commit]
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
    /// The value of `metadata.compiledAt` [default: the document's own, else the time of the commit]
    #[arg(long, value_name = "TIME")]
    compiled_at: Option<String>,
    /// The most projects, namespaces and service accounts that may be removed, such as `10%` or `5`
    #[arg(long, value_name = "LIMIT", default_value_t = Limit::DEFAULT)]
    max_removals: Limit,
    /// The most principals that may lose access to something, such as `10%` or `5`
    #[arg(long, value_name = "LIMIT", default_value_t = Limit::DEFAULT)]
    max_revocations: Limit,
    /// Publish exactly this change although it is beyond the limits: the digest of its impact
    #[arg(long, value_name = "DIGEST")]
    acknowledge: Option<String>,
    /// Write nothing: show what would be written
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

const EXAMPLES: &str = "\
Examples:
  To a file that a web server delivers, and to a bucket:
    anu registry publish --to /var/www/registry.json --to gs://acme-registry/registry.json

  Signed, as a workflow of the default branch does it:
    anu registry publish --to registry.json --sign minisign.key --comment branch:main

  What would be written, and what it changes:
    anu registry publish --to registry.json --dry-run";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let place = match &options.argument {
        Some(source) => Place::named("SOURCE", source.as_str()),
        None => options.source.place(printer)?,
    };
    options.source.check_input(&[&place])?;
    let targets = Target::parse_all(&options.to, place.folder(), &options.source)?;
    let checked = options.source.check_at(&place, printer, Mode::Apply, &options.provider_options)?;
    let what = format!("The registry in `{}`", checked.source);
    match &checked.result {
        Err(problems) => return Err(refused(printer, problems, &what)),
        Ok(loaded) => {
            report_problems(printer, &warnings(printer, loaded), &what);
        }
    }
    let publication = Publication::of(&checked, &place, options.revision.as_deref(), options.compiled_at.as_deref())?;
    let key = options.sign.as_deref().map(SigningKey::read).transpose()?;
    let signature = key.as_ref().map(|key| key.sign(&publication, &options.comments)).transpose()?;
    let signing = key.as_ref().map(|key| (key, options.comments.as_slice()));
    let steps = targets
        .iter()
        .map(|target| Step::of(printer, &options.source, target, &publication, signing))
        .collect::<Result<Vec<_>, Error>>()?;
    let impact = options.review(printer, &publication, &steps)?;
    let mut report = Report::of(&publication, impact, signature.is_some(), options.dry_run);
    let mut failure = None;
    for Step { target, found, action, .. } in steps {
        let outcome = match (action, options.dry_run, &failure) {
            (Action::Nothing, ..) => Outcome::Unchanged,
            (_, true, _) => Outcome::WouldBeWritten,
            (_, _, Some(_)) => Outcome::NotWritten,
            (action, ..) => {
                let signature = signature.as_deref();
                match target.write(&publication, signature, &found, action) {
                    Ok(()) => Outcome::Written,
                    Err(error) => {
                        failure = Some(error);
                        Outcome::NotWritten
                    }
                }
            }
        };
        report.places.push(Written { place: target.to_string(), outcome });
    }
    // Also after an error: the places before it are written.
    printer.result(options.format.format, &report)?;
    let job = Job::of_this_process();
    job.summary(|| report.markdown())?;
    let published = if report.is_published() { "true" } else { "false" };
    let digest = report.impact.as_deref().unwrap_or_default();
    job.outputs(&[("published", published), ("impact", digest), ("sha256", &report.sha256)])?;
    match failure {
        None => Ok(()),
        Some(error) => Err(report.incomplete(error)),
    }
}

impl Options {
    /// Shows what changes, and refuses what is beyond the limits. Returns the digest of the impact.
    fn review(
        &self,
        printer: &Printer,
        publication: &Publication,
        steps: &[Step<'_>],
    ) -> Result<Option<String>, Error> {
        let mut digest = None;
        let mut seen: Vec<Option<&[u8]>> = Vec::new();
        for step in steps.iter().filter(|step| !matches!(step.action, Action::Nothing | Action::Sign)) {
            let old = step.published.as_ref().map(|published| published.json.as_slice());
            if seen.contains(&old) {
                continue;
            }
            seen.push(old);
            let load = |json: &[u8], name: &str| self.source.load_text(printer, json, name, &self.provider_options);
            let side = match &step.published {
                Some(published) => Side::of(load(&published.json, &published.source)?),
                None => Side::nothing(step.target.to_string()),
            };
            let new = Side::of(load(&publication.json, &publication.source)?);
            let comparison = diff::Report::of(side, new);
            if self.format.format == Format::Text {
                // Of a first publication everything is new.
                let is_first = step.published.is_none();
                let text = if is_first { diff::summary(&comparison) + "\n" } else { comparison.to_string() };
                printer.text(&(text + "\n"))?;
            }
            Job::of_this_process().summary(|| diff::page(&comparison, job::MOST))?;
            let impact = &comparison.impact;
            if step.published.is_some() {
                self.guard(step, impact)?;
            }
            digest = digest.or(Some(impact.digest.clone()));
        }
        Ok(digest)
    }

    fn guard(&self, step: &Step<'_>, impact: &Impact) -> Result<(), Error> {
        let guard = Guard { removals: self.max_removals, revocations: self.max_revocations };
        let excesses = guard.verdict(&impact.counts);
        if excesses.is_empty() || self.acknowledge.as_deref() == Some(impact.digest.as_str()) {
            return Ok(());
        }
        let mut lines: Vec<String> = excesses.iter().map(|excess| format!("{excess}.")).collect();
        if let Some(other) = &self.acknowledge {
            lines.push(format!("`--acknowledge {}` is not the digest of this change.", escape(other)));
        }
        lines.push("Nothing was written.".to_owned());
        Err(Error::failed(codes::PUBLISHING_REFUSED, format!("The change of `{}` is beyond the limits", step.target))
            .because(lines.join("\n  "))
            .hint(format!("if exactly this change is intended: --acknowledge {}", impact.digest)))
    }
}
