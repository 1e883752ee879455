//! One lifecycle for all resources.
//!
//! What resources decide alike is decided here, once: [`plan`], [`change`] (create and update), [`destroy`], [`read`], [`import`].
//! A resource implements [`ResourceKind`] and [`StateModel`], and adds its [`wording`]; [`ManagedResource`] makes it what
//! Terraform calls.
//!
//! The parts:
//!
//! - [`reads`]: several at the same time; [`refresh`]: the real state of managed resources; [`preflight`]: what exists already of new ones, and
//!   [`differences`] from what is desired;
//! - [`users`], [`removals`]: who uses a key, and what is decided about keys that leave; [`totals`]: how much a run deletes, and the
//!   [`guard`] against too much;
//! - [`accounts`]: service accounts as they are; [`whose`]: whose an object is;
//! - [`cluster_roles`]: roles that a cluster does not have; [`ended`]: grants whose `expires` has passed;
//! - [`contents`]: namespaces that are not empty; [`empty_store`]: an embedded store without anything;
//! - [`deleted`]: what is on projects that are pending deletion;
//! - [`approval`]: what a plan has shown of removals, so that its apply makes no others; [`last_user`]: what a destroyed owner leaves;
//! - [`instances`]: two resources for one object;
//! - [`provenance`]: which registry a state was applied from; [`servers`]: to which API servers;
//! - [`messages`], [`existing_messages`], [`removal_messages`], [`guard_messages`], [`server_messages`], [`failures`]: what users read; [`unreadable`]: what
//!   cannot be read.

mod accounts;
mod approval;
mod change;
mod cluster_roles;
pub mod contents;
mod creator_messages;
mod deleted;
mod destroy;
mod differences;
mod empty_store;
mod ended;
pub mod existing_messages;
pub mod failures;
mod guard;
mod guard_messages;
mod import;
pub mod instances;
mod kind;
mod kubernetes_accounts;
mod last_user;
pub mod messages;
mod plan;
pub mod preflight;
pub mod provenance;
mod read;
pub mod reads;
pub mod refresh;
pub mod removal_messages;
mod removals;
mod replaced;
mod resource;
mod server_messages;
mod servers;
pub mod totals;
pub mod unreadable;
pub mod users;
mod whose;
pub mod wording;

pub use kind::{Arguments, Desired, Partial, Presence, Request, ResourceKind, StateModel};
pub use resource::ManagedResource;

/// The spellings of [`DeletionPolicy`](crate::registry::DeletionPolicy), for schemas.
pub const POLICIES: &[&str] = &["prevent", "abandon", "delete", "delete-with-contents"];

#[cfg(test)]
mod tests {
    #[test]
    fn every_policy_is_offered() {
        let all = crate::registry::DeletionPolicy::ALL.map(crate::registry::DeletionPolicy::as_str);
        assert_eq!(super::POLICIES, all);
    }
}
