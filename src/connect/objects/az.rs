//! Azure Blob Storage: which account and server, and the credentials of the environment.

use object_store::RetryConfig;
use object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};
use url::Url;

use super::super::environment::Environment;
use super::endpoint::{base, endpoint};
use super::error::{ObjectError, explain};
use super::service::Service;
use super::settings::ObjectSettings;

const ACCOUNTS: [&str; 2] = ["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"];
const KEYS: [&str; 2] = ["AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"];
const ENDPOINT: &str = "AZURE_STORAGE_ENDPOINT";

pub(super) const ADVICE: &str = "set `AZURE_STORAGE_ACCOUNT_KEY` or `AZURE_STORAGE_SAS_TOKEN`, or `AZURE_CLIENT_ID` and `AZURE_TENANT_ID` with \
    `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE`, or use a managed identity. The login of `az` is not read";

/// Which account, and where.
#[derive(Debug)]
struct Place {
    account: String,
    server: Url,
}

fn place(account: Option<&str>, server: Option<&Url>, environment: &Environment) -> Result<Place, ObjectError> {
    let account = account.map(str::to_owned).or_else(|| environment.first(&ACCOUNTS).map(|(_, account)| account));
    let Some(account) = account else {
        let text = "the storage account is not known: write `?account=NAME` after the address, or set `AZURE_STORAGE_ACCOUNT_NAME`";
        return Err(ObjectError::Setting { text: text.to_owned() });
    };
    if !is_account(&account) {
        let text = "the storage account is not the name of one, which has 3 to 24 lowercase letters and digits: write for example \
            `?account=acmeregistry`, or set `AZURE_STORAGE_ACCOUNT_NAME`";
        return Err(ObjectError::Setting { text: text.to_owned() });
    }
    let server = match (server, environment.get(ENDPOINT)) {
        (Some(url), _) => url.clone(),
        (None, Some(value)) => endpoint(&value)
            .map_err(|error| ObjectError::Setting { text: format!("the variable `{ENDPOINT}` is {error}") })?,
        (None, None) => {
            format!("https://{account}.blob.core.windows.net").parse().map_err(|_| ObjectError::Unreadable)?
        }
    };
    Ok(Place { account, server })
}

/// It becomes part of a host name.
pub fn is_account(text: &str) -> bool {
    (3..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The client of a container.
pub(super) fn store(
    container: &str,
    account: Option<&str>,
    server: Option<&Url>,
    settings: &ObjectSettings,
) -> Result<(MicrosoftAzure, Url), ObjectError> {
    let environment = &settings.environment;
    let Place { account, server } = place(account, server, environment)?;
    let service =
        Service::new(server.clone(), ADVICE, false, settings.ca_certificate.clone(), settings.connect_timeout);
    let mut builder = MicrosoftAzureBuilder::new()
        .with_container_name(container)
        .with_account(account)
        .with_endpoint(base(&server))
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        .with_http_connector(service);
    if let Some((_, key)) = environment.first(&KEYS) {
        builder = builder.with_access_key(key);
    } else if let Some(token) = environment.get("AZURE_STORAGE_SAS_TOKEN") {
        let pairs = url::form_urlencoded::parse(token.trim_start_matches('?').as_bytes());
        builder = builder.with_sas_authorization(pairs.into_owned().collect::<Vec<_>>());
    } else {
        if let Some(id) = environment.get("AZURE_CLIENT_ID") {
            builder = builder.with_client_id(id);
        }
        if let Some(tenant) = environment.get("AZURE_TENANT_ID") {
            builder = builder.with_tenant_id(tenant);
        }
        if let Some(host) = environment.get("AZURE_AUTHORITY_HOST") {
            builder = builder.with_authority_host(host);
        }
        if let Some(file) = environment.get("AZURE_FEDERATED_TOKEN_FILE") {
            builder = builder.with_federated_token_file(file);
        }
        if let Some(secret) = environment.get("AZURE_CLIENT_SECRET") {
            builder = builder.with_client_secret(secret);
        }
        if let Some(endpoint) = environment.first(&["IDENTITY_ENDPOINT", "MSI_ENDPOINT"]).map(|(_, endpoint)| endpoint)
        {
            builder = builder.with_msi_endpoint(endpoint);
        }
    }
    let store = builder.build().map_err(|error| explain(&error, &server, ADVICE))?;
    Ok((store, server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_and_server_are_of_the_address_or_of_variables() {
        let shown = |account: Option<&str>, server: Option<&str>, variables: &[(&'static str, &'static str)]| {
            let server = server.map(|url| url.parse().expect("an address"));
            match place(account, server.as_ref(), &Environment::of(variables.iter().copied())) {
                Ok(Place { account, server }) => format!("{account} {}", base(&server)),
                Err(error) => error.to_string(),
            }
        };
        insta::assert_snapshot!(shown(Some("acme"), None, &[]), @"acme https://acme.blob.core.windows.net");
        insta::assert_snapshot!(shown(None, None, &[("AZURE_STORAGE_ACCOUNT", "acme")]), @"acme https://acme.blob.core.windows.net");
        insta::assert_snapshot!(shown(Some("acme"), Some("http://127.0.0.1:1/acme"), &[]), @"acme http://127.0.0.1:1/acme");
        insta::assert_snapshot!(shown(None, None, &[]), @"the storage account is not known: write `?account=NAME` after the address, or set `AZURE_STORAGE_ACCOUNT_NAME`");
        insta::assert_snapshot!(shown(None, None, &[("AZURE_STORAGE_ACCOUNT", "evil.example.com/")]), @"the storage account is not the name of one, which has 3 to 24 lowercase letters and digits: write for example `?account=acmeregistry`, or set `AZURE_STORAGE_ACCOUNT_NAME`");
    }
}
