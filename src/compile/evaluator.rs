//! The evaluation of a Jsonnet program.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::interner::InternedStr;
use rsjsonnet_lang::program::{
    Callbacks, EvalError, EvalErrorKind, EvalStackTraceItem, ImportError, LoadError, NativeError, Program, Thunk, Value,
};
use rsjsonnet_lang::span::{SourceId, SpanContext, SpanId};

use super::error::{CompileError, Frame, Place};
use super::files::SourceText;
use super::folder::folder_to_json;
use super::imports::{self, Import, ImportFailure, Imports};
use super::library;
use super::request::{Entry, Request, SourceFormat};
use super::wording;
use super::yaml::yaml_to_json;

/// A compiled document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The document.
    pub json: String,
    /// The files that it was compiled from, sorted, as messages name them.
    pub files: Vec<PathBuf>,
}

/// The most frames of a stack that are shown.
const MOST_FRAMES: usize = 12;

/// Evaluates a program in this process, for as long as it takes: [`compile`](super::compile) has limits.
///
/// # Errors
/// When a file cannot be read, when the program is not well-formed, and when its evaluation fails.
pub fn evaluate(request: &Request) -> Result<Compiled, CompileError> {
    let on_thread = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || evaluate_here(request));
        thread.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    on_thread.unwrap_or_else(|error| {
        Err(CompileError::plain(format!("The program could not be compiled: no thread: {error}")))
    })
}

/// The stack of the evaluation, of which only what is used needs memory: some expressions are nested on it.
const STACK: usize = 512 << 20;

fn evaluate_here(request: &Request) -> Result<Compiled, CompileError> {
    if let Entry::File(path) = &request.entry
        && path.is_dir()
    {
        let (json, files) = folder_to_json(path)?;
        return Ok(Compiled { json: laid_out(request, json)?, files });
    }
    if SourceFormat::of(request.entry.name().as_ref()) == SourceFormat::Yaml {
        return yaml(request);
    }
    let arena = Arena::new();
    let mut program = Program::new(&arena);
    program.set_max_stack(request.max_stack);
    let mut sources = Sources::new(&program, request);
    match run(&mut program, &mut sources, request) {
        Ok(json) => Ok(Compiled { json, files: sources.read.into_iter().collect() }),
        Err(Stop::Written(error)) => Err(error),
        Err(Stop::Load(error)) => Err(sources.load_error(&program, &error)),
        Err(Stop::Evaluation(error)) => Err(sources.evaluation_error(&program, &error)),
    }
}

/// YAML has no imports and no variables.
fn yaml(request: &Request) -> Result<Compiled, CompileError> {
    let name = request.entry.name();
    let (text, files) = match &request.entry {
        Entry::Text { text, .. } => (text.clone(), Vec::new()),
        Entry::File(path) => {
            let bytes = imports::read(path, &name)
                .map_err(|failure| CompileError { help: failure.help, ..CompileError::plain(failure.message) })?;
            let text = String::from_utf8(bytes);
            (text.map_err(|_| CompileError::plain(format!("`{name}` is not UTF-8 text")))?, vec![path.clone()])
        }
    };
    Ok(Compiled { json: laid_out(request, yaml_to_json(&name, &text)?)?, files })
}

/// JSON as the request has it: indented or as it is.
fn laid_out(request: &Request, json: String) -> Result<String, CompileError> {
    if !request.indented {
        return Ok(json);
    }
    let value = serde_json::from_str::<serde_json::Value>(&json);
    let indented = value.and_then(|value| serde_json::to_string_pretty(&value));
    indented.map_err(|error| CompileError::plain(error.to_string()))
}

/// Why the evaluation ended without a document.
enum Stop {
    Written(CompileError),
    Load(LoadError),
    Evaluation(Box<EvalError>),
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<EvalError> for Stop {
    fn from(error: EvalError) -> Self {
        Self::Evaluation(Box::new(error))
    }
}

fn run<'p>(program: &mut Program<'p>, sources: &mut Sources<'p>, request: &Request) -> Result<String, Stop> {
    let variables = &request.variables;
    for (name, value) in &variables.ext_vars {
        let thunk = program.value_to_thunk(&Value::string(value));
        let name = program.intern_str(name);
        program.add_ext_var(name, &thunk);
    }
    for (name, code) in &variables.ext_code {
        if variables.ext_vars.contains_key(name) {
            let message = format!("External variable `{name}` has a string and an expression: give one of them");
            return Err(Stop::Written(CompileError::plain(message)));
        }
        let thunk = sources.load(program, &format!("<ext_code {name}>"), None, code.as_bytes().into())?;
        let name = program.intern_str(name);
        program.add_ext_var(name, &thunk);
    }
    let entry = match &request.entry {
        Entry::Text { name, text, folder } => sources.load(program, name, folder.clone(), text.as_bytes().into())?,
        Entry::File(path) => sources.load_entry(program, path)?,
    };
    let mut value = program.eval_value(&entry, sources)?;
    let mut arguments = Vec::new();
    for (name, text) in &variables.top_level_arguments {
        arguments.push((program.intern_str(name), program.value_to_thunk(&Value::string(text))));
    }
    for (name, code) in &variables.top_level_code {
        if variables.top_level_arguments.contains_key(name) {
            let message = format!("Top-level argument `{name}` has a string and an expression: give one of them");
            return Err(Stop::Written(CompileError::plain(message)));
        }
        let thunk = sources.load(program, &format!("<top_level_code {name}>"), None, code.as_bytes().into())?;
        arguments.push((program.intern_str(name), thunk));
    }
    if value.is_function() {
        value = program.eval_call(&entry, &[], &arguments, sources)?;
    } else if let Some((name, _)) = arguments.first() {
        let message = format!(
            "Top-level argument `{}` is given, but the program is not a function that could take it",
            name.value()
        );
        return Err(Stop::Written(CompileError::plain(message)));
    }
    Ok(program.manifest_json(&value, request.indented)?)
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// The texts of a program: what the library calls to import, and what its positions refer to.
struct Sources<'p> {
    imports: Imports,
    texts: HashMap<SourceId, SourceText>,
    /// What was imported as code, by its real path or its name in the library.
    loaded: HashMap<PathBuf, Thunk<'p>>,
    /// The files that were read.
    read: BTreeSet<PathBuf>,
    /// Why the import failed that ended the evaluation: the library's own error says only that one did.
    failed: Option<Failed>,
}

enum Failed {
    Import(ImportFailure),
    Load(LoadError),
}

impl<'p> Sources<'p> {
    fn new(program: &Program<'p>, request: &Request) -> Self {
        let (id, text) = program.get_stdlib_source();
        let standard = SourceText { name: "<std>".into(), folder: None, built_in: true, bytes: text.into() };
        Self {
            imports: Imports::new(request),
            texts: HashMap::from([(id, standard)]),
            loaded: HashMap::new(),
            read: BTreeSet::new(),
            failed: None,
        }
    }

    /// Parses a text, which errors can then point into.
    fn load(
        &mut self,
        program: &mut Program<'p>,
        name: &str,
        folder: Option<PathBuf>,
        bytes: Rc<[u8]>,
    ) -> Result<Thunk<'p>, LoadError> {
        let (context, id) = program.span_manager_mut().insert_source_context(bytes.len());
        let built_in = folder.is_none() && library::file(name).is_some();
        self.texts.insert(id, SourceText { name: name.to_owned(), folder, built_in, bytes: Rc::clone(&bytes) });
        program.load_source(context, &bytes, true, name)
    }

    fn load_entry(&mut self, program: &mut Program<'p>, path: &Path) -> Result<Thunk<'p>, Stop> {
        let name = path.to_string_lossy().into_owned();
        let bytes = imports::read(path, &name).map_err(|failure| {
            Stop::Written(CompileError { help: failure.help, ..CompileError::plain(failure.message) })
        })?;
        self.read.insert(path.to_owned());
        let thunk = self.load(program, &name, Some(folder_of(path)), bytes.into())?;
        if let Ok(real) = path.canonicalize() {
            self.loaded.insert(real, thunk.clone());
        }
        Ok(thunk)
    }

    /// The text at a position, which is in one that was loaded.
    fn at(&self, program: &Program<'p>, span: SpanId) -> (&SourceText, usize, usize) {
        let (context, start, end) = program.span_manager().get_span(span);
        let SpanContext::Source(id) = program.span_manager().get_context(context);
        (&self.texts[id], start, end)
    }

    fn place(&self, program: &Program<'p>, span: SpanId) -> Place {
        let (text, start, end) = self.at(program, span);
        text.place(start, end)
    }

    fn find(&self, program: &Program<'p>, from: SpanId, written: &str) -> Result<Import, ImportFailure> {
        self.imports.find(self.at(program, from).0.folder.as_deref(), written)
    }

    /// The bytes of an import.
    fn bytes(&mut self, program: &Program<'p>, from: SpanId, written: &str) -> Result<Vec<u8>, ImportFailure> {
        match self.find(program, from, written)? {
            Import::Library(file) => Ok(file.text.as_bytes().to_vec()),
            Import::File { real, shown } => {
                let bytes = imports::read(&real, written)?;
                self.read.insert(shown);
                Ok(bytes)
            }
        }
    }

    fn import_code(&mut self, program: &mut Program<'p>, from: SpanId, written: &str) -> Result<Thunk<'p>, Failed> {
        let (key, name, folder, bytes) = match self.find(program, from, written).map_err(Failed::Import)? {
            Import::Library(file) => {
                (PathBuf::from(file.name), file.name.to_owned(), None, file.text.as_bytes().to_vec())
            }
            Import::File { real, shown } => {
                if let Some(thunk) = self.loaded.get(&real) {
                    return Ok(thunk.clone());
                }
                let bytes = imports::read(&real, written).map_err(Failed::Import)?;
                self.read.insert(shown.clone());
                (real, shown.to_string_lossy().into_owned(), Some(folder_of(&shown)), bytes)
            }
        };
        if let Some(thunk) = self.loaded.get(&key) {
            return Ok(thunk.clone());
        }
        match self.load(program, &name, folder, bytes.into()) {
            Ok(thunk) => {
                self.loaded.insert(key, thunk.clone());
                Ok(thunk)
            }
            Err(error) => Err(Failed::Load(error)),
        }
    }

    fn load_error(&self, program: &Program<'p>, error: &LoadError) -> CompileError {
        let (message, span) = wording::load_error(error);
        CompileError { place: Some(Box::new(self.place(program, span))), ..CompileError::plain(message) }
    }

    fn evaluation_error(&self, program: &Program<'p>, error: &EvalError) -> CompileError {
        let (frames, frames_omitted) = self.frames(program, &error.stack_trace);
        let with_frames = |error: CompileError| CompileError { frames, frames_omitted, ..error };
        if let (EvalErrorKind::ImportFailed { span, .. }, Some(failed)) = (&error.kind, &self.failed) {
            return with_frames(match failed {
                Failed::Load(error) => self.load_error(program, error),
                Failed::Import(failure) => CompileError {
                    place: Some(Box::new(self.place(program, *span))),
                    help: failure.help.clone(),
                    ..CompileError::plain(failure.message.clone())
                },
            });
        }
        let (message, span) = wording::evaluation_error(&error.kind);
        // What fails inside `std` or a library of ours failed in its caller.
        let of_user = span.filter(|&span| self.is_of_user(program, span));
        let caller = || error.stack_trace.iter().rev().find_map(|item| self.own_span(program, item));
        let span = of_user.or_else(caller).or(span);
        with_frames(CompileError {
            place: span.map(|span| Box::new(self.place(program, span))),
            ..CompileError::plain(message)
        })
    }

    /// The position of a step that is not in a library of this program.
    fn own_span(&self, program: &Program<'p>, item: &EvalStackTraceItem) -> Option<SpanId> {
        wording::span(item).filter(|&span| self.is_of_user(program, span))
    }

    fn is_of_user(&self, program: &Program<'p>, span: SpanId) -> bool {
        !self.at(program, span).0.built_in
    }

    /// The steps that led to an error, the innermost first: the first and the last of them.
    fn frames(&self, program: &Program<'p>, trace: &[EvalStackTraceItem]) -> (Vec<Frame>, usize) {
        let mut frames: Vec<Frame> = Vec::new();
        for item in trace.iter().rev() {
            let Some(what) = wording::frame(item) else { continue };
            // Steps within a library do not help; what has no position is still part of the way.
            let own = self.own_span(program, item);
            if own.is_none() && wording::span(item).is_some() {
                continue;
            }
            let frame = Frame { what, position: own.map(|span| self.place(program, span).position()) };
            if frames.last() != Some(&frame) {
                frames.push(frame);
            }
        }
        let omitted = frames.len().saturating_sub(MOST_FRAMES);
        if omitted > 0 {
            frames.drain(MOST_FRAMES / 2..MOST_FRAMES / 2 + omitted);
        }
        (frames, omitted)
    }
}

impl<'p> Callbacks<'p> for Sources<'p> {
    fn import(&mut self, program: &mut Program<'p>, from: SpanId, path: &str) -> Result<Thunk<'p>, ImportError> {
        self.import_code(program, from, path).map_err(|failed| {
            self.failed = Some(failed);
            ImportError
        })
    }

    fn import_str(&mut self, program: &mut Program<'p>, from: SpanId, path: &str) -> Result<String, ImportError> {
        let text = self.bytes(program, from, path).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| ImportFailure {
                message: format!("`{path}` is not UTF-8 text"),
                help: Some("`importbin` reads files that are not text.".into()),
            })
        });
        text.map_err(|failure| {
            self.failed = Some(Failed::Import(failure));
            ImportError
        })
    }

    fn import_bin(&mut self, program: &mut Program<'p>, from: SpanId, path: &str) -> Result<Vec<u8>, ImportError> {
        self.bytes(program, from, path).map_err(|failure| {
            self.failed = Some(Failed::Import(failure));
            ImportError
        })
    }

    fn trace(&mut self, program: &mut Program<'p>, message: &str, stack: &[EvalStackTraceItem]) {
        let at = stack.iter().rev().find_map(|item| self.own_span(program, item));
        let position = at.map(|span| self.place(program, span).position()).unwrap_or_default();
        tracing::debug!(at = position, message, "std.trace");
    }

    fn native_call(
        &mut self,
        _: &mut Program<'p>,
        _: InternedStr<'p>,
        _: &[Value<'p>],
    ) -> Result<Value<'p>, NativeError> {
        Err(NativeError) // none is registered
    }
}
