# Every map goes from a resource key, which never changes while the thing it names stays, to what is asked for.

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
  description = "Who holds which role on which project."
  type        = map(object({ project = string, role = string, member = string }))
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
  description = "Hard limits, at most one set a namespace."
  type        = map(object({ cluster = string, namespace = string, hard = map(string) }))
}

variable "role_bindings" {
  description = "ClusterRoles given to subjects within one namespace. A subject is `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`."
  type = map(object({
    cluster   = string
    namespace = string
    name      = string
    role      = string
    subjects  = list(string)
  }))
}

variable "alert_routes" {
  description = "Where alerts go."
  type        = map(object({ environment = optional(string), channel = string }))
}
