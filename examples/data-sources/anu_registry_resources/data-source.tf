data "anu_registry_resources" "all" {}

# Each kind is a map(service => map(resource key => entry)): one module instance per service iterates over its own entries.
output "iam_members_of_make_it_rain" {
  value = data.anu_registry_resources.all.iam_members["make-it-rain"]
}

output "namespaces_of_make_it_rain" {
  value = data.anu_registry_resources.all.namespaces["make-it-rain"]
}
