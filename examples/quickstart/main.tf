terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry = { source = "registry.json" }
  embedded = { path = "anu.db" } # stands in for Google and Kubernetes: no account, no cluster, no network
}

data "anu_registry" "this" {}

# One service of the registry -> its projects, APIs, IAM members, namespaces, quotas and role bindings.
resource "anu_registry_service" "this" {
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}
