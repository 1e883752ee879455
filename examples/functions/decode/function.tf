# The registry as typed values, without a provider block.
output "registry" {
  value = provider::anu::decode(file("${path.module}/registry.json"))
}
