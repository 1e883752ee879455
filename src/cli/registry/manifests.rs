//! `anu registry manifests`: what the registry asks of each cluster, for Argo CD, Flux or `kubectl` to apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::folder::Folder;
use super::provider_options::ProviderOptions;
use super::source::{LoadedRegistry, Source};
use super::{Error, Printer, list};
use crate::discovery::Mode;
use crate::platform::kubernetes::{Manifests, manifests};
use crate::registry::Selection;
use crate::registry::names::ClusterName;

/// Write what the registry asks of each cluster as Kubernetes manifests
///
/// Namespaces, quotas and role bindings, in the order in which they can be applied: the very objects that the provider makes, for
/// clusters that Argo CD or Flux runs. The same registry gives the same bytes. Nothing is written from a registry that has
/// errors, or from a copy of one: others apply what is written here.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// Only what is on this cluster. May be given again
    #[arg(long = "cluster", value_name = "NAME")]
    clusters: Vec<String>,
    /// Only what this service asks for. May be given again
    ///
    /// Its namespaces, also those it shares, as their owners describe them; the quotas of those it owns; its own role bindings.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Write CLUSTER.yaml for each cluster to this folder, instead of one cluster's to standard output
    ///
    /// A file is replaced as a whole, and only if it changes. Nothing is removed, and no file replaced that was not written by
    /// the same command.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

const EXAMPLES: &str = "\
Examples:
  Every cluster, one file each, for a repository that Argo CD or Flux watches:
    anu registry manifests --output clusters

  What an apply would change on one cluster:
    anu registry manifests --cluster compute-banking | kubectl diff --server-side -f -

  From the place where the registry is published, as a provider block with these words would read it:
    anu registry manifests --registry https://registry.example.com/registry.json \\
        --member-template 'group:{team}-team@example.com' --label tier=2 --output clusters";

/// How every stream begins.
const WRITTEN_BY: &str = "# Written by `anu registry manifests`: change the registry instead.";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let loaded = options.source.load(printer, Mode::Apply, &options.provider_options)?;
    let streams = options.select(&loaded)?;
    match &options.output {
        Some(output) => options.write(printer, &loaded, &Folder::make(output)?, &streams),
        None => options.print(printer, &loaded, &streams),
    }
}

impl Options {
    /// What is asked of each cluster that is meant, also where that is nothing.
    fn select(&self, loaded: &LoadedRegistry) -> Result<BTreeMap<ClusterName, Manifests>, Error> {
        let registry = loaded.fan_out.registry();
        let named = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
        let selection =
            Selection { services: named(&self.services), clusters: named(&self.clusters), ..Selection::default() };
        if let Err(unknown) = registry.select(&selection) {
            let lines: Vec<String> = unknown.iter().map(ToString::to_string).collect();
            return Err(Error::usage(format!("There is nothing of that name in `{}`", loaded.source))
                .because(lines.join("\n  ")));
        }
        let services = loaded.fan_out.services();
        let services = services.filter(|(name, _)| meant(&self.services, name.as_str()));
        let mut streams = manifests(&registry.name(), services.map(|(_, service)| &service.resources));
        if self.services.is_empty() {
            // A cluster whose last service has left has a stream with nothing in it: the one before must not stay in force.
            for cluster in &registry.clusters {
                streams.entry(cluster.name.clone()).or_default();
            }
        }
        for name in &self.clusters {
            streams.entry(name.parse().map_err(|error| Error::usage(format!("{error}")))?).or_default();
        }
        streams.retain(|name, _| meant(&self.clusters, name.as_str()));
        Ok(streams)
    }

    fn print(
        &self,
        printer: &Printer,
        loaded: &LoadedRegistry,
        streams: &BTreeMap<ClusterName, Manifests>,
    ) -> Result<(), Error> {
        let mut streams = streams.iter();
        let Some((cluster, manifests)) = streams.next() else {
            printer.warning("Nothing to write", &format!("{} any cluster.", self.asks_nothing(loaded)));
            return Ok(());
        };
        if streams.len() > 0 {
            let all = std::iter::once(cluster).chain(streams.map(|(cluster, _)| cluster));
            return Err(Error::usage("What goes to different clusters does not go into one stream")
                .because(format!("The clusters are {}.", list(all)))
                .hint("name one with --cluster NAME, or write a file for each with --output DIR"));
        }
        if manifests.is_empty() {
            printer.warning("Nothing to apply", &format!("{} `{cluster}`.", self.asks_nothing(loaded)));
        }
        let text = self.stream(loaded, cluster, manifests);
        printer.text(&text).map_err(|error| Error::failed(format!("Could not write to standard output: {error}")))
    }

    fn write(
        &self,
        printer: &Printer,
        loaded: &LoadedRegistry,
        folder: &Folder,
        streams: &BTreeMap<ClusterName, Manifests>,
    ) -> Result<(), Error> {
        let name = |cluster: &ClusterName| format!("{cluster}.yaml");
        // Part of a cluster in place of all of it, or another registry's word: whoever applies the folder would remove the rest.
        let strangers: Vec<String> = streams
            .keys()
            .filter(|cluster| folder.has_another(&name(cluster), &self.head(loaded, cluster)))
            .map(|cluster| folder.path(&name(cluster)).display().to_string())
            .collect();
        if !strangers.is_empty() {
            return Err(Error::failed("Files of another origin are in the way")
                .because(format!(
                    "What `anu registry manifests` wrote for the same registry, cluster and services is replaced, and nothing \
                     else. That is not what these begin with: {}.",
                    list(strangers)
                ))
                .hint("write to another folder, or remove them first"));
        }
        for (cluster, manifests) in streams {
            let written = folder.write(&name(cluster), &self.stream(loaded, cluster, manifests))?;
            let verb = if written { "wrote" } else { "unchanged:" };
            printer.line(format_args!("{verb} {} ({})", folder.path(&name(cluster)).display(), manifests.counts()));
        }
        if self.clusters.is_empty() && self.services.is_empty() {
            let known: Vec<String> = streams.keys().map(name).collect();
            let ours = format!("{WRITTEN_BY}\n# Registry `{}`,", loaded.fan_out.registry().name());
            let left = folder.beginning(".yaml", &ours).into_iter().filter(|file| !known.contains(file));
            for file in left {
                let detail = "The registry has no such cluster, and whoever applies this folder goes on applying that file. Remove \
                              it if the cluster is gone.";
                printer.warning(&format!("`{}` is left over", folder.path(&file).display()), detail);
            }
        }
        Ok(())
    }

    /// One cluster's stream. Nothing in it depends on anything but what is asked of that cluster: neither the registry's
    /// revision nor the time, with which every file would change whenever anything does.
    fn stream(&self, loaded: &LoadedRegistry, cluster: &ClusterName, manifests: &Manifests) -> String {
        format!("{}{manifests}", self.head(loaded, cluster))
    }

    /// The services that were named, each once.
    fn services(&self) -> Option<String> {
        let services: BTreeSet<&String> = self.services.iter().collect();
        (!services.is_empty()).then(|| list(services))
    }

    fn asks_nothing(&self, loaded: &LoadedRegistry) -> String {
        match self.services() {
            Some(services) => format!("In `{}`, {services} has nothing on", loaded.source),
            None => format!("`{}` has nothing on", loaded.source),
        }
    }

    /// How a stream begins: what it is of.
    fn head(&self, loaded: &LoadedRegistry, cluster: &ClusterName) -> String {
        let registry = loaded.fan_out.registry().name();
        let part = match self.services() {
            Some(services) => format!(", only {services}"),
            None => String::new(),
        };
        format!("{WRITTEN_BY}\n# Registry `{registry}`, cluster `{cluster}`{part}.\n")
    }
}

/// Whether a name is among those given, or none are.
fn meant(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|given| given == name)
}
