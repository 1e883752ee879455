//! Access tokens with a scope of their own: for Cloud Storage.

use google_cloud_auth::credentials::{AccessTokenCredentials, Builder};

use super::super::secret::Secret;
use super::credentials::{are_in_a_file, explain, not_found};
use super::token::{LONGEST, use_our_cryptography};

/// The tokens of this environment's identity: Application Default Credentials. They are renewed when they expire.
#[derive(Debug)]
pub(in crate::connect) struct AccessTokens(AccessTokenCredentials);

impl AccessTokens {
    /// Tokens for a scope. Reads the file of credentials; makes no request.
    ///
    /// # Errors
    /// Why there are no credentials, and what to do.
    pub(in crate::connect) fn of_this_process(scope: &str) -> Result<Self, String> {
        use_our_cryptography();
        let credentials = Builder::default().with_scopes([scope]).build_access_token_credentials();
        credentials.map(Self).map_err(|error| explain(&error))
    }

    /// A valid token.
    ///
    /// # Errors
    /// Why there is none and what to do, and whether it may be different soon.
    pub(in crate::connect) async fn token(&self) -> Result<Secret, (String, bool)> {
        // Where there are no credentials, a metadata server is tried that may not exist.
        match tokio::time::timeout(LONGEST, self.0.access_token()).await {
            Ok(Ok(token)) => Ok(Secret::new(token.token)),
            Ok(Err(_)) | Err(_) if !are_in_a_file() => Err((not_found(), false)),
            Ok(Err(error)) => Err((explain(&error), error.is_transient())),
            Err(_) => {
                let error = std::io::Error::other(format!("no answer in {} s", LONGEST.as_secs()));
                Err((explain(&error), false))
            }
        }
    }
}
