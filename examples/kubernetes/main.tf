terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

variable "kubeconfig" {
  description = "Path of a kubeconfig with a context for each cluster."
  type        = string
  default     = null # as in kubectl: KUBECONFIG, otherwise ~/.kube/config
}

variable "contexts" {
  description = "The kubeconfig's contexts, by the clusters' names in the registry."
  type        = map(string)
}

provider "anu" {
  registry { source = "registry.json" }
  manage = ["kubernetes"] # no Google resources

  kubernetes {
    kubeconfig = var.kubeconfig
    contexts   = var.contexts
  }
}

data "anu_registry" "this" {}

locals {
  services = data.anu_registry.this.service_digests # evaluated once, not for every instance
}

# One service of the registry -> its namespaces, quotas and role bindings, on the clusters of its targets.
resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
