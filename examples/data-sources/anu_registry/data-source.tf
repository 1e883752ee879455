data "anu_registry" "this" {}

# Name => digest of the service's desired resources: the map for for_each.
output "service_digests" {
  value = data.anu_registry.this.service_digests
}

output "owner_of_make_it_rain" {
  value = data.anu_registry.this.services["make-it-rain"].team
}

output "revision" {
  value = data.anu_registry.this.revision
}
