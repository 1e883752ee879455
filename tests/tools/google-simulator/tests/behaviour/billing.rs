//! Cloud Billing: links, closed accounts, and the number of projects on an account.

use google_simulator::Options;
use serde_json::json;

use crate::client::Client;

const ACCOUNT: &str = "billingAccounts/000000-AAAAAA-000000";
const INFO: &str = "/v1/projects/shop-production/billingInfo";

fn with_project() -> Client {
    let client = Client::new(Options::default());
    client.create("shop-production");
    client
}

#[test]
fn deleting_a_project_disconnects_it_and_restoring_does_not_connect_it() {
    let client = with_project();
    let linked = client.call("PUT", INFO, json!({"billingAccountName": ACCOUNT})).ok();
    assert_eq!((&linked["billingEnabled"], &linked["billingAccountName"]), (&json!(true), &json!(ACCOUNT)));
    client.done(client.call("DELETE", "/v3/projects/shop-production", json!(null)));
    client.done(client.post("/v3/projects/shop-production:undelete", json!({})));
    let info = client.get(INFO).ok();
    assert_eq!((&info["billingEnabled"], &info["billingAccountName"]), (&json!(false), &json!("")));
}

#[test]
fn an_account_has_a_number_of_projects() {
    let client = with_project();
    client.create("shop-staging");
    client.simulator.set_billing_cap(ACCOUNT, Some(1));
    client.call("PUT", INFO, json!({"billingAccountName": ACCOUNT})).ok();
    client.call("PUT", INFO, json!({"billingAccountName": ACCOUNT})).ok(); // it is linked already
    let refused = client.call("PUT", "/v1/projects/shop-staging/billingInfo", json!({"billingAccountName": ACCOUNT}));
    assert_eq!(refused.error(), (400, "FAILED_PRECONDITION", "Precondition check failed."));
    let violation = &refused.body["error"]["details"][0]["violations"][0];
    assert_eq!(violation["subject"], ACCOUNT);
}

#[test]
fn a_closed_account_pays_for_nothing() {
    let client = with_project();
    client.call("PUT", INFO, json!({"billingAccountName": ACCOUNT})).ok();
    client.simulator.set_billing_open(ACCOUNT, false);
    assert_eq!(client.get(INFO).ok()["billingEnabled"], false);
    assert_eq!(client.get(&format!("/v1/{ACCOUNT}")).ok()["open"], false);
}

#[test]
fn linking_needs_permissions_on_the_project_and_on_the_account() {
    let mut client = with_project();
    let (applier, project) = ("serviceAccount:applier@example.iam.gserviceaccount.com", "projects/shop-production");
    client.login(applier);
    let link = |client: &Client| client.call("PUT", INFO, json!({"billingAccountName": ACCOUNT})).status;
    assert_eq!(link(&client), 403);
    client.simulator.add_member(project, "roles/billing.projectManager", applier);
    assert_eq!(link(&client), 403);
    client.simulator.add_member(ACCOUNT, "roles/billing.user", applier);
    assert_eq!(link(&client), 200);
    let test = json!({"permissions": ["billing.resourceAssociations.create", "billing.accounts.setIamPolicy"]});
    let allowed = client.post(&format!("/v1/{ACCOUNT}:testIamPermissions"), test).ok();
    assert_eq!(allowed, json!({"permissions": ["billing.resourceAssociations.create"]}));
}
