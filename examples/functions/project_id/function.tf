# A valid Google project id, always the same for the same arguments: at most 30 characters, with a short digest at the end so
# that two long names with the same beginning have different ids.
output "project_id" {
  value = provider::anu::project_id("gc-prd", "make-it-rain", "staging")
}
