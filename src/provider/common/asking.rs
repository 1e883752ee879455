//! Who asks for a key in the registry, and how.

use crate::fanout::removal::Removals;
use crate::fanout::resource::{Asks, Key};
use crate::provider::session::Loaded;

/// The services that ask for a key, by name.
pub fn askers(loaded: &Loaded, key: &Key) -> Vec<String> {
    loaded.fan_out.askers(key).into_iter().map(ToString::to_string).collect()
}

/// How the registry describes the projects and namespaces that are let go of, by those who go on to ask for them.
pub fn kept(loaded: &Loaded, removals: &Removals) -> Asks {
    let mut kept = Asks::default();
    for key in removals.keep.keys() {
        let asker = loaded.fan_out.askers(key).first().and_then(|name| loaded.fan_out.service(name.as_str()));
        let Some(asks) = asker.map(|service| &service.asks) else { continue };
        match key {
            Key::Project(id) => kept.projects.extend(asks.projects.get_key_value(id).map(owned)),
            Key::Namespace(key) => kept.namespaces.extend(asks.namespaces.get_key_value(key).map(owned)),
            _ => {}
        }
    }
    kept
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}
