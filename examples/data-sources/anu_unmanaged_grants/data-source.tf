# Grants in the registry's projects and namespaces that the registry does not contain. Reading changes nothing.
data "anu_unmanaged_grants" "all" {}

output "unmanaged_grants" {
  value = data.anu_unmanaged_grants.all
}
