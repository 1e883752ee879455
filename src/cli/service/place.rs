//! `anu service where`: where a service runs, and who has access.

use crate::answers::{EnvironmentPlace, ServicePlaces, TargetPlace};
use crate::cli::common::{Answer, ContextOptions, Error, Page, Printer, Question, environment, service};
use crate::cli::complete;

/// Show where a service runs: cluster, context, namespace, release, project, and who has access
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Options {
    /// The service [default: the one whose `repository` is the git repository of this folder]
    #[arg(value_name = "SERVICE", add = complete::services())]
    service: Option<String>,
    /// Only this environment
    #[arg(short = 'e', long, value_name = "NAME", add = complete::environments())]
    environment: Option<String>,
    #[command(flatten)]
    contexts: ContextOptions,
    #[command(flatten)]
    question: Question,
}

const EXAMPLES: &str = "\
Examples:
  anu service where make-it-rain
  anu service where make-it-rain -e production
  anu service where make-it-rain -e production -o json | jq -r '.environments[].targets[].namespace'";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.question.load(printer)?;
    let found = service(printer, &loaded, options.service.as_deref())?;
    let selected = match &options.environment {
        Some(name) => Some(environment(&loaded, found, name)?),
        None => None,
    };
    let mut places = ServicePlaces::of(&loaded.fan_out, found, selected.map(|selected| &selected.name));
    options.contexts.read(printer, &loaded)?.fill(places.environments.iter_mut().flat_map(|each| &mut each.targets));
    options.question.answer(printer, &places)
}

impl Answer for ServicePlaces {
    fn write(&self, page: &mut Page) {
        let team = self.team.as_ref().map(|team| format!(" (team {team})")).unwrap_or_default();
        page.line(format_args!("{}{team}", self.service));
        for environment in &self.environments {
            page.gap();
            page.line(&environment.environment);
            page.fields(2, fields(environment));
        }
    }
}

/// What is known of an environment, each under its name.
fn fields(environment: &EnvironmentPlace) -> Vec<(&'static str, Option<String>)> {
    let mut fields = vec![("project", environment.project.clone()), ("console", environment.project_url.clone())];
    for target in &environment.targets {
        fields.extend(of_target(target));
    }
    for line in &environment.access {
        let who = line.team.clone().or_else(|| line.principal.clone()).unwrap_or_default();
        let until = line.expires.as_ref().map(|expires| format!(" until {expires}")).unwrap_or_default();
        let reason = line.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        fields.push((level(&line.level), Some(format!("{who}{until}{reason}"))));
    }
    for bound in &environment.role_bindings {
        fields.push(("role binding", Some(format!("{} for {}", bound.role, bound.subjects.join(", ")))));
    }
    for account in &environment.service_accounts {
        fields.push(("service account", Some(account.email.clone())));
    }
    fields
}

/// A level in the singular: each line is one team or principal.
fn level(level: &str) -> &'static str {
    match level {
        "admins" => "admin",
        "operators" => "operator",
        _ => "viewer",
    }
}

fn of_target(target: &TargetPlace) -> Vec<(&'static str, Option<String>)> {
    let place = [target.cluster_project.as_deref(), target.location.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
    let kind = target.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    vec![
        ("cluster", Some(format!("{}{place}", target.cluster))),
        ("context", Some(target.context.clone().unwrap_or_else(|| "none in the kubeconfig".to_owned()))),
        ("namespace", Some(target.namespace.clone())),
        ("release", target.release.as_ref().map(|release| format!("{release}{kind}"))),
        ("workloads", target.workloads_url.clone()),
    ]
}

/// Targets, in a table.
pub(super) mod targets {
    use crate::answers::EnvironmentPlace;

    pub(in super::super) const HEADER: [&str; 6] =
        ["ENVIRONMENT", "PROJECT", "CLUSTER", "NAMESPACE", "RELEASE", "KIND"];

    pub(in super::super) fn rows(environments: &[EnvironmentPlace]) -> Vec<[String; 6]> {
        let mut rows = Vec::new();
        for each in environments {
            let start = || [each.environment.clone(), each.project.clone().unwrap_or_default()];
            if each.targets.is_empty() {
                let [environment, project] = start();
                rows.push([environment, project, String::new(), String::new(), String::new(), String::new()]);
            }
            for target in &each.targets {
                let [environment, project] = start();
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                rows.push([
                    environment,
                    project,
                    target.cluster.clone(),
                    target.namespace.clone(),
                    text(&target.release),
                    text(&target.kind),
                ]);
            }
        }
        rows
    }
}
