terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry { source = "registry.jsonnet" }
  embedded { path = "anu.db" } # replaces Google and Kubernetes: no account, no cluster, no network
}

data "anu_registry" "this" {}

locals {
  services = data.anu_registry.this.service_digests # evaluated once, not for every instance
}

# One service of the registry -> its projects, APIs, IAM members, namespaces, quotas and role bindings.
resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
