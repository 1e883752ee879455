//! A cluster that is made by the same apply: how it is reached is not known when its services are planned.

use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::rights;
use super::super::support::{Core, Workspace};
use super::wait;

on_every_core! {
    fn is_planned_without_a_look_and_applied(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        wait(rights::grant(&clusters));
        let cluster = clusters.cluster("cluster-1");
        let name = format!("new-{}", core.name);
        let registry = json!({
            "metadata": {"name": name},
            "teams": [{"type": "Team", "spec": {"name": "shop", "email": "shop@example.com"}}],
            "clusters": [{"type": "Cluster", "spec": {"name": "new"}}],
            "services": [{"type": "Service", "spec": {"name": "cart", "team": "shop", "environments": [
                {"type": "Environment", "spec": {
                    "name": "production", "rbac": {"admins": ["shop"]},
                    "targets": [{"type": "Target", "spec": {"kind": "argo", "cluster": "new", "namespace": name, "release": "cart"}}],
                }},
            ]}}],
        });
        let main = format!(r#"
            terraform {{
              required_providers {{
                anu = {{ source = "anu-registry/anu" }}
              }}
            }}

            resource "terraform_data" "cluster" {{ # stands for the one that makes it
              input = {{ endpoint = "{}", ca_certificate = file("ca.pem") }}
            }}

            variable "token" {{
              type      = string
              sensitive = true
            }}

            provider "anu" {{
              registry {{ source = "registry.json" }}
              manage   = ["kubernetes"]
              kubernetes {{
                cluster "new" {{
                  endpoint       = terraform_data.cluster.output.endpoint
                  ca_certificate = terraform_data.cluster.output.ca_certificate
                  token          = var.token
                }}
              }}
            }}

            resource "anu_registry_service" "this" {{
              name = "cart"
            }}
        "#, cluster.endpoint);
        let workspace = Workspace::with(core, &main, &registry);
        workspace.write("ca.pem", &cluster.ca_certificate);
        let variables = json!({"token": cluster.token(rights::PROVIDER)});
        workspace.write("terraform.tfvars.json", &variables.to_string());
        let plan = workspace.plan();
        insta::assert_snapshot!(plan.output.report(), @r"
        Warning: Cluster `new` is unreachable; planned from state

        Cannot read cluster `new`: the address or the credentials of cluster `new` are known only after apply.

        Its resources are planned from the state, and changes to them fail unless it is reachable at apply. Other clusters are not affected.

        anu:cluster-unreachable
        ");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let namespaces = Api::<Namespace>::all(wait(clusters.client("cluster-1", "human")));
        wait(namespaces.get(&name)).expect("made");
    }
}
