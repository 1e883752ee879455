//! Text in another Unicode form than core's: core normalizes every string, and so does the registry.

use serde_json::json;

use crate::support::{Core, Workspace};

const MAIN: &str = on_embedded!(
    r#"data "anu_unmanaged_grants" "this" {}

locals {
  services = data.anu_registry.this.service_digests
}

resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}

output "digests" {
  value = [data.anu_registry.this.digest, provider::anu::decode(file("registry.json")).digest]
}
output "service_digests" {
  value = [local.services["checkout"], provider::anu::fan_out(file("registry.json")).service_digests["checkout"]]
}
"#
);

const POOL: &str = "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/group";
const CHECKOUT: &str = r#"anu_registry_service.this["checkout"]"#;

on_every_core! {
    fn a_principal_in_another_form_is_granted_once_and_withdrawn(core: &Core) {
        let registry = |operators: serde_json::Value| json!({
            "metadata": {"name": "acme"},
            "teams": [{"type": "Team", "spec": {"name": "t", "email": "t@example.com"}}],
            "services": [{"type": "Service", "spec": {"name": "checkout", "team": "t", "googleServices": ["pubsub.googleapis.com"], "environments": [
                {"type": "Environment", "spec": {"name": "prod", "googleProject": "acme-prod-1", "rbac": {"viewers": [], "operators": operators, "admins": ["t"]}}}
            ]}}],
        });
        let member = |form: &str| json!([{"principal": format!("{POOL}/{form}quipe")}]);
        let workspace = Workspace::with(core, MAIN, &registry(member("e\u{301}")));
        workspace.apply();
        workspace.assert_empty_plan();
        let state = workspace.state();
        assert_eq!(state.resource(CHECKOUT)["iam"]["acme-prod-1"]["roles/pubsub.editor"], member("\u{e9}")[0]["principal"].as_str().map(|text| json!([text])).unwrap());
        for output in ["digests", "service_digests"] {
            let digests = state.output(output);
            assert_eq!(digests[0], digests[1], "{output}");
        }
        workspace.registry(&registry(member("\u{e9}")));
        workspace.assert_empty_plan();

        workspace.registry(&registry(json!([])));
        let plan = workspace.plan();
        let iam = plan.change(CHECKOUT).after["iam"]["acme-prod-1"].clone();
        assert_eq!(iam.get("roles/pubsub.editor"), None, "{iam}");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        // It is not left in the policy either: this apply reads what is not managed.
        workspace.apply();
        let grants = workspace.state().resource("data.anu_unmanaged_grants.this");
        assert!(!grants.to_string().contains("quipe"), "{grants}");
    }
}
