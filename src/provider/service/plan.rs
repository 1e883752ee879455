//! Planning a create, an update, a rename.
//!
//! Core calls this a second time at apply, with the same configuration and the prior private state, and wants the same
//! answer: so it depends on nothing but its arguments, the registry and, for keys that are new, what is there already.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, check_in_use, load, users};
use super::messages;
use super::model::{Numbers, ServiceModel};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Asks, Key};
use crate::platform::{Cx, Error, Lifecycle};
use crate::provider::session::{Opened, Session};
use crate::registry::names::{ClusterName, NamespaceName, ProjectId, RegistryName};
use crate::sdk::{Attr, Call, Diagnostics, Path, Plan};

pub(super) async fn plan(
    session: &Session,
    call: &mut Call,
    plan: Plan<ServiceModel>,
) -> Result<ServiceModel, Diagnostics> {
    let Plan { prior, config, proposed } = plan;
    // A new object has no private state. One that has is the second half of a replacement: `-replace`,
    // `replace_triggered_by` (reference: core plans an update first and hands its private state on).
    if prior.is_none() && !call.private.is_empty() {
        return Err(messages::replacement_refused(config.name.known()).into());
    }
    let Some(instance) =
        config.instance().filter(|_| !config.digest.is_unknown() && !config.deletion_policy.is_unknown())
    else {
        let mut planned = proposed;
        planned.set_unknown();
        if config.digest.is_null() {
            planned.digest = Attr::Unknown;
        }
        if config.deletion_policy.is_null() {
            planned.deletion_policy = Attr::Unknown;
        }
        return Ok(planned);
    };
    if prior.is_none() && session.memory().loaded.contains(&instance) {
        return Err(messages::exists_already(&instance.0).into());
    }
    let loaded = load(session, call).await?;
    let context = Context::of(session, loaded, instance, &config.deletion_policy).await?;
    if let Some(prior) = &prior {
        context.check_lineage(prior, &call.private)?;
    }
    if let Some(approved) = config.digest.known()
        && *approved != context.digest
    {
        let error = messages::registry_changed(&context.instance.0, approved, &context.digest);
        return Err(error.at(Path::attribute("digest")).into());
    }
    let claims = prior.as_ref().map_or_else(|| Ok(Asks::default()), ServiceModel::claims)?;
    let removals = removals(session, &context, &claims);
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&context.instance.0, &removals).into());
    }
    check_in_use(&context.instance.0, &removals, |id| users(&context.loaded, id, |_, _| true))?;
    messages::removal_warnings(&context.instance.0, &removals, &mut call.diagnostics);
    let opened = session.platforms().await?;
    let mut numbers = prior.as_ref().map(ServiceModel::numbers).unwrap_or_default();
    let adopt = config.adopt_existing.known() == Some(&true);
    look(call, &opened, &context, &claims, adopt, &mut numbers).await?;

    let mut planned = proposed;
    planned.digest = Attr::Known(context.digest.clone());
    planned.deletion_policy = Attr::Known(context.policy.to_string());
    planned.registry = Attr::Known(context.registry.to_string());
    planned.set_claims(&context.desired, &numbers);
    context.remember(&mut call.private);
    Ok(planned)
}

/// What becomes of the keys that leave.
pub(super) fn removals(session: &Session, context: &Context, claims: &Asks) -> Removals {
    let leaving = claims.keys().difference(&context.desired.keys()).cloned().collect();
    let mut removals = Removals::decide(claims, &leaving, |key| context.others(key));
    removals.leave(session.unmanaged(claims));
    removals
}

/// Looks at what is there already of the keys that are new, so that the plan can say so and refuse what the apply would:
/// things that are not ours, things on their way out.
async fn look(
    call: &mut Call,
    opened: &Opened,
    context: &Context,
    claims: &Asks,
    adopt: bool,
    numbers: &mut Numbers,
) -> Result<(), Diagnostics> {
    let had = claims.keys();
    let new: BTreeSet<Key> = context.desired.keys().into_iter().filter(|key| !had.contains(key)).collect();
    let changed =
        context.desired.namespaces.iter().filter(|(key, asked)| {
            claims.namespaces.get(*key).is_some_and(|claimed| claimed.settings != asked.settings)
        });
    let to_see = new.iter().cloned().chain(changed.map(|(key, _)| Key::Namespace(key.clone()))).collect();
    let mut found = Found {
        registry: &context.registry,
        adopt,
        there: BTreeSet::new(),
        restored: BTreeSet::new(),
        terminating: BTreeMap::new(),
        errors: Diagnostics::new(),
    };
    let cx = Cx { cancel: call.cancel.clone() };
    if let Some(platform) = &opened.projects {
        for id in projects_of(&new) {
            match platform.read_project(&cx, &id).await {
                Ok(state) => {
                    if let Some(view) = &state.project
                        && !claims.projects.contains_key(&id)
                    {
                        numbers.insert(id.clone(), view.number);
                        if context.desired.projects.contains_key(&id) {
                            found.thing(Key::Project(id.clone()), &view.lifecycle, &view.mark);
                        }
                    }
                    found.there.extend(
                        new.iter()
                            .filter(|key| match key {
                                Key::Api(project, api) => *project == id && state.apis.contains(api),
                                Key::IamMember(project, role, member) => {
                                    *project == id && state.grants.get(role).is_some_and(|who| who.contains(member))
                                }
                                _ => false,
                            })
                            .cloned(),
                    );
                }
                Err(error) => found.errors.push(messages::cannot_look(&format!("project `{id}`"), &error)),
            }
        }
    }
    if let Some(platform) = &opened.clusters {
        for (cluster, namespaces) in namespaces_of(&to_see) {
            match platform.look(&cx, &cluster, &context.registry, &namespaces).await {
                Ok(views) => found.namespaces(&cluster, &views, &new, &to_see),
                Err(error @ Error::Unavailable(_)) => {
                    call.diagnostics.push(messages::not_looked_at(&cluster, &error));
                }
                Err(error) => found.errors.push(messages::cannot_look(&format!("cluster `{cluster}`"), &error)),
            }
        }
    }
    if !found.restored.is_empty() {
        call.diagnostics.push(messages::will_be_restored(&context.instance.0, &found.restored));
    }
    if !found.terminating.is_empty() {
        call.diagnostics.push(messages::will_be_made_anew(&context.instance.0, &found.terminating));
    }
    if let Some(warning) = messages::already_there(&context.instance.0, &found.there) {
        call.diagnostics.push(warning);
    }
    if found.errors.is_empty() { Ok(()) } else { Err(found.errors) }
}

fn projects_of(keys: &BTreeSet<Key>) -> BTreeSet<ProjectId> {
    let of = |key: &Key| match key.scope() {
        Key::Project(id) => Some(id),
        _ => None,
    };
    keys.iter().filter_map(of).collect()
}

fn namespaces_of(keys: &BTreeSet<Key>) -> BTreeMap<ClusterName, BTreeSet<NamespaceName>> {
    let mut all: BTreeMap<ClusterName, BTreeSet<NamespaceName>> = BTreeMap::new();
    for key in keys {
        if let Key::Namespace(namespace) = key.scope() {
            all.entry(namespace.cluster).or_default().insert(namespace.namespace);
        }
    }
    all
}

/// What looking found.
struct Found<'r> {
    registry: &'r RegistryName,
    adopt: bool,
    there: BTreeSet<Key>,
    restored: BTreeSet<Key>,
    /// Namespaces of ours on their way out, with what is known of that.
    terminating: BTreeMap<Key, String>,
    errors: Diagnostics,
}

impl Found<'_> {
    fn thing(&mut self, key: Key, lifecycle: &Lifecycle, mark: &crate::platform::Mark) {
        if let Lifecycle::PendingDeletion(detail) = lifecycle {
            // A project of ours comes back when the registry asks for it again: its id is held for nobody else. A namespace
            // is made anew once it is gone.
            match key {
                Key::Project(_) if mark.is(self.registry) => drop(self.restored.insert(key)),
                Key::Namespace(_) if mark.is(self.registry) => drop(self.terminating.insert(key, detail.clone())),
                _ => self.errors.push(messages::being_deleted(&key, detail)),
            }
        } else if mark.is(self.registry) {
            self.there.insert(key);
        } else if let crate::platform::Mark::Registry(other) = mark {
            self.errors.push(messages::another_registrys(&key, other.as_str()));
        } else if self.adopt {
            self.there.insert(key);
        } else {
            self.errors.push(messages::not_ours(&key));
        }
    }

    fn namespaces(
        &mut self,
        cluster: &ClusterName,
        views: &BTreeMap<NamespaceName, crate::platform::NamespaceView>,
        new: &BTreeSet<Key>,
        to_see: &BTreeSet<Key>,
    ) {
        for key in to_see {
            let (Key::Namespace(namespace) | Key::RoleBinding(namespace, _)) = key else { continue };
            let Some(view) = views.get(&namespace.namespace).filter(|_| namespace.cluster == *cluster) else {
                continue;
            };
            match key {
                Key::Namespace(_) if !new.contains(key) && view.lifecycle == Lifecycle::Active => {}
                Key::Namespace(_) => self.thing(key.clone(), &view.lifecycle, &view.mark),
                Key::RoleBinding(_, name) => {
                    if let Some(binding) = view.role_bindings.get(name) {
                        self.thing(key.clone(), &Lifecycle::Active, &binding.mark);
                    }
                }
                _ => {}
            }
        }
    }
}
