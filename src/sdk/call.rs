//! What every call carries besides its values.

use tokio_util::sync::CancellationToken;

use super::{Diagnostics, Private};

/// What one call carries in and out besides its values.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Fires when the user asks Terraform to stop. Work should end soon, at a point from which it can go on later.
    pub cancel: CancellationToken,
    /// Private state: as it was before the call; what is left here is stored.
    pub private: Private,
    /// What the approved plan stored, where core hands it to a plan at apply (field set 6.11).
    pub planned_private: Option<Private>,
    /// Warnings, and errors that do not end the call.
    pub diagnostics: Diagnostics,
}

impl Call {
    /// A call with nothing but its cancellation.
    pub fn new(cancel: CancellationToken) -> Self {
        Self { cancel, ..Self::default() }
    }
}
