# Members of a project's IAM policy, without an entry in the registry. Members that others granted are not changed.
resource "anu_project_iam" "logging" {
  project_id = "gc-prd-logging-7f3a"

  members = {
    "roles/logging.viewer" = [
      "group:banking-integrations-team@example.com",
      "group:core-banking-team@example.com",
    ]
    "roles/logging.admin" = [
      "group:platform-team@example.com",
      "user:on-call@example.com until 2099-01-31T00:00:00Z", # a grant that ends
    ]
  }
}
