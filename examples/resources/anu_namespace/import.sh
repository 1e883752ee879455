# By cluster and name. Labels and annotations that others set, and their role bindings, are left alone.
terraform import anu_namespace.monitoring compute-banking/monitoring
