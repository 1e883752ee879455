//! The registry that a verb reads: its options, loading it, and reporting what is wrong with it.

use crate::codes;
use std::path::PathBuf;
use std::time::Duration;

use super::error::{Error, io};
use super::input::{InputFormat, given};
use super::jsonnet_options::JsonnetOptions;
use super::load_error::not_loaded;
use super::place::Place;
use super::printer::Printer;
use super::problems::report;
use super::provider_options::ProviderOptions;
use super::runtime::block_on;
use super::search::Search;
use crate::connect::{Environment, RequestContext, Secret};
use crate::discovery::{
    FetchContext, KeyError, MinisignKey, Mode, Publisher, RegistryConfig, SettingNames, Verify, comment_field,
};
use crate::estate::{
    Document, GivenText, LoadError, LoadRequest, LoadedRegistry, Warning, check, check_trust, parse_age,
    parse_age_or_zero, read, read_given,
};
use crate::fanout::Settings;
use crate::registry::Problem;
use crate::registry::names::RegistryName;

/// Not an option: every user of the machine can read a command line.
const TOKEN: &str = "ANU_REGISTRY_TOKEN";
/// The names that settings have on the command line, for errors.
const NAMES: SettingNames = SettingNames {
    source: "`--registry`",
    sha256: "`--sha256`",
    minisign: "`--minisign`",
    trusted_comment: "`--trusted-comment`",
    max_age: "`--max-age`",
    max_stale: "`--max-stale`",
    token: "the variable `ANU_REGISTRY_TOKEN`",
    ca_certificate: "`--ca-certificate`",
};

/// The registry that is read
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
pub(in crate::cli) struct Source {
    /// The source of the registry: a path, `file://…`, `https://…`, `gs://…`, `s3://…`, `az://…`, `configmap://…`, or `-` for standard input [default: the registry that is found]
    ///
    /// Found is, in this order: what the variable ANU_REGISTRY names; `registry.jsonnet`, `registry.yaml`, `registry.yml` or
    /// `registry.json` in the working folder, then in each folder above it up to the root of the repository.
    ///
    /// A source whose name ends in `.jsonnet`, `.yaml` or `.yml` is compiled, and so is a folder of YAML files by kind; one that ends in `.gz` or `.zst` is decompressed first.
    ///
    /// The bearer token for `https://` is the value of the variable ANU_REGISTRY_TOKEN.
    #[arg(long = "registry", value_name = "SOURCE")]
    source: Option<String>,
    /// The name of a registry without `metadata.name`
    #[arg(long = "registry-name", value_name = "NAME")]
    name: Option<RegistryName>,
    /// Accept only a registry with this SHA-256
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Accept only registries that are signed with this public key of minisign; repeatable
    ///
    /// The signature is `SOURCE.minisig`. Its trusted comment must contain `registry:NAME`. It is required of every registry that
    /// the command reads.
    #[arg(long, value_name = "KEY")]
    minisign: Vec<String>,
    /// A field that the trusted comment of the signature must contain, such as `branch:main`; repeatable
    #[arg(long, value_name = "FIELD", requires = "minisign", value_parser = comment_field)]
    trusted_comment: Vec<String>,
    /// Accept only a registry that was compiled at most this long ago (`metadata.compiledAt`), such as `7d`
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    max_age: Option<Duration>,
    /// How old the last good copy of an `https://` source may be, such as `24h`; `0`: none is stored or read [default: 7d]
    ///
    /// The last good copy is read if the source fails. Verbs whose output is applied do not read it.
    #[arg(long, value_name = "AGE", value_parser = parse_age_or_zero)]
    max_stale: Option<Duration>,
    /// Size limit of a registry in bytes, decompressed [default: 268435456, 256 MiB]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    max_bytes: Option<u64>,
    /// A PEM file of a certificate authority to trust for `https://`, in addition to those of the operating system
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<PathBuf>,
    /// What standard input is written in [default: JSON if it begins with `{`, otherwise YAML]
    #[arg(long, value_name = "FORMAT", value_enum)]
    input_format: Option<InputFormat>,
    #[command(flatten)]
    jsonnet: JsonnetOptions,
}

/// A key. clap would show a value that it refuses, and that may be a secret key.
fn key(text: &str) -> Result<MinisignKey, Error> {
    let refused = |error: KeyError| Error::usage("`--minisign` is not a public key").because(format!("{error}."));
    text.parse().map_err(refused)
}

impl Source {
    /// The registry that the options name, or the one that is found: then a note says which and why.
    pub(in crate::cli) fn place(&self, printer: &Printer) -> Result<Place<'_>, Error> {
        if let Some(source) = &self.source {
            return Ok(Place::named("--registry", source.as_str()));
        }
        let found = Search::of_this_process().run()?;
        printer.aside(&found.note);
        Ok(Place::named(found.named_by, found.source))
    }

    /// The source of the registry that is found if none is named; a note says which.
    pub(in crate::cli) fn found(printer: &Printer) -> Result<String, Error> {
        let found = Search::of_this_process().run()?;
        printer.aside(&found.note);
        Ok(found.source)
    }

    /// The JSON of the registry that is found, if it can be read within that time. Nothing is printed.
    pub(in crate::cli) fn found_at_once(most: Duration) -> Option<Vec<u8>> {
        #[derive(clap::Parser)]
        struct Defaults {
            #[command(flatten)]
            source: Source,
        }
        let Defaults { source } = clap::Parser::try_parse_from(["anu"]).ok()?;
        let found = Search::of_this_process().run().ok()?;
        let place = Place::named(found.named_by, found.source).quietly();
        let reading = source.reading(&place, Mode::Read, Settings::default(), true).ok()?;
        let read = async { tokio::time::timeout(most, reading.document()).await.ok()?.ok() };
        block_on(read).ok()?.map(|document| document.json)
    }

    /// Loads the registry. Prints all problems; warnings do not stop the verb.
    pub(in crate::cli) fn load(
        &self,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let place = self.place(printer)?;
        self.check_input(&[&place])?;
        self.load_at(&place, printer, mode, provider_options)
    }

    /// Loads a registry with these options.
    pub(in crate::cli) fn load_at(
        &self,
        place: &Place<'_>,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let loaded = self.load_unreported(place, printer, mode, provider_options)?;
        let problems = warnings(printer, &loaded);
        let shown = problems.iter().filter(|_| !place.is_quiet);
        report(printer, shown, &format!("The registry in `{}`", loaded.source));
        Ok(loaded)
    }

    /// Loads a registry with these options. Its warnings are the caller's to print.
    pub(super) fn load_unreported(
        &self,
        place: &Place<'_>,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let settings = provider_options.settings(printer)?;
        let reading = self.reading(place, mode, settings, provider_options.allow_empty())?;
        let loaded = block_on(async {
            let document = reading.document().await?;
            reading.check(document).await
        })?;
        loaded.map_err(|error| not_loaded(printer, place, error))
    }

    /// Reads and checks a registry. Nothing of its contents is printed.
    pub(in crate::cli) fn check_at(
        &self,
        place: &Place<'_>,
        printer: &Printer,
        mode: Mode,
        provider_options: &ProviderOptions,
    ) -> Result<Checked, Error> {
        let settings = provider_options.settings(printer)?;
        let reading = self.reading(place, mode, settings, provider_options.allow_empty())?;
        let done = block_on(async {
            let document = reading.document().await?;
            let text = document.text().map(ToOwned::to_owned);
            let (json, source) = (document.json.clone(), document.source.clone());
            let result = match reading.check(document).await {
                Ok(loaded) => Ok(loaded),
                Err(LoadError::Problems { problems, .. }) => Err(problems),
                Err(error) => return Err(error),
            };
            Ok(Checked { source, json, text, result })
        })?;
        done.map_err(|error| not_loaded(printer, place, error))
    }

    /// The document of a registry, without a check of its contents.
    pub(in crate::cli) fn read_at(&self, place: &Place<'_>, printer: &Printer, mode: Mode) -> Result<Document, Error> {
        let reading = self.reading(place, mode, Settings::default(), true)?;
        let document = block_on(reading.document())?;
        let mut document = document.map_err(|error| not_loaded(printer, place, error))?;
        // What a signature names, and how old a registry is, are in its contents.
        let request = &reading.request;
        if request.registry.verify.is_some() || request.registry.max_age.is_some() {
            check_trust(request, &document, &reading.context).map_err(|error| not_loaded(printer, place, error))?;
        }
        for warning in document.take_warnings() {
            printer.warning(warning.code, warning.code.summary(), &warning.detail);
        }
        Ok(document)
    }

    /// A registry that is published at a place, without a check of its contents; `None` if there is none. What the user requires of the
    /// registry that is read is not required of it.
    pub(in crate::cli) fn published(
        &self,
        printer: &Printer,
        place: &Place<'_>,
        verify: Option<Verify>,
    ) -> Result<Option<Document>, Error> {
        let mut reading = self.reading(place, Mode::Apply, Settings::default(), true)?;
        let registry = &mut reading.request.registry;
        (registry.verify, registry.sha256, registry.max_age) = (verify, None, None);
        match block_on(reading.document())? {
            Ok(document) => Ok(Some(document)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(not_loaded(printer, place, error)),
        }
    }

    /// A registry that is given as JSON. Its warnings are not printed.
    pub(in crate::cli) fn load_text(
        &self,
        printer: &Printer,
        json: &[u8],
        name: &str,
        provider_options: &ProviderOptions,
    ) -> Result<LoadedRegistry, Error> {
        let place = Place::named("--to", "-").quietly();
        let settings = provider_options.settings(printer)?;
        let mut reading = self.reading_of(&place, Mode::Apply, settings, true, None)?;
        (reading.request.registry.verify, reading.request.registry.max_age) = (None, None);
        let (folder, format) = (place.folder().to_owned(), crate::compile::SourceFormat::Json);
        reading.given = Some(GivenText { name: name.to_owned(), text: json.to_vec(), format, folder });
        let loaded = block_on(async { reading.check(reading.document().await?).await })?;
        loaded.map_err(|error| not_loaded(printer, &place, error))
    }

    /// What writes to the places of registries.
    pub(in crate::cli) fn publisher<'p>(
        ctx: &'p RequestContext,
        context: &'p FetchContext,
        ca_certificate: Option<&'p str>,
    ) -> Publisher<'p> {
        Publisher::new(ctx, context, ca_certificate, NAMES)
    }

    /// The certificates that are trusted beside those of the operating system, in PEM.
    pub(in crate::cli) fn ca_certificate(&self) -> Result<Option<String>, Error> {
        let path = self.ca_certificate.as_ref();
        path.map(|path| std::fs::read_to_string(path).map_err(io("read", path))).transpose()
    }

    /// Refuses standard input as two of these places, and its format if it is none of them.
    pub(in crate::cli) fn check_input(&self, places: &[&Place<'_>]) -> Result<(), Error> {
        match places.iter().filter(|place| place.is_standard_input()).count() {
            0 if self.input_format.is_some() => {}
            0 | 1 => return Ok(()),
            _ => {
                return Err(
                    Error::usage("Standard input can be only one of the registries").because("`-` is given twice.")
                );
            }
        }
        Err(Error::usage("`--input-format` is for standard input")
            .because("The name of any other source says what it is written in.")
            .hint("read standard input (`-`), or leave `--input-format` out"))
    }

    /// The text on standard input, if that is the place.
    fn given(&self, place: &Place<'_>) -> Result<Option<GivenText>, Error> {
        if !place.is_standard_input() {
            return Ok(None);
        }
        for (option, is_set) in [("--sha256", self.sha256.is_some()), ("--minisign", !self.minisign.is_empty())] {
            if is_set {
                return Err(Error::usage(format!("`{option}` cannot be used with standard input"))
                    .because("It is for a registry that others publish. What is on standard input was not read by anu.")
                    .hint("name the source of the registry instead of `-`"));
            }
        }
        given(self.input_format, place.folder()).map(Some)
    }

    /// What it takes to read a registry.
    fn reading(&self, place: &Place<'_>, mode: Mode, fan_out: Settings, allow_empty: bool) -> Result<Reading, Error> {
        let given = self.given(place)?;
        self.reading_of(place, mode, fan_out, allow_empty, given)
    }

    fn reading_of(
        &self,
        place: &Place<'_>,
        mode: Mode,
        fan_out: Settings,
        allow_empty: bool,
        given: Option<GivenText>,
    ) -> Result<Reading, Error> {
        let mut jsonnet = self.jsonnet.settings()?;
        jsonnet.library_paths = jsonnet.library_paths.into_iter().map(|path| place.at_revision(path)).collect();
        let request = LoadRequest {
            fan_out,
            registry: self.config(place)?,
            jsonnet,
            mode,
            allow_empty,
            name: self.name.clone(),
            accept_older: None,
        };
        let context = FetchContext::of_this_process(place.folder().to_owned());
        Ok(Reading { ctx: RequestContext::default(), request, context, given })
    }

    fn config(&self, place: &Place<'_>) -> Result<RegistryConfig, Error> {
        let minisign = self.minisign.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(RegistryConfig {
            source: place.source().to_owned(),
            fallbacks: Vec::new(),
            // The pin and the age are of the registry that the verb is about, not of one that it is compared with.
            sha256: self.sha256.as_ref().filter(|_| !place.is_quiet).map(|hex| hex.to_ascii_lowercase()),
            verify: (!minisign.is_empty()).then(|| Verify { minisign, trusted_comment: self.trusted_comment.clone() }),
            max_age: self.max_age.filter(|_| !place.is_quiet),
            max_stale: self.max_stale,
            max_bytes: self.max_bytes,
            token: token()?,
            headers: Vec::new(),
            ca_certificate: self.ca_certificate()?,
            names: NAMES,
        })
    }
}

/// The token of the variable. A line break at its end, as a file has it, is not part of it.
fn token() -> Result<Option<Secret>, Error> {
    let Some(token) = Environment::of_this_process().get(TOKEN) else { return Ok(None) };
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(Secret::new(token)));
    }
    Err(Error::usage(format!("the variable `{TOKEN}` is not a token"))
        .because("A token has no spaces and no line breaks. The value is not shown."))
}

/// The program that is compiled if none is named; a note says which.
pub(in crate::cli) fn program(printer: &Printer) -> Result<PathBuf, Error> {
    let found = Search::of_this_process().for_program().run()?;
    printer.aside(&found.note);
    Ok(found.source.into())
}

/// One reading of a registry.
struct Reading {
    ctx: RequestContext,
    request: LoadRequest,
    context: FetchContext,
    /// What is on standard input, if that is the place.
    given: Option<GivenText>,
}

impl Reading {
    async fn document(&self) -> Result<Document, LoadError> {
        match &self.given {
            Some(given) => read_given(&self.ctx, &self.request, given.clone()).await,
            None => read(&self.ctx, &self.request, &self.context).await,
        }
    }

    async fn check(&self, document: Document) -> Result<LoadedRegistry, LoadError> {
        check(&self.ctx, &self.request, document, &self.context).await
    }
}

/// A registry that was read and checked.
#[derive(Debug)]
pub(in crate::cli) struct Checked {
    /// The source that it is from, without secrets.
    pub(in crate::cli) source: String,
    /// The document.
    pub(in crate::cli) json: Vec<u8>,
    /// The text in which problems are located, unless that is a program in files.
    pub(in crate::cli) text: Option<String>,
    /// The registry, or all its problems.
    pub(in crate::cli) result: Result<LoadedRegistry, Vec<Problem>>,
}

/// The problems of the contents of a registry without errors.
pub(in crate::cli) fn contents(loaded: &LoadedRegistry) -> Vec<Problem> {
    let problem = |warning| match warning {
        Warning::Problem(problem) => Some(problem),
        Warning::Discovery(_) | Warning::FromTheFuture(_) => None,
    };
    loaded.take_warnings().into_iter().filter_map(problem).collect()
}

/// The warnings of a registry: those about its contents are returned, all others printed.
pub(in crate::cli) fn warnings(printer: &Printer, loaded: &LoadedRegistry) -> Vec<Problem> {
    let mut problems = Vec::new();
    for warning in loaded.take_warnings() {
        match warning {
            Warning::Discovery(warning) => printer.warning(warning.code, warning.code.summary(), &warning.detail),
            Warning::FromTheFuture(text) => {
                printer.warning(codes::REGISTRY_FROM_THE_FUTURE, "Registry is compiled in the future", &text);
            }
            Warning::Problem(problem) => problems.push(problem),
        }
    }
    problems
}
