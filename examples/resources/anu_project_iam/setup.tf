# The configuration that the example in this folder needs.
terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry { source = "registry.json" }

  embedded { # on Google Cloud: google { … }
    path     = "anu.db"
    replaces = ["google"]
  }
}
