# A function needs the provider, but no provider block.
terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}
