//! Random edits of a company, each of them something that people do to a registry.

use std::collections::{BTreeMap, BTreeSet};

use crate::generator::{APIS, Account, CLUSTERS, Company, Entry, Environment, POLICY, Place, Service};
use crate::seeded_rng::SeededRng;

/// What services say of their environments that share a project: it counts for nothing.
const SHARERS: [&str; 2] = ["delete", "delete-with-contents"];
/// The roles of service accounts.
const ROLES: [&str; 3] = ["roles/pubsub.publisher", "roles/storage.objectUser", "roles/logging.logWriter"];
const ENVIRONMENTS: [&str; 4] = ["staging", "production", "demo", "load-test"];

/// What was taken out, to be put back.
#[derive(Debug, Clone)]
pub struct Removed {
    service: String,
    /// A whole service, or one environment of it.
    entry: Result<Service, Environment>,
    projects: BTreeMap<String, Entry>,
    namespaces: BTreeMap<Place, Entry>,
}

/// What an edit did.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub text: String,
    /// Set by the addition of one service and nothing else.
    pub added: Option<String>,
    /// Old and new name of a service.
    pub renamed: Option<(String, String)>,
    pub removed: Option<Removed>,
}

/// A company of a few services, some of them sharing.
pub fn company(rng: &mut SeededRng, policy: Option<&str>) -> Company {
    let mut company = Company::default();
    for _ in 0..3 + rng.below(2) {
        let team = company.fresh("team");
        company.teams.insert(team.clone(), format!("{team}@example.com"));
    }
    company.shown = CLUSTERS.iter().filter(|_| rng.percent(40)).map(|&name| name.to_owned()).collect();
    for _ in 0..2 + rng.below(4) {
        add_service(&mut company, rng);
    }
    if let Some(policy) = policy {
        company.services.values_mut().for_each(|service| service.policy = Some(policy.to_owned()));
    }
    company.settle();
    company
}

/// One edit, if there was something to do it to.
pub fn edit(company: &mut Company, rng: &mut SeededRng, graveyard: &[Removed]) -> Option<Edit> {
    let edit = match rng.below(29) {
        0 | 1 => {
            let name = add_service(company, rng);
            Edit { text: format!("add service {name}"), added: Some(name), ..Edit::default() }
        }
        2 => remove_service(company, rng)?,
        3 => on_service(company, rng, |company, rng, name| {
            let environment = environment(company, rng, name)?;
            let text = format!("add environment {name}/{}", environment.name);
            company.services.get_mut(name)?.environments.push(environment);
            Some(text)
        })?,
        4 => remove_environment(company, rng)?,
        5 => on_environment(company, rng, |company, rng, environment| {
            let place = place(company, rng, None);
            environment.targets.insert(place.clone());
            Some(format!("add target {}/{}", place.0, place.1))
        })?,
        6 => on_environment(company, rng, |_, rng, environment| {
            let place = rng.pick(environment.targets.clone())?;
            environment.targets.remove(&place);
            Some(format!("remove target {}/{}", place.0, place.1))
        })?,
        7 | 8 => restore(company, rng, graveyard)?,
        9 | 10 => on_service(company, rng, share)?,
        11 | 12 => plain(hand_over(company, rng)?),
        13 => plain(stop_sharing(company, rng)?),
        14 => on_environment(company, rng, |_, rng, environment| {
            let (from, to) = (rng.below(3), rng.below(3));
            let who = rng.pick(environment.access[from].clone())?;
            environment.access[from].remove(&who);
            environment.access[to].insert(who.clone());
            Some(format!("move {who} from level {from} to {to}"))
        })?,
        15 | 16 => on_environment(company, rng, |company, rng, environment| {
            let level = rng.below(3);
            let old = rng.pick(environment.access[level].clone())?;
            let new = principal(company, rng);
            environment.access[level].remove(&old);
            environment.access[level].insert(new.clone());
            Some(format!("replace {old} by {new}"))
        })?,
        17 => plain(rename_team(company, rng)?),
        18 => plain(relabel(company, rng)?),
        19 => on_environment(company, rng, |_, rng, environment| {
            environment.quota = rng.percent(70).then(|| 1 + rng.below(5) as u32);
            Some(format!("quota {:?}", environment.quota))
        })?,
        20 => {
            company.row += 1;
            plain(format!("permissions {}", company.row))
        }
        21 | 22 => rename_service(company, rng)?,
        23 => {
            company.day += 1 + rng.below(8) as u32;
            plain(format!("it is {}", company.now()))
        }
        24 => on_environment(company, rng, |company, rng, environment| {
            let level = rng.below(3);
            let old = rng.pick(environment.access[level].iter().filter(|who| who.contains(':')).cloned())?;
            let principal = old.split(" until ").next().unwrap_or_default();
            let new = format!("{principal} until {}", end(company, rng));
            environment.access[level].remove(&old);
            environment.access[level].insert(new.clone());
            Some(format!("{old} becomes {new}"))
        })?,
        25 | 26 => on_environment(company, rng, change_account)?,
        27 => {
            let cluster = rng.pick(CLUSTERS)?.to_owned();
            if !company.shown.remove(&cluster) {
                company.shown.insert(cluster.clone());
            }
            plain(format!("cluster {cluster} is shown: {}", company.shown.contains(&cluster)))
        }
        _ => on_service(company, rng, |company, rng, name| {
            let service = company.services.get_mut(name)?;
            let apis = random_apis(rng);
            service.team = rng.pick(company.teams.keys().cloned())?;
            service.apis.clone_from(&apis);
            Some(format!("{name} has another team, and uses {apis:?}"))
        })?,
    };
    company.settle();
    Some(edit)
}

fn plain(text: String) -> Edit {
    Edit { text, ..Edit::default() }
}

fn on_service(
    company: &mut Company,
    rng: &mut SeededRng,
    change: impl FnOnce(&mut Company, &mut SeededRng, &str) -> Option<String>,
) -> Option<Edit> {
    let name = rng.pick(company.services.keys().cloned())?;
    change(company, rng, &name).map(plain)
}

fn on_environment(
    company: &mut Company,
    rng: &mut SeededRng,
    change: impl FnOnce(&mut Company, &mut SeededRng, &mut Environment) -> Option<String>,
) -> Option<Edit> {
    let name = rng.pick(company.services.keys().cloned())?;
    let position = rng.below(company.services[&name].environments.len());
    let mut environment = company.services[&name].environments.get(position)?.clone();
    let text = change(company, rng, &mut environment)?;
    let text = format!("{name}/{}: {text}", environment.name);
    company.services.get_mut(&name)?.environments[position] = environment;
    Some(plain(text))
}

fn random_apis(rng: &mut SeededRng) -> BTreeSet<String> {
    APIS.iter().filter(|_| rng.percent(45)).map(|api| (*api).to_owned()).collect()
}

fn add_service(company: &mut Company, rng: &mut SeededRng) -> String {
    let name = company.fresh("svc");
    let team = rng.pick(company.teams.keys().cloned()).unwrap_or_default();
    let policy = Some(POLICY.to_owned()).filter(|_| rng.percent(50));
    let split = rng.pick(ENVIRONMENTS).filter(|_| policy.is_some() && rng.percent(25)).map(str::to_owned);
    let service = Service { team, apis: random_apis(rng), policy, home: rng.below(2), split, ..Service::default() };
    company.services.insert(name.clone(), service);
    for _ in 0..1 + rng.below(2) {
        if let Some(environment) = environment(company, rng, &name) {
            company.services.get_mut(&name).unwrap().environments.push(environment);
        }
    }
    if rng.percent(30) {
        share(company, rng, &name);
    }
    company.settle();
    name
}

fn environment(company: &mut Company, rng: &mut SeededRng, service: &str) -> Option<Environment> {
    let taken: Vec<&str> = company.services[service].environments.iter().map(|e| e.name.as_str()).collect();
    let name = rng.pick(ENVIRONMENTS.iter().filter(|name| !taken.contains(name)))?;
    let mut environment = Environment { name: (*name).to_owned(), ..Environment::default() };
    if rng.percent(80) {
        let id = company.fresh("proj-of-anu");
        if rng.percent(65) {
            let labels = labels(rng);
            company.projects.insert(id.clone(), Entry { labels, ..Entry::default() });
        }
        environment.project = Some(id);
    }
    for level in &mut environment.access {
        for _ in 0..rng.below(3) {
            level.insert(principal(company, rng));
        }
    }
    for _ in 0..rng.below(3) {
        environment.targets.insert(place(company, rng, Some(service)));
    }
    environment.quota = rng.percent(40).then(|| 1 + rng.below(5) as u32);
    if environment.project.is_some() && rng.percent(30) {
        environment.accounts.insert(company.fresh("robot-of-anu"), account(rng));
    }
    Some(environment)
}

fn account(rng: &mut SeededRng) -> Account {
    let roles = ROLES.iter().filter(|_| rng.percent(50)).map(|role| (*role).to_owned()).collect();
    Account { roles, workload: rng.percent(60) }
}

/// A service account more, one less, or one with other roles.
fn change_account(company: &mut Company, rng: &mut SeededRng, environment: &mut Environment) -> Option<String> {
    environment.project.as_ref()?;
    let known = rng.pick(environment.accounts.keys().cloned());
    match known.filter(|_| rng.percent(70)) {
        Some(name) if rng.percent(50) => {
            environment.accounts.remove(&name);
            Some(format!("remove account {name}"))
        }
        Some(name) => {
            environment.accounts.insert(name.clone(), account(rng));
            Some(format!("other roles of account {name}"))
        }
        None => {
            let name = company.fresh("robot-of-anu");
            environment.accounts.insert(name.clone(), account(rng));
            Some(format!("add account {name}"))
        }
    }
}

/// A namespace that is not in use, or one that another environment of the service runs in.
fn place(company: &mut Company, rng: &mut SeededRng, service: Option<&str>) -> Place {
    let own = service.into_iter().flat_map(|name| &company.services[name].environments).flat_map(|e| &e.targets);
    if let Some(place) = rng.pick(own.cloned()).filter(|_| rng.percent(25)) {
        return place;
    }
    let cluster = CLUSTERS[rng.below(CLUSTERS.len())].to_owned();
    (cluster, company.fresh("ns"))
}

fn principal(company: &Company, rng: &mut SeededRng) -> String {
    if rng.percent(30) {
        let robot = format!("serviceAccount:robot-{}@proj-of-robots.iam.gserviceaccount.com", rng.below(3));
        return if rng.percent(50) { robot } else { format!("{robot} until {}", end(company, rng)) };
    }
    rng.pick(company.teams.keys().cloned()).unwrap_or_default()
}

/// A time at which access ends, or has ended.
fn end(company: &Company, rng: &mut SeededRng) -> String {
    company.in_days(rng.below(12) as u32).to_string()
}

fn labels(rng: &mut SeededRng) -> BTreeMap<String, String> {
    let some = ["a", "b", "c"].into_iter().filter(|_| rng.percent(50)).collect::<Vec<_>>();
    some.into_iter().map(|key| (key.to_owned(), format!("v{}", rng.below(3)))).collect()
}

fn remove_service(company: &mut Company, rng: &mut SeededRng) -> Option<Edit> {
    let name = rng.pick(company.services.keys().cloned()).filter(|_| company.services.len() > 1)?;
    let before = (company.projects.clone(), company.namespaces.clone());
    let service = company.services.remove(&name)?;
    let removed = Removed { service: name.clone(), entry: Ok(service), projects: before.0, namespaces: before.1 };
    Some(Edit { text: format!("remove service {name}"), removed: Some(removed), ..Edit::default() })
}

fn remove_environment(company: &mut Company, rng: &mut SeededRng) -> Option<Edit> {
    let name = rng.pick(company.services.keys().cloned())?;
    let before = (company.projects.clone(), company.namespaces.clone());
    let environments = &mut company.services.get_mut(&name)?.environments;
    if environments.is_empty() {
        return None;
    }
    let environment = environments.remove(rng.below(environments.len()));
    let text = format!("remove environment {name}/{}", environment.name);
    let removed = Removed { service: name, entry: Err(environment), projects: before.0, namespaces: before.1 };
    Some(Edit { text, removed: Some(removed), ..Edit::default() })
}

fn restore(company: &mut Company, rng: &mut SeededRng, graveyard: &[Removed]) -> Option<Edit> {
    let removed = rng.pick(graveyard)?;
    let teams = company.teams.clone();
    let existing = |environment: &mut Environment| {
        environment
            .access
            .iter_mut()
            .for_each(|level| level.retain(|who| who.contains(':') || teams.contains_key(who)));
    };
    let text = match removed.entry.clone() {
        Ok(mut service) => {
            // A service that was renamed in the meantime is there under its new name.
            let first = company.first_name(&removed.service).to_owned();
            if company.services.keys().any(|name| company.first_name(name) == first) {
                return None;
            }
            service.environments.iter_mut().for_each(existing);
            if !teams.contains_key(&service.team) {
                service.team = rng.pick(teams.keys().cloned())?;
            }
            company.services.insert(removed.service.clone(), service);
            format!("restore service {}", removed.service)
        }
        Err(mut environment) => {
            existing(&mut environment);
            let service = company.services.get_mut(&removed.service)?;
            if service.environments.iter().any(|there| there.name == environment.name) {
                return None;
            }
            let text = format!("restore environment {}/{}", removed.service, environment.name);
            service.environments.push(environment);
            text
        }
    };
    for (id, entry) in &removed.projects {
        company.projects.entry(id.clone()).or_insert_with(|| entry.clone());
    }
    for (place, entry) in &removed.namespaces {
        company.namespaces.entry(place.clone()).or_insert_with(|| entry.clone());
    }
    Some(plain(text))
}

/// A service comes to use what another one has.
fn share(company: &mut Company, rng: &mut SeededRng, name: &str) -> Option<String> {
    let others = || company.services.iter().filter(|(other, _)| *other != name);
    if rng.percent(50) {
        let have = others().flat_map(|(o, s)| s.environments.iter().map(move |e| (o, &e.project)));
        let have = have.filter_map(|(owner, id)| Some((owner.clone(), id.clone()?)));
        let (owner, id) = rng.pick(have)?;
        let mut environment = environment(company, rng, name)?;
        environment.project = Some(id.clone());
        environment.policy = rng.pick(SHARERS).filter(|_| rng.percent(60)).map(str::to_owned);
        let users = company.users_of_project(&id);
        company.services.get_mut(name)?.environments.push(environment);
        let entry = company.projects.entry(id.clone()).or_insert_with(|| Entry { existing: true, ..Entry::default() });
        keep_owner(entry, owner, &users);
        Some(format!("{name} shares project {id}"))
    } else {
        let have =
            others().flat_map(|(o, s)| s.environments.iter().flat_map(move |e| e.targets.iter().map(move |t| (o, t))));
        let (owner, place) = rng.pick(have.map(|(owner, place)| (owner.clone(), place.clone())))?;
        let users = company.users_of_namespace(&place);
        let position = rng.below(company.services[name].environments.len());
        company.services.get_mut(name)?.environments.get_mut(position)?.targets.insert(place.clone());
        keep_owner(company.namespaces.entry(place.clone()).or_default(), owner, &users);
        Some(format!("{name} shares namespace {}/{}", place.0, place.1))
    }
}

fn keep_owner(entry: &mut Entry, owner: String, users: &[String]) {
    if entry.owner.as_ref().is_none_or(|owner| !users.contains(owner)) {
        entry.owner = Some(owner);
    }
}

/// Another user becomes the owner; often the labels change with it, and sometimes the old owner leaves at once.
fn hand_over(company: &mut Company, rng: &mut SeededRng) -> Option<String> {
    let shared = |entry: &&mut Entry| !entry.shared_with.is_empty();
    let projects = company.projects.iter_mut().filter(|(_, e)| shared(e) && !e.existing);
    let projects = projects.map(|(id, entry)| (Ok(id.clone()), entry));
    let namespaces = company.namespaces.iter_mut().filter(|(_, e)| shared(e));
    let namespaces = namespaces.map(|(place, entry)| (Err(place.clone()), entry));
    let (what, entry) = rng.pick(projects.chain(namespaces))?;
    let old = entry.owner.replace(rng.pick(entry.shared_with.clone())?)?;
    let new = entry.owner.clone()?;
    if rng.percent(60) {
        entry.labels = labels(rng);
        entry.quota = rng.percent(50).then(|| 1 + rng.below(5) as u32);
    }
    let leaves = rng.percent(40);
    if leaves {
        leave(company, &old, &what);
    }
    Some(format!("{what:?} goes from {old} to {new}{}", if leaves { ", and it leaves" } else { "" }))
}

fn stop_sharing(company: &mut Company, rng: &mut SeededRng) -> Option<String> {
    let projects = company.projects.iter().flat_map(|(id, e)| e.shared_with.iter().map(|who| (Ok(id.clone()), who)));
    let namespaces = company.namespaces.iter().flat_map(|(p, e)| e.shared_with.iter().map(|who| (Err(p.clone()), who)));
    let (what, who) = rng.pick(projects.chain(namespaces).map(|(what, who)| (what, who.clone())))?;
    leave(company, &who, &what);
    Some(format!("{who} stops sharing {what:?}"))
}

fn leave(company: &mut Company, service: &str, what: &Result<String, Place>) {
    for environment in &mut company.services.get_mut(service).unwrap().environments {
        match what {
            Ok(id) => drop(environment.project.take_if(|project| project == id)),
            Err(place) => drop(environment.targets.remove(place)),
        }
    }
}

/// The same group under another name.
fn rename_team(company: &mut Company, rng: &mut SeededRng) -> Option<String> {
    let old = rng.pick(company.teams.keys().cloned())?;
    let new = company.fresh("team");
    let email = company.teams.remove(&old)?;
    company.teams.insert(new.clone(), email);
    for service in company.services.values_mut() {
        if service.team == old {
            service.team.clone_from(&new);
        }
        for level in service.environments.iter_mut().flat_map(|e| &mut e.access) {
            if level.remove(&old) {
                level.insert(new.clone());
            }
        }
    }
    Some(format!("team {old} is now called {new}"))
}

fn relabel(company: &mut Company, rng: &mut SeededRng) -> Option<String> {
    let used: BTreeSet<Place> =
        company.services.values().flat_map(|s| &s.environments).flat_map(|e| e.targets.clone()).collect();
    let projects = company.projects.iter_mut().filter(|(_, e)| !e.existing);
    if rng.percent(50) {
        let (id, entry) = rng.pick(projects)?;
        entry.labels = labels(rng);
        return Some(format!("labels of project {id}"));
    }
    let place = rng.pick(used)?;
    let entry = company.namespaces.entry(place.clone()).or_default();
    entry.labels = labels(rng);
    entry.quota = rng.percent(50).then(|| 1 + rng.below(5) as u32);
    Some(format!("labels and quota of namespace {}/{}", place.0, place.1))
}

fn rename_service(company: &mut Company, rng: &mut SeededRng) -> Option<Edit> {
    let old = rng.pick(company.services.keys().cloned())?;
    let new = company.fresh("svc");
    let service = company.services.remove(&old)?;
    company.services.insert(new.clone(), service);
    let first = company.first_name(&old).to_owned();
    company.first_names.insert(new.clone(), first);
    for entry in company.projects.values_mut().chain(company.namespaces.values_mut()) {
        if entry.owner.as_ref() == Some(&old) {
            entry.owner = Some(new.clone());
        }
    }
    Some(Edit { text: format!("rename {old} to {new}"), renamed: Some((old, new)), ..Edit::default() })
}
