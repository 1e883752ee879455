//! Who we are to Google: Application Default Credentials, or a given token; and the service account to act as.

use std::error::Error;
use std::path::PathBuf;

use google_cloud_auth::credentials::{Builder, Credentials};
use google_cloud_auth::errors::CredentialsError;

use super::super::error_chain::root_cause;
use super::given_token::{BAD_TOKEN, GivenToken};
use super::impersonation::{CANNOT_ACT, Impersonated};
use super::settings::GoogleAccess;
use super::token::{SCOPES, use_our_cryptography};
use crate::printable::excerpt;

/// Credentials by these settings. `iam_credentials` is the address of the API that gives out tokens of service accounts. Reads
/// files; makes no request.
pub(super) fn build(
    access: &GoogleAccess,
    iam_credentials: &str,
    http: reqwest::Client,
) -> Result<Credentials, String> {
    let own = match &access.access_token {
        Some(token) => Credentials::from(GivenToken { token: token.clone(), universe: access.universe_domain.clone() }),
        None => {
            use_our_cryptography();
            let mut builder = Builder::default().with_scopes(SCOPES);
            if let Some(project) = &access.quota_project {
                builder = builder.with_quota_project_id(project);
            }
            if let Some(universe) = &access.universe_domain {
                builder = builder.with_universe_domain(universe);
            }
            builder.build().map_err(|error| advice(&error.to_string()))?
        }
    };
    Ok(match &access.impersonate_service_account {
        None => own,
        Some(account) => Credentials::from(Impersonated::new(own, iam_credentials, account, http)),
    })
}

/// Why there are no credentials, and what to do. What a token server answers is not repeated, apart from its error: it may quote
/// what was sent.
pub(super) fn explain(error: &(dyn Error + 'static)) -> String {
    // The innermost says what happened; the others say what the library was doing.
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let Some(cause) = causes.filter_map(|error| error.downcast_ref::<CredentialsError>()).last() else {
        return advice(&root_cause(error));
    };
    let text = cause.to_string();
    let text = text
        .trim_end_matches(" but future attempts may succeed")
        .trim_end_matches(" and future attempts will not succeed")
        .split("More information on how to authenticate")
        .next()
        .unwrap_or_default();
    let (text, answer) = text.split_once(", body=<").unwrap_or((text, ""));
    let root = match cause.source() {
        Some(source) => format!(": {}", root_cause(source)),
        None => String::new(),
    };
    advice(&format!("{text}{root}{}", oauth_error(answer.trim_end_matches('>'))))
}

/// The error of a token server, which RFC 6749 5.2 and Google's APIs define.
fn oauth_error(answer: &str) -> String {
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(answer) else { return String::new() };
    let field = |name: &str| answer[name].as_str().or(answer["error"][name].as_str());
    let texts = ["error", "status", "error_description", "message"].into_iter().filter_map(field);
    // An error that quotes a token has a long word in it.
    let harmless = texts.filter(|text| text.split(' ').all(|word| word.len() < 80));
    harmless.fold(String::new(), |all, text| format!("{all}: {text}"))
}

/// Whether Application Default Credentials are in a file. Otherwise they are the machine's own, from its metadata server.
pub(super) fn are_in_a_file() -> bool {
    let login = std::env::var_os("HOME").map(|home| {
        let folder = PathBuf::from(home).join(".config/gcloud");
        folder.join("application_default_credentials.json")
    });
    std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS").is_some() || login.is_some_and(|file| file.exists())
}

/// There are none anywhere.
pub(super) fn not_found() -> String {
    advice(
        "`GOOGLE_APPLICATION_CREDENTIALS` is not set, there is no file of `gcloud auth application-default login`, and no metadata \
         server responds, as one does on Google's machines",
    )
}

/// Google does not accept the token: its message, and what to do.
pub(super) fn rejected(message: &str, access: &GoogleAccess) -> String {
    let next = match access.access_token {
        Some(_) => "the access token of the settings is not valid, or has expired: Google's are valid for an hour",
        None => "log in again, for example with `gcloud auth application-default login`",
    };
    format!("authentication required (401): {}: {next}", message.trim_end_matches('.'))
}

fn advice(why: &str) -> String {
    // Our own texts say what to do.
    if why.starts_with(CANNOT_ACT) || why.starts_with(BAD_TOKEN) {
        return why.to_owned();
    }
    // It may quote the answer of a token server.
    let why = excerpt(why.trim().trim_end_matches('.'));
    format!(
        "no credentials for Google's APIs ({why}): run `gcloud auth application-default login`, or set \
         `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_servers_error_is_printed_and_its_answer_is_not() {
        let explained = |text: &str| explain(&CredentialsError::from_msg(false, text.to_owned()));
        insta::assert_snapshot!(
            explained(r#"failed to exchange token, body=<{"error":"invalid_grant","error_description":"Token has been expired or revoked.","assertion":"canary"}>"#),
            @"no credentials for Google's APIs (failed to exchange token: invalid_grant: Token has been expired or revoked): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file"
        );
        let long = "x".repeat(100);
        let quoted =
            explained(&format!(r#"failed, body=<{{"error":"bad","error_description":"token {long} is wrong"}}>"#));
        assert!(!quoted.contains(&long) && quoted.contains("bad"), "{quoted}");
        assert!(!explained("failed, body=<canary>").contains("canary"));
    }
}
