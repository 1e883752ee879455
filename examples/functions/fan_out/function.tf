# What every service of a registry fans out into.
output "fan_out" {
  value = provider::anu::fan_out(file("${path.module}/registry.json"))
}
