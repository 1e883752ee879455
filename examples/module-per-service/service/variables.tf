# Every map is from a stable resource key to the desired resource.

variable "projects" {
  description = "Projects to create: those that the registry lists under `projects`."
  type = map(object({
    project         = string
    display_name    = string
    parent          = optional(string)
    billing_account = optional(string)
    labels          = map(string)
  }))
}

variable "enabled_apis" {
  description = "Google APIs to enable."
  type        = map(object({ project = string, api = string }))
}

variable "iam_members" {
  description = "IAM members, with their role and project. Access that ends has a condition; an object type without it would drop it."
  type = map(object({
    project   = string
    role      = string
    member    = string
    condition = optional(object({ title = string, expression = string }))
  }))
}

variable "namespaces" {
  description = "Kubernetes namespaces."
  type = map(object({
    cluster     = string
    namespace   = string
    labels      = map(string)
    annotations = map(string)
  }))
}

variable "quotas" {
  description = "Quotas, at most one per namespace."
  type        = map(object({ cluster = string, namespace = string, hard = map(string) }))
}

variable "role_bindings" {
  description = "ClusterRoles granted to subjects in one namespace. A subject is `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`."
  type = map(object({
    cluster   = string
    namespace = string
    name      = string
    role      = string
    subjects  = list(string)
  }))
}

variable "alert_routes" {
  description = "Routes of alerts."
  type        = map(object({ environment = optional(string), channel = string }))
}
