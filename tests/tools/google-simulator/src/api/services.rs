//! Service Usage: which APIs are enabled on a project.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{ApiError, Code, Result};
use crate::state::{Effect, Lifecycle, OperationKind, Project, service_name};

/// The most APIs in one batch of `batchEnable`, and of `batchGet`.
const MAX_ENABLED: usize = 20;
const MAX_READ: usize = 30;

/// What Google enables with an API: those that it depends on. A part of the real table.
const DEPENDENCIES: &[(&str, &[&str])] = &[
    (
        "container.googleapis.com",
        &[
            "artifactregistry.googleapis.com",
            "autoscaling.googleapis.com",
            "compute.googleapis.com",
            "containerfilesystem.googleapis.com",
            "dns.googleapis.com",
            "gkebackup.googleapis.com",
            "networkconnectivity.googleapis.com",
        ],
    ),
    ("compute.googleapis.com", &["oslogin.googleapis.com"]),
    ("run.googleapis.com", &["artifactregistry.googleapis.com"]),
    ("cloudbuild.googleapis.com", &["storage-component.googleapis.com"]),
    ("bigquery.googleapis.com", &["bigquerymigration.googleapis.com", "bigquerystorage.googleapis.com"]),
];

/// APIs that Google enables only on projects with an open billing account. A part of the real list.
const PAID: &[&str] = &[
    "aiplatform.googleapis.com",
    "alloydb.googleapis.com",
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "compute.googleapis.com",
    "container.googleapis.com",
    "dataflow.googleapis.com",
    "dataproc.googleapis.com",
    "redis.googleapis.com",
    "run.googleapis.com",
    "spanner.googleapis.com",
];

/// What a list without a filter has beside the enabled ones.
const CATALOGUE: &[&str] = &[
    "bigquery.googleapis.com",
    "cloudkms.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "container.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "spanner.googleapis.com",
    "sqladmin.googleapis.com",
    "storage.googleapis.com",
];

/// The project in the path, seen or changed: unknown, forbidden and deleted are 403.
fn project(context: &Context<'_>, permission: &str) -> Result<Project> {
    let name = context.path("project").to_owned();
    let denied = || {
        let text = format!("Project '{name}' not found or permission denied.");
        ApiError::new(Code::PermissionDenied, &text)
            .violation("googleapis.com", &format!("?error_code=210002&type=Project&resource_id={name}"), "110002")
            .reason(
                "RESOURCES_NOT_FOUND",
                "serviceusage.googleapis.com",
                json!({ "resource": format!("projects/{name}") }),
            )
    };
    let project = context.project(permission).map_err(|_| denied())?;
    match project.state {
        Lifecycle::Active => Ok(project),
        Lifecycle::DeleteRequested => {
            Err(ApiError::new(Code::PermissionDenied, format!("Project '{}' not found or deleted.", project.id)))
        }
    }
}

/// `services.enable`
pub(crate) fn enable(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.enable")?;
    let services = vec![context.path("service").to_owned()];
    start_enabling(context, project, services, false)
}

/// `services.batchEnable`: all of them or none.
pub(crate) fn batch_enable(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.enable")?;
    let services: Vec<String> = context.body["serviceIds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if services.is_empty() {
        return Err(ApiError::invalid("At least one service must be specified."));
    }
    if services.len() > MAX_ENABLED {
        return Err(ApiError::invalid(format!(
            "A batch may have at most {MAX_ENABLED} services, and this has {}.",
            services.len()
        )));
    }
    start_enabling(context, project, services, true)
}

fn start_enabling(context: &mut Context<'_>, project: Project, named: Vec<String>, batch: bool) -> Result {
    check_names(context, &named)?;
    require_no_other_change(context, &project)?;
    require_billing(context, &project, &named)?;
    let names = named.iter().map(|service| service_name(project.number, service)).collect();
    let services = with_dependencies(named);
    let effect = Effect::EnableServices { id: project.id, services, batch };
    Ok(context
        .start(&format!("acf.p2-{}", project.number), OperationKind::ServiceUsage(names), effect)
        .render_started())
}

fn check_names(context: &Context<'_>, services: &[String]) -> Result<()> {
    let is_known = |name: &&String| !name.contains('/') && name.contains('.') && !context.state.missing.contains(*name);
    let unknown: Vec<&str> = services.iter().filter(|name| !is_known(name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = unknown.join(",");
    let text = format!("Not found or permission denied for service(s): {unknown}.");
    Err(ApiError::new(Code::PermissionDenied, &text)
        .violation("googleapis.com", &format!("?error_code=220002&services={unknown}"), &text)
        .reason(
            "SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED",
            "serviceusage.googleapis.com",
            json!({ "services": unknown }),
        ))
}

fn require_no_other_change(context: &Context<'_>, project: &Project) -> Result<()> {
    match context.state.operations.values().any(|operation| operation.changes_services_of(&project.id)) {
        false => Ok(()),
        true => Err(ApiError::precondition(format!(
            "Another activation or deactivation is in progress for project '{}'. Please try again later.",
            project.number
        ))),
    }
}

fn require_billing(context: &Context<'_>, project: &Project, services: &[String]) -> Result<()> {
    let account = project.billing_account.as_ref().and_then(|name| context.state.billing_accounts.get(name));
    let paid: Vec<&str> = services.iter().map(String::as_str).filter(|service| PAID.contains(service)).collect();
    if !context.options.require_billing || paid.is_empty() || account.is_some_and(|account| account.open) {
        return Ok(());
    }
    let (number, services) = (project.number, paid.join(","));
    let text = format!(
        "Billing account for project '{number}' is not found. Billing must be enabled for activation of service(s) '{services}' to proceed."
    );
    Err(ApiError::precondition(text.clone())
        .violation(
            "googleapis.com/billing-enabled",
            &format!("?error=390001&project={number}&services={services}"),
            &text,
        )
        .reason("UREQ_PROJECT_BILLING_NOT_FOUND", "serviceusage.googleapis.com", json!({})))
}

fn with_dependencies(mut pending: Vec<String>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    while let Some(service) = pending.pop() {
        let dependencies = DEPENDENCIES.iter().filter(|(name, _)| *name == service);
        pending.extend(dependencies.flat_map(|(_, others)| *others).map(|&other| other.to_owned()));
        if !all.insert(service) {
            continue;
        }
    }
    all
}

/// `services.disable`
pub(crate) fn disable(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.disable")?;
    let named = context.path("service").to_owned();
    check_names(context, std::slice::from_ref(&named))?;
    require_no_other_change(context, &project)?;
    if !project.services.contains(&named) {
        return Err(ApiError::precondition(format!(
            "Service {named} is not enabled for consumer projects/{}.",
            project.number
        )));
    }
    let dependents: Vec<&str> = project
        .services
        .iter()
        .filter(|service| **service != named && with_dependencies(vec![(*service).clone()]).contains(&named))
        .map(String::as_str)
        .collect();
    if !dependents.is_empty() && context.body["disableDependentServices"] != json!(true) {
        let text = format!(
            "The service {named} is depended on by the following active service(s): {}; Please specify disable_dependent_services=true if you want to proceed with disabling all services.",
            dependents.join(",")
        );
        return Err(ApiError::precondition(text.clone())
            .violation("googleapis.com", &format!("?error_code=100001&service_name={named}"), &text)
            .reason(
                "COMMON_SU_SERVICE_HAS_DEPENDENT_SERVICES",
                "serviceusage.googleapis.com",
                json!({ "services": dependents.join(",") }),
            ));
    }
    let mut services: BTreeSet<String> = dependents.iter().map(|&it| it.to_owned()).collect();
    services.insert(named.clone());
    let names = vec![service_name(project.number, &named)];
    let prefix = format!("acf.p2-{}", project.number);
    let effect = Effect::DisableServices { id: project.id.clone(), services, named };
    Ok(context.start(&prefix, OperationKind::ServiceUsage(names), effect).render_started())
}

/// `services.get`
pub(crate) fn get(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.get")?;
    let service = context.path("service").to_owned();
    check_names(context, std::slice::from_ref(&service))?;
    Ok(seen(context, &project).render_service(&service))
}

/// `services.batchGet`
pub(crate) fn batch_get(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.get")?;
    let names: Vec<&str> =
        context.query.iter().filter(|(key, _)| key == "names").map(|(_, name)| name.as_str()).collect();
    if names.is_empty() || names.len() > MAX_READ {
        return Err(ApiError::invalid(format!("A batch has between 1 and {MAX_READ} services.")));
    }
    let services: Vec<String> = names
        .iter()
        .map(|name| match name.strip_prefix("projects/").and_then(|rest| rest.split_once("/services/")) {
            Some((owner, service)) if context.state.project_id(owner).as_ref() == Some(&project.id) => {
                Ok(service.to_owned())
            }
            _ => Err(ApiError::invalid(format!("Invalid service name: {name}"))),
        })
        .collect::<Result<_>>()?;
    check_names(context, &services)?;
    let project = seen(context, &project);
    Ok(json!({"services": services.iter().map(|service| project.render_service(service)).collect::<Vec<_>>()}))
}

/// `services.list`
pub(crate) fn list(context: &mut Context<'_>) -> Result {
    let project = project(context, "serviceusage.services.list")?;
    let project = seen(context, &project);
    let known = || {
        CATALOGUE.iter().map(|&name| name.to_owned()).chain(project.services.iter().cloned()).collect::<BTreeSet<_>>()
    };
    let services: BTreeSet<String> = match context.query("filter").unwrap_or_default() {
        "state:ENABLED" => project.services.clone(),
        "state:DISABLED" => known().difference(&project.services).cloned().collect(),
        "" => known(),
        filter => return Err(ApiError::invalid(format!("Invalid filter: {filter}"))),
    };
    let all = services.iter().map(|service| project.render_service(service)).collect();
    let page = context.page("services", all, if context.query("pageSize").is_some() { 200 } else { 50 })?;
    Ok(page)
}

/// The project as readers see it: as it was when it was created, at the earliest.
fn seen(context: &Context<'_>, project: &Project) -> Project {
    let versions = &context.state.projects[&project.id];
    versions.seen(context.state.seen_at()).unwrap_or(project).clone()
}
