//! The `kubernetes` block: which clusters there are, and how each is reached.

use crate::codes;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::duration;
use super::tokens::TOKEN;
use crate::connect::Secret;
use crate::connect::kubernetes::{Access, Credentials, Exec};
use crate::platform::kubernetes::Settings;
use crate::registry::names::ClusterName;
use crate::sdk::{Attr, Attribute, Diagnostic, Diagnostics, Field, LengthAtLeast, Path, Predicate, Type};

crate::model! {
    /// The block.
    pub(super) struct KubernetesBlock {
        kubeconfig: Attr<String>,
        contexts: Attr<BTreeMap<String, Attr<String>>>,
        cluster: Attr<BTreeMap<String, Attr<ClusterBlock>>>,
        force_conflicts: Attr<bool>,
        deletion_timeout: Attr<String>,
    }

    pub(super) struct ClusterBlock {
        context: Attr<String>,
        endpoint: Attr<String>,
        ca_certificate: Attr<String>,
        token: Attr<String>,
        exec: Attr<ExecBlock>,
        google_credentials: Attr<bool>,
        replaces: Attr<String>,
    }

    pub(super) struct ExecBlock {
        api_version: Attr<String>,
        command: Attr<String>,
        args: Attr<Vec<Attr<String>>>,
        env: Attr<BTreeMap<String, Attr<String>>>,
    }
}

/// Whether an attribute is set. `None` while it is unknown: it may be null later.
fn is_set<T>(attr: &Attr<T>) -> Option<bool> {
    (!attr.is_unknown()).then(|| !attr.is_null())
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    Attribute::block(
        "kubernetes",
        vec![
            Attribute::string("kubeconfig")
                .rule(LengthAtLeast(1))
                .describe("Path of a kubeconfig. By default that of `kubectl`: `KUBECONFIG`, else `~/.kube/config`."),
            Attribute::of("contexts", Type::map(Type::String))
                .describe("Contexts of the kubeconfig by the clusters' names in the registry, for clusters without a `cluster` block. Unlike the labels of blocks, the names may come from a variable."),
            Attribute::labelled_blocks(
                "cluster",
                vec![
                    Attribute::string("context")
                        .rule(LengthAtLeast(1))
                        .describe("The context of the kubeconfig for this cluster. Either this or `endpoint`."),
                    Attribute::string("endpoint")
                        .rule(Predicate { describe: "an `https://` address", check: https })
                        .describe("The API server's address, `https://…`, with `token`, `exec` or `google_credentials`."),
                    Attribute::string("ca_certificate")
                        .rule(Predicate { describe: "PEM", check: pem })
                        .describe("PEM of the authority that signed the server's certificate. By default the authorities that the system trusts."),
                    Attribute::string("token").sensitive().rule(TOKEN).describe("Bearer token for `endpoint`."),
                    Attribute::block(
                        "exec",
                        vec![
                            Attribute::string("api_version")
                                .describe("The API version of the plugin; `client.authentication.k8s.io/v1` by default."),
                            Attribute::string("command").required().rule(LengthAtLeast(1)).describe("The program."),
                            Attribute::of("args", Type::list(Type::String)).describe("Its arguments."),
                            Attribute::of("env", Type::map(Type::String))
                                .sensitive()
                                .describe("Environment variables for it, in addition to those of Terraform."),
                        ],
                    )
                    .describe("A client-go credential plugin that prints the token for `endpoint`, such as `aws eks get-token` or `kubelogin`."),
                    Attribute::bool("google_credentials")
                        .describe("Log in to `endpoint`, a GKE cluster's, with Google's Application Default Credentials: the file in `GOOGLE_APPLICATION_CREDENTIALS` (a service account's, or workload identity federation's), `gcloud auth application-default login`, or the machine's own. No plugin is needed."),
                    Attribute::string("replaces")
                        .rule(LengthAtLeast(1))
                        .describe("For a cluster that was rebuilt: the uid that the namespace `kube-system` of the earlier cluster had, as the error \"is another API server than before\" shows it. States that were applied to that one, and no others, are applied to the new one, on which everything is created again. Remove it when all of them are."),
                ],
            )
            .describe("A cluster, labelled with its name in the registry: `cluster \"NAME\" { … }`. A cluster in neither a block nor `contexts` is the kubeconfig's context of the same name, if `kubeconfig` is set or no cluster is configured."),
            Attribute::bool("force_conflicts")
                .describe("Overwrite fields that another field manager has applied, such as Argo CD, instead of failing with a conflict. Off by default."),
            Attribute::string("deletion_timeout")
                .rule(duration::RULE)
                .describe("How long to wait for the deletion of a namespace, such as `90s` or `10m`. `5m` by default. After that the apply fails with an error that lists what blocks the deletion; the next apply continues."),
        ],
    )
    .describe("The clusters on which namespaces, quotas and role bindings are created, by server-side apply with the field manager `anu`. The provider connects to a cluster when it first needs it.")
}

fn https(text: &str) -> Result<(), String> {
    match url::Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(()),
        _ => Err(format!("`{text}` is not the address of an API server: it must start with `https://`")),
    }
}

fn pem(text: &str) -> Result<(), String> {
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(())
    } else {
        Err("this is not a certificate in PEM, which has a line `-----BEGIN CERTIFICATE-----`; apply `base64decode(…)` to \
             a value in base64"
            .to_owned())
    }
}

/// Checks that need only the block itself. Unknown values pass.
pub(super) fn check(block: &Attr<KubernetesBlock>) -> Diagnostics {
    let mut wrong = Diagnostics::new();
    let Some(block) = block.known() else { return wrong };
    let root = Path::attribute("kubernetes");
    for (name, context) in block.contexts.known().into_iter().flatten() {
        let path = root.clone().then("contexts").key(name);
        let mut refuse = |text: String| wrong.push(Diagnostic::new(codes::BAD_CLUSTER, text).at(path.clone()));
        if let Err(error) = name.parse::<ClusterName>() {
            refuse(format!("`{path}`: {error}. Use the name that the cluster has in the registry."));
        }
        if context.known().is_some_and(String::is_empty) {
            refuse(format!("`{path}` must not be empty."));
        }
        if block.cluster.known().is_some_and(|clusters| clusters.contains_key(name)) {
            refuse(format!("Cluster `{name}` has a `cluster` block and is in `contexts`. Remove one of them."));
        }
    }
    for (name, cluster) in block.cluster.known().into_iter().flatten() {
        let path = root.clone().then("cluster").key(name);
        let mut refuse = |text: String| wrong.push(Diagnostic::new(codes::BAD_CLUSTER, text).at(path.clone()));
        if let Err(error) = name.parse::<ClusterName>() {
            refuse(format!("{error}. Use the name that the cluster has in the registry."));
        }
        let Some(cluster) = cluster.known() else { continue };
        let google = match cluster.google_credentials {
            Attr::Known(false) => Some(false),
            _ => is_set(&cluster.google_credentials),
        };
        let credentials =
            [("token", is_set(&cluster.token)), ("exec", is_set(&cluster.exec)), ("google_credentials", google)];
        let set = credentials.iter().filter(|(_, set)| *set == Some(true)).count();
        let unknown = credentials.iter().any(|(_, set)| set.is_none());
        match (is_set(&cluster.context), is_set(&cluster.endpoint)) {
            (Some(false), Some(false)) => refuse(format!(
                "Cluster `{name}` has neither `context` nor `endpoint`. Set the `context` of a kubeconfig, or an `endpoint` with \
                 `token`, `exec` or `google_credentials`."
            )),
            (Some(true), Some(true)) => {
                refuse(format!("Cluster `{name}` has both `context` and `endpoint`. Remove one of them."))
            }
            (Some(true), _) => {
                let beside: Vec<String> = [("ca_certificate", is_set(&cluster.ca_certificate))]
                    .iter()
                    .chain(&credentials)
                    .filter(|(_, set)| *set == Some(true))
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                if !beside.is_empty() {
                    refuse(format!(
                        "Cluster `{name}` has a `context`, whose settings are in the kubeconfig: {} would have no effect. Remove \
                         it, or set `endpoint` instead of `context`.",
                        beside.join(", ")
                    ));
                }
            }
            (_, Some(true)) if set > 1 || set == 0 && !unknown => refuse(format!(
                "Cluster `{name}` has an `endpoint`, which needs exactly one of `token`, `exec` and \
                 `google_credentials = true`."
            )),
            _ => {}
        }
    }
    wrong
}

/// Converts the block, which [`check`] has accepted, to settings.
pub(super) fn read(block: KubernetesBlock) -> Settings {
    let contexts = block.contexts.into_known().unwrap_or_default();
    let contexts = contexts.into_iter().filter_map(|(name, context)| {
        let access = if context.is_unknown() { Access::Unknown } else { Access::Context(context.into_known()?) };
        Some((name, access))
    });
    let clusters = block.cluster.into_known().unwrap_or_default();
    let mut settings = Settings { clusters: contexts.collect(), ..Settings::default() };
    for (name, cluster) in clusters {
        let Some((access, replaces)) = access(cluster) else { continue };
        settings.replaced.extend(replaces.map(|uid| (name.clone(), uid)));
        settings.clusters.insert(name, access);
    }
    Settings {
        kubeconfig: block.kubeconfig.into_known().map(PathBuf::from),
        force_conflicts: block.force_conflicts.into_known().unwrap_or(false),
        deletion_timeout: block
            .deletion_timeout
            .into_known()
            .and_then(|text| duration::parse(&text).ok())
            .unwrap_or(Settings::DELETION_TIMEOUT),
        ..settings
    }
}

/// How to connect to a cluster, and the uid of the one that it replaces. An unknown value is no error: the cluster may be created
/// in the same apply.
fn access(cluster: Attr<ClusterBlock>) -> Option<(Access, Option<String>)> {
    let replaces = cluster.known().and_then(|cluster| cluster.replaces.known().cloned());
    if !cluster.clone().into_value().is_wholly_known() {
        return Some((Access::Unknown, replaces));
    }
    let cluster = cluster.into_known()?;
    if let Some(context) = cluster.context.into_known() {
        return Some((Access::Context(context), replaces));
    }
    let credentials = match cluster.token.into_known() {
        Some(token) => Credentials::Token(Secret::new(token)),
        None if cluster.google_credentials.known() == Some(&true) => Credentials::Google,
        None => Credentials::Exec(exec(cluster.exec.into_known()?)?),
    };
    let url = cluster.endpoint.into_known()?;
    Some((Access::Endpoint { url, ca_certificate: cluster.ca_certificate.into_known(), credentials }, replaces))
}

fn exec(block: ExecBlock) -> Option<Exec> {
    let env = block.env.into_known().unwrap_or_default();
    let args = block.args.into_known().unwrap_or_default();
    Some(Exec {
        api_version: block.api_version.into_known(),
        command: block.command.into_known()?,
        args: args.into_iter().filter_map(Attr::into_known).collect(),
        env: env.into_iter().filter_map(|(name, value)| Some((name, Secret::new(value.into_known()?)))).collect(),
    })
}
