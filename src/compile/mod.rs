//! From what people write to the one JSON document that anu reads.
//!
//! A registry is written in Jsonnet or in YAML, and read as JSON. [`compile`] evaluates Jsonnet in a child process of this same
//! program, so that a program that never ends, or never stops growing, is an error and not the end of a plan; [`evaluate`] does
//! the same within this process and without those limits. What a Jsonnet program may import is limited to the repository that
//! it is in and to the folders that the user names: a pull request must not read the credentials of the machine that compiles it.
//!
//! - `request`: what is compiled, with which variables, from which folders
//! - `imports`: where an import is found, and what it may not reach
//! - `files`: the texts that were read, and the places in them
//! - `folder`: a registry in a folder, a file for each entry
//! - `evaluator`: the evaluation, the only file that names the library that does it
//! - `wording`: what the library reports, in the words of Jsonnet's own implementations
//! - `written`: where in a program what its document contains is written
//! - `error`: what comes out if it fails
//! - `child`: the child process and its limits
//! - `yaml`: YAML as JSON text
//! - `library`: `anu/registry.libsonnet`, which is part of the program

mod child;
mod error;
mod evaluator;
mod files;
mod folder;
mod imports;
mod library;
mod request;
mod wording;
mod written;
mod yaml;

pub use self::child::{Limits, answer_if_child, compile, compile_blocking};
pub use self::error::{CompileError, CompileFailure, Frame, Place};
pub use self::evaluator::{Compiled, evaluate};
pub use self::folder::locations_in_folder;
pub use self::library::{LIBRARY, LibraryFile};
pub use self::request::{Entry, JsonnetSettings, Request, SourceFormat, Variables};
pub use self::written::locations_in_program;
pub use self::yaml::{positions_in_yaml, yaml_to_json};
