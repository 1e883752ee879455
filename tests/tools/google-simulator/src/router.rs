//! The table of contents: every method of every simulated API, with its path, quota and handler.

use std::collections::BTreeMap;

use crate::api::{accounts, billing, folders, liens, metadata, operations, policies, projects, services, tokens};
use crate::context::Context;
use crate::error::Result;
use crate::quotas::Api::{self, Billing, Iam, IamCredentials, Metadata, ResourceManager, ServiceUsage, Tokens};
use crate::quotas::Metric::{self, Read, Search, Write};

/// One method of an API.
pub(crate) struct Route {
    /// The name in the discovery document, for counting and for reading a transcript.
    pub id: &'static str,
    verb: &'static str,
    path: &'static str,
    pub api: Api,
    pub metric: Metric,
    /// What a request costs of the quota.
    pub cost: u64,
    pub handler: fn(&mut Context<'_>) -> Result,
}

const fn route(
    id: &'static str,
    verb: &'static str,
    path: &'static str,
    quota: (Api, Metric, u64),
    handler: fn(&mut Context<'_>) -> Result,
) -> Route {
    Route { id, verb, path, api: quota.0, metric: quota.1, cost: quota.2, handler }
}

/// A part in braces is any text without a slash; the last part may be followed by a colon and a verb.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    route("cloudresourcemanager.projects.create", "POST", "/v3/projects", (ResourceManager, Write, 10), projects::create),
    route("cloudresourcemanager.projects.list", "GET", "/v3/projects", (ResourceManager, Read, 1), projects::list),
    route("cloudresourcemanager.projects.search", "GET", "/v3/projects:search", (ResourceManager, Search, 1), projects::search),
    route("cloudresourcemanager.projects.get", "GET", "/v3/projects/{project}", (ResourceManager, Read, 1), projects::get),
    route("cloudresourcemanager.projects.patch", "PATCH", "/v3/projects/{project}", (ResourceManager, Write, 1), projects::patch),
    route("cloudresourcemanager.projects.delete", "DELETE", "/v3/projects/{project}", (ResourceManager, Write, 1), projects::delete),
    route("cloudresourcemanager.projects.undelete", "POST", "/v3/projects/{project}:undelete", (ResourceManager, Write, 1), projects::undelete),
    route("cloudresourcemanager.projects.move", "POST", "/v3/projects/{project}:move", (ResourceManager, Write, 1), projects::relocate),
    route("cloudresourcemanager.projects.getIamPolicy", "POST", "/v3/projects/{project}:getIamPolicy", (ResourceManager, Read, 1), policies::get_of_project),
    route("cloudresourcemanager.projects.setIamPolicy", "POST", "/v3/projects/{project}:setIamPolicy", (ResourceManager, Write, 1), policies::set_of_project),
    route("cloudresourcemanager.projects.testIamPermissions", "POST", "/v3/projects/{project}:testIamPermissions", (ResourceManager, Read, 1), policies::test_of_project),
    route("cloudresourcemanager.folders.create", "POST", "/v3/folders", (ResourceManager, Write, 1), folders::create),
    route("cloudresourcemanager.folders.list", "GET", "/v3/folders", (ResourceManager, Read, 1), folders::list),
    route("cloudresourcemanager.folders.search", "GET", "/v3/folders:search", (ResourceManager, Search, 1), folders::search),
    route("cloudresourcemanager.folders.get", "GET", "/v3/folders/{folder}", (ResourceManager, Read, 1), folders::get),
    route("cloudresourcemanager.folders.patch", "PATCH", "/v3/folders/{folder}", (ResourceManager, Write, 1), folders::patch),
    route("cloudresourcemanager.folders.delete", "DELETE", "/v3/folders/{folder}", (ResourceManager, Write, 1), folders::delete),
    route("cloudresourcemanager.folders.move", "POST", "/v3/folders/{folder}:move", (ResourceManager, Write, 1), folders::relocate),
    route("cloudresourcemanager.folders.getIamPolicy", "POST", "/v3/folders/{folder}:getIamPolicy", (ResourceManager, Read, 1), policies::get_of_folder),
    route("cloudresourcemanager.folders.setIamPolicy", "POST", "/v3/folders/{folder}:setIamPolicy", (ResourceManager, Write, 1), policies::set_of_folder),
    route("cloudresourcemanager.folders.testIamPermissions", "POST", "/v3/folders/{folder}:testIamPermissions", (ResourceManager, Read, 1), policies::test_of_folder),
    route("cloudresourcemanager.organizations.getIamPolicy", "POST", "/v3/organizations/{organization}:getIamPolicy", (ResourceManager, Read, 1), policies::get_of_organization),
    route("cloudresourcemanager.organizations.setIamPolicy", "POST", "/v3/organizations/{organization}:setIamPolicy", (ResourceManager, Write, 1), policies::set_of_organization),
    route("cloudresourcemanager.organizations.testIamPermissions", "POST", "/v3/organizations/{organization}:testIamPermissions", (ResourceManager, Read, 1), policies::test_of_organization),
    route("cloudresourcemanager.liens.create", "POST", "/v3/liens", (ResourceManager, Write, 1), liens::create),
    route("cloudresourcemanager.liens.list", "GET", "/v3/liens", (ResourceManager, Read, 1), liens::list),
    route("cloudresourcemanager.liens.get", "GET", "/v3/liens/{lien}", (ResourceManager, Read, 1), liens::get),
    route("cloudresourcemanager.liens.delete", "DELETE", "/v3/liens/{lien}", (ResourceManager, Write, 1), liens::delete),
    route("cloudresourcemanager.operations.get", "GET", "/v3/operations/{operation}", (ResourceManager, Read, 1), operations::get),

    route("serviceusage.services.batchEnable", "POST", "/v1/projects/{project}/services:batchEnable", (ServiceUsage, Write, 5), services::batch_enable),
    route("serviceusage.services.batchGet", "GET", "/v1/projects/{project}/services:batchGet", (ServiceUsage, Read, 1), services::batch_get),
    route("serviceusage.services.list", "GET", "/v1/projects/{project}/services", (ServiceUsage, Read, 1), services::list),
    route("serviceusage.services.get", "GET", "/v1/projects/{project}/services/{service}", (ServiceUsage, Read, 1), services::get),
    route("serviceusage.services.enable", "POST", "/v1/projects/{project}/services/{service}:enable", (ServiceUsage, Write, 1), services::enable),
    route("serviceusage.services.disable", "POST", "/v1/projects/{project}/services/{service}:disable", (ServiceUsage, Write, 1), services::disable),
    route("serviceusage.operations.get", "GET", "/v1/operations/{operation}", (ServiceUsage, Read, 1), operations::get),

    route("cloudbilling.projects.getBillingInfo", "GET", "/v1/projects/{project}/billingInfo", (Billing, Read, 1), billing::get_info),
    route("cloudbilling.projects.updateBillingInfo", "PUT", "/v1/projects/{project}/billingInfo", (Billing, Write, 1), billing::update_info),
    route("cloudbilling.billingAccounts.list", "GET", "/v1/billingAccounts", (Billing, Read, 1), billing::list_accounts),
    route("cloudbilling.billingAccounts.get", "GET", "/v1/billingAccounts/{account}", (Billing, Read, 1), billing::get_account),
    route("cloudbilling.billingAccounts.projects.list", "GET", "/v1/billingAccounts/{account}/projects", (Billing, Read, 1), billing::list_projects),
    route("cloudbilling.billingAccounts.getIamPolicy", "GET", "/v1/billingAccounts/{account}:getIamPolicy", (Billing, Read, 1), policies::get_of_billing_account),
    route("cloudbilling.billingAccounts.setIamPolicy", "POST", "/v1/billingAccounts/{account}:setIamPolicy", (Billing, Write, 1), policies::set_of_billing_account),
    route("cloudbilling.billingAccounts.testIamPermissions", "POST", "/v1/billingAccounts/{account}:testIamPermissions", (Billing, Read, 1), policies::test_of_billing_account),

    route("iam.projects.serviceAccounts.create", "POST", "/v1/projects/{project}/serviceAccounts", (Iam, Write, 1), accounts::create),
    route("iam.projects.serviceAccounts.list", "GET", "/v1/projects/{project}/serviceAccounts", (Iam, Read, 1), accounts::list),
    route("iam.projects.serviceAccounts.get", "GET", "/v1/projects/{project}/serviceAccounts/{account}", (Iam, Read, 1), accounts::get),
    route("iam.projects.serviceAccounts.patch", "PATCH", "/v1/projects/{project}/serviceAccounts/{account}", (Iam, Write, 1), accounts::patch),
    route("iam.projects.serviceAccounts.delete", "DELETE", "/v1/projects/{project}/serviceAccounts/{account}", (Iam, Write, 1), accounts::delete),
    route("iam.projects.serviceAccounts.undelete", "POST", "/v1/projects/{project}/serviceAccounts/{account}:undelete", (Iam, Write, 1), accounts::undelete),
    route("iam.projects.serviceAccounts.enable", "POST", "/v1/projects/{project}/serviceAccounts/{account}:enable", (Iam, Write, 1), accounts::enable),
    route("iam.projects.serviceAccounts.disable", "POST", "/v1/projects/{project}/serviceAccounts/{account}:disable", (Iam, Write, 1), accounts::disable),
    route("iam.projects.serviceAccounts.getIamPolicy", "POST", "/v1/projects/{project}/serviceAccounts/{account}:getIamPolicy", (Iam, Read, 1), policies::get_of_account),
    route("iam.projects.serviceAccounts.setIamPolicy", "POST", "/v1/projects/{project}/serviceAccounts/{account}:setIamPolicy", (Iam, Write, 1), policies::set_of_account),
    route("iam.projects.serviceAccounts.testIamPermissions", "POST", "/v1/projects/{project}/serviceAccounts/{account}:testIamPermissions", (Iam, Read, 1), policies::test_of_account),

    route("iamcredentials.projects.serviceAccounts.generateAccessToken", "POST", "/v1/projects/{project}/serviceAccounts/{account}:generateAccessToken", (IamCredentials, Write, 1), tokens::impersonate),
    route("sts.token", "POST", "/v1/token", (Tokens, Write, 1), tokens::exchange),
    route("oauth2.token", "POST", "/token", (Tokens, Write, 1), tokens::grant),
    route("metadata.token", "GET", "/computeMetadata/v1/instance/service-accounts/{account}/token", (Metadata, Read, 1), metadata::token),
    route("metadata.email", "GET", "/computeMetadata/v1/instance/service-accounts/{account}/email", (Metadata, Read, 1), metadata::email),
    route("metadata.universeDomain", "GET", "/computeMetadata/v1/universe/universe-domain", (Metadata, Read, 1), metadata::universe_domain),
];

/// The names of all methods.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.id)
}

/// A method, and what the path of a request names.
pub(crate) type Found = (&'static Route, BTreeMap<&'static str, String>);

/// The method that a request calls, and what its path names.
pub(crate) fn find(verb: &str, path: &str) -> Option<Found> {
    // A path that ends in a verb calls it: an id with a colon (`example.com:shop`) is no verb of any method.
    let with_verb = ROUTES.iter().filter(|route| split_verb(route.path).1.is_some());
    let without = ROUTES.iter().filter(|route| split_verb(route.path).1.is_none());
    let mut routes = with_verb.chain(without).filter(|route| route.verb == verb);
    routes.find_map(|route| Some((route, captures(route.path, path)?)))
}

/// The parts of a path that a template names.
fn captures(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let (template, verb) = split_verb(template);
    let path = match verb {
        Some(verb) => path.strip_suffix(verb)?.strip_suffix(':')?,
        None => path,
    };
    if template.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut captures = BTreeMap::new();
    for (expected, part) in template.split('/').zip(path.split('/')) {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if part.is_empty() => return None,
            Some(name) => drop(captures.insert(name, part.to_owned())),
            None if expected == part => {}
            None => return None,
        }
    }
    Some(captures)
}

/// The path, and the verb after a colon in its last part.
fn split_verb(path: &str) -> (&str, Option<&str>) {
    let last = path.rfind('/').map_or(0, |at| at + 1);
    match path[last..].rfind(':') {
        Some(colon) => (&path[..last + colon], Some(&path[last + colon + 1..])),
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_method_and_parts() {
        let (route, path) = find("POST", "/v3/projects/shop:setIamPolicy").unwrap();
        assert_eq!((route.id, path["project"].as_str()), ("cloudresourcemanager.projects.setIamPolicy", "shop"));
        let (route, path) = find("GET", "/v1/projects/1/services/run.googleapis.com").unwrap();
        assert_eq!((route.id, path["service"].as_str()), ("serviceusage.services.get", "run.googleapis.com"));
        let (route, path) = find("GET", "/v3/projects/example.com:shop").unwrap();
        assert_eq!((route.id, path["project"].as_str()), ("cloudresourcemanager.projects.get", "example.com:shop"));
        let (route, path) = find("POST", "/v3/projects/example.com:shop:setIamPolicy").unwrap();
        assert_eq!(
            (route.id, path["project"].as_str()),
            ("cloudresourcemanager.projects.setIamPolicy", "example.com:shop")
        );
        let (route, _) = find("GET", "/v1/billingAccounts/1:getIamPolicy").unwrap();
        assert_eq!(route.id, "cloudbilling.billingAccounts.getIamPolicy");
        assert!(find("GET", "/v3/projects/").is_none());
        assert!(find("GET", "/v3/projects/shop/more").is_none());
        assert!(find("PUT", "/v3/projects/shop").is_none());
    }
}
