# Every service of the registry. `service_digests` is a map(string), name => digest of the service's desired resources. It
# is cheap to iterate over, and an instance changes exactly when its service does. With `digest` an apply is refused if the
# service's entry changed after planning.
locals {
  services = data.anu_registry.this.service_digests # evaluated once, not for every instance
}

resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
