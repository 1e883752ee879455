//! `anu registry manifests`: the desired resources of each cluster as manifests, for Argo CD, Flux or `kubectl` to apply.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::common::{
    Error, Folder, Format, FormatOptions, Printer, ProviderOptions, Source, list, selection, unknown_names,
};
use crate::discovery::Mode;
use crate::estate::LoadedRegistry;
use crate::platform::kubernetes::{Counts, Manifests, manifests};
use crate::printable::escape;
use crate::registry::names::{ClusterName, RegistryName};

/// Write the desired resources of each cluster as Kubernetes manifests
///
/// Namespaces, quotas and role bindings, in the order in which they can be applied: the same objects that the provider creates,
/// for clusters that Argo CD or Flux manages. The same registry gives the same bytes. Nothing is written from a registry with
/// errors, or from a copy of one, because other tools apply the files.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Options {
    /// Only this cluster. Repeatable
    #[arg(long = "cluster", value_name = "NAME")]
    clusters: Vec<String>,
    /// Only the desired resources of this service. Repeatable
    ///
    /// Its namespaces, also shared ones, with the settings of their owners; the quotas of those it owns; its own role bindings.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Write a file CLUSTER.yaml for each cluster to this folder, instead of one cluster to standard output
    ///
    /// A file is replaced as a whole, and only if it changes. Nothing is deleted, and no file is replaced that the same command
    /// did not write.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    provider_options: ProviderOptions,
}

const EXAMPLES: &str = "\
Examples:
  Every cluster, one file each, for a repository that Argo CD or Flux reads:
    anu registry manifests --dir clusters

  The changes that an apply would make on one cluster:
    anu registry manifests --cluster compute-banking | kubectl diff --server-side -f -

  From the published registry, with the settings of a provider block:
    anu registry manifests --registry https://registry.example.com/registry.json \\
        --member-template 'group:{team}-team@example.com' --label tier=2 --dir clusters";

/// The first line of every stream.
const WRITTEN_BY: &str = "# Written by `anu registry manifests`: change the registry instead.";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    if options.dir.is_none() && options.format.format == Format::Json {
        return Err(Error::usage("`--format json` needs `--dir DIR`")
            .because("It reports the files that were written. Without a folder the result is a stream of YAML."));
    }
    let loaded = options.source.load(printer, Mode::Apply, &options.provider_options)?;
    let streams = options.select(&loaded)?;
    match &options.dir {
        Some(dir) => options.write(printer, &loaded, &Folder::create(dir)?, &streams),
        None => options.print(printer, &loaded, &streams),
    }
}

/// The files that were written.
#[derive(Debug, Default, Serialize)]
struct Report {
    files: Vec<Written>,
    /// Files of clusters that the registry does not contain any more.
    left_over: Vec<String>,
}

/// The file of one cluster.
#[derive(Debug, Serialize)]
struct Written {
    cluster: ClusterName,
    path: String,
    /// Whether the file changed.
    changed: bool,
    #[serde(flatten)]
    contents: Counts,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Written { path, changed, contents, .. } in &self.files {
            let verb = if *changed { "wrote" } else { "unchanged:" };
            writeln!(f, "{verb} {} ({contents})", escape(path))?;
        }
        Ok(())
    }
}

impl Options {
    /// The manifests of each selected cluster, also of those without any.
    fn select(&self, loaded: &LoadedRegistry) -> Result<BTreeMap<ClusterName, Manifests>, Error> {
        let registry = loaded.fan_out.registry();
        let selection = selection(&self.services, &[], &[], &self.clusters);
        registry.select(&selection).map_err(|unknown| unknown_names(loaded, &unknown))?;
        let services = loaded.fan_out.services();
        let services = services.filter(|(name, _)| selected(&self.services, name.as_str()));
        let mut streams = manifests(registry_name(loaded)?, services.map(|(_, service)| &service.resources));
        if self.services.is_empty() {
            // A cluster without services has a stream without objects: it replaces the one that had some.
            for cluster in &registry.clusters {
                streams.entry(cluster.name.clone()).or_default();
            }
        }
        for name in &self.clusters {
            streams.entry(name.parse().map_err(|error| Error::usage(format!("{error}")))?).or_default();
        }
        streams.retain(|name, _| selected(&self.clusters, name.as_str()));
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
            printer.warning(
                codes::NOTHING_TO_WRITE,
                "Nothing to write",
                &format!("{} any cluster.", self.no_resources(loaded)),
            );
            return Ok(());
        };
        if streams.len() > 0 {
            let all = std::iter::once(cluster).chain(streams.map(|(cluster, _)| cluster));
            return Err(Error::usage("Several clusters: choose one with `--cluster`, or write files with `--dir`")
                .because(format!("The clusters are {}.", list(all))));
        }
        if manifests.is_empty() {
            printer.warning(
                codes::NOTHING_TO_WRITE,
                "Nothing to apply",
                &format!("{} `{cluster}`.", self.no_resources(loaded)),
            );
        }
        printer.text(&self.stream(loaded, cluster, manifests))
    }

    fn write(
        &self,
        printer: &Printer,
        loaded: &LoadedRegistry,
        folder: &Folder,
        streams: &BTreeMap<ClusterName, Manifests>,
    ) -> Result<(), Error> {
        let name = |cluster: &ClusterName| format!("{cluster}.yaml");
        let shown = |file: &str| folder.path(file).display().to_string();
        // A part of a cluster in place of the whole, or another registry's resources: a tool that prunes would delete the rest.
        let others: Vec<String> = streams
            .keys()
            .filter(|cluster| folder.has_another(&name(cluster), &self.head(loaded, cluster)))
            .map(|cluster| shown(&name(cluster)))
            .collect();
        if !others.is_empty() {
            return Err(Error::failed(codes::NOT_OVERWRITTEN, "Refusing to overwrite files that the same command did not write")
                .because(format!(
                    "Only files that `anu registry manifests` wrote for the same registry, cluster and services are replaced. \
                     These begin with another text: {}.",
                    list(others)
                ))
                .hint("write to another folder, or delete the files first"));
        }
        let mut report = Report::default();
        let written = streams.iter().try_for_each(|(cluster, manifests)| {
            let changed = folder.write(&name(cluster), &self.stream(loaded, cluster, manifests))?;
            report.files.push(Written {
                cluster: cluster.clone(),
                path: shown(&name(cluster)),
                changed,
                contents: manifests.counts(),
            });
            Ok(())
        });
        if written.is_ok() && self.clusters.is_empty() && self.services.is_empty() {
            let known: Vec<String> = streams.keys().map(name).collect();
            let ours = format!("{WRITTEN_BY}\n# Registry `{}`,", registry_name(loaded)?);
            let left_over = folder.beginning(".yaml", &ours).into_iter().filter(|file| !known.contains(file));
            report.left_over = left_over.map(|file| shown(&file)).collect();
        }
        // Also after an error: the files before it are written.
        printer.result(self.format.format, &report)?;
        for file in &report.left_over {
            let detail = "The registry does not contain this cluster. A tool that applies this folder still applies the file. \
                          Delete it if the cluster no longer exists.";
            printer.warning(codes::FILE_LEFT_OVER, &format!("`{}` is left over", escape(file)), detail);
        }
        written
    }

    /// One cluster's stream. It depends only on the desired resources of that cluster: with the registry's revision or the time
    /// in it, every file would change with every change of the registry.
    fn stream(&self, loaded: &LoadedRegistry, cluster: &ClusterName, manifests: &Manifests) -> String {
        format!("{}{manifests}", self.head(loaded, cluster))
    }

    /// The selected services, each once.
    fn services(&self) -> Option<String> {
        let services: BTreeSet<&String> = self.services.iter().collect();
        (!services.is_empty()).then(|| list(services))
    }

    fn no_resources(&self, loaded: &LoadedRegistry) -> String {
        match self.services() {
            Some(services) => format!("In `{}`, {services} has nothing on", loaded.source),
            None => format!("`{}` has nothing on", loaded.source),
        }
    }

    /// The first lines of a stream: what it contains.
    fn head(&self, loaded: &LoadedRegistry, cluster: &ClusterName) -> String {
        let registry = loaded.fan_out.registry().name().map_or("", RegistryName::as_str);
        let part = match self.services() {
            Some(services) => format!(", only {services}"),
            None => String::new(),
        };
        format!("{WRITTEN_BY}\n# Registry `{registry}`, cluster `{cluster}`{part}.\n")
    }
}

/// The name in the ownership label of every object.
fn registry_name(loaded: &LoadedRegistry) -> Result<&RegistryName, Error> {
    loaded.fan_out.registry().name().ok_or_else(|| {
        Error::failed(codes::UNNAMED_REGISTRY, format!("The registry in `{}` has no name", loaded.source))
            .because(
                "Every object carries the name of its registry, which tells it from the objects of other registries.",
            )
            .hint("add `\"metadata\": {\"name\": \"NAME\"}` to the registry, or give the name: --registry-name NAME")
    })
}

/// Whether a name is among those given, or none are.
fn selected(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|given| given == name)
}
