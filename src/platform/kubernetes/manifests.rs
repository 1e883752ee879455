//! The desired objects of a cluster as YAML, for Argo CD, Flux or `kubectl` to apply.
//!
//! The objects are those that the platform itself applies, from the same functions, so that the two cannot differ.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use serde::Serialize;
use serde_saphyr::{SerializerOptions, ser_options};

use super::objects;
use crate::fanout::resource::ResourceSet;
use crate::platform::OwnershipPolicy;
use crate::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceName, RegistryName};

/// The objects of one cluster, each once. `Display` writes them as a YAML stream in the order in which they can be applied:
/// namespaces, quotas, service accounts, role bindings, each by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifests {
    namespaces: BTreeMap<NamespaceName, Namespace>,
    quotas: BTreeMap<NamespaceName, ResourceQuota>,
    service_accounts: BTreeMap<(NamespaceName, KubernetesServiceAccountName), ServiceAccount>,
    role_bindings: BTreeMap<(NamespaceName, String), RoleBinding>,
}

/// How many objects there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Namespaces.
    pub namespaces: usize,
    /// Quotas.
    pub quotas: usize,
    /// Service accounts.
    pub service_accounts: usize,
    /// Role bindings.
    pub role_bindings: usize,
}

/// The desired objects of these services by cluster, with the ownership label of `registry`.
pub fn manifests<'a>(
    registry: &RegistryName,
    resources: impl IntoIterator<Item = &'a ResourceSet>,
) -> BTreeMap<ClusterName, Manifests> {
    let ownership = &OwnershipPolicy::of(registry.clone());
    let mut clusters: BTreeMap<ClusterName, Manifests> = BTreeMap::new();
    for resources in resources {
        // All users of a shared namespace have the same settings of it, so the first is as good as any.
        for (key, desired) in &resources.namespaces {
            let namespaces = &mut clusters.entry(key.cluster.clone()).or_default().namespaces;
            namespaces
                .entry(key.namespace.clone())
                .or_insert_with(|| objects::namespace(key, &desired.settings, ownership, None));
        }
        for (key, quota) in &resources.quotas {
            let quotas = &mut clusters.entry(key.cluster.clone()).or_default().quotas;
            quotas.insert(key.namespace.clone(), objects::quota(key, quota, ownership));
        }
        for (key, accounts) in &resources.kubernetes_service_accounts {
            let here = &mut clusters.entry(key.cluster.clone()).or_default().service_accounts;
            for (name, account) in accounts {
                let object = objects::service_account(key, name, &account.google_service_account, ownership);
                here.insert((key.namespace.clone(), name.clone()), object);
            }
        }
        for (key, bindings) in &resources.role_bindings {
            let here = &mut clusters.entry(key.cluster.clone()).or_default().role_bindings;
            for (name, binding) in bindings {
                let object = objects::role_binding(key, name, binding, ownership);
                here.insert((key.namespace.clone(), name.clone()), object);
            }
        }
    }
    clusters
}

impl Manifests {
    /// How many objects there are.
    pub fn counts(&self) -> Counts {
        Counts {
            namespaces: self.namespaces.len(),
            quotas: self.quotas.len(),
            service_accounts: self.service_accounts.len(),
            role_bindings: self.role_bindings.len(),
        }
    }

    /// Whether there are no objects.
    pub fn is_empty(&self) -> bool {
        self.counts() == Counts::default()
    }
}

impl fmt::Display for Manifests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.namespaces.values().try_for_each(|object| document(f, object))?;
        self.quotas.values().try_for_each(|object| document(f, object))?;
        self.service_accounts.values().try_for_each(|object| document(f, object))?;
        self.role_bindings.values().try_for_each(|object| document(f, object))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        let (namespaces, quotas) = (count(self.namespaces, "namespace"), count(self.quotas, "quota"));
        let accounts = match self.service_accounts {
            0 => String::new(),
            number => format!("{}, ", count(number, "service account")),
        };
        write!(f, "{namespaces}, {quotas}, {accounts}{}", count(self.role_bindings, "role binding"))
    }
}

/// One document of the stream.
fn document(f: &mut fmt::Formatter<'_>, object: &impl Serialize) -> fmt::Result {
    f.write_str("---\n")?;
    // What can fail is writing to `f`: these objects are maps, lists and strings.
    serde_saphyr::to_fmt_writer_with_options(f, object, style()).map_err(|_| fmt::Error)
}

/// The serialiser quotes strings that any version of YAML reads as another type. Block scalars are not used: quotes show
/// exactly where a text ends, and with how many newlines.
fn style() -> SerializerOptions {
    ser_options! { prefer_block_scalars: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use insta::assert_snapshot;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;
    use crate::fanout::resource::{self, DeletionPolicy, NamespaceSettings, Quota, Scope};
    use crate::registry::names::NamespaceKey;

    /// Texts that YAML 1.1, YAML 1.2 or Go's parser, a mixture of both, reads as another type than string.
    const MISREAD: [&str; 57] = [
        "",
        "~",
        "null",
        "Null",
        "NULL",
        "true",
        "True",
        "FALSE",
        "y",
        "Y",
        "n",
        "yes",
        "Yes",
        "no",
        "NO",
        "on",
        "On",
        "off",
        "OFF",
        "0",
        "1",
        "-1",
        "+1",
        "0123",
        "0o17",
        "0x1f",
        "0X1F",
        "0b11",
        "1_000",
        "1_000.5",
        "1.0",
        "1.",
        ".5",
        "1e3",
        "1E3",
        "1.5e+3",
        ".inf",
        "-.Inf",
        ".NaN",
        "nan",
        "inf",
        "12:30:45",
        "1:30",
        "190:20:30.15",
        "2026-11-20",
        "2026-11-20T10:00:00Z",
        "2026-1-2 3:4:5",
        "<<",
        "=",
        "?",
        "- a",
        "a: b",
        "a #b",
        "@a",
        "*a",
        "&a",
        "!a",
    ];

    fn read(yaml: &str) -> Vec<Json> {
        serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
    }

    fn of(texts: &[&str]) -> ResourceSet {
        let key = NamespaceKey { cluster: "c".parse().unwrap(), namespace: "ns".parse().unwrap() };
        let labels: resource::Labels = texts.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
        let settings = NamespaceSettings { annotations: labels.clone(), labels };
        let desired = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
        let quota: Quota = texts.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
        let subjects = texts.iter().map(|text| format!("Group:{text}")).collect();
        let binding = resource::RoleBinding { role: "view".parse().unwrap(), subjects };
        ResourceSet {
            namespaces: [(key.clone(), desired)].into(),
            quotas: [(key.clone(), quota)].into(),
            role_bindings: [(key, [("anu:x".to_owned(), binding)].into())].into(),
            ..ResourceSet::default()
        }
    }

    fn made(resources: &ResourceSet) -> Manifests {
        manifests(&"acme".parse().unwrap(), [resources]).into_values().next().expect("one cluster")
    }

    /// The objects as Kubernetes' own JSON, which has no such questions.
    fn expected(manifests: &Manifests) -> Vec<Json> {
        let namespaces = manifests.namespaces.values().map(|object| serde_json::to_value(object).unwrap());
        let quotas = manifests.quotas.values().map(|object| serde_json::to_value(object).unwrap());
        let bindings = manifests.role_bindings.values().map(|object| serde_json::to_value(object).unwrap());
        namespaces.chain(quotas).chain(bindings).collect()
    }

    #[test]
    fn strings_stay_strings() {
        let manifests = made(&of(&MISREAD));
        let yaml = manifests.to_string();
        assert_eq!(read(&yaml), expected(&manifests));
        for text in MISREAD {
            for line in [format!("\n    \"{text}\": \"{text}\"\n"), format!("\n  kind: Group\n  name: \"{text}\"\n")] {
                assert!(yaml.contains(&line), "no {line:?} in {yaml}");
            }
        }
    }

    #[test]
    fn what_can_do_without_quotes_has_none() {
        let texts = ["500m", "2Gi", "requests.cpu", "count/pods", "a-b@example.com", "v1.2.3", "12h", "e3", "a_b"];
        let yaml = made(&of(&texts)).to_string();
        assert!(!yaml.contains('"'), "{yaml}");
    }

    #[test]
    fn texts_of_several_lines_stay_as_they_are() {
        let long = "word ".repeat(40);
        let texts = [
            "-",
            "a\nb",
            "a\n",
            "a\n\n",
            "\n a",
            " a ",
            "a\r\nb\t",
            long.as_str(),
            "it's \"so\" \\",
            "naïve ✓ \u{85}\u{feff}",
        ];
        let manifests = made(&of(&texts));
        assert_eq!(read(&manifests.to_string()), expected(&manifests));
    }

    #[test]
    fn empty_fields_are_not_written() {
        let mut resources = of(&[]);
        resources.quotas.clear();
        resources.role_bindings.clear();
        // No annotations, no spec, no status, no creationTimestamp.
        assert_snapshot!(made(&resources), @"
        ---
        apiVersion: v1
        kind: Namespace
        metadata:
          labels:
            anu-registry: acme
            managed-by: anu
          name: ns
        ");
    }

    #[test]
    fn counted_in_words() {
        assert_snapshot!(made(&of(&["1"])).counts(), @"1 namespace, 1 quota, 1 role binding");
        assert_snapshot!(Counts { quotas: 2, ..Counts::default() }, @"0 namespaces, 2 quotas, 0 role bindings");
    }

    proptest! {
        #[test]
        fn any_text_comes_back(texts in proptest::collection::btree_set(any::<String>(), 1..5)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let manifests = made(&of(&texts));
            prop_assert_eq!(read(&manifests.to_string()), expected(&manifests));
        }

        #[test]
        fn in_whatever_order_services_come(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
            let services: Vec<ResourceSet> = (0..6).map(service).collect();
            let registry: RegistryName = "acme".parse().unwrap();
            let sorted = manifests(&registry, &services);
            prop_assert_eq!(manifests(&registry, order.iter().map(|at| &services[*at])), sorted);
        }
    }

    /// A service on two clusters, in a namespace of its own and one that all share.
    fn service(number: usize) -> ResourceSet {
        let mut resources = ResourceSet::default();
        for (cluster, namespace) in [("a", "all".to_owned()), ("b", format!("own-{number}"))] {
            let key = NamespaceKey { cluster: cluster.parse().unwrap(), namespace: namespace.parse().unwrap() };
            let settings = NamespaceSettings { labels: resource::Labels::new(), annotations: resource::Labels::new() };
            let desired = Scope { settings, shared: number > 0, deletion_policy: DeletionPolicy::default() };
            let binding = resource::RoleBinding {
                role: "view".parse().unwrap(),
                subjects: BTreeSet::from(["User:a".to_owned()]),
            };
            resources.namespaces.insert(key.clone(), desired);
            resources.role_bindings.insert(key, [(format!("anu:{number}"), binding)].into());
        }
        resources
    }
}
