// Tests of ../registry.libsonnet: each field is `true`, or the evaluation fails with both sides.
local registry = import 'anu/registry.libsonnet';
local service = registry.service, environment = registry.environment, target = registry.target, rbac = environment.mixin.rbac;

local core = registry.team.new('core-banking', 'core@example.com');
local cluster = registry.cluster.new('compute-banking', googleProject='gc-compute', location='europe-west4');
local project = registry.project.new('gc-ledger-prod', 'ledger production');

{
  'service: name and repository': std.assertEqual(
    service.new('ledger', 'example/ledger'),
    { type: 'Service', spec: { name: 'ledger', repository: 'example/ledger' } }
  ),
  'service: what is not given is left out': std.assertEqual(service.new('ledger').spec, { name: 'ledger' }),
  'service: fields': std.assertEqual(
    (service.new('ledger')
     + service.mixin.withTeam(core)
     + service.mixin.withAlertsChannel('ledger-alerts')
     + service.mixin.withGoogleServices('pubsub.googleapis.com')
     + service.mixin.withGoogleServicesMixin(['sqladmin.googleapis.com'])
     + service.mixin.withDeletionPolicy('delete')).spec,
    {
      name: 'ledger',
      team: 'core-banking',
      alertsChannel: 'ledger-alerts',
      googleServices: ['pubsub.googleapis.com', 'sqladmin.googleapis.com'],
      deletionPolicy: 'delete',
    }
  ),
  'service: environments are set, and added to': std.assertEqual(
    [
      one.spec.name
      for one in (service.new('ledger')
                  + service.mixin.withEnvironments(environment.new('dropped'))
                  + service.mixin.withEnvironments(environment.new('staging'))
                  + service.mixin.withEnvironmentsMixin([environment.new('production')])).spec.environments
    ],
    ['staging', 'production']
  ),
  'environment: an entry in the place of a name': std.assertEqual(
    (environment.new('production')
     + environment.mixin.withGoogleProject(project)
     + environment.mixin.withTargets(target.argo.new(cluster, 'ledger'))).spec,
    {
      name: 'production',
      googleProject: 'gc-ledger-prod',
      targets: [{
        type: 'Target',
        spec: { kind: 'argo', cluster: 'compute-banking', namespace: 'ledger', release: 'ledger' },
      }],
    }
  ),
  'environment: access is set, and added to': std.assertEqual(
    (environment.new('production')
     + rbac.withAdmins('dropped')
     + rbac.withAdmins([core])
     + rbac.withAdminsMixin(registry.principal.user('jo@example.com', reason='incident 42', expires='2027-01-31T00:00:00Z'))
     + rbac.withViewersMixin(['a', 'b'])
     + rbac.withOperators([])).spec.rbac,
    {
      admins: [
        'core-banking',
        { principal: 'user:jo@example.com', reason: 'incident 42', expires: '2027-01-31T00:00:00Z' },
      ],
      viewers: ['a', 'b'],
      operators: [],
    }
  ),
  'environment: quota is set, and added to': std.assertEqual(
    (environment.new('production')
     + environment.mixin.withQuota({ 'requests.cpu': '4' })
     + environment.mixin.withQuotaMixin({ 'requests.memory': '8Gi' })).spec.quota,
    { 'requests.cpu': '4', 'requests.memory': '8Gi' }
  ),
  'environment.map: what an environment sets itself wins': std.assertEqual(
    [
      one.spec
      for one in environment.map(
        rbac.withAdmins(core) + environment.mixin.withQuota({ pods: '5' }),
        function(environment) [
          environment.new('staging'),
          environment.new('production') + environment.mixin.withQuota({ pods: '50' }),
        ]
      )
    ],
    [
      { name: 'staging', rbac: { admins: ['core-banking'] }, quota: { pods: '5' } },
      { name: 'production', rbac: { admins: ['core-banking'] }, quota: { pods: '50' } },
    ]
  ),
  'environment.map: one within another': std.assertEqual(
    environment.map(
      rbac.withAdmins(core),
      function(environment) environment.map(
        rbac.withViewers('shop'),
        function(environment) [environment.new('staging')]
      )
    )[0].spec.rbac,
    { admins: ['core-banking'], viewers: ['shop'] }
  ),
  'target: kinds': std.assertEqual(
    [
      one.spec
      for one in [
        target.helm.new('c', 'n', 'r'),
        target.kubectl.new('c', 'n'),
        target.new('nomad', 'c', registry.namespace.new('c', 'shared'), 'r'),
      ]
    ],
    [
      { kind: 'helm', cluster: 'c', namespace: 'n', release: 'r' },
      { kind: 'kubectl', cluster: 'c', namespace: 'n' },
      { kind: 'nomad', cluster: 'c', namespace: 'shared', release: 'r' },
    ]
  ),
  'team: principals and services': std.assertEqual(
    (registry.team.new('platform')
     + registry.team.mixin.withPrincipals(google='group:p@example.com', kubernetes='p@example.com')
     + registry.team.mixin.withServices(service.new('ledger'))).spec,
    {
      name: 'platform',
      principals: { google: 'group:p@example.com', kubernetes: 'p@example.com' },
      services: ['ledger'],
    }
  ),
  'project: shared': std.assertEqual(
    (project
     + registry.project.mixin.withParent('folders/1')
     + registry.project.mixin.withBillingAccount('000000-AAAAAA-000000')
     + registry.project.mixin.withLabels({ tier: '1' })
     + registry.project.mixin.withLabelsMixin({ cost: 'banking' })
     + registry.project.mixin.withOwner('ledger')
     + registry.project.mixin.withSharedWith('statements')
     + registry.project.mixin.withSharedWithTeams([core])).spec,
    {
      id: 'gc-ledger-prod',
      name: 'ledger production',
      parent: 'folders/1',
      billingAccount: '000000-AAAAAA-000000',
      labels: { tier: '1', cost: 'banking' },
      owner: 'ledger',
      sharedWith: ['statements'],
      sharedWithTeams: ['core-banking'],
    }
  ),
  'project: existing': std.assertEqual(registry.project.existing('gc-legacy').spec, { id: 'gc-legacy', existing: true }),
  'namespace: shared': std.assertEqual(
    (registry.namespace.new(cluster, 'catalog')
     + registry.namespace.mixin.withOwner('catalog')
     + registry.namespace.mixin.withSharedWith(['search'])
     + registry.namespace.mixin.withQuota({ pods: '5' })).spec,
    { cluster: 'compute-banking', name: 'catalog', owner: 'catalog', sharedWith: ['search'], quota: { pods: '5' } }
  ),
  'registry: sections are set, and added to': std.assertEqual(
    registry.new('acme')
    + registry.mixin.withMetadata({ revision: '4f2c91e' })
    + registry.mixin.withTeams(core)
    + registry.mixin.withTeamsMixin([registry.team.new('shop')])
    + registry.mixin.withServicesMixin(service.new('ledger')),
    {
      metadata: { name: 'acme', revision: '4f2c91e' },
      teams: [core, { type: 'Team', spec: { name: 'shop' } }],
      services: [{ type: 'Service', spec: { name: 'ledger' } }],
    }
  ),
  'fields that the library does not know are kept': std.assertEqual(
    (service.new('ledger') + { spec+: { runbook: 'https://wiki.example.com' } }).spec.runbook,
    'https://wiki.example.com'
  ),
}
