//! Two resources for one object: two addresses, an index of `count` that has shifted, an import of what is managed already. One
//! would delete what the other manages, so they are refused, at plan and again at apply.
//!
//! Core tells a provider no addresses. Each stored object has a token in private state, which stays with it when its address
//! changes; so two plans of one object in one process are told from the plans of two objects.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use crate::provider::identity::Identity;
use crate::sdk::Private;

/// In private state: the token of a stored object.
const TOKEN: &str = "instance";

/// What a process knows of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// It is planned as new.
    New,
    /// It is stored, with this token.
    Stored(String),
    /// It is stored, and has no token yet.
    Unknown,
}

impl Token {
    /// The token of a resource with this private state.
    pub fn of(private: &Private, is_new: bool) -> Self {
        match private.get(TOKEN) {
            _ if is_new => Self::New,
            Some(token) => Self::Stored(token),
            None => Self::Unknown,
        }
    }

    /// Whether two plans are certainly not of one resource.
    fn is_another(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stored(a), Self::Stored(b)) => a != b,
            (Self::New, _) | (_, Self::New) => true,
            _ => false,
        }
    }
}

/// Gives a stored object its token, if it has none.
pub fn ensure_token(private: &mut Private) {
    if private.get::<String>(TOKEN).is_none() {
        private.set(TOKEN, format!("{:016x}", RandomState::new().hash_one(std::process::id())));
    }
}

/// The resources that a process has planned or applied.
#[derive(Debug, Default)]
pub struct Instances(BTreeMap<String, Vec<Instance>>);

#[derive(Debug)]
struct Instance {
    identity: Identity,
    token: Token,
    destroyed: bool,
}

impl Instances {
    /// Notes a resource that stays or is created; false if another one has, or destroys, the same object or a part of it.
    pub fn keep(&mut self, identity: &Identity, token: Token) -> bool {
        self.note(identity, token, false, |_| true)
    }

    /// Notes a resource that is destroyed; false if another one stays.
    pub fn destroy(&mut self, identity: &Identity, token: Token) -> bool {
        self.note(identity, token, true, |other| !other.destroyed)
    }

    /// Whether this very object is also planned as new: the address of a stored one has changed without `moved`.
    pub fn creates(&self, identity: &Identity) -> bool {
        let all = self.0.get(&identity.object()).into_iter().flatten();
        all.into_iter().any(|other| other.token == Token::New && other.identity == *identity)
    }

    /// Those that stay and have the same object or a part of it.
    pub fn beside(&self, identity: &Identity, token: &Token) -> Vec<Identity> {
        let others = self.0.get(&identity.object()).into_iter().flatten();
        let others = others.filter(|other| !other.destroyed && other.token.is_another(token));
        others.map(|other| other.identity.clone()).filter(|other| other.overlaps(identity)).collect()
    }

    fn note(
        &mut self,
        identity: &Identity,
        token: Token,
        destroyed: bool,
        collides: impl Fn(&Instance) -> bool,
    ) -> bool {
        let all = self.0.entry(identity.object()).or_default();
        let another = |other: &Instance| other.token.is_another(&token) && other.identity.overlaps(identity);
        let alone = !all.iter().any(|other| collides(other) && another(other));
        // A stored object may be planned more than once.
        all.retain(|other| other.token == Token::New || other.token != token);
        all.push(Instance { identity: identity.clone(), token, destroyed });
        alone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(environments: Option<&[&str]>) -> Identity {
        let environments = environments.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        Identity::Service { name: "pay".into(), environments }
    }

    /// Every pair of: new, stored and destroyed, each with every kind of filter.
    #[test]
    fn two_resources_collide_exactly_where_they_overlap_and_one_stays() {
        let filters: [Option<&[&str]>; 4] =
            [None, Some(&["staging"]), Some(&["production"]), Some(&["staging", "demo"])];
        let fates = [(Token::New, false), (Token::Stored("a".into()), false), (Token::Stored("a".into()), true)];
        let mut pairs = 0;
        for (one, other) in filters.iter().flat_map(|one| filters.iter().map(move |other| (one, other))) {
            let overlap = match (one, other) {
                (Some(one), Some(other)) => one.iter().any(|name| other.contains(name)),
                _ => true,
            };
            for ((first, gone), (second, goes)) in fates.iter().flat_map(|a| fates.iter().map(move |b| (a, b))) {
                let second = if let Token::Stored(_) = second { &Token::Stored("b".into()) } else { second };
                let mut instances = Instances::default();
                let mut note = |identity: Identity, token: &Token, destroyed: bool| match destroyed {
                    true => instances.destroy(&identity, token.clone()),
                    false => instances.keep(&identity, token.clone()),
                };
                assert!(note(service(*one), first, *gone), "the first one is alone");
                let alone = note(service(*other), second, *goes);
                assert_eq!(alone, !overlap || *gone && *goes, "{one:?} {first:?} {gone}, {other:?} {second:?} {goes}");
                pairs += 1;
            }
        }
        assert_eq!(pairs, 144);
    }

    #[test]
    fn one_resource_may_be_planned_more_than_once() {
        let mut private = Private::default();
        ensure_token(&mut private);
        let (token, mut instances) = (Token::of(&private, false), Instances::default());
        ensure_token(&mut private);
        assert_eq!(Token::of(&private, false), token, "a token stays");
        assert!(instances.keep(&service(None), token.clone()) && instances.keep(&service(None), token.clone()));
        assert!(instances.beside(&service(None), &token).is_empty());
        let mut other = Private::default();
        ensure_token(&mut other);
        assert_ne!(Token::of(&other, false), token);
        assert_eq!(instances.beside(&service(Some(&["staging"])), &Token::of(&other, false)), [service(None)]);
    }
}
