//! Google's Application Default Credentials: for GKE without a plugin.

use std::time::Duration;

use google_cloud_auth::credentials::Builder;

use super::super::error_chain::root_cause;
use super::super::secret::Secret;

/// What GKE needs (the second, to find a person's groups by): the scopes of `gke-gcloud-auth-plugin`.
pub(super) const SCOPES: [&str; 2] =
    ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"];
/// Where there are no credentials, a metadata server is tried that may not exist either.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// The key of a service account signs with the cryptography of the process, which the library does not choose. Without it, it
/// panics.
pub(super) fn use_our_cryptography() {
    // There is one already, in a process that has called this before.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// A new access token, valid for about an hour: of the file in `GOOGLE_APPLICATION_CREDENTIALS`, of `gcloud auth
/// application-default login`, or of the machine's metadata server. The requests are the library's own, and have no line in
/// the log.
///
/// # Errors
/// Why there is none, and what to do.
pub(in crate::connect) async fn access_token() -> Result<Secret, String> {
    use_our_cryptography();
    let token = async {
        let credentials = Builder::default().with_scopes(SCOPES).build_access_token_credentials();
        let credentials = credentials.map_err(|error| root_cause(&error))?;
        credentials.access_token().await.map(|token| Secret::new(token.token)).map_err(|error| root_cause(&error))
    };
    let token = tokio::time::timeout(LONGEST, token).await;
    token.unwrap_or_else(|_| Err(format!("no answer in {} s", LONGEST.as_secs()))).map_err(|why| {
        format!(
            "Google returned no access token ({why}): run `gcloud auth application-default login`, or set \
             `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file"
        )
    })
}

/// Whether the Application Default Credentials give a token, within a time in which a person waits for the answer.
///
/// # Errors
/// Why they do not, and what to do.
pub async fn has_credentials(most: Duration) -> Result<(), String> {
    match tokio::time::timeout(most, access_token()).await {
        Ok(token) => token.map(drop),
        Err(_) => Err(format!("Google returned no access token: no answer in {} s", most.as_secs())),
    }
}
