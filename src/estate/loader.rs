//! One registry for a whole process.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::error::LoadError;
use super::load::load;
use super::loaded::LoadedRegistry;
use super::request::LoadRequest;
use crate::connect::RequestContext;
use crate::discovery::FetchContext;

type Loaded = Result<Arc<LoadedRegistry>, Arc<LoadError>>;

/// Loads a registry when it is first needed, and at most once.
#[derive(Debug)]
pub struct Loader {
    request: LoadRequest,
    loaded: OnceCell<Loaded>,
}

impl Loader {
    /// Loads nothing yet.
    pub fn new(request: LoadRequest) -> Self {
        Self { request, loaded: OnceCell::new() }
    }

    /// The registry. Calls that arrive while it is loaded wait for it, and share what comes of it, errors included. A
    /// cancelled call leaves nothing behind: the next one loads.
    ///
    /// # Errors
    /// Those of [`load`].
    pub async fn get(&self, ctx: &RequestContext, context: &FetchContext) -> Loaded {
        let loaded = self.loaded.get_or_try_init(|| async {
            match load(ctx, &self.request, context).await {
                Err(LoadError::Cancelled(cancelled)) => Err(cancelled),
                loaded => Ok(loaded.map(Arc::new).map_err(Arc::new)),
            }
        });
        match ctx.run(loaded).await {
            Ok(Ok(loaded)) => loaded.clone(),
            Ok(Err(cancelled)) | Err(cancelled) => Err(Arc::new(LoadError::Cancelled(cancelled))),
        }
    }
}
