# By cluster and name. Labels, annotations and role bindings of other managers are not changed.
terraform import anu_namespace.monitoring compute-banking/monitoring
