# A registry written in Jsonnet, as typed values.
output "registry" {
  value = provider::anu::decode(
    provider::anu::compile(file("${path.module}/registry.jsonnet"), { project = "gc-prd-make-it-stag-833e" })
  )
}
