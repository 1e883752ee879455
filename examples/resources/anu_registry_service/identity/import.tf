# By the service's name; for a resource with an `environments` filter also by `environments`.
import {
  to       = anu_registry_service.this["make-it-rain"]
  identity = { name = "make-it-rain" }
}
