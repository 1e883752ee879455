//! The session that everything the provider offers works with.

use std::sync::{Arc, PoisonError, RwLock};

use super::session::Session;
use crate::sdk::{Diagnostic, Diagnostics};

/// The session of the latest `ConfigureProvider`, shared by everything the provider offers. In debug mode one process sees
/// many of them, one after the other.
#[derive(Clone, Default)]
pub(crate) struct Current(Arc<RwLock<Option<Arc<Session>>>>);

impl Current {
    /// The session.
    ///
    /// # Errors
    /// Before the provider was configured: a bug, since core always configures first.
    pub(super) fn get(&self) -> Result<Arc<Session>, Diagnostics> {
        self.peek().ok_or_else(|| Diagnostic::bug("The provider was used before it was configured.").into())
    }

    /// The session, if there is one.
    pub(super) fn peek(&self) -> Option<Arc<Session>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, session: Session) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(session));
    }
}
