local registry = import 'anu/registry.libsonnet';
local clusters = import '../../platform/clusters.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target;
local rbac = environment.mixin.rbac;

service.new('checkout', 'example/checkout')
+ service.mixin.withTeam(teams.shop)
+ service.mixin.withAlertsChannel('shop-alerts')
+ service.mixin.withGoogleServices(['pubsub.googleapis.com', 'secretmanager.googleapis.com'])
+ service.mixin.withEnvironments(
  environment.new('production')
  + environment.mixin.withGoogleProject(projects.checkoutProduction)
  + rbac.withViewers(teams['core-banking'])
  + rbac.withAdmins(teams.shop)
  + environment.mixin.withTargets(target.argo.new(clusters.shop, 'checkout'))
  + environment.mixin.withQuota({ 'requests.cpu': '16', 'requests.memory': '32Gi' })
)
