//! The settings of a compilation, with the names that Jsonnet's own command lines have for them.

use crate::codes;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Error;
use crate::compile::{CompileError, JsonnetSettings, Variables};
use crate::printable::escape;

/// How a registry written in Jsonnet is compiled
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Jsonnet")]
pub(in crate::cli) struct JsonnetOptions {
    /// Search this folder for imports that are not beside the importing file. Repeatable
    #[arg(long = "jpath", short = 'J', value_name = "DIR")]
    library_paths: Vec<PathBuf>,
    /// An external variable that is a string. Repeatable
    #[arg(long = "ext-str", short = 'V', value_name = "NAME=VALUE")]
    ext_vars: Vec<String>,
    /// An external variable that is a Jsonnet expression. Repeatable
    #[arg(long, value_name = "NAME=CODE")]
    ext_code: Vec<String>,
    /// A top-level argument that is a string. Repeatable
    #[arg(long = "tla-str", short = 'A', value_name = "NAME=VALUE")]
    top_level_arguments: Vec<String>,
    /// A top-level argument that is a Jsonnet expression. Repeatable
    #[arg(long = "tla-code", value_name = "NAME=CODE")]
    top_level_code: Vec<String>,
}

impl JsonnetOptions {
    /// The settings that the options stand for.
    pub(in crate::cli) fn settings(&self) -> Result<JsonnetSettings, Error> {
        Ok(JsonnetSettings {
            library_paths: self.library_paths.clone(),
            variables: Variables {
                ext_vars: pairs("--ext-str", &self.ext_vars)?,
                ext_code: pairs("--ext-code", &self.ext_code)?,
                top_level_arguments: pairs("--tla-str", &self.top_level_arguments)?,
                top_level_code: pairs("--tla-code", &self.top_level_code)?,
            },
        })
    }
}

/// Names and values. As with `jsonnet`, a name without a value has that of the environment variable of the same name.
fn pairs(option: &str, texts: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => {
                let shown = escape(text);
                let missing = |_| {
                    Error::usage(format!("`{option} {shown}` has no value"))
                        .because(format!("Write `{option} {shown}=VALUE`, or set the environment variable `{shown}`."))
                };
                (text.as_str(), std::env::var(text).map_err(missing)?)
            }
        };
        if pairs.insert(name.to_owned(), value).is_some() {
            return Err(Error::usage(format!("`{option}` is given twice for `{}`", escape(name))));
        }
    }
    Ok(pairs)
}

/// The error of a verb whose program does not compile.
pub(in crate::cli) fn not_compiled(source: &str, error: &CompileError) -> Error {
    Error::failed(codes::REGISTRY_NOT_COMPILED, format!("`{}` does not compile", escape(source)))
        .because(error.to_string())
}
