local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('fx-rates', 'example/fx-rates')
+ service.mixin.withTeam(teams['banking-integrations'])
+ service.mixin.withAlertsChannel('make-it-rain-alerts')
+ service.mixin.withDeletionPolicy('delete')
+ service.mixin.withEnvironments(
  environment.new('staging')
  + rbac.withViewers(teams['core-banking'])
  + rbac.withAdmins(teams['banking-integrations'])
  + environment.mixin.withTargets(target.helm.new(clusters.staging, 'fx-rates'))
)
