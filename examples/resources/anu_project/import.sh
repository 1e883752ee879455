# By project id. Labels of other managers are not changed, and APIs are adopted by the next apply as the configuration lists them.
terraform import anu_project.logging gc-prd-logging-7f3a
