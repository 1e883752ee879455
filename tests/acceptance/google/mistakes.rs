//! What a stranger does wrong with Google, and what is said of it.

use std::collections::BTreeSet;

use google_simulator::{Authentication, Options};

use super::super::document::Project;
use super::super::support::{Core, Output};
use super::{Fixture, PRODUCTION, REPORTS, STAGING, policy_of, registry};

/// What a command reported, without what differs from run to run: the order, and how often something was tried.
fn report(output: &Output) -> String {
    let texts = output.diagnostics().into_iter().map(|diagnostic| without_attempts(diagnostic.to_string()));
    texts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n\n")
}

fn without_attempts(text: String) -> String {
    (1..9).fold(text, |text, attempts| text.replace(&format!(" on {attempts} attempts"), ""))
}

/// What a command reported of a cause that concerns so many services: each has an error, one of them the full text. Without the
/// names of projects, since any of the services may be the first.
fn cause(output: &Output, services: usize) -> String {
    let texts: Vec<String> = output.diagnostics().iter().map(ToString::to_string).collect();
    let (short, full): (Vec<&String>, Vec<&String>) =
        texts.iter().partition(|text| text.contains("Another error of this run has the full text"));
    assert_eq!((full.len(), short.len()), (1, services - 1), "{output}");
    let projects = |text: &str| text.lines().any(|line| line.starts_with("  project `"));
    assert!(texts.iter().all(|text| projects(text)), "{output}");
    let nameless = |text: &str| -> String {
        let text: String =
            text.lines().filter(|line| !line.starts_with("  ")).map(|line| format!("{line}\n")).collect();
        without_attempts(text)
    };
    let short: BTreeSet<String> = short.into_iter().map(|text| nameless(text)).collect();
    format!("{}----\n{}", nameless(full[0]), short.into_iter().collect::<String>())
}

on_one_core! {
    fn an_address_at_which_nothing_listens(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.replace("main.tf", &fixture.simulator.url(), "http://127.0.0.1:1");
        fixture.configure("retry_budget = \"1s\"");
        insta::assert_snapshot!(cause(&fixture.workspace.refused(&[]), 3), @"
        Error: Platform is unavailable

        Cannot read:


        Cause: Google's Resource Manager API: cannot connect: Connection refused (os error 111).

        All requests to this platform may fail in this way, those of other resources too. Check that this machine reaches it (network, proxy, addresses in the provider block), then run again.

        anu:platform-unavailable
        ----
        Error: Platform is unavailable

        Cannot read:


        Cause: cannot connect: Connection refused (os error 111).

        Another error of this run has the full text for this cause.

        anu:platform-unavailable
        ");
    }

    fn no_credentials(core: &Core) {
        let mut fixture = Fixture::new(core);
        fixture.workspace.set("GCE_METADATA_HOST", "127.0.0.1:1"); // no machine of Google's
        fixture.replace("main.tf", "    access_token = \"of-the-simulator\"\n", "");
        insta::assert_snapshot!(cause(&fixture.workspace.refused(&[]), 3), @"
        Error: Authentication failed

        Cannot read:


        Cause: no credentials for Google's APIs (`GOOGLE_APPLICATION_CREDENTIALS` is not set, there is no file of `gcloud auth application-default login`, and no metadata server responds, as one does on Google's machines): run `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` to a credentials file.

        All requests with these credentials fail in this way, those of other resources too. Correct the credentials, then run again.

        anu:authentication-failed
        ----
        Error: Authentication failed

        Cannot read:


        Cause: no credentials for Google's APIs (`GOOGLE_APPLICATION_CREDENTIALS` is not set, there is no file of `gcloud auth application-default login`, and no metadata …

        Another error of this run has the full text for this cause.

        anu:authentication-failed
        ");
    }

    fn a_token_that_is_not_valid_any_more(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        let mut registry = registry();
        for number in 4..=10 {
            let id = format!("acme-more-{number}-3b7a");
            let mut service = registry.service_mut("reports").clone();
            service.name = format!("more-{number}");
            service.environments[0].google_project = Some(id.clone());
            registry.projects.push(Project { id, ..Project::default() }.into());
            registry.services.push(service.into());
        }
        fixture.workspace.write("registry.json", &registry.json().to_string());
        insta::assert_snapshot!(cause(&fixture.workspace.refused(&[]), 10), @"
        Error: Authentication failed

        Cannot read:


        Cause: authentication required (401): Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential: the access token of the settings is not valid, or has expired: Google's are valid for an hour.

        All requests with these credentials fail in this way, those of other resources too. Correct the credentials, then run again.

        anu:authentication-failed
        ----
        Error: Authentication failed

        Cannot read:


        Cause: Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.

        Another error of this run has the full text for this cause.

        anu:authentication-failed
        ");
    }

    fn a_billing_account_that_does_not_exist(core: &Core) {
        let fixture = Fixture::decided(core);
        fixture.replace("registry.json", "000000-BBBBBB-000000", "0A1B2C-3D4E5F-6A7B8C");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"
        Error: Service `reports`: 1 API and 3 grants not created

        The projects or namespaces of these resources of service `reports` could not be created:

          API acme-reports-prod-3b7a/bigquery.googleapis.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.dataEditor/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.jobUser/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.metadataViewer/group:core-banking-team@example.com

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:not-created

        Error: Service `reports`: cannot create 1 project: permission denied

        Cannot create these resources of service `reports`:

          project acme-reports-prod-3b7a

        Cause: project `acme-reports-prod-3b7a`: billing account `0A1B2C-3D4E5F-6A7B8C` cannot be linked: the account does not exist, or there is no permission `billing.resourceAssociations.create` on it.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-permission-denied
        ");
    }

    fn a_folder_that_does_not_exist(core: &Core) {
        let fixture = Fixture::decided(core);
        fixture.replace("registry.json", "folders/5678", "folders/999");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"
        Error: Service `reports`: 1 API and 3 grants not created

        The projects or namespaces of these resources of service `reports` could not be created:

          API acme-reports-prod-3b7a/bigquery.googleapis.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.dataEditor/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.jobUser/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.metadataViewer/group:core-banking-team@example.com

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:not-created

        Error: Service `reports`: cannot create 1 project: permission denied

        Cannot create these resources of service `reports`:

          project acme-reports-prod-3b7a

        Cause: project `acme-reports-prod-3b7a`: it cannot be created: folders/999 does not exist, or is not open to this identity: no permission `resourcemanager.projects.create`: The caller does not have permission (PERMISSION_DENIED).

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-permission-denied
        ");
    }

    fn an_id_that_others_have_taken(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        super::identities::grant_all(&fixture);
        super::identities::act_as(&fixture, "applier");
        fixture.configure("remove_creator_owner = false");
        fixture.simulator.add_project(REPORTS, &[]);
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"
        Error: Service `reports`: 1 API and 3 grants not created

        The projects or namespaces of these resources of service `reports` could not be created:

          API acme-reports-prod-3b7a/bigquery.googleapis.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.dataEditor/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.jobUser/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.metadataViewer/group:core-banking-team@example.com

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:not-created

        Error: Service `reports`: cannot create 1 project

        Cannot create these resources of service `reports`:

          project acme-reports-prod-3b7a

        Cause: project `acme-reports-prod-3b7a`: the id is taken: by a project on which there is no permission `resourcemanager.projects.get`, or by one that was deleted. Project ids are unique in all of Google Cloud, and never free again. Choose another id, or get access to that project.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-failed
        ");
    }

    fn an_api_that_does_not_exist(core: &Core) {
        let fixture = Fixture::decided(core);
        fixture.simulator.add_missing("sqladmin.googleapis.com");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"
        Error: Service `ledger`: cannot enable 1 API: permission denied

        Cannot enable these resources of service `ledger`:

          API acme-ledger-prod-a41f/sqladmin.googleapis.com

        Cause: project `acme-ledger-prod-a41f`: `sqladmin.googleapis.com` cannot be enabled: Not found or permission denied for service(s): sqladmin.googleapis.com (PERMISSION_DENIED); reason SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-permission-denied

        Error: Service `ledger`: cannot enable 1 API: permission denied

        Cannot enable these resources of service `ledger`:

          API acme-ledger-stag-5c0d/sqladmin.googleapis.com

        Cause: project `acme-ledger-stag-5c0d`: `sqladmin.googleapis.com` cannot be enabled: Not found or permission denied for service(s): sqladmin.googleapis.com (PERMISSION_DENIED); reason SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-permission-denied
        ");
    }

    fn a_principal_that_does_not_exist(core: &Core) {
        let fixture = Fixture::decided(core);
        fixture.simulator.add_missing("group:auditors@example.com");
        let failed = fixture.workspace.try_apply(&[]).failure();
        insta::assert_snapshot!(report(&failed), @"
        Error: Service `ledger`: cannot grant 2 IAM members: principal not found

        Cannot grant these resources of service `ledger`:

          IAM member acme-ledger-prod-a41f/roles/cloudsql.viewer/group:auditors@example.com
          IAM member acme-ledger-prod-a41f/roles/pubsub.viewer/group:auditors@example.com

        Cause: project `acme-ledger-prod-a41f`: `group:auditors@example.com` does not exist.

        `group:auditors@example.com` is written in an access list.

        All other grants were made. Create what does not exist at Google, or correct the registry.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:principal-not-found
        ");
        // All others have their access.
        let members = fixture.simulator.members(&policy_of(PRODUCTION), "roles/cloudsql.admin");
        assert_eq!(members, ["group:core-banking-team@example.com"]);
        fixture.simulator.remove_missing("group:auditors@example.com");
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
    }

    fn an_existing_project_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.edit_registry(|registry| {
            registry.projects[0].existing = Some(true);
            registry.projects[0].owner = Some("ledger".to_owned());
        });
        insta::assert_snapshot!(report(&fixture.workspace.refused(&[])), @r#"
        Error: Service `ledger`: project `acme-ledger-stag-5c0d` does not exist, or may not be read

        Apply would create these resources of service `ledger` in project `acme-ledger-stag-5c0d`:

          API acme-ledger-stag-5c0d/pubsub.googleapis.com
          API acme-ledger-stag-5c0d/sqladmin.googleapis.com
          IAM member acme-ledger-stag-5c0d/roles/cloudsql.admin/group:core-banking-team@example.com
          IAM member acme-ledger-stag-5c0d/roles/pubsub.admin/group:core-banking-team@example.com

        The platform has the same answer (403) for a project that does not exist and for one on which there is no permission `resourcemanager.projects.get`.

        If the id is misspelt, correct it. If the project exists, grant the permission to the identity of this run. The registry lists it with `"existing": true`, so anu does not create it. To have it created, remove `existing`. If `anu_project` creates it in the same run, add `depends_on` with that resource, so that it is planned first.

        anu:no-such-project
        "#);
        fixture.simulator.add_project(STAGING, &[("owner", "others")]);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.labels(STAGING), [("owner".to_owned(), "others".to_owned())].into());
    }
}
