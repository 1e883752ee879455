terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  # Where the registry is read from. Fallbacks serve reading when the source does not answer, never an apply.
  registry = {
    source    = "registry.json"
    fallbacks = ["last-known-registry.json"]
  }

  # Where things are made. The embedded platform is a local store that stands in for Google and Kubernetes.
  embedded = { path = "anu.db" }

  # The group of a team whose entry has no email.
  member_template = "group:{team}-team@example.com"
}

data "anu_registry" "this" {}
