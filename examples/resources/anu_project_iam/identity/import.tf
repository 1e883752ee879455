import {
  to       = anu_project_iam.logging
  identity = { project_id = "gc-prd-logging-7f3a" }
}
