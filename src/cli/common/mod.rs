//! What verbs share. A verb is one file beside this folder; it uses what it needs from here.
//!
//! | file | what |
//! |---|---|
//! | `exit` | the exit codes, and what they mean |
//! | `error` | why a verb failed, and what to do next |
//! | `example` | the text of an example of a code |
//! | `printer` | the only place that prints; `--format text` and `--format json` |
//! | `page` | text for people: titles, fields and tables that fit the terminal |
//! | `question` | what verbs share that answer questions from the registry |
//! | `checkout` | the service of the git repository that the working folder is in |
//! | `contexts` | the context of the kubeconfig for each cluster |
//! | `program` | other programs: finding them, and becoming one of them |
//! | `runtime` | the only place that starts a runtime for asynchronous work |
//! | `source` | the registry: its options, loading it, and reporting what is wrong with it |
//! | `place`, `input` | one registry that is read; standard input |
//! | `load_error` | why a registry was not loaded |
//! | `search` | the registry that is read if none is named |
//! | `provider_options` | the settings that a provider block has beside the registry |
//! | `problems` | problems of a document, printed |
//! | `jsonnet_options` | the settings of a compilation |
//! | `folder` | a folder of files that are replaced as a whole |
//! | `target` | the one target that a command is about |
//! | `text` | counts and lists in sentences |

mod checkout;
mod contexts;
mod error;
mod example;
mod exit;
mod fence_options;
mod folder;
mod input;
mod jsonnet_options;
mod load_error;
mod page;
mod place;
mod printer;
mod problems;
mod program;
mod provider_options;
mod question;
mod runtime;
mod search;
mod source;
mod target;
mod text;

pub(super) use checkout::service;
pub(super) use contexts::{ContextOptions, Contexts, get_credentials};
pub(super) use error::{Error, io};
pub(super) use example::example;
pub(super) use exit::exit_codes;
pub(super) use folder::{Folder, write_or_print};
pub(super) use input::standard_input;
pub(super) use jsonnet_options::{JsonnetOptions, not_compiled};
pub(super) use load_error::not_json;
pub(super) use page::{Answer, Page};
pub(super) use place::Place;
pub(super) use printer::{Format, FormatOptions, Printer};
pub(super) use problems::{refused, report};
pub(super) use program::{become_program, find_program, git, version_of};
pub(super) use provider_options::ProviderOptions;
pub(super) use question::{
    Question, RegistryOptions, environment, locate, locate_entry, selection, unknown_key, unknown_names,
};
pub(super) use runtime::block_on;
pub(super) use source::{Checked, Source, contents, program, warnings};
pub(super) use target::TargetOptions;
pub(super) use text::{count, list, quote};
