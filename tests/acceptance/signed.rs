//! A signed registry, and one that the variable ANU_REGISTRY names, read by the provider under a real core.

use insta::assert_snapshot;

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
            output "signed_by" { value = data.anu_registry.this.signed_by }
        "#;
        workspace.write("main.tf", &main.replace("KEY", &signer.public_key()));
        workspace.write("registry.json", REGISTRY);
        workspace.init();
        let said = workspace.refused(&[]).report();
        assert!(said.contains("Registry signature is not accepted") && said.contains("signature missing"), "{said}");
        workspace.write("registry.json.minisig", &signer.sign(REGISTRY, "registry:acme"));
        workspace.apply_saved(&workspace.plan()).success();
        let signed_by = workspace.run(&["output", "-raw", "signed_by"]).success();
        assert_eq!(signed_by.text().trim(), signer.public_key());
        workspace.write("registry.json", &REGISTRY.replace("ledger", "shop"));
        let said = workspace.refused(&[]).report();
        assert!(said.contains("wrong signature"), "{said}");
    }
}

on_one_core! {
    fn the_variable_names_the_registry_where_the_block_names_none(core: &Core) {
        let mut workspace = Workspace::new(core);
        let signer = Signer::new(1);
        let main = r#"
            terraform {
              required_providers { anu = { source = "anu-registry/anu" } }
            }
            provider "anu" {
              registry {
                SOURCE
                verify {
                  minisign = ["KEY"]
                }
              }
            }
            data "anu_registry" "this" {}
            output "source" { value = data.anu_registry.this.source }
        "#;
        let main = main.replace("KEY", &signer.public_key());
        workspace.write("main.tf", &main.replace("SOURCE", ""));
        workspace.init();
        assert_snapshot!(workspace.refused(&[]).report(), @r#"
        Error: No registry is configured

        The provider block has no `source` in `registry`, and the variable `ANU_REGISTRY` is not set. Write, for example:

          provider "anu" {
            registry { source = "registry.json" }
          }

        or set the variable: `export ANU_REGISTRY=registry.json`.

        anu:no-registry
        "#);
        workspace.set("ANU_REGISTRY", "gopher://acme");
        assert_snapshot!(workspace.refused(&[]).report(), @"
        Error: Registry is not readable

        The variable `ANU_REGISTRY` is not a valid registry source: `gopher:` is not a source anu can read: write a path (`registry.json`), `file:///absolute/path/registry.json`, `https://example.com/registry.json`, an object in a bucket (`gs://bucket/registry.json`, `s3://…`, `az://…`) or a ConfigMap (`configmap://namespace/name`)

        anu:registry-not-readable
        ");
        // What the block requires is required of it.
        workspace.set("ANU_REGISTRY", "named.json");
        workspace.write("named.json", REGISTRY);
        let said = workspace.refused(&[]).report();
        assert!(said.contains("signature missing: `named.json.minisig` does not exist"), "{said}");
        workspace.write("named.json.minisig", &signer.sign(REGISTRY, "registry:acme"));
        workspace.apply();
        assert_eq!(workspace.state().output("source"), "named.json");
        // A source in the block overrides it, in silence.
        workspace.write("main.tf", &main.replace("SOURCE", "source = \"registry.json\""));
        workspace.write("registry.json", REGISTRY);
        workspace.write("registry.json.minisig", &signer.sign(REGISTRY, "registry:acme"));
        let said = workspace.apply().text();
        assert_eq!(workspace.state().output("source"), "registry.json");
        assert!(!said.contains("ANU_REGISTRY"), "{said}");
    }
}
