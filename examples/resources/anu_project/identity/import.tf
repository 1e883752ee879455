import {
  to       = anu_project.logging
  identity = { project_id = "gc-prd-logging-7f3a" }
}
