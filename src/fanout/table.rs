//! The effective permissions table: the provider's rows override the registry's, which override the built-in ones.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::registry::builtin::{self, DEFAULT_BUILTIN};
use crate::registry::google_roles;
use crate::registry::names::{GoogleService, IamRole, KubernetesRole, Name};
use crate::registry::permissions::EVERY;
use crate::registry::problem::{Problems, rules};
use crate::registry::suggest::{did_you_mean, nearest};
use crate::registry::{AccessLevel, Permissions, Registry, Row};

use super::fences::Fences;
use super::settings::Settings;

/// Suggestions for at most this many unknown names: each is compared with thousands.
const MOST_SUGGESTIONS: usize = 50;

/// The roles of each level.
pub(crate) type Roles = [Vec<IamRole>; 3];

/// The roles of each level. It contains a row for every Google service that the registry uses.
#[derive(Debug)]
pub(crate) struct Table {
    google: HashMap<GoogleService, Roles>,
    every: Roles,
    kubernetes: [KubernetesRole; 3],
}

impl Table {
    /// Combines the rows and reports missing rows and forbidden roles. A missing row is one problem, however many services
    /// need it.
    pub(crate) fn of(registry: &Registry, settings: &Settings, problems: &mut Problems) -> Self {
        let none = Permissions::default();
        let provider = settings.permissions.as_ref().unwrap_or(&none);
        let layers = [provider, &registry.permissions];
        problems.belong_to(None, None);
        forbidden_rows(&layers, &settings.fences, problems);
        unknown_names(registry, &layers, problems);
        let version = provider.builtin.or(registry.permissions.builtin).unwrap_or(DEFAULT_BUILTIN);
        let builtin = builtin::table(version);
        if builtin.is_none() {
            problems.report(rules::UNKNOWN_BUILTIN, "", builtin::unknown(&version.to_string()));
        }
        #[allow(clippy::expect_used, reason = "a constant that has a table")]
        // An unknown version was reported. The rows of the default version serve to find further problems.
        let builtin = builtin.or_else(|| builtin::table(DEFAULT_BUILTIN)).expect("there is a default table");
        let mut missing: BTreeMap<&GoogleService, Missing> = BTreeMap::new();
        let mut google: HashMap<GoogleService, Roles> = HashMap::new();
        for (place, service) in registry.services.iter().enumerate() {
            if !service.environments.iter().any(|environment| environment.google_project.is_some()) {
                continue;
            }
            for (index, api) in service.google_services.iter().enumerate() {
                if api.is_reported() || google.contains_key(api) {
                    continue;
                }
                if let Some(missing) = missing.get_mut(api) {
                    missing.services.insert(place);
                    continue;
                }
                let written = layers.iter().find_map(|layer| layer.google.services.get(api));
                if let Some(row) = written {
                    google.insert(api.clone(), AccessLevel::ALL.map(|level| row.level(level).to_vec()));
                } else if let Some(row) = builtin.google(api.as_str()) {
                    let roles =
                        row.map(|roles| roles.iter().filter_map(|role| role.parse().ok()).collect::<Vec<IamRole>>());
                    let pointer = format!("/services/{place}/spec/googleServices/{index}");
                    for role in roles.iter().flatten() {
                        if let Some(why) = settings.fences.refuses_role(role.as_str()) {
                            let detail = format!("The role `{role}` in the built-in row of `{api}` {why}");
                            problems.belong_to(Some(service.name.as_str()), None);
                            problems.report(rules::FORBIDDEN_ROLE, pointer.clone(), detail);
                        }
                    }
                    google.insert(api.clone(), roles);
                } else {
                    missing.insert(api, Missing { first: (place, index), services: BTreeSet::from([place]) });
                }
            }
        }
        for (api, missing) in missing {
            let service = &registry.services[missing.first.0];
            problems.belong_to(Some(service.name.as_str()), None);
            let pointer = format!("/services/{}/spec/googleServices/{}", missing.first.0, missing.first.1);
            let detail = missing_row(api, missing.services.len() - 1, builtin, problems);
            problems.report(rules::NO_PERMISSIONS, pointer, detail);
        }
        problems.belong_to(None, None);
        let every = layers.iter().find_map(|layer| layer.google.every.as_ref());
        let every = every.map_or_else(Roles::default, |row| AccessLevel::ALL.map(|level| row.level(level).to_vec()));
        let kubernetes = AccessLevel::ALL.map(|level| {
            let written = layers.iter().find_map(|layer| layer.kubernetes.get(&level)).cloned();
            if written.is_none() && is_granted_in_a_namespace(registry, level) {
                let role = builtin.kubernetes(level);
                if let Some(why) = settings.fences.refuses_role(role) {
                    let detail = format!("The role `{role}` of `{level}` in the built-in row `kubernetes` {why}");
                    problems.report(rules::FORBIDDEN_ROLE, "", detail);
                }
            }
            written.unwrap_or_else(|| builtin.kubernetes(level).parse().unwrap_or_else(|_| KubernetesRole::reported()))
        });
        Self { google, every, kubernetes }
    }

    /// The roles of a level for these Google services, without duplicates.
    pub(crate) fn roles<'t>(&'t self, services: &[GoogleService], level: AccessLevel, roles: &mut Vec<&'t IamRole>) {
        roles.clear();
        roles.extend(&self.every[level as usize]);
        for service in services {
            if let Some(row) = self.google.get(service) {
                roles.extend(&row[level as usize]);
            }
        }
        roles.retain(|role| !role.is_reported());
        roles.sort_unstable();
        roles.dedup();
    }

    /// The rows that both tables have, by their names, with the roles of each level before and after.
    pub(crate) fn common_rows<'t>(&'t self, new: &'t Self) -> Vec<(&'t str, &'t Roles, &'t Roles)> {
        let common = |(api, roles): (&'t GoogleService, &'t Roles)| Some((api.as_str(), roles, new.google.get(api)?));
        let mut rows: Vec<_> = self.google.iter().filter_map(common).collect();
        rows.push((EVERY, &self.every, &new.every));
        rows.sort_unstable_by_key(|(row, ..)| *row);
        rows
    }

    /// The highest number of roles that one row has for a level.
    pub(crate) fn widest_row(&self) -> usize {
        self.google.values().chain([&self.every]).flatten().map(Vec::len).max().unwrap_or_default()
    }

    /// The ClusterRole of a level.
    pub(crate) fn kubernetes(&self, level: AccessLevel) -> &KubernetesRole {
        &self.kubernetes[level as usize]
    }
}

/// Whether an environment with a namespace has an entry of this level.
fn is_granted_in_a_namespace(registry: &Registry, level: AccessLevel) -> bool {
    let mut environments = registry.services.iter().flat_map(|service| &service.environments);
    environments.any(|environment| !environment.targets.is_empty() && !environment.access.level(level).is_empty())
}

struct Missing {
    first: (usize, usize),
    services: BTreeSet<usize>,
}

fn missing_row(api: &GoogleService, others: usize, builtin: &builtin::Table, problems: &mut Problems) -> String {
    let others = match others {
        0 => String::new(),
        1 => " (and by one other service)".to_owned(),
        others => format!(" (and by {others} other services)"),
    };
    // All names end alike, so the first parts are compared: `iap` is not nearly `dns`.
    let label = label(api.as_str());
    let hint = problems.did_you_mean("Google services", label, builtin.services().map(self::label));
    let hint = hint.replace("`?", ".googleapis.com`?");
    let add = if hint.is_empty() { " Add a row" } else { " Otherwise add a row" };
    let levels = [
        ("viewers", google_roles::first_of(label, &["viewer", "reader"])),
        ("operators", google_roles::first_of(label, &["operator", "developer", "editor", "user", "client"])),
        ("admins", google_roles::first_of(label, &["admin"])),
    ];
    let written = levels.iter().filter_map(|(level, role)| Some(format!("\"{level}\": [\"{}\"]", role.as_ref()?)));
    let written: Vec<String> = written.collect();
    let (which, empty) = match written.is_empty() {
        true => ("", " An empty row grants no roles; no predefined role of Google fits by its name."),
        false => (" with suitable roles", " The row `{}` grants no roles."),
    };
    format!(
        "`{api}` is used here{others}, and the permissions table has no row for it.{hint}{add} to `permissions.google`{which}: \
         `\"{api}\": {{{}}}`.{empty}",
        written.join(", ")
    )
}

/// The part of an API's name that roles begin with.
fn label(api: &str) -> &str {
    api.split('.').next().unwrap_or_default()
}

/// Reports predefined roles in written rows that do not exist, each once, and rows that are nearly those of a used API: in place
/// of such a row the built-in one applies.
fn unknown_names(registry: &Registry, layers: &[&Permissions; 2], problems: &mut Problems) {
    let mut seen: HashSet<&IamRole> = HashSet::new();
    for (layer, permissions) in layers.iter().enumerate() {
        for (key, row) in permissions.google.iter() {
            for (level, index, role) in row_roles(row) {
                let text = role.as_str();
                if !text.starts_with(google_roles::PREFIX) || google_roles::is_known(text) || !seen.insert(role) {
                    continue;
                }
                let hint = if seen.len() > MOST_SUGGESTIONS { None } else { google_roles::nearest(text) };
                let detail = unknown_role(text, &row_place(layer, key), hint.as_deref());
                let pointer = row_pointer(layer, &["google", key, level.as_str(), &index.to_string()]);
                problems.report(rules::UNKNOWN_ROLE, pointer, detail);
            }
        }
    }
    unused_rows(registry, layers, problems);
}

/// A role that has the form of a predefined one, and is none.
pub(super) fn unknown_role(role: &str, place: &str, nearest: Option<&str>) -> String {
    format!(
        "`{role}` in {place} is not in the list of Google's predefined roles, and Google refuses a role that does not exist.{} \
         Correct it, or ignore this warning if the role is newer than this version of anu.",
        did_you_mean(nearest)
    )
}

fn unused_rows(registry: &Registry, layers: &[&Permissions; 2], problems: &mut Problems) {
    if layers.iter().all(|layer| layer.google.services.is_empty()) {
        return;
    }
    let used: BTreeSet<&str> =
        registry.services.iter().flat_map(|service| &service.google_services).map(GoogleService::as_str).collect();
    for (layer, permissions) in layers.iter().enumerate() {
        let unused = permissions.google.services.keys().filter(|api| !used.contains(api.as_str()));
        for api in unused.take(MOST_SUGGESTIONS) {
            let written = |api: &str| layers.iter().any(|layer| layer.google.services.contains_key(api));
            let missing = used.iter().copied().filter(|used| !written(used));
            let name = api.as_str();
            let Some(near) = nearest(name.trim_end_matches(".com"), missing.map(|api| api.trim_end_matches(".com")))
            else {
                continue;
            };
            let detail = format!(
                "No service uses `{name}`, so {} has no effect. Did you mean `{near}.com`? For that API another row applies now.",
                row_place(layer, name)
            );
            problems.report(rules::UNUSED_ROW, row_pointer(layer, &["google", name]), detail);
        }
    }
}

fn row_place(layer: usize, row: &str) -> String {
    match layer {
        0 => "`permissions` of the provider block".to_owned(),
        _ => format!("the row `{row}` of `permissions`"),
    }
}

/// The place of a row in the document. The provider block has none.
fn row_pointer(layer: usize, steps: &[&str]) -> String {
    let mut text = String::new();
    if layer == 1 {
        text.push_str("/permissions");
        for step in steps {
            crate::registry::pointer::push_key(&mut text, step);
        }
    }
    text
}

/// Reports forbidden roles in all written rows, including those that no service uses yet.
fn forbidden_rows(layers: &[&Permissions; 2], fences: &Fences, problems: &mut Problems) {
    for (layer, permissions) in layers.iter().enumerate() {
        let place = |row: &str| row_place(layer, row);
        let pointer = |steps: &[&str]| row_pointer(layer, steps);
        for (key, row) in permissions.google.iter() {
            for (level, index, role) in row_roles(row) {
                if let Some(why) = fences.refuses_role(role.as_str()) {
                    let pointer = pointer(&["google", key, level.as_str(), &index.to_string()]);
                    let row = if key == EVERY { EVERY } else { key };
                    problems.report(
                        rules::FORBIDDEN_ROLE,
                        pointer,
                        format!("The role `{role}` in {} {why}", place(row)),
                    );
                }
            }
        }
        for (level, role) in &permissions.kubernetes {
            if let Some(why) = fences.refuses_role(role.as_str()) {
                let pointer = pointer(&["kubernetes", level.as_str()]);
                let detail = format!("The role `{role}` in {} {why}", place("kubernetes"));
                problems.report(rules::FORBIDDEN_ROLE, pointer, detail);
            }
        }
    }
}

fn row_roles(row: &Row) -> impl Iterator<Item = (AccessLevel, usize, &IamRole)> {
    AccessLevel::ALL
        .into_iter()
        .flat_map(move |level| row.level(level).iter().enumerate().map(move |(index, role)| (level, index, role)))
}
