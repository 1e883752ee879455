//! Provider functions: pure, called without configuration.

use super::{Type, Value};

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means, in Markdown.
    pub description: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether null is handed on (otherwise core refuses it).
    pub allow_null: bool,
}

/// What a function takes and returns.
#[derive(Debug, Clone)]
pub struct Signature {
    /// One line.
    pub summary: &'static str,
    /// In full, in Markdown.
    pub description: &'static str,
    /// Parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Further parameters of one kind, if any.
    pub variadic: Option<Parameter>,
    /// What it returns.
    pub returns: Type,
}

/// Why a call failed. Core shows it at the argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong, the rule, what to do.
    pub text: String,
    /// The argument at fault, counted from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error about an argument, counted from 0.
    pub fn argument(position: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Some(position) }
    }
}

/// A function. Must return the same for the same arguments: core checks.
pub trait Function: Send + Sync + 'static {
    /// Its name, without `provider::anu::`.
    fn name(&self) -> &'static str;
    /// Its signature.
    fn signature(&self) -> Signature;
    /// The value. Arguments are wholly known unless the type is dynamic and something inside is not.
    ///
    /// # Errors
    /// With the argument at fault.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}
