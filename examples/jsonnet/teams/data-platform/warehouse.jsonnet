local registry = import 'anu/registry.libsonnet';
local projects = import '../../platform/projects.libsonnet';
local teams = import '../../platform/teams.libsonnet';
local service = registry.service, environment = registry.environment;
local rbac = environment.mixin.rbac;

service.new('warehouse', 'example/warehouse')
+ service.mixin.withTeam(teams['data-platform'])
+ service.mixin.withAlertsChannel('data-platform-alerts')
+ service.mixin.withGoogleServices(['bigquery.googleapis.com', 'storage.googleapis.com'])
+ service.mixin.withEnvironments(
  environment.new('production')
  + environment.mixin.withGoogleProject(projects.warehouseProduction)
  + rbac.withViewers([teams['core-banking'], teams.shop, teams.logistics])
  + rbac.withAdmins(teams['data-platform'])
)
