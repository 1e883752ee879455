# For those who keep Google's and Kubernetes' own providers: anu reads and checks the registry and hands out what each
# service fans out into; one instance of the module ./service makes it so. One module instance per service, not one flat
# for_each over every grant: Terraform evaluates for_each anew for every instance, and only this shape stays linear.
#
# What this road does not give: the refusal to remove a project or namespace, one claim per service on shared things,
# takeover of what exists, additive grants across states, rename in place. On a hand-over between two services one
# resource's destroy races the other's create. The guide "Your own registry" lists it.

terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry = { source = "../quickstart/registry.json" }
}

data "anu_registry" "this" {}

data "anu_registry_resources" "all" {}

# Evaluated once here, not again for every instance.
locals {
  services = data.anu_registry.this.service_digests
  fan_out  = data.anu_registry_resources.all
}

module "service" {
  source   = "./service"
  for_each = local.services

  projects      = local.fan_out.projects[each.key]
  enabled_apis  = local.fan_out.enabled_apis[each.key]
  iam_members   = local.fan_out.iam_members[each.key]
  namespaces    = local.fan_out.namespaces[each.key]
  quotas        = local.fan_out.quotas[each.key]
  role_bindings = local.fan_out.role_bindings[each.key]
  alert_routes  = local.fan_out.alert_routes[each.key]
}

# What several services ask for is nobody's alone: it comes under the pseudo-service `_shared`.
module "shared" {
  source = "./service"

  projects      = lookup(local.fan_out.projects, "_shared", {})
  enabled_apis  = lookup(local.fan_out.enabled_apis, "_shared", {})
  iam_members   = lookup(local.fan_out.iam_members, "_shared", {})
  namespaces    = lookup(local.fan_out.namespaces, "_shared", {})
  quotas        = lookup(local.fan_out.quotas, "_shared", {})
  role_bindings = lookup(local.fan_out.role_bindings, "_shared", {})
  alert_routes  = lookup(local.fan_out.alert_routes, "_shared", {})
}
