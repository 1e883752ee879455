//! A signed registry, read by the provider under a real core.

use crate::signer::Signer;
use crate::support::{Core, Workspace};

const REGISTRY: &str =
    r#"{"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "ledger"}}]}"#;

on_one_core! {
    fn a_registry_is_used_with_its_signature_only(core: &Core) {
        let workspace = Workspace::new(core);
        let signer = Signer::new(1);
        let main = r#"
            terraform {
              required_providers { anu = { source = "anu-registry/anu" } }
            }
            provider "anu" {
              registry {
                source = "registry.json"
                verify {
                  minisign = ["KEY"]
                }
              }
            }
            data "anu_registry" "this" {}
            output "services" { value = keys(data.anu_registry.this.services) }
        "#;
        workspace.write("main.tf", &main.replace("KEY", &signer.public_key()));
        workspace.write("registry.json", REGISTRY);
        workspace.init();
        let said = workspace.refused(&[]).report();
        assert!(said.contains("Registry signature is not accepted") && said.contains("signature missing"), "{said}");
        workspace.write("registry.json.minisig", &signer.sign(REGISTRY, "registry:acme"));
        workspace.apply_saved(&workspace.plan()).success();
        workspace.write("registry.json", &REGISTRY.replace("ledger", "shop"));
        let said = workspace.refused(&[]).report();
        assert!(said.contains("wrong signature"), "{said}");
    }
}
