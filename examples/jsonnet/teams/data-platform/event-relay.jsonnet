local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('event-relay', 'example/event-relay')
+ service.mixin.withTeam(teams['data-platform'])
+ service.mixin.withAlertsChannel('data-platform-alerts')
+ service.mixin.withEnvironments(environment.map(
  rbac.withAdmins(teams['data-platform']),
  function(environment) [
    environment.new('staging')
    + rbac.withOperators(teams.shop)
    + environment.mixin.withTargets(target.argo.new(clusters.staging, 'event-relay')),
    environment.new('production')
    + rbac.withViewers(teams.shop)
    + environment.mixin.withTargets([
      target.argo.new(clusters.shop, 'event-relay'),
      target.argo.new(clusters.banking, 'event-relay'),
    ])
    + environment.mixin.withQuota({ 'requests.cpu': '8', 'requests.memory': '16Gi' }),
  ]
))
