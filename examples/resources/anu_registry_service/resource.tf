# Every service of the registry. `service_digests` is a map(string), name => digest of what the service fans out into: it
# is cheap to iterate over, and an instance changes exactly when its service does. With `digest`, what was approved in a
# saved plan is what is applied.
locals {
  services = data.anu_registry.this.service_digests # evaluated once here, not again for every instance
}

resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
