//! The steps: discovery, compilation of what is not JSON, parsing and checks, fan-out.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::document::{Document, read};
use super::error::LoadError;
use super::loaded::{LoadedRegistry, Warning};
use super::origin::Origin;
use super::request::LoadRequest;
use super::trust;
use crate::connect::{Cancelled, RequestContext};
use crate::discovery::FetchContext;
use crate::fanout::{self, FanOut, Settings};
use crate::registry::{self, LoadOptions, Problem, clock_warnings};

/// How far `metadata.compiledAt` may be ahead of this machine's clock: clocks differ a little.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Reads a registry, checks it, and fans it out.
///
/// Must run in a tokio runtime: parsing and fan-out of a large registry take a second of several processors, so they run on
/// a thread for blocking work, and the runtime's own threads stay free for cancellation and other calls.
///
/// # Errors
/// When the run is cancelled, when no source can be read, and when the document has errors: then with all of them.
pub async fn load(
    ctx: &RequestContext,
    request: &LoadRequest,
    context: &FetchContext,
) -> Result<LoadedRegistry, LoadError> {
    let document = read(ctx, request, context).await?;
    check(ctx, request, document, context).await
}

/// Checks a document, and fans it out. As [`load`], it needs a tokio runtime.
///
/// # Errors
/// When the run is cancelled, and when the document has errors: then with all of them.
pub async fn check(
    ctx: &RequestContext,
    request: &LoadRequest,
    document: Document,
    context: &FetchContext,
) -> Result<LoadedRegistry, LoadError> {
    let Document { json, source: source_name, origin, proof, warnings, fallback_reason } = document;
    let options =
        LoadOptions { version: crate::version(), allow_empty: request.allow_empty, name: request.name.clone() };
    let fanned_out = ctx.run(fan_out(json, options, request.fan_out.clone(), origin, source_name.clone())).await??;
    match fanned_out {
        Ok((fan_out, problems, document, origin)) => {
            let problems = problems.into_iter().map(Warning::Problem);
            let now = Timestamp::try_from(context.clock.now()).unwrap_or(Timestamp::MAX);
            trust::check(request, &source_name, proof.as_ref(), &fan_out.registry().metadata, now)?;
            let of_clock = clock_warnings(fan_out.registry(), now).into_iter().map(Warning::Problem);
            let warnings = warnings.into_iter().map(Warning::Discovery).chain(problems).chain(of_clock).collect();
            let mut loaded = LoadedRegistry {
                accepts_older: request.accept_older.as_deref() == Some(fan_out.registry().digest()),
                fan_out,
                document,
                source: source_name,
                signed_by: proof.map(|proof| proof.key),
                fallback_reason,
                now,
                from_the_future: None,
                origin,
                warnings: Mutex::new(warnings),
                latest_ended: Default::default(),
            };
            loaded.compare_with_clock(MOST_AHEAD);
            Ok(loaded)
        }
        Err(problems) => Err(LoadError::Problems { source_name, problems }),
    }
}

/// Checks that a document has the proof and the age that the request requires, without a fan-out.
///
/// # Errors
/// When it has not, and when it has errors.
pub fn check_trust(request: &LoadRequest, document: &Document, context: &FetchContext) -> Result<(), LoadError> {
    let options = LoadOptions { version: crate::version(), allow_empty: true, name: request.name.clone() };
    let now = Timestamp::try_from(context.clock.now()).unwrap_or(Timestamp::MAX);
    match registry::load(&document.json, &options) {
        Ok((registry, _)) => trust::check(request, &document.source, document.proof.as_ref(), &registry.metadata, now),
        Err(mut problems) => {
            document.origin.locate(&document.source, &document.json, &mut problems);
            Err(LoadError::Problems { source_name: document.source.clone(), problems })
        }
    }
}

type FannedOut = (FanOut, Vec<Problem>, String, Origin);

/// Parses, checks and fans out a document on a thread of its own, and locates its problems. The document comes back as text,
/// without a copy.
async fn fan_out(
    bytes: Vec<u8>,
    options: LoadOptions,
    settings: Settings,
    origin: Origin,
    source_name: String,
) -> Result<Result<FannedOut, Vec<Problem>>, Cancelled> {
    let span = tracing::Span::current();
    let work = tokio::task::spawn_blocking(move || {
        let _entered = span.entered();
        let locate = |mut problems: Vec<Problem>| {
            origin.locate(&source_name, &bytes, &mut problems);
            problems
        };
        let (fan_out, warnings) = fanout::load(&bytes, &options, &settings).map_err(locate)?;
        let warnings = locate(warnings);
        // What was parsed is UTF-8.
        let document =
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok((fan_out, warnings, document, origin))
    });
    match work.await {
        Ok(done) => Ok(done),
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        Err(_) => Err(Cancelled), // the runtime ends
    }
}
