# Every service of the registry. `service_digests` is a map(string), name => digest of what the service fans out into: it
# is cheap to iterate over, and an instance changes exactly when its service does. With `digest`, what was approved in a
# saved plan is what is applied.
resource "anu_registry_service" "this" {
  for_each = data.anu_registry.this.service_digests
  name     = each.key
  digest   = each.value
}
