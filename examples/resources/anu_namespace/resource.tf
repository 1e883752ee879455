# A namespace without a service of the registry.
resource "anu_namespace" "monitoring" {
  cluster = "compute-banking"
  name    = "monitoring"

  labels = {
    "team"                      = "platform"
    "app.kubernetes.io/part-of" = "observability"
  }

  quota = {
    "requests.cpu"    = "8"
    "requests.memory" = "32Gi"
    "pods"            = "40"
  }

  role_binding {
    name     = "operators"
    role     = "edit"
    subjects = ["Group:platform-team@example.com", "ServiceAccount:ci/deployer"]
  }

  role_binding {
    name     = "viewers"
    role     = "view"
    subjects = ["Group:banking-integrations-team@example.com"]
  }
}
