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
//
// A registry of thousands of services makes hundreds of thousands of calls, and what a call has made stays in memory as long as the
// entry. So the functions that every service needs begin with what is nearly always given, written out, and leave the rest to
// `set`, which costs several calls more.

local fail(where, message) = error '%s: %s' % [where, message];

local text(where, parameter, value) =
  if !std.isString(value) then fail(where, '%s must be a string, got %s' % [parameter, std.type(value)])
  else if value == '' then fail(where, '%s must not be empty' % parameter)
  else value;

local object(where, parameter, value) =
  if std.isObject(value) then value
  else fail(where, '%s must be an object, got %s' % [parameter, std.type(value)]);

local isText(value) = std.isString(value) && value != '';
local isEntry(value, type) = std.isObject(value) && 'type' in value && value.type == type;

// What a message calls a value that is none of those expected.
local kind(value) = if std.isObject(value) then 'another object' else std.type(value);

// The name of an entry of a type: the name itself, or the entry.
local nameOf(where, parameter, value, type, field='name') =
  if std.isString(value) then text(where, parameter, value)
  else if isEntry(value, type) then text(where, parameter, value.spec[field])
  else fail(where, '%s must be a name or a %s entry, got %s' % [parameter, type, kind(value)]);

// A single element will do for a list.
local list(value) = if std.isArray(value) then value else [value];

local texts(where, parameter, value) =
  local elements = list(value);
  local wrong = [one for one in elements if !std.isString(one) || one == ''];
  if std.length(wrong) == 0 then elements else text(where, parameter, wrong[0]);

local objects(where, parameter, value) =
  local elements = list(value);
  local wrong = [one for one in elements if !std.isObject(one)];
  if std.length(wrong) == 0 then elements else object(where, parameter, wrong[0]);

local names(where, parameter, value, type) =
  local elements = [nameOf(where, parameter, one, type) for one in list(value)];
  if !std.member(elements, '') then elements;

// Entries of one type. A value that is not one is often the function that makes it, or a name.
local entries(where, parameter, value, type) =
  local elements = list(value);
  local wrong = [one for one in elements if !isEntry(one, type)];
  if std.length(wrong) == 0 then elements
  else if std.isFunction(wrong[0]) then
    fail(where, '%s must be %s entries, got a function: is a call missing its arguments?' % [parameter, type])
  else fail(where, '%s must be %s entries, got %s' % [parameter, type, kind(wrong[0])]);

// Who has access: names of teams, Team entries and principals.
local access(where, who) =
  local elements = list(who);
  local others = [one for one in elements if !std.isString(one) || one == ''];
  if std.length(others) == 0 then elements
  else
    local wrong = [one for one in others if !isEntry(one, 'Team') && !(std.isObject(one) && 'principal' in one)];
    if std.length(wrong) == 0 then [if isEntry(one, 'Team') then one.spec.name else one for one in elements]
    else if wrong[0] == '' then text(where, 'who', '')
    else fail(where, 'who must be names of teams, Team entries or principals, got %s' % kind(wrong[0]));

local policies = ['prevent', 'abandon', 'delete', 'delete-with-contents'];

local deletionPolicy(where) = {
  // What happens to the resources when the entry is removed: prevent, abandon, delete, delete-with-contents.
  withDeletionPolicy(policy)::
    if std.member(policies, policy) then { spec+: { deletionPolicy: policy } }
    else fail(where + '.withDeletionPolicy', 'policy must be one of %s' % std.join(', ', policies)),
};

// Fails if a name is in the list more than once.
local unique(what, names) =
  local sorted = std.sort(names);
  if std.length(std.uniq(sorted)) == std.length(names) then true
  else
    local repeated = [sorted[i] for i in std.range(1, std.length(sorted) - 1) if sorted[i] == sorted[i - 1]];
    error '%s `%s` is listed twice' % [what, repeated[0]];

// Jsonnet evaluates what is needed, when it is needed. Arguments are checked at once, so that an error shows the call: what is
// compared with null has been evaluated. None of the checks returns null for what was given.

// Whether an argument that may be left out is, or has been checked.
local optional(value, checked) = value == null || checked != null;

// What sets a field of an entry, and what adds to it.
local set(field, value) = if value != null then { spec+: { [field]: value } };
local add(field, value) = if value != null then { spec+: { [field]+: value } };

// The same for a section of the registry.
local setSection(field, value) = if value != null then { [field]: value };
local addSection(field, value) = if value != null then { [field]+: value };

{
  // A registry: `registry.new('acme') + registry.mixin.withServices([…])`.
  new(name):: if text('registry.new', 'name', name) != null then {
    metadata: { name: name },
    services: [],
    assert unique('Service', [service.spec.name for service in self.services]),
    assert unique('Team', [team.spec.name for team in std.get(self, 'teams', [])]),
    assert unique('Cluster', [cluster.spec.name for cluster in std.get(self, 'clusters', [])]),
    assert unique('Project', [project.spec.id for project in std.get(self, 'projects', [])]),
  },
  mixin:: {
    // Fields of `metadata`: revision, compiledAt, requires, previousNames.
    withMetadata(metadata):: addSection('metadata', object('registry.withMetadata', 'metadata', metadata)),
    withTeams(teams):: setSection('teams', entries('registry.withTeams', 'teams', teams, 'Team')),
    withTeamsMixin(teams)::
      addSection('teams', entries('registry.withTeamsMixin', 'teams', teams, 'Team')),
    withClusters(clusters):: setSection('clusters', entries('registry.withClusters', 'clusters', clusters, 'Cluster')),
    withClustersMixin(clusters)::
      addSection('clusters', entries('registry.withClustersMixin', 'clusters', clusters, 'Cluster')),
    withProjects(projects):: setSection('projects', entries('registry.withProjects', 'projects', projects, 'Project')),
    withProjectsMixin(projects)::
      addSection('projects', entries('registry.withProjectsMixin', 'projects', projects, 'Project')),
    withNamespaces(namespaces):: setSection('namespaces', entries('registry.withNamespaces', 'namespaces', namespaces, 'Namespace')),
    withNamespacesMixin(namespaces)::
      addSection('namespaces', entries('registry.withNamespacesMixin', 'namespaces', namespaces, 'Namespace')),
    withServices(services):: setSection('services', entries('registry.withServices', 'services', services, 'Service')),
    withServicesMixin(services)::
      addSection('services', entries('registry.withServicesMixin', 'services', services, 'Service')),
    // The table from Google services and access levels to roles.
    withPermissions(permissions)::
      addSection('permissions', object('registry.withPermissions', 'permissions', permissions)),
  },

  service:: {
    new(name, repository=null)::
      if isText(name) && (repository == null || isText(repository)) then {
        type: 'Service',
        spec: { name: name, [if repository != null then 'repository']: repository },
        assert !('environments' in self.spec)
               || unique('Environment', [environment.spec.name for environment in self.spec.environments]),
      } else text('service.new', 'name', name) + text('service.new', 'repository', repository),
    mixin:: {
      // The team that owns the service.
      withTeam(team)::
        if isText(team) then { spec+: { team: team } }
        else set('team', nameOf('service.withTeam', 'team', team, 'Team')),
      withAlertsChannel(channel)::
        if isText(channel) then { spec+: { alertsChannel: channel } }
        else text('service.withAlertsChannel', 'channel', channel),
      // APIs that are enabled in the project of each environment: `pubsub.googleapis.com`.
      withGoogleServices(services)::
        set('googleServices', texts('service.withGoogleServices', 'services', services)),
      withGoogleServicesMixin(services)::
        add('googleServices', texts('service.withGoogleServicesMixin', 'services', services)),
      withEnvironments(environments)::
        set('environments', entries('service.withEnvironments', 'environments', environments, 'Environment')),
      withEnvironmentsMixin(environments)::
        add('environments', entries('service.withEnvironmentsMixin', 'environments', environments, 'Environment')),
    } + deletionPolicy('service'),
  },

  environment:: {
    new(name)::
      if isText(name) then { type: 'Environment', spec: { name: name } }
      else text('environment.new', 'name', name),
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
      if common == null then null
      else if !std.isFunction(environments) then
        fail('environment.map', 'environments must be a function of `environment`, got %s' % std.type(environments))
      else entries(
        'environment.map',
        'what the function returns',
        environments({
          new(name):: plain.new(name) + common,
          map(mixin, environments):: plain.map(common + mixin, environments),
          mixin:: plain.mixin,
        }),
        'Environment'
      ),
    mixin:: {
      withGoogleProject(project)::
        if isText(project) then { spec+: { googleProject: project } }
        else set('googleProject', nameOf('environment.withGoogleProject', 'project', project, 'Project', 'id')),
      withTargets(targets)::
        if isEntry(targets, 'Target') then { spec+: { targets: [targets] } }
        else set('targets', entries('environment.withTargets', 'targets', targets, 'Target')),
      withTargetsMixin(targets)::
        add('targets', entries('environment.withTargetsMixin', 'targets', targets, 'Target')),
      // Limits of each namespace: `{ 'requests.cpu': '4', 'requests.memory': '8Gi' }`.
      withQuota(quota)::
        if std.isObject(quota) then { spec+: { quota: quota } } else object('environment.withQuota', 'quota', quota),
      withQuotaMixin(quota):: add('quota', object('environment.withQuotaMixin', 'quota', quota)),
      // `[{ name: 'app', roles: ['roles/pubsub.publisher'], kubernetesServiceAccount: 'app' }]`
      withServiceAccounts(accounts)::
        set('serviceAccounts', objects('environment.withServiceAccounts', 'accounts', accounts)),
      withServiceAccountsMixin(accounts)::
        add('serviceAccounts', objects('environment.withServiceAccountsMixin', 'accounts', accounts)),
      // `[{ role: 'Role:deployer', subjects: ['ServiceAccount:ci/deployer'] }]`
      withRoleBindings(bindings)::
        set('roleBindings', objects('environment.withRoleBindings', 'bindings', bindings)),
      withRoleBindingsMixin(bindings)::
        add('roleBindings', objects('environment.withRoleBindingsMixin', 'bindings', bindings)),
      rbac:: {
        local with(where, level, who) =
          local checked = access(where, who);
          if checked != null then { spec+: { rbac+: { [level]: checked } } },
        local also(where, level, who) =
          local checked = access(where, who);
          if checked != null then { spec+: { rbac+: { [level]+: checked } } },
        withViewers(who)::
          if isText(who) then { spec+: { rbac+: { viewers: [who] } } } else with('environment.rbac.withViewers', 'viewers', who),
        withViewersMixin(who):: also('environment.rbac.withViewersMixin', 'viewers', who),
        withOperators(who)::
          if isText(who) then { spec+: { rbac+: { operators: [who] } } } else with('environment.rbac.withOperators', 'operators', who),
        withOperatorsMixin(who):: also('environment.rbac.withOperatorsMixin', 'operators', who),
        withAdmins(who)::
          if isText(who) then { spec+: { rbac+: { admins: [who] } } } else with('environment.rbac.withAdmins', 'admins', who),
        withAdminsMixin(who):: also('environment.rbac.withAdminsMixin', 'admins', who),
      },
    } + deletionPolicy('environment'),
  },

  target:: {
    local new(where, kind, cluster, namespace, release) =
      if isText(cluster) && isText(namespace) && (release == null || isText(release)) then {
        type: 'Target',
        spec: { kind: kind, cluster: cluster, namespace: namespace, [if release != null then 'release']: release },
      } else new(
        where,
        kind,
        nameOf(where, 'cluster', cluster, 'Cluster'),
        nameOf(where, 'namespace', namespace, 'Namespace'),
        if release == null then null else nameOf(where, 'release', release, 'Namespace')
      ),
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
      if text(where, 'name', name) != null
         && optional(reason, text(where, 'reason', reason))
         && optional(expires, text(where, 'expires', expires)) then {
        principal: prefix + ':' + name,
        [if reason != null then 'reason']: reason,
        [if expires != null then 'expires']: expires,
      },
    user(email, reason=null, expires=null):: new('principal.user', 'user', email, reason, expires),
    group(email, reason=null, expires=null):: new('principal.group', 'group', email, reason, expires),
    serviceAccount(email, reason=null, expires=null)::
      new('principal.serviceAccount', 'serviceAccount', email, reason, expires),
  },

  team:: {
    new(name, email=null)::
      if text('team.new', 'name', name) != null && optional(email, text('team.new', 'email', email)) then {
        type: 'Team',
        spec: { name: name, [if email != null then 'email']: email },
      },
    mixin:: {
      // The team's group where it is not its email: `group:…` on Google, a group's name on Kubernetes.
      withPrincipals(google=null, kubernetes=null)::
        set('principals', {
          [if google != null then 'google']: google,
          [if kubernetes != null then 'kubernetes']: kubernetes,
        }),
      // The services that may use what is shared with the team.
      withServices(services):: set('services', names('team.withServices', 'services', services, 'Service')),
    },
  },

  cluster:: {
    new(name, googleProject=null, location=null)::
      local project = nameOf('cluster.new', 'googleProject', googleProject, 'Project', 'id');
      if text('cluster.new', 'name', name) != null
         && optional(googleProject, project)
         && optional(location, text('cluster.new', 'location', location)) then {
        type: 'Cluster',
        spec: {
          name: name,
          [if googleProject != null then 'googleProject']: project,
          [if location != null then 'location']: location,
        },
      },
  },

  project:: {
    // A project that anu creates.
    new(id, name=null)::
      if text('project.new', 'id', id) != null && optional(name, text('project.new', 'name', name)) then {
        type: 'Project',
        spec: { id: id, [if name != null then 'name']: name },
      },
    // A project that exists and is not anu's.
    existing(id)::
      if text('project.existing', 'id', id) != null then { type: 'Project', spec: { id: id, existing: true } },
    mixin:: {
      // `folders/NUMBER` or `organizations/NUMBER`
      withParent(parent):: set('parent', text('project.withParent', 'parent', parent)),
      withBillingAccount(account):: set('billingAccount', text('project.withBillingAccount', 'account', account)),
      withLabels(labels):: set('labels', object('project.withLabels', 'labels', labels)),
      withLabelsMixin(labels):: add('labels', object('project.withLabelsMixin', 'labels', labels)),
      // The service whose entry defines a shared project, and the services that may use it.
      withOwner(service):: set('owner', nameOf('project.withOwner', 'service', service, 'Service')),
      withSharedWith(services):: set('sharedWith', names('project.withSharedWith', 'services', services, 'Service')),
      withSharedWithTeams(teams)::
        set('sharedWithTeams', names('project.withSharedWithTeams', 'teams', teams, 'Team')),
    } + deletionPolicy('project'),
  },

  // A namespace that several services share, or that has settings of its own.
  namespace:: {
    new(cluster, name)::
      local onCluster = nameOf('namespace.new', 'cluster', cluster, 'Cluster');
      if onCluster != null && text('namespace.new', 'name', name) != null then {
        type: 'Namespace',
        spec: { cluster: onCluster, name: name },
      },
    mixin:: {
      withOwner(service):: set('owner', nameOf('namespace.withOwner', 'service', service, 'Service')),
      withSharedWith(services)::
        set('sharedWith', names('namespace.withSharedWith', 'services', services, 'Service')),
      withSharedWithTeams(teams)::
        set('sharedWithTeams', names('namespace.withSharedWithTeams', 'teams', teams, 'Team')),
      withLabels(labels):: set('labels', object('namespace.withLabels', 'labels', labels)),
      withLabelsMixin(labels):: add('labels', object('namespace.withLabelsMixin', 'labels', labels)),
      withAnnotations(annotations):: set('annotations', object('namespace.withAnnotations', 'annotations', annotations)),
      withQuota(quota):: set('quota', object('namespace.withQuota', 'quota', quota)),
    } + deletionPolicy('namespace'),
  },
}
