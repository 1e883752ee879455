terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

variable "google_endpoint" {
  description = "The address of the simulator. Null is Google Cloud itself."
  type        = string
  default     = "http://127.0.0.1:8089"
}

variable "google_access_token" {
  description = "An access token. Null is Application Default Credentials."
  type        = string
  default     = "of-the-simulator"
  sensitive   = true
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

# Projects on Google and namespaces on clusters, in one apply.
provider "anu" {
  registry { source = "../quickstart/registry.json" }

  google {
    access_token = var.google_access_token
    endpoints { default = var.google_endpoint }
  }

  kubernetes {
    kubeconfig = var.kubeconfig
    contexts   = var.contexts
  }
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
