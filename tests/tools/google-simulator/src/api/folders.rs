//! Resource Manager: folders.

use super::projects::terms;
use crate::context::Context;
use crate::error::{ApiError, Result};
use crate::permissions::is_allowed;
use crate::state::{Effect, Folder, Lifecycle};

fn folder(context: &Context<'_>, permission: &str) -> Result<Folder> {
    let name = format!("folders/{}", context.path("folder"));
    let folder = context.state.folders.get(&name).cloned().ok_or_else(ApiError::denied)?;
    context.require(permission, &name)?;
    Ok(folder)
}

fn parent(context: &Context<'_>, parent: &str, permission: &str) -> Result<String> {
    if !context.state.is_parent(parent) {
        return Err(ApiError::denied());
    }
    context.require(permission, parent)?;
    Ok(parent.to_owned())
}

fn display_name(context: &Context<'_>) -> Result<String> {
    match context.text("displayName") {
        name if (3..=30).contains(&name.chars().count()) => Ok(name.to_owned()),
        _ => Err(ApiError::invalid_field("display_name", "folder display name must be between 3 and 30 characters")),
    }
}

/// `folders.create`
pub(crate) fn create(context: &mut Context<'_>) -> Result {
    let parent = parent(context, context.text("parent"), "resourcemanager.folders.create")?;
    let now = context.state.now();
    let folder = Folder {
        name: format!("folders/{}", 200_000_000_000 + context.state.next_number()),
        parent,
        display_name: display_name(context)?,
        state: Lifecycle::Active,
        create_time: now,
        update_time: now,
        etag: String::new(),
    };
    context.start_resource_operation("cf", "CreateFolder", Effect::CreateFolder(folder), false)
}

/// `folders.get`
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    Ok(folder(context, "resourcemanager.folders.get")?.render())
}

/// `folders.list`: the direct children of a parent.
pub(crate) fn list(context: &mut Context<'_>) -> Result {
    let parent = parent(context, context.query("parent").unwrap_or_default(), "resourcemanager.folders.list")?;
    let deleted = context.query("showDeleted") == Some("true");
    let folders = context.state.folders.values().filter(|folder| folder.parent == parent);
    let all = folders.filter(|folder| deleted || folder.state == Lifecycle::Active).map(Folder::render).collect();
    context.page("folders", all, 300)
}

/// `folders.search`: those that the caller may get.
pub(crate) fn search(context: &mut Context<'_>) -> Result {
    let query = context.query("query").unwrap_or_default().to_owned();
    let terms = terms(&query)?;
    let has = |folder: &Folder, field: &str, value: &str| match field {
        "displayName" => folder.display_name == value,
        "parent" => folder.parent == value,
        "state" | "lifecycleState" => folder.state.name() == value,
        _ => false,
    };
    let all = context
        .state
        .folders
        .values()
        .filter(|folder| is_allowed(context.state, &context.caller, "resourcemanager.folders.get", &folder.name))
        .filter(|folder| terms.iter().all(|(field, value)| has(folder, field, value)))
        .map(Folder::render)
        .collect();
    context.page("folders", all, 300)
}

/// `folders.patch`: the display name.
pub(crate) fn patch(context: &mut Context<'_>) -> Result {
    let name = folder(context, "resourcemanager.folders.update")?.name;
    let display_name = display_name(context)?;
    context.start_resource_operation("uf", "UpdateFolder", Effect::PatchFolder { name, display_name }, false)
}

/// `folders.move`
pub(crate) fn relocate(context: &mut Context<'_>) -> Result {
    let name = folder(context, "resourcemanager.folders.move")?.name;
    let parent = parent(context, context.text("destinationParent"), "resourcemanager.folders.move")?;
    context.start_resource_operation("fm", "MoveFolder", Effect::MoveFolder { name, parent }, false)
}

/// `folders.delete`: an empty one.
pub(crate) fn delete(context: &mut Context<'_>) -> Result {
    let name = folder(context, "resourcemanager.folders.delete")?.name;
    let is_active = |state: Lifecycle| state == Lifecycle::Active;
    let projects = context.state.projects.values().map(|project| project.current());
    let is_used = projects.into_iter().any(|it| it.parent.as_ref() == Some(&name) && is_active(it.state))
        || context.state.folders.values().any(|it| it.parent == name && is_active(it.state));
    if is_used {
        let text = "Folder delete failed because the folder is not empty.";
        return Err(ApiError::precondition(text).violation("FOLDER_TO_DELETE_NON_EMPTY", &name, text));
    }
    context.start_resource_operation("fd", "DeleteFolder", Effect::DeleteFolder { name }, true)
}
