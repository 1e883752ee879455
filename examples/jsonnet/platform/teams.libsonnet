local team = (import 'anu/registry.libsonnet').team;

{
  [name]: team.new(name, name + '-team@example.com')
  for name in ['banking-integrations', 'core-banking', 'data-platform', 'logistics', 'shop']
}
