# What others granted on the registry's projects and namespaces. Reading it changes nothing.
data "anu_unmanaged_grants" "all" {}

output "unmanaged_grants" {
  value = data.anu_unmanaged_grants.all
}
