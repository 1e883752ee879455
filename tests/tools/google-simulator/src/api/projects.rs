//! Resource Manager: projects.

use std::collections::BTreeMap;

use serde_json::Value;

use super::project_rules::{check_display_name, check_id, labels};
use crate::context::{Context, require_active};
use crate::error::{ApiError, Code, Result};
use crate::permissions::is_allowed;
use crate::state::{Effect, Lifecycle, OperationKind, Project};

/// `projects.create`
pub(crate) fn create(context: &mut Context<'_>) -> Result {
    let parent = Some(context.text("parent").to_owned()).filter(|parent| !parent.is_empty());
    match &parent {
        None if context.caller.principal.starts_with("serviceAccount:") => {
            return Err(ApiError::new(
                Code::PermissionDenied,
                "Service accounts cannot create projects without a parent.",
            ));
        }
        None => {}
        Some(parent) if !context.state.is_parent(parent) => return Err(ApiError::denied()),
        Some(parent) => context.require("resourcemanager.projects.create", parent)?,
    }
    let number = 100_000_000_000 + context.state.next_number();
    let id = match context.text("projectId") {
        "" => format!("project-{number}"),
        id => id.to_owned(),
    };
    check_id(&id)?;
    let display_name = match context.text("displayName") {
        "" => id.clone(),
        name => name.to_owned(),
    };
    check_display_name(&display_name)?;
    let labels = labels(&context.body["labels"])?;
    if context.state.is_taken(&id) {
        return Err(ApiError::exists("Requested entity already exists"));
    }
    let now = context.state.now();
    let project = Project {
        etag: context.state.next_etag(),
        id,
        number,
        parent,
        display_name,
        labels,
        state: Lifecycle::Active,
        create_time: now,
        update_time: now,
        delete_time: None,
        billing_account: None,
        services: context.options.default_services.iter().cloned().collect(),
        creator: context.caller.principal.clone(),
    };
    let effect = match context.options.project_quota {
        Some(quota) if context.state.projects.len() >= quota => Effect::Fail(project_quota_exceeded(context)),
        _ => Effect::CreateProject(Box::new(project)),
    };
    let operation = context.start("cp", OperationKind::ResourceManager("CreateProject".to_owned()), effect);
    Ok(operation.render_started())
}

fn project_quota_exceeded(context: &Context<'_>) -> ApiError {
    let subject = context.caller.principal.split_once(':').map_or("", |(_, name)| name);
    ApiError::new(
        Code::ResourceExhausted,
        "The project cannot be created because you have exceeded your allotted project quota.",
    )
    .quota(
        &format!("user:{subject}"),
        "The project quota is exceeded: https://support.google.com/code/contact/project_quota_increase",
    )
}

/// `projects.get`
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    Ok(context.seen_project("resourcemanager.projects.get")?.render())
}

/// `projects.list`: the direct children of a parent.
pub(crate) fn list(context: &mut Context<'_>) -> Result {
    let parent = context.query("parent").unwrap_or_default().to_owned();
    if parent.is_empty() {
        return Err(ApiError::invalid_field("parent", "parent is required"));
    }
    if !context.state.is_parent(&parent) {
        return Err(ApiError::denied());
    }
    context.require("resourcemanager.projects.list", &parent)?;
    let deleted = context.query("showDeleted") == Some("true");
    let all = seen(context)
        .filter(|project| project.parent.as_deref() == Some(&parent))
        .filter(|project| deleted || project.state == Lifecycle::Active)
        .map(Project::render)
        .collect();
    context.page("projects", all, 300)
}

/// `projects.search`: those that the caller may get. Of Google's queries it understands fields that are equal to a value, with
/// `AND` between them.
pub(crate) fn search(context: &mut Context<'_>) -> Result {
    let query = context.query("query").unwrap_or_default().to_owned();
    let terms = terms(&query)?;
    let all = seen(context)
        .filter(|project| {
            is_allowed(
                context.state,
                &context.caller,
                "resourcemanager.projects.get",
                &format!("projects/{}", project.id),
            )
        })
        .filter(|project| terms.iter().all(|(field, value)| has(project, field, value)))
        .map(Project::render)
        .collect();
    context.page("projects", all, 300)
}

fn seen<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c Project> {
    let seen_at = context.state.seen_at();
    context.state.projects.values().filter_map(move |project| project.seen(seen_at))
}

/// The terms of a query: `state:ACTIVE AND displayName="Shop of example"`.
pub(super) fn terms(query: &str) -> Result<Vec<(String, String)>> {
    let mut is_quoted = false;
    let words = query.split(|letter: char| {
        is_quoted ^= letter == '"';
        letter == ' ' && !is_quoted
    });
    words
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and"))
        .map(|term| {
            let invalid = || ApiError::invalid(format!("Query not valid: `{term}`"));
            let (field, value) = term.split_once([':', '=']).ok_or_else(invalid)?;
            Ok((field.to_owned(), value.trim_matches('"').to_owned()))
        })
        .collect()
}

fn has(project: &Project, field: &str, value: &str) -> bool {
    let text = |text: &str| value == "*" || text.eq_ignore_ascii_case(value);
    match field {
        "id" | "projectId" => text(&project.id),
        "name" | "displayName" => text(&project.display_name),
        "state" | "lifecycleState" => text(project.state.name()),
        "parent" => project.parent.as_deref().is_some_and(text),
        "projectNumber" => text(&project.number.to_string()),
        _ => field
            .strip_prefix("labels.")
            .and_then(|key| project.labels.get(key))
            .is_some_and(|label| value == "*" || label == value),
    }
}

/// `projects.patch`: display name and labels.
pub(crate) fn patch(context: &mut Context<'_>) -> Result {
    let project = context.project("resourcemanager.projects.update")?;
    require_active(&project)?;
    let mut display_name = None;
    let mut new_labels = None;
    for field in context.update_mask(context.query("updateMask"), context.body) {
        match field.as_str() {
            "displayName" => {
                check_display_name(context.text("displayName"))?;
                display_name = Some(context.text("displayName").to_owned());
            }
            "labels" => new_labels = Some(labels(&context.body["labels"])?),
            "name" | "projectId" => {}
            field => match field.strip_prefix("labels.") {
                Some(key) => {
                    let all = new_labels.get_or_insert_with(|| project.labels.clone());
                    change_label(all, key, &context.body["labels"][key])?;
                }
                None => {
                    return Err(ApiError::invalid_field("update_mask", &format!("field `{field}` cannot be updated")));
                }
            },
        }
    }
    let effect = Effect::PatchProject { id: project.id, display_name, labels: new_labels };
    context.start_resource_operation("pp", "UpdateProject", effect, false)
}

fn change_label(all: &mut BTreeMap<String, String>, key: &str, value: &Value) -> Result<()> {
    match value.as_str() {
        None => drop(all.remove(key)),
        Some(_) => all.extend(labels(&serde_json::json!({ key: value }))?),
    }
    Ok(())
}

/// `projects.move`
pub(crate) fn relocate(context: &mut Context<'_>) -> Result {
    let project = context.project("resourcemanager.projects.move")?;
    require_active(&project)?;
    let parent = context.text("destinationParent").to_owned();
    if !context.state.is_parent(&parent) {
        return Err(ApiError::denied());
    }
    context.require("resourcemanager.projects.move", &parent)?;
    let effect = Effect::MoveProject { id: project.id, parent };
    context.start_resource_operation("pm", "MoveProject", effect, false)
}

/// `projects.delete`: it can be restored for 30 days.
pub(crate) fn delete(context: &mut Context<'_>) -> Result {
    let project = context.project("resourcemanager.projects.delete")?;
    if project.state == Lifecycle::DeleteRequested {
        return Err(ApiError::precondition("Cannot delete an inactive project."));
    }
    let lien = context.state.liens.values().find(|lien| {
        lien.project == project.id && lien.restrictions.iter().any(|it| it == "resourcemanager.projects.delete")
    });
    if let Some(lien) = lien {
        let text = format!(
            "A lien to prevent deletion was placed on the project by [{}]. Remove the lien to allow deletion.",
            lien.origin
        );
        return Err(ApiError::precondition(text.clone()).violation(
            "LIEN",
            &format!("projects/{}", project.number),
            &text,
        ));
    }
    context.start_resource_operation("pd", "DeleteProject", Effect::DeleteProject { id: project.id }, true)
}

/// `projects.undelete`
pub(crate) fn undelete(context: &mut Context<'_>) -> Result {
    let project = context.project("resourcemanager.projects.undelete")?;
    if project.state == Lifecycle::Active {
        return Err(ApiError::precondition("Cannot undelete an active project."));
    }
    context.start_resource_operation("pu", "UndeleteProject", Effect::UndeleteProject { id: project.id }, true)
}
