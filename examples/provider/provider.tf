terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  # The source of the registry. Fallbacks are read if the source fails. They serve plans, never an apply.
  registry {
    source    = "registry.json"
    fallbacks = ["last-known-registry.json"]
  }

  # Where resources are created: on real platforms with `google { … }` and `kubernetes { … }`. This one is a local store that
  # replaces both.
  embedded { path = "anu.db" }

  # The group of a team without `email`.
  member_template = "group:{team}-team@example.com"
}

data "anu_registry" "this" {}
