local registry = import 'anu/registry.libsonnet';
local service = registry.service, environment = registry.environment;

registry.new('example')
+ registry.mixin.withTeams(registry.team.new('banking', 'banking-team@example.com'))
+ registry.mixin.withServices(
  service.new('make-it-rain')
  + service.mixin.withTeam('banking')
  + service.mixin.withEnvironments(
    environment.new('staging')
    + environment.mixin.withGoogleProject(std.extVar('project'))
    + environment.mixin.rbac.withAdmins('banking')
  )
)
