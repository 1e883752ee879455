# A project without an entry in the registry.
resource "anu_project" "logging" {
  project_id      = "gc-prd-logging-7f3a"
  display_name    = "Logging production"
  parent          = "folders/1234"
  billing_account = "000000-AAAAAA-000000"

  labels = {
    "team" = "platform"
    "tier" = "1"
  }

  apis = [
    "bigquery.googleapis.com",
    "logging.googleapis.com",
  ]
}
