//! Provider functions: pure, called without configuration.

use super::{Type, Value};
use crate::codes::Code;

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// The description, in Markdown.
    pub description: &'static str,
    /// The type.
    pub ty: Type,
    /// Whether null is passed to the function. Otherwise core refuses it.
    pub allow_null: bool,
}

/// The parameters and the result of a function.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The description in one line.
    pub summary: &'static str,
    /// The full description, in Markdown.
    pub description: &'static str,
    /// Parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The variadic parameter, if there is one.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
}

/// The error of a failed call. Core shows it at the argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// The value, the rule and the next step.
    pub text: String,
    /// The index of the invalid argument, from 0.
    pub argument: Option<usize>,
    /// The row in the table of codes.
    pub code: Code,
}

impl FunctionError {
    /// An error about the whole call.
    pub fn whole(code: Code, text: impl Into<String>) -> Self {
        Self { text: crate::printable::escape_lines(&text.into()).into_owned(), argument: None, code }
    }

    /// An error about an argument, by its index from 0.
    pub fn argument(code: Code, position: usize, text: impl Into<String>) -> Self {
        Self { argument: Some(position), ..Self::whole(code, text) }
    }

    /// The whole text, with the code. Core puts it into a sentence of its own and ends that with a full stop.
    pub fn sentence(&self) -> String {
        format!("{} ({})", self.text.trim_end().trim_end_matches('.'), self.code)
    }
}

/// A function. It must return the same result for the same arguments: core verifies this.
pub trait Function: Send + Sync + 'static {
    /// The name, without `provider::anu::`.
    fn name(&self) -> &'static str;
    /// The signature.
    fn signature(&self) -> Signature;
    /// The result. Arguments are wholly known, except within dynamic values.
    ///
    /// # Errors
    /// With the index of the invalid argument.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}
