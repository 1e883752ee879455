local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('catalog', 'example/catalog')
+ service.mixin.withTeam(teams.shop)
+ service.mixin.withAlertsChannel('shop-alerts')
+ service.mixin.withGoogleServices('sqladmin.googleapis.com')
+ service.mixin.withEnvironments(
  environment.new('production')
  + environment.mixin.withGoogleProject(projects.catalog)
  + rbac.withOperators(teams.logistics)
  + rbac.withAdmins(teams.shop)
  + environment.mixin.withTargets(target.helm.new(clusters.shop, 'catalog'))
)
