//! The permissions table: the built-in rows, rows that are missing, and names of roles that do not exist.

use anu::fanout::{Fences, Settings};
use anu::registry::{GoogleRows, Permissions, Row, builtin};

use crate::{report, report_with, settings};

/// The APIs that one public template enables, and that people therefore enable together.
const TEMPLATE: [&str; 42] = [
    "accesscontextmanager",
    "bigquery",
    "bigquerydatatransfer",
    "bigqueryreservation",
    "bigquerystorage",
    "billingbudgets",
    "certificatemanager",
    "cloudaicompanion",
    "cloudasset",
    "cloudbilling",
    "cloudbuild",
    "cloudkms",
    "cloudquotas",
    "cloudresourcemanager",
    "composer",
    "compute",
    "container",
    "datacatalog",
    "datalineage",
    "dataplex",
    "datastream",
    "dns",
    "essentialcontacts",
    "iam",
    "iamcredentials",
    "iap",
    "logging",
    "monitoring",
    "networkmanagement",
    "networksecurity",
    "notebooks",
    "orgpolicy",
    "privateca",
    "pubsub",
    "secretmanager",
    "securitycentermanagement",
    "servicenetworking",
    "serviceusage",
    "storage-component",
    "storage",
    "sts",
    "vpcaccess",
];

/// A registry whose service uses these APIs, with these rows.
fn using(apis: &[&str], rows: &str) -> String {
    let apis = apis.iter().map(|api| format!("\"{api}.googleapis.com\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"{{"permissions": {{"google": {{{rows}}}}}, "services": [{{"type": "Service", "spec": {{"name": "shop", "team": "shop", "googleServices": [{apis}], "environments": [{{"type": "Environment", "spec": {{"name": "prod", "googleProject": "acme-shop-prod", "rbac": {{"admins": ["shop"]}}}}}}]}}}}]}}"#
    )
}

#[test]
fn every_api_that_people_enable_has_a_row() {
    assert_eq!(report(&using(&TEMPLATE, "")), "");
}

#[test]
fn the_page_has_every_built_in_row() {
    let page = include_str!("../../docs/guides/built-in-permissions.md");
    let cell = |roles: &[&str]| {
        let names = roles.iter().map(|role| format!("`{}`", role.trim_start_matches("roles/"))).collect::<Vec<_>>();
        if names.is_empty() { "–".to_owned() } else { names.join(", ") }
    };
    let row = |(api, roles): (&str, [&[&str]; 3])| format!("| `{api}` | {} |", roles.map(cell).join(" | "));
    let rows: Vec<String> = builtin::rows().map(row).collect();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(written, rows, "correct docs/guides/built-in-permissions.md");
}

#[test]
fn the_default_fences_forbid_no_built_in_role() {
    let fences = Fences::default();
    let roles: Vec<&str> = builtin::rows().flat_map(|(_, roles)| roles.concat()).collect();
    let forbidden: Vec<&&str> = roles.iter().filter(|role| fences.refuses_role(role).is_some()).collect();
    assert_eq!((forbidden, roles.len()), (vec![], 286));
}

/// What is suggested for a missing row exists, and is of that API.
#[test]
fn a_missing_row_is_suggested_with_roles_that_exist() {
    insta::assert_snapshot!(report(&using(&["dialogflw", "netapp", "nothing", "iams"], "")), @r#"
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/0`, service `shop`
      `dialogflw.googleapis.com` is used here, and the permissions table has no row for it. Did you mean `dialogflow.googleapis.com`? Otherwise add a row to `permissions.google`: `"dialogflw.googleapis.com": {}`. An empty row grants no roles; no predefined role of Google fits by its name.
      anu:no-permissions
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/1`, service `shop`
      `netapp.googleapis.com` is used here, and the permissions table has no row for it. Add a row to `permissions.google` with suitable roles: `"netapp.googleapis.com": {"viewers": ["roles/netapp.viewer"], "admins": ["roles/netapp.admin"]}`. The row `{}` grants no roles.
      anu:no-permissions
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/2`, service `shop`
      `nothing.googleapis.com` is used here, and the permissions table has no row for it. Add a row to `permissions.google`: `"nothing.googleapis.com": {}`. An empty row grants no roles; no predefined role of Google fits by its name.
      anu:no-permissions
    error: Google service has no permissions row
      at `/services/0/spec/googleServices/3`, service `shop`
      `iams.googleapis.com` is used here, and the permissions table has no row for it. Did you mean `iam.googleapis.com`? Otherwise add a row to `permissions.google`: `"iams.googleapis.com": {}`. An empty row grants no roles; no predefined role of Google fits by its name.
      anu:no-permissions
    "#);
}

#[test]
fn a_role_that_does_not_exist_is_a_warning_once() {
    let rows = r#""pubsub.googleapis.com": {"viewers": ["roles/pubsub.viwer"], "operators": ["roles/pubsub.viwer"], "admins": ["roles/pubsub.admin"]}, "*": {"viewers": ["roles/pubsub.viwer", "roles/zzz.unheardOf"]}"#;
    insta::assert_snapshot!(report(&using(&["pubsub"], rows)), @"
    warning: Unknown IAM role
      at `/permissions/google/*/viewers/0`
      `roles/pubsub.viwer` in the row `*` of `permissions` is not in the list of Google's predefined roles, and Google refuses a role that does not exist. Did you mean `roles/pubsub.viewer`? Correct it, or ignore this warning if the role is newer than this version of anu.
      anu:unknown-role
    warning: Unknown IAM role
      at `/permissions/google/*/viewers/1`
      `roles/zzz.unheardOf` in the row `*` of `permissions` is not in the list of Google's predefined roles, and Google refuses a role that does not exist. Correct it, or ignore this warning if the role is newer than this version of anu.
      anu:unknown-role
    ");
    let every = Row { viewers: vec!["roles/browsr".parse().expect("a role")], ..Row::default() };
    let google = GoogleRows { every: Some(every), ..GoogleRows::default() };
    let permissions = Some(Permissions { google, ..Permissions::default() });
    insta::assert_snapshot!(report_with(&using(&["pubsub"], ""), &Settings { permissions, ..settings() }), @"
    warning: Unknown IAM role
      `roles/browsr` in `permissions` of the provider block is not in the list of Google's predefined roles, and Google refuses a role that does not exist. Did you mean `roles/browser`? Correct it, or ignore this warning if the role is newer than this version of anu.
      anu:unknown-role
    ");
}

#[test]
fn a_row_that_is_nearly_that_of_a_used_api_is_a_warning() {
    let row = r#""pubsb.googleapis.com": {"viewers": ["roles/pubsub.viewer"]}, "spanner.googleapis.com": {}"#;
    insta::assert_snapshot!(report(&using(&["pubsub"], row)), @"
    warning: Row of the permissions table is not used
      at `/permissions/google/pubsb.googleapis.com`
      No service uses `pubsb.googleapis.com`, so the row `pubsb.googleapis.com` of `permissions` has no effect. Did you mean `pubsub.googleapis.com`? For that API another row applies now.
      anu:unused-row
    ");
}
