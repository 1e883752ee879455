//! The runtime for asynchronous work.

use super::error::Error;
use crate::codes;

/// Runs asynchronous work to its end, on this thread. The only place of the command line that starts a runtime.
pub(in crate::cli) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Error::failed(codes::BUG, format!("Cannot start the asynchronous runtime: {error}")))?;
    Ok(runtime.block_on(work))
}
