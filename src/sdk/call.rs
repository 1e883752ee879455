//! The context of a call.

use tokio_util::sync::CancellationToken;

use super::{Diagnostics, Private};

/// The input and output of one call besides its values.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Cancelled when the user interrupts Terraform. Work should then end soon, in a state from which it can be resumed.
    pub cancel: CancellationToken,
    /// Private state: the stored one at the beginning of the call. Its value at the end is stored.
    pub private: Private,
    /// The private state of the approved plan, if core sends it with the plan request at apply (field set 6.11).
    pub planned_private: Option<Private>,
    /// Whether core keeps the private state of a plan for its plan request at apply (field set 6.11).
    pub stores_planned_private: bool,
    /// Warnings, and errors that do not end the call.
    pub diagnostics: Diagnostics,
}

impl Call {
    /// A call with this cancellation token.
    pub fn new(cancel: CancellationToken) -> Self {
        Self { cancel, ..Self::default() }
    }
}
