local cluster = (import 'anu/registry.libsonnet').cluster;
local projects = import 'projects.libsonnet';

{
  banking: cluster.new('compute-banking', projects.computeBanking, 'europe-west4'),
  shop: cluster.new('compute-shop', projects.computeShop, 'europe-west1'),
  staging: cluster.new('compute-staging', projects.computeStaging, 'europe-west4'),
}
