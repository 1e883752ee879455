//! Long-running operations.

use crate::context::Context;
use crate::error::{ApiError, Result};

/// `operations.get`. Both APIs have a collection of this name; the simulator has one for both.
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    let name = format!("operations/{}", context.path("operation"));
    let operation = context.state.operations.get(&name);
    operation.map(|operation| operation.render()).ok_or_else(|| ApiError::not_found("Operation not found."))
}
