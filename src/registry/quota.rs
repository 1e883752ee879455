//! The lines of a quota: what an API server refuses, what limits nothing, and what it keeps. Rules: the API server's validation of
//! ResourceQuota, and the evaluators of its quota controller.

use super::entries::Quota;
use super::labels::kubernetes_key;
use super::quantity::{Fault, Quantity, kept};
use super::quote::quote;
use super::suggest::{did_you_mean, nearest};

/// Resources that are measured. Without a `/` in its name, a resource that a quota can limit is one of these, one that is
/// [counted](COUNTED), or one of hugepages.
const MEASURED: [&str; 10] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

/// Resources that are counted: their quantity is a whole number.
const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "replicationcontrollers",
    "services",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "services.nodeports",
    "services.loadbalancers",
];

/// What `count/` can limit without the name of a group: the namespaced resources of the core group. Events are never counted.
const CORE: [&str; 11] = [
    "configmaps",
    "endpoints",
    "limitranges",
    "persistentvolumeclaims",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "serviceaccounts",
    "services",
];

/// What `count/` can limit of the groups that are part of Kubernetes, where a name that is not in the list is a mistake.
const GROUPED: [&str; 15] = [
    "controllerrevisions.apps",
    "daemonsets.apps",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "horizontalpodautoscalers.autoscaling",
    "cronjobs.batch",
    "jobs.batch",
    "leases.coordination.k8s.io",
    "endpointslices.discovery.k8s.io",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "poddisruptionbudgets.policy",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
];

/// Prefix of a name that limits what pods request.
const REQUESTS: &str = "requests.";
/// In the name of a resource of Kubernetes itself.
const NATIVE: &str = "kubernetes.io/";

/// What an API server refuses of one line of a quota, and what it would not keep.
pub fn check_limit(resource: &str, quantity: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(check_resource(resource));
    wrong.extend(check_quantity(resource, quantity));
    wrong
}

/// Resources without a `/` in their name, apart from hugepages.
fn standard() -> impl Iterator<Item = &'static str> {
    MEASURED.into_iter().chain(COUNTED)
}

fn check_resource(resource: &str) -> Option<String> {
    let hugepages = resource.strip_prefix(REQUESTS).unwrap_or(resource).starts_with("hugepages-");
    if kubernetes_key(resource) && (resource.contains('/') || hugepages || standard().any(|known| known == resource)) {
        return None;
    }
    let rule = if resource.contains('/') {
        " It is no Kubernetes resource name: `DOMAIN/NAME`, the domain in lowercase, the name of 1 to 63 letters, digits, `-`, `_` and \
         `.` with a letter or digit at both ends."
    } else {
        ""
    };
    Some(format!(
        "A quota cannot limit {}.{rule} Examples of resources that it can limit: `requests.cpu`, `limits.memory`, `pods`, \
         `count/deployments.apps`.{}",
        quote(resource),
        did_you_mean(nearest(resource, standard()))
    ))
}

fn check_quantity(resource: &str, text: &str) -> Option<String> {
    let shown = quote(text);
    let quantity = match Quantity::parse(text) {
        Ok(quantity) => quantity,
        Err(Fault::Form) => {
            return Some(format!(
                "{shown} is not a Kubernetes quantity: a number, directly followed by at most one of the suffixes `m`, `k`, `M`, \
                 `G`, `T`, `P`, `E`, `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`.{}",
                did_you_mean(corrected(text).as_deref())
            ));
        }
        Err(Fault::Exponent) => {
            return Some(format!(
                "The exponent of {shown} is beyond 99. An API server that compares it with another quantity writes out all of its \
                 digits, and stops responding. Write a smaller number."
            ));
        }
    };
    if quantity.is_negative() {
        return Some(format!("{shown} is negative. A quota is 0 or more."));
    }
    if counted(resource) && !quantity.passes_for_whole() {
        return Some(if quantity.is_whole() {
            format!(
                "{shown} is too large for {}. An API server calculates the number in thousandths, for which it has 64 bits, so it \
                 refuses this one. Write at most `9223372036854775`.",
                quote(resource)
            )
        } else {
            format!("{shown} is not a whole number. The quota of {} is a count.", quote(resource))
        });
    }
    if !quantity.is_kept() {
        return Some(format!(
            "{shown} is too large: there is no suffix above `E`, and an API server would return it as {}. Write at most `999E`.",
            quote(&quantity.text())
        ));
    }
    None
}

/// Whether an API server accepts whole numbers only: what it counts, and all that is not of Kubernetes itself.
fn counted(resource: &str) -> bool {
    let extended = || {
        resource.contains('/')
            && !resource.contains(NATIVE)
            && !resource.starts_with(REQUESTS)
            && kubernetes_key(&format!("{REQUESTS}{resource}"))
    };
    COUNTED.contains(&resource) || extended()
}

/// The probable quantity for a common mistake: `32GB`, `32 Gi`, `32gi`.
fn corrected(quantity: &str) -> Option<String> {
    let compact: String = quantity.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, suffix) = compact.split_at(digits);
    let suffix = match suffix.to_ascii_lowercase().as_str() {
        "" => "",
        "k" | "kb" => "k",
        "m" | "mb" => "M",
        "g" | "gb" => "G",
        "t" | "tb" => "T",
        "ki" | "kib" => "Ki",
        "mi" | "mib" => "Mi",
        "gi" | "gib" => "Gi",
        "ti" | "tib" => "Ti",
        _ => return None,
    };
    Some(format!("{number}{suffix}")).filter(|text| Quantity::parse(text).is_ok())
}

/// Why a quota of this resource limits nothing, although an API server accepts it.
pub fn without_effect(resource: &str) -> Option<String> {
    let (prefix, name) = resource.split_once('/')?;
    let why = if prefix == "count" {
        not_counted(name)?
    } else if prefix.ends_with(".storageclass.storage.k8s.io") {
        if matches!(name, "requests.storage" | "persistentvolumeclaims") {
            return None;
        }
        "Of a StorageClass a quota limits `requests.storage` and `persistentvolumeclaims`.".to_owned()
    } else if prefix.ends_with(".deviceclass.resource.k8s.io") {
        if name == "devices" {
            return None;
        }
        "Of a DeviceClass a quota limits `devices`.".to_owned()
    } else if prefix == "requests.deviceclass.resource.kubernetes.io" {
        return None;
    } else if resource.contains(NATIVE) {
        "No resource of Kubernetes has that name.".to_owned()
    } else if prefix.starts_with(REQUESTS) {
        return None;
    } else {
        let extended = resource.strip_prefix("limits.").unwrap_or(resource);
        format!(
            "Of an extended resource a quota limits what pods request.{}",
            did_you_mean(Some(&format!("{REQUESTS}{extended}")))
        )
    };
    Some(format!("Kubernetes accepts a quota of {}, and it limits nothing. {why}", quote(resource)))
}

/// Why `count/NAME` counts nothing.
fn not_counted(name: &str) -> Option<String> {
    let Some((resource, group)) = name.split_once('.') else {
        if CORE.contains(&name) {
            return None;
        }
        let grouped = GROUPED.into_iter().find(|known| known.split_once('.').is_some_and(|(of, _)| of == name));
        let near = grouped.or_else(|| nearest(name, CORE.into_iter()));
        let near = near.map(|near| format!("count/{near}"));
        return Some(format!(
            "No namespaced resource of the core group has that name; others need their group: `count/deployments.apps`.{}",
            did_you_mean(near.as_deref())
        ));
    };
    let mut of_group = GROUPED.into_iter().filter(|known| known.split_once('.').is_some_and(|(_, of)| of == group));
    let known = of_group.clone().any(|known| known == name);
    if known || of_group.clone().next().is_none() {
        return None;
    }
    let near = nearest(name, of_group.clone()).or_else(|| of_group.find(|known| known.starts_with(resource)));
    let near = near.map(|near| format!("count/{near}"));
    Some(format!(
        "Group `{group}` of Kubernetes has no namespaced resource of that name.{}",
        did_you_mean(near.as_deref())
    ))
}

/// A quota as an API server returns it.
pub fn kept_quota(quota: &Quota) -> Quota {
    quota.iter().map(|(resource, limit)| (resource.clone(), kept(limit))).collect()
}

/// The lines of a quota that exceed a maximum: resource, quantity and maximum. Resources that the API server treats as one
/// (`cpu`, `requests.cpu`) are compared as one. What cannot be parsed was reported already.
pub(crate) fn excess<'q>(quota: &'q Quota, max: &'q Quota) -> Vec<(&'q str, &'q str, &'q str)> {
    let over = |(resource, limit): (&'q String, &'q String)| {
        let most = max.iter().find(|(other, _)| canonical(other) == canonical(resource)).map(|(_, most)| most)?;
        let (of_quota, of_max) = (Quantity::parse(limit).ok()?, Quantity::parse(most).ok()?);
        (of_quota.milli() > of_max.milli()).then_some((resource.as_str(), limit.as_str(), most.as_str()))
    };
    quota.iter().filter_map(over).collect()
}

/// Whether a quota limits a resource, under any of its names.
pub(crate) fn limits(quota: &Quota, resource: &str) -> bool {
    quota.keys().any(|other| canonical(other) == canonical(resource))
}

/// One name for a resource that has several.
fn canonical(resource: &str) -> &str {
    match resource {
        "cpu" => "requests.cpu",
        "memory" => "requests.memory",
        "ephemeral-storage" => "requests.ephemeral-storage",
        other => match other.strip_prefix("count/") {
            Some(counted) if COUNTED.contains(&counted) => counted,
            _ => other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(lines: &[(&str, &str)]) -> Quota {
        lines.iter().map(|(resource, limit)| ((*resource).to_owned(), (*limit).to_owned())).collect()
    }

    #[test]
    fn quantities_are_compared_by_value_whatever_their_spelling() {
        let larger = |a: &str, b: &str| !excess(&quota(&[("cpu", a)]), &quota(&[("requests.cpu", b)])).is_empty();
        for (a, b) in [
            ("2", "1"),
            ("1Gi", "1G"),
            ("1001m", "1"),
            ("10", "9"),
            ("1e99", "1Ei"),
            ("1", "0"),
            ("2m", "1e-99"),
            ("1.01", "1"),
            ("100000", "99999"),
            ("1025Mi", "1Gi"),
        ] {
            assert!(larger(a, b) && !larger(b, a), "{a} exceeds {b}");
        }
        for (a, b) in
            [("1Gi", "1024Mi"), ("1", "1000m"), ("0", "0"), ("1e3", "1k"), ("0.0001", "0.0002"), ("9Ei", "8Ei")]
        {
            assert!(!larger(a, b) && !larger(b, a), "{a} is {b}");
        }
    }

    #[test]
    fn counts_are_whole_and_no_quantity_is_negative() {
        for (resource, quantity) in [
            ("pods", "20"),
            ("pods", "2k"),
            ("pods", "1000m"),
            ("pods", "2e1"),
            ("pods", "1.0"),
            ("pods", "0.9999"),
            ("pods", "0.5Ki"),
            ("requests.cpu", "1500m"),
            ("requests.cpu", "8Ei"),
            ("count/deployments.apps", "5"),
            ("requests.nvidia.com/gpu", "2"),
            ("requests.cpu", "-0"),
            ("gold.storageclass.storage.k8s.io/requests.storage", "5Gi"),
            ("hugepages-2Mi", "4Gi"),
        ] {
            assert_eq!(check_limit(resource, quantity), Vec::<String>::new(), "{resource} {quantity}");
        }
        for (resource, quantity) in [
            ("pods", "1.5"),
            ("pods", "100m"),
            ("pods", "1e-1"),
            ("pods", "0.0001Ki"),
            ("pods", "9Pi"),
            ("gold.storageclass.storage.k8s.io/requests.storage", "9Pi"),
            ("count/jobs.batch", "0.5"),
            ("requests.cpu", "-1"),
            ("requests.cpu", "1000E"),
            ("requests.cpu", "1e2000000000"),
            ("cpus", "1"),
            ("request.cpu", "1"),
            ("/x", "1"),
            ("count/", "1"),
            ("count/a b", "1"),
            ("requests.Nvidia.com/gpu", "1"),
            ("a/b/c", "1"),
            ("hugepages-", "1"),
        ] {
            assert_eq!(check_limit(resource, quantity).len(), 1, "{resource} {quantity}");
        }
        assert_eq!(check_limit("cpus", "x").len(), 2);
    }

    #[test]
    fn common_mistakes_have_a_suggestion() {
        assert_eq!(corrected("32GB").as_deref(), Some("32G"));
        assert_eq!(corrected("32 Gi").as_deref(), Some("32Gi"));
        assert_eq!(corrected("32gib").as_deref(), Some("32Gi"));
        assert_eq!(corrected("lots"), None);
        assert_eq!(corrected("32 bananas"), None);
    }

    #[test]
    fn a_quota_that_limits_nothing_says_what_would() {
        let all = [
            "count/deployments",
            "count/pod",
            "count/deployment.apps",
            "count/cronjob.batch",
            "nvidia.com/gpu",
            "limits.nvidia.com/gpu",
            "gold.storageclass.storage.k8s.io/limits.storage",
            "requests.kubernetes.io/x",
        ];
        let all: Vec<String> = all.into_iter().filter_map(without_effect).collect();
        insta::assert_snapshot!(all.join("\n"), @"
        Kubernetes accepts a quota of `count/deployments`, and it limits nothing. No namespaced resource of the core group has that name; others need their group: `count/deployments.apps`. Did you mean `count/deployments.apps`?
        Kubernetes accepts a quota of `count/pod`, and it limits nothing. No namespaced resource of the core group has that name; others need their group: `count/deployments.apps`. Did you mean `count/pods`?
        Kubernetes accepts a quota of `count/deployment.apps`, and it limits nothing. Group `apps` of Kubernetes has no namespaced resource of that name. Did you mean `count/deployments.apps`?
        Kubernetes accepts a quota of `count/cronjob.batch`, and it limits nothing. Group `batch` of Kubernetes has no namespaced resource of that name. Did you mean `count/cronjobs.batch`?
        Kubernetes accepts a quota of `nvidia.com/gpu`, and it limits nothing. Of an extended resource a quota limits what pods request. Did you mean `requests.nvidia.com/gpu`?
        Kubernetes accepts a quota of `limits.nvidia.com/gpu`, and it limits nothing. Of an extended resource a quota limits what pods request. Did you mean `requests.nvidia.com/gpu`?
        Kubernetes accepts a quota of `gold.storageclass.storage.k8s.io/limits.storage`, and it limits nothing. Of a StorageClass a quota limits `requests.storage` and `persistentvolumeclaims`.
        Kubernetes accepts a quota of `requests.kubernetes.io/x`, and it limits nothing. No resource of Kubernetes has that name.
        ");
    }
}
