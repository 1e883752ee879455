//! `examples/company`: the registry of the quickstart on Google and on three clusters, in one apply.

use std::collections::{BTreeMap, BTreeSet};

use google_simulator::{Options, Simulator};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount as KubernetesServiceAccount};
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::document::{Document, ServiceAccount};
use super::super::support::{Core, Workspace, example};
use super::{CONTEXTS, Fixture, address, rename, rights, wait};

impl<'c> Fixture<'c> {
    /// With `examples/company` on this simulator.
    fn of_company(core: &Core, clusters: &'c Clusters, simulator: &Simulator) -> Self {
        wait(rights::grant(clusters));
        let suffix = Self::next_suffix();
        let mut workspace = Workspace::new(core);
        workspace.copy(&example("company"), "company");
        let text = std::fs::read_to_string(example("quickstart").join("registry.json")).expect("a registry");
        let mut registry = Document::parse(&text);
        rename(&mut registry, &suffix);
        simulator.add_registry(&registry.text()).expect("a registry");
        workspace.write("quickstart/registry.json", &registry.text());
        workspace.enter("company");
        workspace.write("kubeconfig", &clusters.kubeconfig(rights::PROVIDER));
        let contexts: BTreeMap<&str, &str> = CONTEXTS.into();
        let variables = json!({
            "google_endpoint": simulator.url(),
            "kubeconfig": workspace.path().join("kubeconfig"),
            "contexts": contexts,
        });
        workspace.write("terraform.tfvars.json", &variables.to_string());
        workspace.init();
        Self { clusters, workspace, suffix }
    }
}

on_every_core! {
    fn a_whole_company_in_one_apply(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let simulator = Simulator::start(Options::default());
        let fixture = Fixture::of_company(core, &clusters, &simulator);
        let registry = Document::parse(&fixture.workspace.read("../quickstart/registry.json"));
        let plan = fixture.workspace.plan();
        insta::assert_snapshot!(plan.output.report(), @r"
        Warning: Service `storefront`: 1 existing resource will be adopted

        These resources of service `storefront` exist already. Apply adopts them:

          API gc-prd-shop-staging/storage.googleapis.com

        anu:adopted
        ");
        assert_eq!(plan.actions().len(), registry.services.len());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();

        // Google has what the plans showed.
        let (mut created, mut namespaces) = (BTreeSet::new(), BTreeSet::new());
        for service in &registry.services {
            let after = plan.change(&address(&service.name)).after;
            for (id, roles) in after["iam"].as_object().expect("grants") {
                for (role, members) in roles.as_object().expect("roles") {
                    let found = simulator.members(&format!("projects/{id}"), role);
                    for member in members.as_array().expect("members") {
                        assert!(found.iter().any(|found| member == found), "{member} has no {role} on {id}");
                    }
                }
            }
            for (id, apis) in after["apis"].as_object().expect("APIs") {
                let enabled = simulator.services(id);
                let enabled = |api: &serde_json::Value| enabled.iter().any(|found| api == found);
                assert!(apis.as_array().expect("APIs").iter().all(enabled), "{apis} on {id}");
            }
            created.extend(after["projects"].as_object().expect("projects").keys().cloned());
            namespaces.extend(after["namespaces"].as_object().expect("namespaces").keys().cloned());
        }
        let ours: BTreeSet<String> =
            simulator.projects().into_iter().filter(|id| simulator.labels(id).contains_key("anu-registry")).collect();
        assert_eq!(ours, created);
        assert_eq!((created.len(), namespaces.len()), (8, 17), "as the README says");
        // And so have the clusters.
        let found: BTreeSet<String> = fixture.marked::<Namespace>().into_keys().collect();
        assert_eq!(found, namespaces);

        // One edit is one service, on both platforms.
        let mut edited = registry;
        let rain = edited.service_mut("make-it-rain");
        rain.google_services.insert("storage.googleapis.com".to_owned());
        rain.environments[0].quota.insert("pods".to_owned(), "20".to_owned());
        rain.environments[0].service_accounts.push(ServiceAccount {
            name: "rain-maker".to_owned(),
            roles: vec!["roles/pubsub.publisher".to_owned()],
            kubernetes_service_account: Some("rain".to_owned()),
        });
        fixture.workspace.write("../quickstart/registry.json", &edited.text());
        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("make-it-rain"), "update".to_owned())].into());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();

        // Workload identity: the account on Google, who may act as it, and who does.
        let (project, place) = ("gc-prd-make-it-stag-833e", fixture.key("compute-staging", "make-it-rain"));
        let email = format!("rain-maker@{project}.iam.gserviceaccount.com");
        assert!(simulator.service_account(&email).is_some());
        let member = format!("serviceAccount:{email}");
        assert_eq!(simulator.members(&format!("projects/{project}"), "roles/pubsub.publisher"), [member]);
        let pods = format!("serviceAccount:gc-prd-compute-staging.svc.id.goog[{}/rain]", fixture.namespace("make-it-rain"));
        let users = simulator.members(&format!("serviceAccounts/{email}"), "roles/iam.workloadIdentityUser");
        assert_eq!(users, [pods]);
        let accounts = fixture.marked::<KubernetesServiceAccount>();
        assert_eq!(accounts.keys().collect::<Vec<_>>(), [&format!("{place}/rain")]);
        let annotations = accounts.into_values().next().and_then(|account| account.metadata.annotations);
        assert_eq!(annotations, Some([("iam.gke.io/gcp-service-account".to_owned(), email)].into()));
    }
}
