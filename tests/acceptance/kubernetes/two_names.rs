//! Two names for one cluster: two contexts of a kubeconfig that reach one API server.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::Api;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::document::{Access, Document, Entry, Environment, Metadata, Service, Target, Team, teams};
use super::super::support::Core;
use super::{Fixture, address, create, wait};

const PROD: &str = "prod";
const ALIAS: &str = "gke_acme_europe-west4_prod";

fn service(name: &str, team: &str, cluster: &str, namespace: &str) -> Entry<Service> {
    let environment = Environment {
        name: "prod".to_owned(),
        rbac: Access { admins: teams(&[team]), ..Access::default() },
        targets: vec![Target::of("argo", cluster, namespace, name).into()],
        ..Environment::default()
    };
    let environments = vec![environment.into()];
    let service = Service { name: name.to_owned(), team: team.to_owned(), environments, ..Service::default() };
    service.with_policy("delete-with-contents").into()
}

/// `shop` on `prod`, and perhaps `other` in the same namespace under the cluster's other name.
fn registry(fixture: &Fixture<'_>, with_other: bool) {
    let namespace = fixture.namespace("shop");
    let mut services = vec![service("shop", "shop", PROD, &namespace)];
    services.extend(with_other.then(|| service("other", "guest", ALIAS, &namespace)));
    fixture.workspace.registry(&Document {
        metadata: Metadata { name: format!("acme{}", fixture.suffix), ..Metadata::default() },
        teams: vec![Team::of("shop", "shop@example.com").into(), Team::of("guest", "guest@example.com").into()],
        services,
        ..Document::default()
    });
}

/// The provider block with the contexts of both names, and a line more in the block of the first one.
fn contexts(fixture: &Fixture<'_>, prod: &str, alias: &str, more: &str) {
    let main = format!(
        r#"
terraform {{
  required_providers {{ anu = {{ source = "anu-registry/anu" }} }}
}}

provider "anu" {{
  registry {{ source = "registry.json" }}
  manage = ["kubernetes"]
  kubernetes {{
    kubeconfig = "kubeconfig"
    cluster "{PROD}" {{
      context = "{prod}"
      {more}
    }}
    cluster "{ALIAS}" {{
      context = "{alias}"
    }}
  }}
}}

data "anu_registry" "this" {{}}

resource "anu_registry_service" "this" {{
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}}
"#
    );
    fixture.workspace.write("main.tf", &main);
    fixture.workspace.write("terraform.tfvars.json", "{}");
}

on_one_core! {
    fn for_one_cluster_are_an_error_at_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        contexts(&fixture, "cluster-1", "cluster-1", "");
        registry(&fixture, false);
        fixture.workspace.apply();
        let human = wait(clusters.client("cluster-1", "human"));
        let name = fixture.namespace("shop");
        let data = json!({"metadata": {"name": "settings"}, "data": {"theirs": "yes"}});
        create(&Api::<ConfigMap>::namespaced(human.clone(), &name), data);

        registry(&fixture, true);
        let words = format!("clusters `{ALIAS}` and `{PROD}` are one API server");
        // Both services; and the second one in a run that does not use the first name.
        let target = format!("-target={}", address("other"));
        for arguments in [&[][..], &[target.as_str()]] {
            let refused = fixture.workspace.refused(arguments).report();
            assert!(refused.contains(&words), "{refused}");
            assert!(fixture.workspace.try_apply(arguments).failure().report().contains(&words));
        }
        let bindings = wait(Api::<RoleBinding>::namespaced(human.clone(), &name).list(&Default::default())).expect("a list");
        let bindings: Vec<_> = bindings.items.into_iter().filter_map(|binding| binding.metadata.name).collect();
        assert_eq!(bindings, ["anu:shop:prod:admins:admin"]);

        // `other` leaves the registry again, and with it nothing of `shop`.
        registry(&fixture, false);
        fixture.workspace.assert_empty_plan();
        let namespaces = Api::<Namespace>::all(human);
        assert!(wait(namespaces.get(&name)).expect("there").metadata.deletion_timestamp.is_none());

        // The name comes to mean another cluster.
        contexts(&fixture, "cluster-2", "cluster-1", "");
        let refused = fixture.workspace.refused(&[]).report();
        assert!(refused.contains("Service `shop`: cluster `prod` is another API server than before"), "{refused}");
        // It was rebuilt: the block says so, with the uid that the message shows.
        let (_, line) = refused.split_once("replaces = ").expect("the line to write");
        let replaces = format!("replaces = {}", line.lines().next().unwrap_or_default());
        contexts(&fixture, "cluster-2", "cluster-1", &replaces);
        fixture.workspace.apply();
        contexts(&fixture, "cluster-2", "cluster-1", "");
        fixture.workspace.assert_empty_plan();
        let namespaces = Api::<Namespace>::all(wait(clusters.client("cluster-2", "human")));
        wait(namespaces.get(&name)).expect("created on the new cluster");
        // With two clusters behind them, the names are two.
        registry(&fixture, true);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
    }
}
