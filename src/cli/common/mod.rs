//! What verbs share. A verb is one file beside this folder; it uses what it needs from here.
//!
//! | file | what |
//! |---|---|
//! | `exit` | the exit codes, and what they mean |
//! | `error` | why a verb failed, and what to do next |
//! | `printer` | the only place that prints; `--format text` and `--format json` |
//! | `runtime` | the only place that starts a runtime for asynchronous work |
//! | `source` | the registry: its options, loading it, and reporting what is wrong with it |
//! | `search` | the registry that is read if none is named |
//! | `provider_options` | the settings that a provider block has beside the registry |
//! | `problems` | problems of a document, printed |
//! | `jsonnet_options` | the settings of a compilation |
//! | `folder` | a folder of files that are replaced as a whole |
//! | `text` | counts and lists in sentences |

mod error;
mod exit;
mod fence_options;
mod folder;
mod jsonnet_options;
mod printer;
mod problems;
mod provider_options;
mod runtime;
mod search;
mod source;
mod text;

pub(super) use error::{Error, io};
pub(super) use exit::exit_codes;
pub(super) use folder::Folder;
pub(super) use jsonnet_options::{JsonnetOptions, not_compiled};
pub(super) use printer::{Format, FormatOptions, Printer};
pub(super) use provider_options::ProviderOptions;
pub(super) use runtime::block_on;
pub(super) use source::{Place, Source, program};
pub(super) use text::{count, list, quote};
