//! An IAM policy, and changes of it. A binding is a role and a condition, and its members.

use std::collections::{BTreeMap, BTreeSet};

use google_cloud_iam_v1::model::{Binding, Policy};

use crate::fanout::resource::{self, Grants, Member};
use crate::platform::policy_limits::{Grant, within_limits};
use crate::platform::{Error, PolicyChange, Result};
use crate::registry::names::{IamRole, Principal, ProjectId};

/// The only version that has conditions. A policy that is read or written as an earlier one loses them.
pub(super) const VERSION: i32 = 3;

/// What makes two bindings the same.
#[derive(Debug, PartialEq, Eq)]
struct Slot<'a> {
    role: &'a str,
    condition: Option<Condition>,
}

/// A condition, by all of its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    of_anu: resource::Condition,
    /// Anu writes none.
    description: String,
}

impl<'a> Slot<'a> {
    fn of(binding: &'a Binding) -> Self {
        let condition = binding.condition.as_ref().map(|condition| Condition {
            of_anu: resource::Condition { title: condition.title.clone(), expression: condition.expression.clone() },
            description: condition.description.clone(),
        });
        Self { role: &binding.role, condition }
    }

    /// Where a member of ours is.
    fn for_member(role: &'a IamRole, member: &Member) -> Self {
        let condition = member.condition().map(|of_anu| Condition { of_anu, description: String::new() });
        Self { role: role.as_str(), condition }
    }

    /// When grants in it end, if anu can spell them: without a condition, or with exactly anu's.
    #[allow(clippy::option_option, reason = "not ours; ours without an end; ours with an end")]
    fn expiry(&self) -> Option<Option<crate::registry::Expiry>> {
        match &self.condition {
            None => Some(None),
            Some(condition) if condition.description.is_empty() => condition.of_anu.expiry().map(Some),
            Some(_) => None,
        }
    }

    fn binding(&self) -> Binding {
        let mut binding = Binding::new().set_role(self.role);
        if let Some(condition) = &self.condition {
            // The type of a condition is in a crate that we do not name.
            let slot = binding.condition.get_or_insert_default();
            slot.title.clone_from(&condition.of_anu.title);
            slot.expression.clone_from(&condition.of_anu.expression);
            slot.description.clone_from(&condition.description);
        }
        binding
    }
}

/// Refuses a member that is both added and removed.
pub(super) fn check(id: &ProjectId, change: &PolicyChange) -> Result<()> {
    for (role, members) in &change.add {
        let removed = change.remove.get(role);
        if let Some(member) = members.iter().find(|member| removed.is_some_and(|removed| removed.contains(*member))) {
            return Err(Error::Invalid(format!(
                "`{member}` is both added to and removed from `{role}` on project `{id}`"
            )));
        }
    }
    Ok(())
}

/// The change without members of these principals among the added ones.
pub(super) fn without(change: &PolicyChange, principals: &BTreeSet<Principal>) -> PolicyChange {
    let mut change = change.clone();
    for members in change.add.values_mut() {
        members.retain(|member| !principals.contains(&member.principal));
    }
    change
}

/// Every member, with its role.
pub(super) fn pairs(grants: &Grants) -> impl Iterator<Item = (&IamRole, &Member)> {
    grants.iter().flat_map(|(role, members)| members.iter().map(move |member| (role, member)))
}

/// The policy after a change; none where it is that already. Nothing but the members of the change changes.
pub(super) fn apply(id: &ProjectId, change: &PolicyChange, policy: &Policy) -> Result<Option<Policy>> {
    let (mut after, mut changed, mut grows) = (policy.clone(), false, false);
    for (role, member) in pairs(&change.remove) {
        let slot = Slot::for_member(role, member);
        for binding in after.bindings.iter_mut().filter(|binding| Slot::of(binding) == slot) {
            let before = binding.members.len();
            binding.members.retain(|there| !same(there, member.principal.as_str()));
            changed |= binding.members.len() != before;
        }
    }
    for (role, member) in pairs(&change.add) {
        let slot = Slot::for_member(role, member);
        let mut bindings = after.bindings.iter().filter(|binding| Slot::of(binding) == slot);
        if bindings.any(|binding| binding.members.iter().any(|there| same(there, member.principal.as_str()))) {
            continue;
        }
        (changed, grows) = (true, true);
        let text = member.principal.to_string();
        match after.bindings.iter_mut().find(|binding| Slot::of(binding) == slot) {
            Some(binding) => binding.members.push(text),
            None => after.bindings.push(slot.binding().set_members([text])),
        }
    }
    if !changed {
        return Ok(None);
    }
    after.bindings.retain(|binding| !binding.members.is_empty());
    after.version = VERSION;
    if grows {
        let grants = after.bindings.iter().flat_map(|binding| {
            let (role, conditional) = (binding.role.as_str(), binding.condition.is_some());
            binding.members.iter().map(move |member| Grant { role, member, conditional })
        });
        within_limits(id, grants)?;
    }
    Ok(Some(after))
}

/// Whether a policy's member is this one. Google writes e-mail addresses in lowercase.
fn same(found: &str, ours: &str) -> bool {
    if found == ours {
        return true;
    }
    match (found.split_once(':'), ours.split_once(':')) {
        (Some((kind, found)), Some((ours_kind, ours))) => {
            kind == ours_kind && matches!(kind, "user" | "group" | "serviceAccount") && found.eq_ignore_ascii_case(ours)
        }
        _ => false,
    }
}

/// Members by role, as a policy has them.
pub(super) type Unspellable = BTreeMap<String, BTreeSet<String>>;

/// The members that anu can grant; and the unconditional ones that no registry can spell.
pub(super) fn grants(policy: &Policy) -> (Grants, Unspellable) {
    let (mut grants, mut others) = (Grants::new(), Unspellable::new());
    for binding in &policy.bindings {
        let Some(expires) = Slot::of(binding).expiry() else { continue };
        for member in &binding.members {
            if let (Ok(role), Ok(principal)) = (binding.role.parse::<IamRole>(), member.parse::<Principal>()) {
                let principal = principal.as_google();
                grants.entry(role).or_default().insert(Member { principal, expires });
            } else if expires.is_none() {
                others.entry(binding.role.clone()).or_default().insert(member.clone());
            }
        }
    }
    (grants, others)
}

/// The members of a role without a condition.
pub(super) fn members_of(policy: &Policy, role: &IamRole) -> BTreeSet<String> {
    let slot = Slot { role: role.as_str(), condition: None };
    let bindings = policy.bindings.iter().filter(|binding| Slot::of(binding) == slot);
    bindings.flat_map(|binding| binding.members.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn policy(bindings: Value) -> Policy {
        serde_json::from_value(json!({"version": 3, "etag": "AAAA", "bindings": bindings})).expect("a policy")
    }

    fn by_role(pairs: &[(&str, &str)]) -> Grants {
        let mut grants = Grants::new();
        for (role, member) in pairs {
            let members = grants.entry(role.parse().expect("a role")).or_default();
            members.insert(member.parse().expect("a member"));
        }
        grants
    }

    fn id() -> ProjectId {
        "gc-prd-shop".parse().expect("an id")
    }

    fn changed(before: &Policy, add: &[(&str, &str)], remove: &[(&str, &str)]) -> Result<Option<Policy>> {
        apply(&id(), &PolicyChange { add: by_role(add), remove: by_role(remove) }, before)
    }

    const VIEWER: &str = "roles/viewer";
    const ONE: &str = "group:one@example.com";
    const TWO: &str = "user:two@example.com";

    #[test]
    fn conditional_bindings_and_members_of_others_stay() {
        let condition = json!({"title": "t", "expression": "request.time < timestamp(\"2030-01-01T00:00:00Z\")"});
        let before = policy(json!([
            {"role": VIEWER, "members": ["deleted:user:x@example.com?uid=1", "domain:example.com", TWO]},
            {"role": VIEWER, "members": [ONE], "condition": condition},
            {"role": "roles/editor", "members": [TWO]},
        ]));
        let after = changed(&before, &[(VIEWER, ONE)], &[(VIEWER, TWO), ("roles/editor", TWO)]);
        let expected = policy(json!([
            {"role": VIEWER, "members": ["deleted:user:x@example.com?uid=1", "domain:example.com", ONE]},
            {"role": VIEWER, "members": [ONE], "condition": condition},
        ]));
        assert_eq!(after, Ok(Some(expected)));
    }

    #[test]
    fn what_is_there_already_is_no_change() {
        let before = policy(json!([
            {"role": VIEWER, "members": [TWO]},
            {"role": VIEWER, "members": ["group:One@Example.com"]},
        ]));
        assert_eq!(changed(&before, &[(VIEWER, ONE), (VIEWER, TWO)], &[("roles/editor", ONE)]), Ok(None));
        let after = changed(&before, &[], &[(VIEWER, ONE)]).expect("an edit").expect("a change");
        assert_eq!(after.bindings.len(), 1, "an address is the same in capital letters: {after:?}");
    }

    #[test]
    fn a_timed_member_has_a_binding_of_its_own() {
        let timed = "group:one@example.com until 2031-01-31T00:00:00Z";
        let condition = json!({
            "title": "anu: expires 2031-01-31T00:00:00Z",
            "expression": "request.time < timestamp(\"2031-01-31T00:00:00Z\")",
        });
        let mut described = condition.clone();
        described["description"] = "of others".into();
        let before = policy(json!([
            {"role": VIEWER, "members": [ONE]},
            {"role": VIEWER, "members": [ONE], "condition": described},
        ]));
        let after = changed(&before, &[(VIEWER, timed)], &[]).expect("valid").expect("a change");
        let mut expected = before.clone();
        expected
            .bindings
            .push(policy(json!([{"role": VIEWER, "members": [ONE], "condition": condition}])).bindings.remove(0));
        assert_eq!(after, expected);
        assert_eq!(grants(&after).0, by_role(&[(VIEWER, ONE), (VIEWER, timed)]));
        assert_eq!(changed(&after, &[(VIEWER, timed)], &[]), Ok(None));
        let without = changed(&after, &[], &[(VIEWER, timed)]);
        assert_eq!(without, Ok(Some(before)));
    }

    #[test]
    fn a_principal_set_is_compared_by_case() {
        let pool = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/Pool/*";
        let before = policy(json!([{"role": VIEWER, "members": [pool]}]));
        assert_eq!(changed(&before, &[(VIEWER, pool)], &[]), Ok(None));
        let other = pool.replace("Pool/", "pool/");
        assert!(matches!(changed(&before, &[(VIEWER, &other)], &[]), Ok(Some(_))));
    }

    #[test]
    fn a_policy_that_is_over_the_limits_can_shrink() {
        let members: Vec<String> = (0..300).map(|n| format!("group:team-{n}@example.com")).collect();
        let before = policy(json!([{"role": VIEWER, "members": members}]));
        let removed = [(VIEWER, "group:team-0@example.com")];
        assert!(matches!(changed(&before, &[], &removed), Ok(Some(_))));
        let refused = changed(&before, &[(VIEWER, ONE)], &removed).expect_err("over the limit");
        insta::assert_snapshot!(refused, @"the policy of project `gc-prd-shop` would have more than 250 groups, each counted once, and domains (a limit of Google)");
    }

    #[test]
    fn a_contradiction_is_refused() {
        let both = PolicyChange { add: by_role(&[(VIEWER, ONE)]), remove: by_role(&[(VIEWER, ONE)]) };
        insta::assert_snapshot!(check(&id(), &both).expect_err("a contradiction"), @"`group:one@example.com` is both added to and removed from `roles/viewer` on project `gc-prd-shop`");
    }
}
