//! Who asks for a key in the registry, and how.

use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::session::LoadedRegistry;

/// The services that ask for a key, by name.
pub fn users_of(loaded: &LoadedRegistry, key: &Key) -> Vec<String> {
    loaded.fan_out.users_of(key).into_iter().map(ToString::to_string).collect()
}

/// How the registry describes the projects and namespaces that are let go of, by those who go on to ask for them.
pub fn released(loaded: &LoadedRegistry, removals: &Removals) -> ResourceSet {
    let mut released = ResourceSet::default();
    for key in removals.release.keys() {
        let user = loaded.fan_out.users_of(key).first().and_then(|name| loaded.fan_out.service(name.as_str()));
        let Some(resources) = user.map(|service| &service.resources) else { continue };
        match key {
            Key::Project(id) => released.projects.extend(resources.projects.get_key_value(id).map(owned)),
            Key::Namespace(key) => released.namespaces.extend(resources.namespaces.get_key_value(key).map(owned)),
            _ => {}
        }
    }
    released
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}
