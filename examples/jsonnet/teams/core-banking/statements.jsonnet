local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('statements', 'example/statements')
+ service.mixin.withTeam(teams['core-banking'])
+ service.mixin.withAlertsChannel('ledger-alerts')
+ service.mixin.withGoogleServices('storage.googleapis.com')
+ service.mixin.withEnvironments(
  environment.new('production')
  + environment.mixin.withGoogleProject(projects.ledgerProduction)
  + rbac.withViewers(teams['banking-integrations'])
  + rbac.withOperators(teams['core-banking'])
  + rbac.withAdmins(teams['core-banking'])
  + environment.mixin.withTargets(target.helm.new(clusters.banking, 'statements'))
)
