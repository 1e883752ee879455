# What the example beside this file stands on.
terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry = { source = "registry.json" }
  embedded = { path = "anu.db", replaces = ["kubernetes"] } # on real clusters: kubernetes = { … }
}
