local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('storefront', 'example/storefront')
+ service.mixin.withTeam(teams.shop)
+ service.mixin.withAlertsChannel('shop-alerts')
+ service.mixin.withGoogleServices(['storage.googleapis.com', 'secretmanager.googleapis.com'])
+ service.mixin.withEnvironments(environment.map(
  rbac.withAdmins(teams.shop),
  function(environment) [
    environment.new('staging')
    + environment.mixin.withGoogleProject(projects.shopStaging)
    + rbac.withViewers(teams.logistics)
    + environment.mixin.withTargets(target.argo.new(clusters.staging, 'storefront')),
    environment.new('production')
    + environment.mixin.withGoogleProject(projects.storefrontProduction)
    + rbac.withViewers(teams.logistics)
    + rbac.withOperators(teams.shop)
    + environment.mixin.withTargets([
      target.argo.new(clusters.shop, 'storefront'),
      target.argo.new(clusters.shop, 'storefront-canary'),
    ])
    + environment.mixin.withQuota({ 'requests.cpu': '48', 'requests.memory': '96Gi' }),
  ]
))
