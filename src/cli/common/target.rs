//! The one target that a command is about.

use super::contexts::{ContextOptions, get_credentials};
use super::error::Error;
use super::printer::Printer;
use super::question::environment;
use super::text::list;
use crate::answers::{EnvironmentPlace, TargetPlace};
use crate::cli::complete;
use crate::codes;
use crate::estate::LoadedRegistry;
use crate::registry::names::EnvironmentName;
use crate::registry::{Environment, Service};

/// The target of a service
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TargetOptions {
    /// The environment [default: the only one]
    #[arg(short = 'e', long, value_name = "NAME", add = complete::environments())]
    environment: Option<String>,
    /// The cluster, if the environment runs in several
    #[arg(long, value_name = "NAME", add = complete::clusters())]
    cluster: Option<String>,
    /// The namespace, if the environment has several in the cluster
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    #[command(flatten)]
    contexts: ContextOptions,
}

impl TargetOptions {
    /// The environment and its target that the options leave, with the context of its cluster.
    pub(in crate::cli) fn choose(
        &self,
        printer: &Printer,
        loaded: &LoadedRegistry,
        service: &Service,
    ) -> Result<(String, TargetPlace, String), Error> {
        let (environment, target) = self.place(loaded, service)?;
        let mut target = target.ok_or_else(|| {
            let what =
                format!("No target: environment `{environment}` of service `{}` runs in no cluster", service.name);
            Error::usage(what).coded(codes::TARGET_NOT_CHOSEN)
        })?;
        self.contexts.read(printer, loaded)?.fill(std::iter::once(&mut target));
        let context = target.context.clone().ok_or_else(|| no_context(&target))?;
        Ok((environment.to_string(), target, context))
    }

    /// The environment and its target that the options leave; no target of an environment that runs in no cluster.
    pub(in crate::cli) fn place<'l>(
        &self,
        loaded: &LoadedRegistry,
        service: &'l Service,
    ) -> Result<(&'l EnvironmentName, Option<TargetPlace>), Error> {
        let environment = self.environment(loaded, service)?;
        let mut place = EnvironmentPlace::of(&loaded.fan_out, environment);
        let matches = |given: &Option<String>, name: &str| given.as_ref().is_none_or(|given| given == name);
        let shown = |target: &TargetPlace| format!("{}/{}", target.cluster, target.namespace);
        let all: Vec<String> = place.targets.iter().map(shown).collect();
        place
            .targets
            .retain(|target| matches(&self.cluster, &target.cluster) && matches(&self.namespace, &target.namespace));
        // Several releases in one namespace are one place.
        place.targets.dedup_by_key(|target| shown(target));
        let what = format!("environment `{}` of service `{}`", environment.name, service.name);
        let wrong = |text: String| Error::usage(text).coded(codes::TARGET_NOT_CHOSEN);
        match place.targets.len() {
            1 => Ok((&environment.name, place.targets.pop())),
            0 if all.is_empty() && self.cluster.is_none() && self.namespace.is_none() => Ok((&environment.name, None)),
            0 if all.is_empty() => Err(wrong(format!("No target: {what} runs in no cluster"))),
            0 => Err(wrong(format!("No such target of {what}")).because(format!("It has {}.", list(&all)))),
            _ => {
                let left: Vec<String> = place.targets.iter().map(shown).collect();
                Err(wrong(format!("Several targets of {what}"))
                    .because(format!("They are {}.", list(&left)))
                    .hint("choose one with `--cluster`, or with `--cluster` and `--namespace`"))
            }
        }
    }

    fn environment<'l>(&self, loaded: &LoadedRegistry, service: &'l Service) -> Result<&'l Environment, Error> {
        match (&self.environment, service.environments.as_slice()) {
            (Some(name), _) => environment(loaded, service, name),
            (None, [only]) => Ok(only),
            (None, all) => Err(Error::usage(format!("No environment of service `{}` is named", service.name))
                .coded(codes::TARGET_NOT_CHOSEN)
                .because(match all {
                    [] => "It has none.".to_owned(),
                    all => format!("It has {}.", list(all.iter().map(|each| &each.name))),
                })
                .hint("choose one with `--environment`")),
        }
    }
}

fn no_context(target: &TargetPlace) -> Error {
    let cluster = &target.cluster;
    let hint = get_credentials(cluster, target.cluster_project.as_deref(), target.location.as_deref());
    Error::missing(codes::NO_CONTEXT, format!("The kubeconfig has no context for cluster `{cluster}`"))
        .because("It would have the cluster's name, or the one that gcloud writes for a cluster of this name.")
        .hint(hint)
}
