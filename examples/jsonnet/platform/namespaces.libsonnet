local namespace = (import 'anu/registry.libsonnet').namespace;
local clusters = import 'clusters.libsonnet';

[
  namespace.new(clusters.shop, 'catalog')
  + namespace.mixin.withOwner('catalog')
  + namespace.mixin.withSharedWith('search')
  + namespace.mixin.withLabels({ tier: '2' })
  + namespace.mixin.withQuota({ 'requests.cpu': '24', 'requests.memory': '48Gi' }),
]
