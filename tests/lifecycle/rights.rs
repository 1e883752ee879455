//! What people have, as plain text, and where it is seen: in what is asked for, and in a store.

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout::resource::{Key, ResourceSet};
use anu::platform::embedded::{Dump, ProjectPhase, ServiceAccountDump};
use anu::sdk::Value;
use serde_json::Value as Json;

/// Rights: projects, namespaces, APIs, IAM members, and who has which ClusterRole where on behalf of which service.
pub type Rights = BTreeSet<String>;

/// The rights that the registry gives to a service. `service` is its first name: a renamed one goes on to have what it had.
pub fn asked(resources: &ResourceSet, service: &str) -> Rights {
    let mut rights = Rights::new();
    for key in resources.keys() {
        match &key {
            Key::Quota(_) => {}
            Key::RoleBinding(namespace, name) => {
                let binding = &resources.role_bindings[namespace][name];
                let had = |who: &String| had(service, &namespace.to_string(), binding.role.as_str(), who);
                rights.extend(binding.subjects.iter().map(had));
            }
            key => drop(rights.insert(named(key))),
        }
    }
    rights
}

/// The rights that a store gives. `first_names` are those of services that were renamed.
pub fn given(dump: &Dump, first_names: &BTreeMap<String, String>) -> Rights {
    let mut rights = Rights::new();
    for (id, project) in &dump.projects {
        match project.project.as_ref().map(|row| row.phase) {
            Some(ProjectPhase::DeleteRequested) => continue,
            Some(ProjectPhase::Active) => drop(rights.insert(format!("project {id}"))),
            _ => {}
        }
        rights.extend(project.apis.iter().map(|api| format!("API {id}/{api}")));
        for (role, members) in &project.iam {
            rights.extend(members.iter().map(|member| format!("IAM member {id}/{role}/{member}")));
        }
        for (name, account) in &project.service_accounts {
            rights.insert(format!("service account {id}/{name}"));
            rights.extend(workloads(account).map(|who| format!("workload identity {id}/{name}/{who}")));
        }
    }
    for (cluster, namespaces) in &dump.clusters {
        for (name, namespace) in namespaces.iter().filter(|(_, namespace)| namespace.terminating.is_none()) {
            let place = format!("{cluster}/{name}");
            rights.insert(format!("namespace {place}"));
            let accounts = namespace.service_accounts.keys();
            rights.extend(accounts.map(|name| format!("Kubernetes service account {place}/{name}")));
            for (name, found) in &namespace.role_bindings {
                let service = name.split(':').nth(1).unwrap_or_default();
                let first = first_names.get(service).map_or(service, String::as_str);
                let binding = &found.binding;
                rights.extend(binding.subjects.iter().map(|who| had(first, &place, binding.role.as_str(), who)));
            }
        }
    }
    rights
}

/// Who may act as a service account.
pub fn workloads(account: &ServiceAccountDump) -> impl Iterator<Item = &str> {
    let members = account.iam.get("roles/iam.workloadIdentityUser").into_iter().flatten();
    members.filter_map(|member| member.strip_prefix("serviceAccount:"))
}

fn had(service: &str, namespace: &str, role: &str, who: &str) -> String {
    format!("for {service} in {namespace}: {role} to {who}")
}

/// A key with its kind.
pub fn named(key: &Key) -> String {
    format!("{} {key}", key.kind())
}

/// What differs between two values, one leaf a line: `-` what is only in the first, `+` what is only in the second.
pub fn differences(before: &Json, after: &Json) -> String {
    let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
    leaves(before, &mut String::new(), &mut old);
    leaves(after, &mut String::new(), &mut new);
    let gone = old.difference(&new).map(|leaf| format!("- {leaf}\n"));
    gone.chain(new.difference(&old).map(|leaf| format!("+ {leaf}\n"))).collect()
}

fn leaves(value: &Json, at: &mut String, found: &mut BTreeSet<String>) {
    let children: Vec<(String, &Json)> = match value {
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Json::Array(list) => list.iter().map(|value| (String::new(), value)).collect(),
        leaf => {
            found.insert(format!("{at} = {leaf}"));
            return;
        }
    };
    for (key, child) in children {
        let length = at.len();
        at.push_str(" > ");
        at.push_str(&key);
        leaves(child, at, found);
        at.truncate(length);
    }
}

/// What of `expected` is not in the store. Labels and members of others do not count.
pub fn missing(expected: &Dump, found: &Dump) -> Vec<String> {
    let mut missing = Vec::new();
    let mut check = |there: bool, what: String| {
        if !there {
            missing.push(what);
        }
    };
    let covers = |found: &BTreeMap<String, String>, asked: &BTreeMap<String, String>| {
        asked.iter().all(|(key, value)| found.get(key) == Some(value))
    };
    for (id, asked) in &expected.projects {
        let Some(is) = found.projects.get(id) else {
            check(false, format!("project {id}"));
            continue;
        };
        if let Some(asked) = &asked.project {
            let ok = is.project.as_ref().is_some_and(|is| {
                let same = (&is.settings.display_name, &is.settings.parent, &is.settings.billing_account)
                    == (&asked.settings.display_name, &asked.settings.parent, &asked.settings.billing_account);
                same && is.phase == asked.phase && covers(&is.settings.labels, &asked.settings.labels)
            });
            check(ok, format!("settings of project {id}: {:?} is not {asked:?}", is.project));
        }
        check(asked.apis.is_subset(&is.apis), format!("APIs of {id}"));
        for (role, members) in &asked.iam {
            check(is.iam.get(role).is_some_and(|is| members.is_subset(is)), format!("{role} on {id}"));
        }
        for (name, asked) in &asked.service_accounts {
            let ok = is.service_accounts.get(name).is_some_and(|is| {
                let workloads: BTreeSet<&str> = workloads(is).collect();
                is.settings == asked.settings && self::workloads(asked).all(|who| workloads.contains(who))
            });
            check(ok, format!("service account {id}/{name}: {:?} is not {asked:?}", is.service_accounts.get(name)));
        }
    }
    for (cluster, namespaces) in &expected.clusters {
        for (name, asked) in namespaces {
            let Some(is) = found.clusters.get(cluster).and_then(|namespaces| namespaces.get(name)) else {
                check(false, format!("namespace {cluster}/{name}"));
                continue;
            };
            let settings = covers(&is.settings.labels, &asked.settings.labels)
                && covers(&is.settings.annotations, &asked.settings.annotations);
            check(settings, format!("settings of {cluster}/{name}: {:?}", is.settings));
            check(asked.quota.is_none() || asked.quota == is.quota, format!("quota of {cluster}/{name}"));
            for (account, asked) in &asked.service_accounts {
                let ok = is
                    .service_accounts
                    .get(account)
                    .is_some_and(|is| is.registry == asked.registry && covers(&is.annotations, &asked.annotations));
                check(ok, format!("Kubernetes service account {cluster}/{name}/{account}"));
            }
            for (binding, asked) in &asked.role_bindings {
                check(is.role_bindings.get(binding) == Some(asked), format!("role binding {cluster}/{name}/{binding}"));
            }
        }
    }
    missing
}

/// What in the store the registry does not list, and `data "anu_unmanaged_grants"` does not list.
pub fn unlisted(expected: &Dump, found: &Dump, listed: &Value) -> Vec<String> {
    let mut unlisted = Vec::new();
    let leftovers = listed.get("leftovers").expect("leftovers");
    let is_leftover = |key: &str| matches!(leftovers, Value::List(keys) if keys.contains(&Value::from(key)));
    for (id, is) in &found.projects {
        let asked = expected.projects.get(id).cloned().unwrap_or_default();
        if is.project.is_some() && asked.project.is_none() {
            unlisted.extend(Some(format!("project {id}")).filter(|key| !is_leftover(key)));
        }
        let apis = is.apis.difference(&asked.apis).map(|api| format!("API {id}/{api}"));
        unlisted.extend(apis.filter(|key| !is_leftover(key)));
        for (name, is) in &is.service_accounts {
            let Some(asked) = asked.service_accounts.get(name) else {
                unlisted.extend(Some(format!("service account {id}/{name}")).filter(|key| !is_leftover(key)));
                continue;
            };
            let email = format!("{name}@{id}.iam.gserviceaccount.com");
            for (role, members) in &is.iam {
                let list = listed.get("service_account_iam").and_then(|all| all.get(&email)?.get(role));
                let asked = asked.iam.get(role).cloned().unwrap_or_default();
                for member in members.difference(&asked) {
                    let there = matches!(list, Some(Value::List(all)) if all.contains(&Value::from(member.as_str())));
                    unlisted.extend((!there).then(|| format!("{role} on {email}: {member}")));
                }
            }
        }
        for (role, members) in &is.iam {
            let list = listed.get("iam").and_then(|iam| iam.get(id.as_str())?.get(role));
            let asked = asked.iam.get(role).cloned().unwrap_or_default();
            for member in members.difference(&asked) {
                let there = matches!(list, Some(Value::List(all)) if all.contains(&Value::from(member.as_str())));
                unlisted.extend((!there).then(|| format!("IAM member {id}/{role}/{member}")));
            }
        }
    }
    for (cluster, namespaces) in &found.clusters {
        for (name, is) in namespaces {
            let place = format!("{cluster}/{name}");
            let asked = expected.clusters.get(cluster).and_then(|namespaces| namespaces.get(name));
            if asked.is_none() {
                unlisted.extend(Some(format!("namespace {place}")).filter(|key| !is_leftover(key)));
            }
            if is.quota.is_some() && asked.is_none_or(|asked| asked.quota.is_none()) {
                unlisted.extend(Some(format!("quota {place}")).filter(|key| !is_leftover(key)));
            }
            let accounts = is.service_accounts.keys();
            for name in accounts.filter(|name| !asked.is_some_and(|asked| asked.service_accounts.contains_key(*name))) {
                let key = format!("Kubernetes service account {place}/{name}");
                unlisted.extend(Some(key).filter(|key| !is_leftover(key)));
            }
            let unasked = is.role_bindings.keys().filter(|n| !asked.is_some_and(|a| a.role_bindings.contains_key(*n)));
            for binding in unasked {
                let there = listed.get("role_bindings").and_then(|all| all.get(&place)?.get(binding)).is_some();
                let key = format!("role binding {place}/{binding}");
                unlisted.extend(Some(key).filter(|key| !there || !is_leftover(key)));
            }
        }
    }
    unlisted
}
