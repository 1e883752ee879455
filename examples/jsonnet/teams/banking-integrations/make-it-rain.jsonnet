local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('make-it-rain', 'example/make-it-rain')
+ service.mixin.withTeam(teams['banking-integrations'])
+ service.mixin.withAlertsChannel('make-it-rain-alerts')
+ service.mixin.withGoogleServices('pubsub.googleapis.com')
+ service.mixin.withEnvironments(environment.map(
  rbac.withAdmins(teams['banking-integrations']),
  function(environment) [
    environment.new('staging')
    + environment.mixin.withGoogleProject(projects.makeItRainStaging)
    + rbac.withOperators(teams['core-banking'])
    + environment.mixin.withTargets(target.argo.new(clusters.staging, 'make-it-rain'))
    + environment.mixin.withQuota({ 'requests.cpu': '4', 'requests.memory': '8Gi' }),
    environment.new('production')
    + environment.mixin.withGoogleProject(projects.makeItRainProduction)
    + rbac.withOperators([
      teams['core-banking'],
      registry.principal.serviceAccount('deployer@gc-prd-ci.iam.gserviceaccount.com', reason='CI deploys from main'),
    ])
    + environment.mixin.withTargets(target.argo.new(clusters.banking, 'make-it-rain'))
    + environment.mixin.withQuota({ 'requests.cpu': '32', 'requests.memory': '32Gi' }),
  ]
))
+ { spec+: { runbook: 'https://wiki.example.com/make-it-rain' } }
