//! Which API server a cluster's name reaches.
//!
//! Everything on a cluster is managed under the cluster's *name*, and a cluster *is* its API server. Two names for one server would let
//! one service adopt and delete another's namespace; and a name that comes to mean another server would make everything on the
//! old one look deleted. So a plan, an apply and a refresh compare the servers behind the names that they use: with each other,
//! and with those in the state. They are stored in private state, which has no consistency rules: a cluster that is unreachable for
//! the second plan could not repeat a planned value.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::server_messages as messages;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{Clusters, RequestContext, ServerId};
use crate::provider::identity::Identity;
use crate::provider::session::{LoadedRegistry, Platforms, Session};
use crate::registry::names::{ClusterName, NamespaceKey};
use crate::sdk::{Call, Diagnostics, Private};

/// In private state: the API server of each cluster on which something is managed.
pub const SERVERS: &str = "cluster_servers";

/// The clusters on which resources are managed.
pub fn of(resources: &ResourceSet) -> BTreeSet<ClusterName> {
    resources.namespace_keys().into_iter().map(|key| key.cluster.clone()).collect()
}

/// The clusters on which something is desired or deleted. One on which everything is only abandoned or released is not in use: that
/// is how a cluster gets another name.
pub fn in_use(desired: &ResourceSet, removals: &Removals) -> BTreeSet<ClusterName> {
    let mut names = of(desired);
    for key in &removals.delete {
        if let Key::Namespace(scope) = key.scope() {
            names.insert(scope.cluster);
        }
    }
    names
}

/// Compares the servers of these names with those in the state, for a refresh. A cluster that is unreachable is not compared: what
/// is on it is taken from the state.
///
/// # Errors
/// For each name that reaches another server than the state was applied to.
pub async fn compare_with_state(
    session: &Session,
    call: &mut Call,
    platforms: &Platforms,
    identity: &Identity,
    names: &BTreeSet<ClusterName>,
) -> Result<(), Diagnostics> {
    check(session, call, platforms, identity, names, false).await
}

/// The same for a plan or an apply, which uses these names: also compares them with each other, and with all others that this run
/// uses.
///
/// # Errors
/// For each of those, and for each pair of names of one server.
pub async fn check_in_use(
    session: &Session,
    call: &mut Call,
    platforms: &Platforms,
    identity: &Identity,
    names: &BTreeSet<ClusterName>,
) -> Result<(), Diagnostics> {
    check(session, call, platforms, identity, names, true).await
}

async fn check(
    session: &Session,
    call: &mut Call,
    platforms: &Platforms,
    identity: &Identity,
    names: &BTreeSet<ClusterName>,
    uses: bool,
) -> Result<(), Diagnostics> {
    let Some(clusters) = &platforms.clusters else { return Ok(()) };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let before = recorded(&call.private);
    let mut record = BTreeMap::new();
    let mut errors = Diagnostics::new();
    for name in names {
        let known = before.get(name.as_str());
        let server = match clusters.server(&ctx, name).await {
            Ok(server) => server,
            // The read or write of the cluster reports that; nothing is written to a server that is not known.
            Err(_) => {
                record.extend(known.map(|known| (name.to_string(), known.clone())));
                continue;
            }
        };
        if matches!(server, ServerId::Address(_)) && session.run_state().by_address.insert(name.clone()) {
            call.diagnostics.push(messages::by_address(name, &server));
        }
        match (known, &server) {
            (Some(known @ ServerId::Uid(_)), ServerId::Uid(_))
                if *known != server && !session.is_replaced(name, known) =>
            {
                errors.push(messages::another_server(identity, name, known, &server));
            }
            (Some(known @ ServerId::Address(_)), ServerId::Address(_)) if *known != server => {
                call.diagnostics.push(messages::another_address(identity, name, known, &server));
            }
            _ => {}
        }
        if uses {
            let others = clusters.note_in_use(name, &server);
            errors.extend(others.iter().map(|other| messages::two_names(identity, name, other, &server)));
        }
        // An address says less than a uid.
        let keep = known.filter(|known| matches!((known, &server), (ServerId::Uid(_), ServerId::Address(_))));
        record.insert(name.to_string(), keep.cloned().unwrap_or(server));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if record.is_empty() {
        call.private.remove(SERVERS);
    } else {
        call.private.set(SERVERS, record);
    }
    Ok(())
}

fn recorded(private: &Private) -> BTreeMap<String, ServerId> {
    private.get(SERVERS).unwrap_or_default()
}

/// Compares the clusters of namespaces that exist already, and that no state of this run manages, with all clusters that the
/// registry uses or the provider block lists, whether this run uses them or not: such a namespace may be another service's, under
/// the other name of its cluster.
///
/// # Errors
/// For each other name of one of those clusters.
pub async fn compare_with_registry(
    session: &Session,
    call: &mut Call,
    platforms: &Platforms,
    loaded: &LoadedRegistry,
    identity: &Identity,
    adopted: &BTreeSet<NamespaceKey>,
) -> Result<(), Diagnostics> {
    let Some(clusters) = &platforms.clusters else { return Ok(()) };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let names: BTreeSet<&ClusterName> = adopted.iter().map(|key| &key.cluster).collect();
    let mut errors = Diagnostics::new();
    for name in names {
        let Ok(server) = clusters.server(&ctx, name).await else { continue };
        let others = session.cluster_names(loaded).iter().filter(|other| *other != name);
        let servers = others.map(|other| {
            let found = clusters.server(&ctx, other);
            async move { (other, found.await) }
        });
        let mut unknown = BTreeSet::new();
        for (other, found) in join_all(servers).await {
            match found {
                Ok(found) if found == server => errors.push(messages::two_names(identity, name, other, &server)),
                Ok(_) => {}
                Err(_) => drop(unknown.insert(other.clone())),
            }
        }
        if !unknown.is_empty() {
            call.diagnostics.push(messages::not_compared(identity, name, &unknown));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
