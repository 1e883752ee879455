local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('ledger', 'example/ledger')
+ service.mixin.withTeam(teams['core-banking'])
+ service.mixin.withAlertsChannel('ledger-alerts')
+ service.mixin.withGoogleServices(['sqladmin.googleapis.com', 'pubsub.googleapis.com'])
+ service.mixin.withEnvironments(environment.map(
  rbac.withAdmins(teams['core-banking']),
  function(environment) [
    environment.new('staging')
    + environment.mixin.withGoogleProject(projects.ledgerStaging)
    + rbac.withViewers(teams['banking-integrations'])
    + environment.mixin.withTargets(target.argo.new(clusters.staging, 'ledger')),
    environment.new('production')
    + environment.mixin.withGoogleProject(projects.ledgerProduction)
    + rbac.withViewers([teams['banking-integrations'], registry.principal.group('auditors@example.com', reason='external audit reads the ledger once a quarter')])
    + environment.mixin.withTargets(target.argo.new(clusters.banking, 'ledger'))
    + environment.mixin.withQuota({ 'requests.cpu': '64', 'requests.memory': '128Gi' }),
  ]
))
