terraform {
  required_providers {
    anu = { source = "anu-registry/anu" }
  }
}

provider "anu" {
  registry { source = "registry.json" }
  manage = ["google"] # no namespaces

  google {
    parent          = "folders/1234"         # of projects that state none
    billing_account = "000000-AAAAAA-000000" # of projects that state none

    # The simulator. Without the following lines this runs on Google Cloud: docs/guides/google.md.
    access_token = "of-the-simulator"
    endpoints { default = "http://127.0.0.1:8089" }
  }
}

data "anu_registry" "this" {}

locals {
  services = data.anu_registry.this.service_digests # evaluated once, not for every instance
}

# One service of the registry -> its projects, enabled APIs and IAM members.
resource "anu_registry_service" "this" {
  for_each = local.services
  name     = each.key
  digest   = each.value
}
