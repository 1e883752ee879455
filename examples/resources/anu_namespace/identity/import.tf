import {
  to = anu_namespace.monitoring
  identity = {
    cluster = "compute-banking"
    name    = "monitoring"
  }
}
