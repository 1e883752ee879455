//! Identity pools in principals: `principal://…` and `principalSet://…`.

/// The id of a project in a principal of an identity pool, where Google has only the project's number.
pub(crate) fn project_id_in(principal: &str) -> Option<&str> {
    const STARTS: [&str; 2] = ["//iam.googleapis.com/projects/", "//cloudresourcemanager.googleapis.com/projects/"];
    let (_, name) = principal.split_once(':').filter(|(kind, _)| matches!(*kind, "principal" | "principalSet"))?;
    let rest = STARTS.iter().find_map(|start| name.strip_prefix(start))?;
    let id = rest.split('/').next().unwrap_or_default();
    (id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}
