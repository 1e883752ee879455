# terraform_data replaces the real resources, so that this example applies without an account. The comment above each is the
# real resource. In a module instance, for_each contains the entries of one service only.

# resource "google_project" "this" {
#   for_each        = var.projects
#   project_id      = each.value.project
#   name            = each.value.display_name
#   folder_id       = trimprefix(each.value.parent, "folders/")
#   billing_account = each.value.billing_account
#   labels          = each.value.labels
# }
resource "terraform_data" "project" {
  for_each = var.projects
  input    = each.value
}

# resource "google_project_service" "this" {
#   for_each           = var.enabled_apis
#   project            = each.value.project
#   service            = each.value.api
#   disable_on_destroy = false
#   depends_on         = [google_project.this]
# }
resource "terraform_data" "enabled_api" {
  for_each   = var.enabled_apis
  input      = each.value
  depends_on = [terraform_data.project]
}

# resource "google_project_iam_member" "this" {
#   for_each   = var.iam_members
#   project    = each.value.project
#   role       = each.value.role
#   member     = each.value.member
#   depends_on = [google_project.this]
#   dynamic "condition" { # of access that ends: without it, it would not
#     for_each = each.value.condition[*]
#     content {
#       title      = condition.value.title
#       expression = condition.value.expression
#     }
#   }
# }
resource "terraform_data" "iam_member" {
  for_each   = var.iam_members
  input      = each.value
  depends_on = [terraform_data.project]
}

# Kubernetes' provider connects to one cluster: filter by `each.value.cluster` and pass one provider per cluster to the module.
#
# resource "kubernetes_namespace_v1" "this" {
#   for_each = { for key, namespace in var.namespaces : key => namespace if namespace.cluster == "compute-banking" }
#   provider = kubernetes.compute-banking
#   metadata {
#     name        = each.value.namespace
#     labels      = each.value.labels
#     annotations = each.value.annotations
#   }
# }
resource "terraform_data" "namespace" {
  for_each = var.namespaces
  input    = each.value
}

# kubernetes_resource_quota_v1: metadata.namespace = each.value.namespace, spec.hard = each.value.hard
resource "terraform_data" "quota" {
  for_each   = var.quotas
  input      = each.value
  depends_on = [terraform_data.namespace]
}

# kubernetes_role_binding_v1: metadata.name = each.value.name, role_ref.name = each.value.role, one string per subject
resource "terraform_data" "role_binding" {
  for_each   = var.role_bindings
  input      = each.value
  depends_on = [terraform_data.namespace]
}

# The resource for your alert routes: each.value.channel.
resource "terraform_data" "alert_route" {
  for_each = var.alert_routes
  input    = each.value
}
