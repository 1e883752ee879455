local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('label-printer', 'example/label-printer')
+ service.mixin.withTeam(teams.logistics)
+ service.mixin.withAlertsChannel('logistics-alerts')
+ service.mixin.withEnvironments(
  environment.new('production')
  + rbac.withViewers(teams.shop)
  + rbac.withAdmins(teams.logistics)
  + environment.mixin.withTargets(target.helm.new(clusters.shop, 'label-printer'))
)
