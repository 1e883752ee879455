// A library to write a service registry with. It is part of anu:
//
//     local registry = import 'anu/registry.libsonnet';
//
// Every kind of entry has `new`, which takes what the entry cannot do without, and `mixin`, whose functions return what is
// added to an entry with `+`:
//
//     service.new('make-it-rain', 'example/make-it-rain')
//     + service.mixin.withTeam('banking-integrations')
//
// `with…` sets a field; `with…Mixin` adds to it. Where a list is expected, a single element will do; where the name of a team,
// cluster, project or service is expected, its entry will do. What anu adds to the registry later can be used before this
// library knows it: `+ { spec+: { newField: 1 } }`.

// Checks of arguments. `where` is the function as the user calls it: `service.new`.

local fail(where, message) = error '%s: %s' % [where, message];

local text(where, parameter, value) =
  if !std.isString(value) then fail(where, '%s must be a string, got %s' % [parameter, std.type(value)])
  else if std.length(value) == 0 then fail(where, '%s must not be empty' % parameter)
  else value;

local object(where, parameter, value) =
  if std.isObject(value) then value
  else fail(where, '%s must be an object, got %s' % [parameter, std.type(value)]);

// A field that is left out if it is null.
local optional(name, value) = if value == null then {} else { [name]: value };

// The name of an entry of a type: the name itself, or the entry.
local nameOf(where, parameter, value, type, field='name') =
  if std.isString(value) then text(where, parameter, value)
  else if std.isObject(value) && std.get(value, 'type') == type then value.spec[field]
  else fail(where, '%s must be a name or a %s entry, got %s' % [
    parameter,
    type,
    if std.isObject(value) then 'another object' else std.type(value),
  ]);

// A list of what `element` returns, from a list or from a single element.
local list(where, parameter, value, element) =
  local elements = if std.isArray(value) then value else [value];
  [element(where, parameter, one) for one in elements];

local texts(where, parameter, value) = list(where, parameter, value, text);

local names(type) =
  function(where, parameter, value)
    list(where, parameter, value, function(where, parameter, one) nameOf(where, parameter, one, type));

// Entries of one type. A value that is not one is often the function that makes it, or a name.
local entries(type) =
  function(where, parameter, value)
    list(
      where,
      parameter,
      value,
      function(where, parameter, one)
        if std.isObject(one) && std.get(one, 'type') == type then one
        else if std.isFunction(one) then
          fail(where, '%s must be %s entries, got a function: is a call missing its arguments?' % [parameter, type])
        else fail(where, '%s must be %s entries, got %s' % [
          parameter,
          type,
          if std.isObject(one) then 'another object' else std.type(one),
        ])
    );

// Who has access: the name of a team, a Team entry, or a principal.
local access(where, parameter, value) =
  list(
    where,
    parameter,
    value,
    function(where, parameter, one)
      if std.isObject(one) && std.objectHas(one, 'principal') then one
      else if std.isString(one) || std.isObject(one) && std.get(one, 'type') == 'Team' then nameOf(where, parameter, one, 'Team')
      else fail(where, '%s must be names of teams, Team entries or principals, got %s' % [
        parameter,
        if std.isObject(one) then 'another object' else std.type(one),
      ])
  );

local policies = ['prevent', 'abandon', 'delete', 'delete-with-contents'];

local deletionPolicy(where) = {
  // What happens to the resources when the entry is removed: prevent, abandon, delete, delete-with-contents.
  withDeletionPolicy(policy)::
    if std.member(policies, policy) then { spec+: { deletionPolicy: policy } }
    else fail(where + '.withDeletionPolicy', 'policy must be one of %s' % std.join(', ', policies)),
};

// Fails if a name is in the list more than once: neighbours in sorted order, so that thousands are compared in no time.
local unique(what, names) =
  local sorted = std.sort(names);
  local repeated = [sorted[i] for i in std.range(1, std.length(sorted) - 1) if sorted[i] == sorted[i - 1]];
  if std.length(repeated) == 0 then true else error '%s `%s` is listed twice' % [what, repeated[0]];

// Jsonnet evaluates what is needed, when it is needed. Arguments are checked at once, so that an error shows the call: true, or
// the evaluation fails.
local checked(value) =
  if std.isArray(value) then std.all([std.type(one) != '' for one in value])
  else std.type(value) != '';

// An entry.
local entry(type, spec) = if checked(std.objectValues(spec)) then { type: type, spec: spec };

// What sets a field of an entry, and what adds to it.
local set(field, value) = if checked(value) then { spec+: { [field]: value } };
local add(field, value) = if checked(value) then { spec+: { [field]+: value } };

// The same for a section of the registry.
local setSection(field, value) = if checked(value) then { [field]: value };
local addSection(field, value) = if checked(value) then { [field]+: value };

{
  // A registry: `registry.new('acme') + registry.mixin.withServices([…])`.
  new(name):: (if checked(text('registry.new', 'name', name)) then { metadata: { name: name } }) + {
    services: [],
    assert unique('Service', [service.spec.name for service in self.services]),
    assert unique('Team', [team.spec.name for team in std.get(self, 'teams', [])]),
    assert unique('Cluster', [cluster.spec.name for cluster in std.get(self, 'clusters', [])]),
    assert unique('Project', [project.spec.id for project in std.get(self, 'projects', [])]),
  },
  mixin:: {
    // Fields of `metadata`: revision, compiledAt, requires, previousNames.
    withMetadata(metadata):: addSection('metadata', object('registry.withMetadata', 'metadata', metadata)),
    withTeams(teams):: setSection('teams', entries('Team')('registry.withTeams', 'teams', teams)),
    withTeamsMixin(teams)::
      addSection('teams', entries('Team')('registry.withTeamsMixin', 'teams', teams)),
    withClusters(clusters):: setSection('clusters', entries('Cluster')('registry.withClusters', 'clusters', clusters)),
    withClustersMixin(clusters)::
      addSection('clusters', entries('Cluster')('registry.withClustersMixin', 'clusters', clusters)),
    withProjects(projects):: setSection('projects', entries('Project')('registry.withProjects', 'projects', projects)),
    withProjectsMixin(projects)::
      addSection('projects', entries('Project')('registry.withProjectsMixin', 'projects', projects)),
    withNamespaces(namespaces):: setSection('namespaces', entries('Namespace')('registry.withNamespaces', 'namespaces', namespaces)),
    withNamespacesMixin(namespaces)::
      addSection('namespaces', entries('Namespace')('registry.withNamespacesMixin', 'namespaces', namespaces)),
    withServices(services):: setSection('services', entries('Service')('registry.withServices', 'services', services)),
    withServicesMixin(services)::
      addSection('services', entries('Service')('registry.withServicesMixin', 'services', services)),
    // The table from Google services and access levels to roles.
    withPermissions(permissions)::
      addSection('permissions', object('registry.withPermissions', 'permissions', permissions)),
  },

  service:: {
    new(name, repository=null)::
      entry(
        'Service',
        { name: text('service.new', 'name', name) }
        + optional('repository', if repository == null then null else text('service.new', 'repository', repository)),
      ) + {
        assert unique(
          'Environment',
          [environment.spec.name for environment in std.get(self.spec, 'environments', [])]
        ),
      },
    mixin:: {
      // The team that owns the service.
      withTeam(team):: set('team', nameOf('service.withTeam', 'team', team, 'Team')),
      withAlertsChannel(channel):: set('alertsChannel', text('service.withAlertsChannel', 'channel', channel)),
      // APIs that are enabled in the project of each environment: `pubsub.googleapis.com`.
      withGoogleServices(services)::
        set('googleServices', texts('service.withGoogleServices', 'services', services)),
      withGoogleServicesMixin(services)::
        add('googleServices', texts('service.withGoogleServicesMixin', 'services', services)),
      withEnvironments(environments)::
        set('environments', entries('Environment')('service.withEnvironments', 'environments', environments)),
      withEnvironmentsMixin(environments)::
        add('environments', entries('Environment')('service.withEnvironmentsMixin', 'environments', environments)),
    } + deletionPolicy('service'),
  },

  environment:: {
    new(name):: entry('Environment', { name: text('environment.new', 'name', name) }),
    // Environments with something in common. `environments` is a function of this library's `environment`, whose `new` has the
    // mixin in it, so that what an environment sets itself wins:
    //
    //     environment.map(
    //       environment.mixin.rbac.withAdmins('banking-integrations'),
    //       function(environment) [environment.new('staging'), environment.new('production')]
    //     )
    map(mixin, environments)::
      local common = object('environment.map', 'mixin', mixin);
      local plain = self;
      if !checked(common) then null
      else if !std.isFunction(environments) then
        fail('environment.map', 'environments must be a function of `environment`, got %s' % std.type(environments))
      else entries('Environment')(
        'environment.map',
        'what the function returns',
        environments(plain { new(name):: plain.new(name) + common })
      ),
    mixin:: {
      withGoogleProject(project)::
        set('googleProject', nameOf('environment.withGoogleProject', 'project', project, 'Project', 'id')),
      withTargets(targets):: set('targets', entries('Target')('environment.withTargets', 'targets', targets)),
      withTargetsMixin(targets)::
        add('targets', entries('Target')('environment.withTargetsMixin', 'targets', targets)),
      // Limits of each namespace: `{ 'requests.cpu': '4', 'requests.memory': '8Gi' }`.
      withQuota(quota):: set('quota', object('environment.withQuota', 'quota', quota)),
      withQuotaMixin(quota):: add('quota', object('environment.withQuotaMixin', 'quota', quota)),
      // `[{ name: 'app', roles: ['roles/pubsub.publisher'], kubernetesServiceAccount: 'app' }]`
      withServiceAccounts(accounts)::
        set('serviceAccounts', list('environment.withServiceAccounts', 'accounts', accounts, object)),
      withServiceAccountsMixin(accounts)::
        add('serviceAccounts', list('environment.withServiceAccountsMixin', 'accounts', accounts, object)),
      rbac:: {
        local listed(called, principals) = access('environment.rbac.' + called, 'who', principals),
        local with(called, level, principals) =
          local who = listed(called, principals);
          if checked(who) then { spec+: { rbac+: { [level]: who } } },
        local also(called, level, principals) =
          local who = listed(called, principals);
          if checked(who) then { spec+: { rbac+: { [level]+: who } } },
        withViewers(who):: with('withViewers', 'viewers', who),
        withViewersMixin(who):: also('withViewersMixin', 'viewers', who),
        withOperators(who):: with('withOperators', 'operators', who),
        withOperatorsMixin(who):: also('withOperatorsMixin', 'operators', who),
        withAdmins(who):: with('withAdmins', 'admins', who),
        withAdminsMixin(who):: also('withAdminsMixin', 'admins', who),
      },
    } + deletionPolicy('environment'),
  },

  target:: {
    local new(where, kind, cluster, namespace, release) = entry('Target', {
      kind: kind,
      cluster: nameOf(where, 'cluster', cluster, 'Cluster'),
      namespace: nameOf(where, 'namespace', namespace, 'Namespace'),
    } + optional('release', if release == null then null else nameOf(where, 'release', release, 'Namespace'))),
    // A target of any kind.
    new(kind, cluster, namespace, release=null)::
      new('target.new', text('target.new', 'kind', kind), cluster, namespace, release),
    argo:: { new(cluster, namespace, release=namespace):: new('target.argo.new', 'argo', cluster, namespace, release) },
    helm:: { new(cluster, namespace, release=namespace):: new('target.helm.new', 'helm', cluster, namespace, release) },
    kubectl:: { new(cluster, namespace):: new('target.kubectl.new', 'kubectl', cluster, namespace, null) },
    mixin:: deletionPolicy('target'),
  },

  // Someone with access who is not a team: `principal.user('jo@example.com', reason='incident 42')`.
  principal:: {
    local new(where, prefix, name, reason, expires) =
      local it =
        { principal: '%s:%s' % [prefix, text(where, 'name', name)] }
        + optional('reason', if reason == null then null else text(where, 'reason', reason))
        + optional('expires', if expires == null then null else text(where, 'expires', expires));
      if checked(std.objectValues(it)) then it,
    user(email, reason=null, expires=null):: new('principal.user', 'user', email, reason, expires),
    group(email, reason=null, expires=null):: new('principal.group', 'group', email, reason, expires),
    serviceAccount(email, reason=null, expires=null)::
      new('principal.serviceAccount', 'serviceAccount', email, reason, expires),
  },

  team:: {
    new(name, email=null)::
      entry(
        'Team',
        { name: text('team.new', 'name', name) }
        + optional('email', if email == null then null else text('team.new', 'email', email))
      ),
    mixin:: {
      // The team's group where it is not its email: `group:…` on Google, a group's name on Kubernetes.
      withPrincipals(google=null, kubernetes=null)::
        set('principals', optional('google', google) + optional('kubernetes', kubernetes)),
      // The services that may use what is shared with the team.
      withServices(services):: set('services', names('Service')('team.withServices', 'services', services)),
    },
  },

  cluster:: {
    new(name, googleProject=null, location=null)::
      entry(
        'Cluster',
        { name: text('cluster.new', 'name', name) }
        + optional(
          'googleProject',
          if googleProject == null then null else nameOf('cluster.new', 'googleProject', googleProject, 'Project', 'id')
        )
        + optional('location', if location == null then null else text('cluster.new', 'location', location))
      ),
  },

  project:: {
    // A project that anu creates.
    new(id, name=null)::
      entry(
        'Project',
        { id: text('project.new', 'id', id) }
        + optional('name', if name == null then null else text('project.new', 'name', name))
      ),
    // A project that exists and is not anu's.
    existing(id):: entry('Project', { id: text('project.existing', 'id', id), existing: true }),
    mixin:: {
      // `folders/NUMBER` or `organizations/NUMBER`
      withParent(parent):: set('parent', text('project.withParent', 'parent', parent)),
      withBillingAccount(account):: set('billingAccount', text('project.withBillingAccount', 'account', account)),
      withLabels(labels):: set('labels', object('project.withLabels', 'labels', labels)),
      withLabelsMixin(labels):: add('labels', object('project.withLabelsMixin', 'labels', labels)),
      // The service whose entry defines a shared project, and the services that may use it.
      withOwner(service):: set('owner', nameOf('project.withOwner', 'service', service, 'Service')),
      withSharedWith(services):: set('sharedWith', names('Service')('project.withSharedWith', 'services', services)),
      withSharedWithTeams(teams)::
        set('sharedWithTeams', names('Team')('project.withSharedWithTeams', 'teams', teams)),
    } + deletionPolicy('project'),
  },

  // A namespace that several services share, or that has settings of its own.
  namespace:: {
    new(cluster, name)::
      entry('Namespace', {
        cluster: nameOf('namespace.new', 'cluster', cluster, 'Cluster'),
        name: text('namespace.new', 'name', name),
      }),
    mixin:: {
      withOwner(service):: set('owner', nameOf('namespace.withOwner', 'service', service, 'Service')),
      withSharedWith(services)::
        set('sharedWith', names('Service')('namespace.withSharedWith', 'services', services)),
      withSharedWithTeams(teams)::
        set('sharedWithTeams', names('Team')('namespace.withSharedWithTeams', 'teams', teams)),
      withLabels(labels):: set('labels', object('namespace.withLabels', 'labels', labels)),
      withLabelsMixin(labels):: add('labels', object('namespace.withLabelsMixin', 'labels', labels)),
      withAnnotations(annotations):: set('annotations', object('namespace.withAnnotations', 'annotations', annotations)),
      withQuota(quota):: set('quota', object('namespace.withQuota', 'quota', quota)),
    } + deletionPolicy('namespace'),
  },
}
