//! The context of the kubeconfig for each cluster.

use super::error::Error;
use super::printer::Printer;
use super::question::{selection, unknown_names};
use crate::answers::TargetPlace;
use crate::connect::kubernetes::context_names;
use crate::estate::LoadedRegistry;

/// The contexts of clusters
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ContextOptions {
    /// The context of the kubeconfig for a cluster. Repeatable [default: the context with the cluster's name, else the one that
    /// `gcloud container clusters get-credentials` writes, `gke_PROJECT_LOCATION_CLUSTER`]
    #[arg(long = "context", value_name = "CLUSTER=CONTEXT", value_parser = pair)]
    contexts: Vec<(String, String)>,
}

/// The contexts of clusters, as this machine has them.
#[derive(Debug)]
pub(in crate::cli) struct Contexts<'o> {
    given: &'o [(String, String)],
    known: Vec<String>,
}

impl ContextOptions {
    /// Reads the kubeconfig. Without a readable one no cluster has a context, and a note says so. A context for a cluster that the registry
    /// does not have would have no effect, so it is an error.
    pub(in crate::cli) fn read(&self, printer: &Printer, loaded: &LoadedRegistry) -> Result<Contexts<'_>, Error> {
        let clusters: Vec<String> = self.contexts.iter().map(|(cluster, _)| cluster.clone()).collect();
        let selection = selection(&[], &[], &[], &clusters);
        loaded.fan_out.registry().select(&selection).map_err(|unknown| unknown_names(loaded, &unknown))?;
        let known = context_names().unwrap_or_else(|why| {
            printer.aside(format!("The kubeconfig cannot be read, so no context is shown: {why}"));
            Vec::new()
        });
        Ok(Contexts { given: &self.contexts, known })
    }
}

impl Contexts<'_> {
    /// Adds its context to each target.
    pub(in crate::cli) fn fill<'t>(&self, targets: impl Iterator<Item = &'t mut TargetPlace>) {
        for target in targets {
            target.context = self.of(&target.cluster, target.cluster_project.as_deref(), target.location.as_deref());
        }
    }

    /// The context for a cluster; `None` if there is none.
    pub(in crate::cli) fn of(&self, cluster: &str, project: Option<&str>, location: Option<&str>) -> Option<String> {
        if let Some((_, context)) = self.given.iter().rev().find(|(name, _)| name == cluster) {
            return Some(context.clone());
        }
        let of_gcloud = project.zip(location).map(|(project, location)| format!("gke_{project}_{location}_{cluster}"));
        let names = std::iter::once(cluster.to_owned()).chain(of_gcloud);
        names.into_iter().find(|name| self.known.contains(name))
    }
}

/// What gives the kubeconfig a context for a cluster.
pub(in crate::cli) fn get_credentials(cluster: &str, project: Option<&str>, location: Option<&str>) -> String {
    let name = format!("name a context: --context {cluster}=CONTEXT");
    match project.zip(location) {
        Some((project, location)) => format!(
            "gcloud container clusters get-credentials {cluster} --project {project} --location {location}; or {name}"
        ),
        None => name,
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((cluster, context)) if !cluster.is_empty() && !context.is_empty() => {
            Ok((cluster.to_owned(), context.to_owned()))
        }
        _ => Err("it has the form CLUSTER=CONTEXT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_given_or_has_the_name_of_the_cluster() {
        let given = [("a".to_owned(), "mine".to_owned())];
        let known = ["a", "b", "gke_p_europe-west4_b", "gke_p_europe-west4_c"].map(str::to_owned).to_vec();
        let contexts = Contexts { given: &given, known };
        let of = |cluster| contexts.of(cluster, Some("p"), Some("europe-west4"));
        assert_eq!(of("a").as_deref(), Some("mine"));
        assert_eq!(of("b").as_deref(), Some("b"));
        assert_eq!(of("c").as_deref(), Some("gke_p_europe-west4_c"));
        assert_eq!(of("d"), None);
    }
}
