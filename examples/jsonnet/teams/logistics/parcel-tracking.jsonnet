local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('parcel-tracking', 'example/parcel-tracking')
+ service.mixin.withTeam(teams.logistics)
+ service.mixin.withAlertsChannel('logistics-alerts')
+ service.mixin.withGoogleServices(['pubsub.googleapis.com', 'redis.googleapis.com'])
+ service.mixin.withEnvironments(environment.map(
  rbac.withAdmins(teams.logistics),
  function(environment) [
    environment.new('staging')
    + rbac.withViewers(teams.shop)
    + environment.mixin.withTargets(target.argo.new(clusters.staging, 'parcel-tracking')),
    environment.new('production')
    + environment.mixin.withGoogleProject(projects.parcelTrackingProduction)
    + rbac.withViewers(teams.shop)
    + environment.mixin.withTargets(target.argo.new(clusters.shop, 'parcel-tracking')),
  ]
))
