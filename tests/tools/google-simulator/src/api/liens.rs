//! Resource Manager: liens, which keep projects from being deleted.

use serde_json::{Value, json};

use crate::context::{Context, timestamp};
use crate::error::{ApiError, Result};
use crate::state::{Lien, State};

fn render(state: &State, lien: &Lien) -> Value {
    let number = state.projects.get(&lien.project).map_or(0, |project| project.current().number);
    json!({
        "name": lien.name,
        "parent": format!("projects/{number}"),
        "restrictions": lien.restrictions,
        "reason": lien.reason,
        "origin": lien.origin,
        "createTime": timestamp(lien.create_time),
    })
}

/// The id of the project that `parent` names, if the caller has a permission on it.
fn project(context: &Context<'_>, parent: &str, permission: &str) -> Result<String> {
    let name = parent
        .strip_prefix("projects/")
        .ok_or_else(|| ApiError::invalid_field("parent", "parent must be a project"))?;
    let id = context.state.project_id(name).ok_or_else(ApiError::denied)?;
    context.require(permission, &format!("projects/{id}"))?;
    Ok(id)
}

/// `liens.create`
pub(crate) fn create(context: &mut Context<'_>) -> Result {
    let project = project(context, context.text("parent"), "resourcemanager.projects.updateLiens")?;
    let restrictions: Vec<String> = context.body["restrictions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if restrictions != ["resourcemanager.projects.delete"] {
        return Err(ApiError::invalid_field("restrictions", "only resourcemanager.projects.delete is supported"));
    }
    for field in ["reason", "origin"] {
        if !(1..=200).contains(&context.text(field).chars().count()) {
            return Err(ApiError::invalid_field(field, "must be between 1 and 200 characters"));
        }
    }
    let lien = Lien {
        name: format!("liens/p{}-l{:09x}", context.state.next_number(), context.state.next_number()),
        project,
        restrictions,
        reason: context.text("reason").to_owned(),
        origin: context.text("origin").to_owned(),
        create_time: context.state.now(),
    };
    let rendered = render(context.state, &lien);
    context.state.liens.insert(lien.name.clone(), lien);
    Ok(rendered)
}

/// `liens.list`
pub(crate) fn list(context: &mut Context<'_>) -> Result {
    let project = project(context, context.query("parent").unwrap_or_default(), "resourcemanager.projects.get")?;
    let liens = context.state.liens.values().filter(|lien| lien.project == project);
    let all = liens.map(|lien| render(context.state, lien)).collect();
    context.page("liens", all, 300)
}

fn existing(context: &Context<'_>, permission: &str) -> Result<Lien> {
    let name = format!("liens/{}", context.path("lien"));
    let lien = context.state.liens.get(&name).cloned().ok_or_else(ApiError::denied)?;
    context.require(permission, &format!("projects/{}", lien.project))?;
    Ok(lien)
}

/// `liens.get`
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    Ok(render(context.state, &existing(context, "resourcemanager.projects.get")?))
}

/// `liens.delete`
pub(crate) fn delete(context: &mut Context<'_>) -> Result {
    let lien = existing(context, "resourcemanager.projects.updateLiens")?;
    context.state.liens.remove(&lien.name);
    Ok(json!({}))
}
