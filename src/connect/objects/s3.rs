//! Amazon S3 and servers of its kind: which server, and the credentials of the environment, as AWS's tools have them.

use object_store::RetryConfig;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use url::Url;

use super::super::environment::Environment;
use super::endpoint::{base, endpoint};
use super::error::{ObjectError, TokenProblem, explain};
use super::service::Service;
use super::settings::ObjectSettings;

/// The region of servers of other makers, most of which have none.
const NO_REGION: &str = "us-east-1";
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
/// Credentials of a container: one form is read, the other is an error and not ignored.
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN_VALUE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

pub(super) const ADVICE: &str = "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, for example with \
    `aws configure export-credentials --format env`, or use a role (web identity, ECS, EKS, EC2). Profiles in `~/.aws` are not read";

/// Where a bucket is.
#[derive(Debug)]
struct Place {
    server: Url,
    region: String,
    /// Whether it is not Amazon's own.
    is_other: bool,
}

fn place(region: Option<&str>, server: Option<&Url>, environment: &Environment) -> Result<Place, ObjectError> {
    let region = region.map(str::to_owned).or_else(|| environment.first(&REGIONS).map(|(_, region)| region));
    let server = match (server, environment.first(&ENDPOINTS)) {
        (Some(url), _) => Some(url.clone()),
        (None, Some((name, value))) => {
            let url = endpoint(&value);
            Some(url.map_err(|error| ObjectError::Setting { text: format!("the variable `{name}` is {error}") })?)
        }
        (None, None) => None,
    };
    match (server, region) {
        (Some(server), region) => {
            Ok(Place { server, region: region.unwrap_or_else(|| NO_REGION.to_owned()), is_other: true })
        }
        (None, Some(region)) if is_region(&region) => {
            let server = format!("https://s3.{region}.amazonaws.com").parse().map_err(|_| ObjectError::Unreadable)?;
            Ok(Place { server, region, is_other: false })
        }
        (None, Some(_)) => {
            let text = "the region is not the name of one: write for example `?region=eu-west-1`, or set `AWS_REGION`";
            Err(ObjectError::Setting { text: text.to_owned() })
        }
        (None, None) => {
            let text =
                "the region of the bucket is not known: write `?region=REGION` after the address, or set `AWS_REGION`";
            Err(ObjectError::Setting { text: text.to_owned() })
        }
    }
}

/// It becomes part of a host name.
pub fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The client of a bucket.
pub(super) fn store(
    bucket: &str,
    region: Option<&str>,
    server: Option<&Url>,
    settings: &ObjectSettings,
) -> Result<(AmazonS3, Url), ObjectError> {
    let environment = &settings.environment;
    let Place { server, region, is_other } = place(region, server, environment)?;
    let service =
        Service::new(server.clone(), ADVICE, false, settings.ca_certificate.clone(), settings.connect_timeout);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region)
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        .with_http_connector(service);
    if is_other {
        builder = builder.with_endpoint(base(&server));
    }
    let mut found = false;
    for (key, variable) in [
        (AmazonS3ConfigKey::AccessKeyId, "AWS_ACCESS_KEY_ID"),
        (AmazonS3ConfigKey::SecretAccessKey, "AWS_SECRET_ACCESS_KEY"),
        (AmazonS3ConfigKey::Token, "AWS_SESSION_TOKEN"),
        (AmazonS3ConfigKey::WebIdentityTokenFile, "AWS_WEB_IDENTITY_TOKEN_FILE"),
        (AmazonS3ConfigKey::RoleArn, "AWS_ROLE_ARN"),
        (AmazonS3ConfigKey::RoleSessionName, "AWS_ROLE_SESSION_NAME"),
        (AmazonS3ConfigKey::StsEndpoint, "AWS_ENDPOINT_URL_STS"),
        (AmazonS3ConfigKey::ContainerCredentialsRelativeUri, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        (AmazonS3ConfigKey::ContainerCredentialsFullUri, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        (AmazonS3ConfigKey::ContainerAuthorizationTokenFile, TOKEN_FILE),
        (AmazonS3ConfigKey::MetadataEndpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    ] {
        if let Some(value) = environment.get(variable) {
            found |= ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN"].contains(&variable)
                || variable.contains("_CONTAINER_CREDENTIALS_");
            builder = builder.with_config(key, value);
        }
    }
    if environment.get(TOKEN_VALUE).is_some() && environment.get(TOKEN_FILE).is_none() {
        let text = format!(
            "the variable `{TOKEN_VALUE}` is not read: write its value to a file, and set `{TOKEN_FILE}` to its path"
        );
        return Err(ObjectError::Setting { text });
    }
    let is_disabled =
        environment.get("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if !found && is_disabled {
        let text = format!("no credentials of AWS: {ADVICE}");
        return Err(ObjectError::Credentials { text, problem: TokenProblem::Refused });
    }
    let store = builder.build().map_err(|error| explain(&error, &server, ADVICE))?;
    Ok((store, server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_amazons_or_that_of_the_address_or_of_a_variable() {
        let shown = |region: Option<&str>, server: Option<&str>, variables: &[(&'static str, &'static str)]| {
            let server = server.map(|url| url.parse().expect("an address"));
            match place(region, server.as_ref(), &Environment::of(variables.iter().copied())) {
                Ok(Place { server, region, is_other }) => format!("{} {region} {is_other}", base(&server)),
                Err(error) => error.to_string(),
            }
        };
        let minio = Some("https://minio.example.com");
        insta::assert_snapshot!(shown(Some("eu-west-1"), None, &[]), @"https://s3.eu-west-1.amazonaws.com eu-west-1 false");
        insta::assert_snapshot!(shown(None, None, &[("AWS_DEFAULT_REGION", "eu-north-1")]), @"https://s3.eu-north-1.amazonaws.com eu-north-1 false");
        insta::assert_snapshot!(shown(None, minio, &[]), @"https://minio.example.com us-east-1 true");
        insta::assert_snapshot!(shown(None, minio, &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]), @"https://minio.example.com us-east-1 true");
        insta::assert_snapshot!(shown(None, None, &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]), @"http://127.0.0.1:1 us-east-1 true");
        insta::assert_snapshot!(shown(None, None, &[]), @"the region of the bucket is not known: write `?region=REGION` after the address, or set `AWS_REGION`");
        insta::assert_snapshot!(shown(None, None, &[("AWS_REGION", "eu west")]), @"the region is not the name of one: write for example `?region=eu-west-1`, or set `AWS_REGION`");
        insta::assert_snapshot!(
            shown(None, None, &[("AWS_ENDPOINT_URL", "http://minio.example.com")]),
            @"the variable `AWS_ENDPOINT_URL` is not encrypted: use `https://` (`http://` is permitted only for servers on this machine)"
        );
    }

    #[test]
    fn credentials_that_are_missing_or_incomplete_are_an_error_before_any_request() {
        let refused = |variables: &[(&'static str, &'static str)]| {
            let settings = ObjectSettings {
                environment: Environment::of(variables.iter().copied()),
                ca_certificate: None,
                connect_timeout: std::time::Duration::from_secs(1),
                purpose: super::super::settings::Purpose::Read,
            };
            store("bucket", Some("eu-west-1"), None, &settings).err().map(|error| error.to_string()).unwrap_or_default()
        };
        insta::assert_snapshot!(refused(&[("AWS_EC2_METADATA_DISABLED", "true")]), @"no credentials of AWS: set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, for example with `aws configure export-credentials --format env`, or use a role (web identity, ECS, EKS, EC2). Profiles in `~/.aws` are not read");
        insta::assert_snapshot!(refused(&[("AWS_ACCESS_KEY_ID", "key")]), @"Missing SecretAccessKey: set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, for example with `aws configure export-credentials --format env`, or use a role (web identity, ECS, EKS, EC2). Profiles in `~/.aws` are not read");
        assert_eq!(refused(&[("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "hunter2")]), "");
        insta::assert_snapshot!(refused(&[(TOKEN_VALUE, "hunter2")]), @"the variable `AWS_CONTAINER_AUTHORIZATION_TOKEN` is not read: write its value to a file, and set `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` to its path");
    }
}
