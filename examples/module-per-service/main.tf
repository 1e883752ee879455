# With Google's and Kubernetes' own providers: anu reads and checks the registry and returns the desired resources of each
# service; one instance of the module ./service creates them. Use one module instance per service, not one flat for_each
# over all grants: Terraform evaluates for_each again for every instance, and only this form has linear cost.
#
# This way lacks: the protection of projects and namespaces, shared resources in the state of each service, adoption of
# existing resources, additive grants across states, renames in place. In a transfer between two services one resource's
# destroy can run before or after the other's create. The guide "Your own registry" has the list.

terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry { source = "../quickstart/registry.json" }
}

data "anu_registry" "this" {}

data "anu_registry_resources" "all" {}

# Evaluated once, not for every instance.
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

# Resources that several services use are under the key `_shared`.
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
