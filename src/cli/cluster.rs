//! `anu cluster`: the clusters of the registry.

use clap::Subcommand;

use super::common::{Answer, ContextOptions, Error, Page, Printer, Question};
use crate::answers::Clusters;

/// Of all its verbs.
pub(super) const EXAMPLES: &str = "\
Examples:
  anu cluster list
  anu cluster list --context compute-shop=gke_example_europe-west1_shop";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List the clusters, with the context of the kubeconfig for each
    List(Box<List>),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    contexts: ContextOptions,
    #[command(flatten)]
    question: Question,
}

pub(super) fn run(printer: &Printer, verb: &Verb) -> Result<(), Error> {
    let Verb::List(options) = verb;
    let loaded = options.question.load(printer)?;
    let mut clusters = Clusters::of(loaded.fan_out.registry());
    let contexts = options.contexts.read(printer, &loaded)?;
    for cluster in &mut clusters.clusters {
        cluster.context = contexts.of(&cluster.cluster, cluster.project.as_deref(), cluster.location.as_deref());
    }
    options.question.answer(printer, &clusters)
}

impl Answer for Clusters {
    fn write(&self, page: &mut Page) {
        let rows = self.clusters.iter().map(|cluster| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            [
                cluster.cluster.clone(),
                text(&cluster.project),
                text(&cluster.location),
                text(&cluster.context),
                cluster.services.to_string(),
                cluster.namespaces.to_string(),
            ]
        });
        page.table(["CLUSTER", "PROJECT", "LOCATION", "CONTEXT", "SERVICES", "NAMESPACES"], rows);
    }
}
