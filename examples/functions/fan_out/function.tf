# The desired resources of every service of a registry.
output "fan_out" {
  value = provider::anu::fan_out(file("${path.module}/registry.json"))
}
