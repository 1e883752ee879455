// The registry: what the platform team owns, and one file for each service in its team's folder.
local registry = import 'anu/registry.libsonnet';
local clusters = import 'platform/clusters.libsonnet';
local projects = import 'platform/projects.libsonnet';
local teams = import 'platform/teams.libsonnet';

registry.new('acme')
+ registry.mixin.withMetadata({ requires: { anu: '>=0.1.0, <1.0.0' } })
+ registry.mixin.withTeams(std.objectValues(teams))
+ registry.mixin.withClusters(std.objectValues(clusters))
+ registry.mixin.withProjects(std.objectValues(projects))
+ registry.mixin.withNamespaces(import 'platform/namespaces.libsonnet')
+ registry.mixin.withPermissions(import 'platform/permissions.libsonnet')
+ registry.mixin.withServices([
  import 'teams/banking-integrations/fx-rates.jsonnet',
  import 'teams/banking-integrations/make-it-rain.jsonnet',
  import 'teams/core-banking/ledger.jsonnet',
  import 'teams/core-banking/statements.jsonnet',
  import 'teams/data-platform/event-relay.jsonnet',
  import 'teams/data-platform/search.jsonnet',
  import 'teams/data-platform/warehouse.jsonnet',
  import 'teams/logistics/label-printer.jsonnet',
  import 'teams/logistics/parcel-tracking.jsonnet',
  import 'teams/shop/catalog.jsonnet',
  import 'teams/shop/checkout.jsonnet',
  import 'teams/shop/storefront.jsonnet',
])
+ {
  // What anu does not know is kept: other tools read it.
  logIndices: [
    {
      type: 'LogIndex',
      spec: { name: 'banking-production', retentionDays: 400, services: ['make-it-rain', 'ledger', 'statements'] },
    },
    {
      type: 'LogIndex',
      spec: { name: 'shop-production', retentionDays: 30, services: ['storefront', 'checkout', 'catalog', 'search'] },
    },
  ],
}
