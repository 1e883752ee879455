# By project id. An import has no members: the next apply adopts those that the configuration lists, and no others.
terraform import anu_project_iam.logging gc-prd-logging-7f3a
