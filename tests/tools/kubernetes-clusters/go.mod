module anu-registry/tests/tools/kubernetes-clusters

go 1.25.0
