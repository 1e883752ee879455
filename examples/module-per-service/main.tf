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

module "service" {
  source   = "./service"
  for_each = data.anu_registry.this.service_digests

  projects      = data.anu_registry_resources.all.projects[each.key]
  enabled_apis  = data.anu_registry_resources.all.enabled_apis[each.key]
  iam_members   = data.anu_registry_resources.all.iam_members[each.key]
  namespaces    = data.anu_registry_resources.all.namespaces[each.key]
  quotas        = data.anu_registry_resources.all.quotas[each.key]
  role_bindings = data.anu_registry_resources.all.role_bindings[each.key]
  alert_routes  = data.anu_registry_resources.all.alert_routes[each.key]
}

# What several services ask for is nobody's alone: it comes under the pseudo-service `_shared`.
module "shared" {
  source = "./service"

  projects      = lookup(data.anu_registry_resources.all.projects, "_shared", {})
  enabled_apis  = lookup(data.anu_registry_resources.all.enabled_apis, "_shared", {})
  iam_members   = lookup(data.anu_registry_resources.all.iam_members, "_shared", {})
  namespaces    = lookup(data.anu_registry_resources.all.namespaces, "_shared", {})
  quotas        = lookup(data.anu_registry_resources.all.quotas, "_shared", {})
  role_bindings = lookup(data.anu_registry_resources.all.role_bindings, "_shared", {})
  alert_routes  = lookup(data.anu_registry_resources.all.alert_routes, "_shared", {})
}
