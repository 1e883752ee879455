local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('search', 'example/search')
+ service.mixin.withTeam(teams['data-platform'])
+ service.mixin.withAlertsChannel('data-platform-alerts')
+ service.mixin.withEnvironments(
  environment.new('production')
  + rbac.withViewers(teams.shop)
  + rbac.withOperators(teams['data-platform'])
  + environment.mixin.withTargets(target.helm.new(clusters.shop, 'catalog', 'search'))
)
