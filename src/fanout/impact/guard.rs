//! The guard against mass removal: how much one change may remove before a person has to acknowledge it. Pure; the provider counts
//! what a run removes, the command line what a change of the registry removes, and both decide here.
//!
//! A verdict depends on sums only, and a larger sum never passes where a smaller one does not. So the provider, which Terraform calls
//! for one resource after another, refuses the same runs in every order.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::registry::canonical;

use super::super::FanOut;
use super::super::removal::Removals;
use super::super::resource::{Key, ResourceSet};
use super::counts::Counts;
use super::kind::{Kind, PROTECTED};

/// What the guard limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarded {
    /// Projects, namespaces and service accounts that are removed: deleted or abandoned.
    Removals,
    /// Principals that lose access to a project or namespace that remains.
    Revocations,
    /// Projects, namespaces and service accounts that would be created, and exist with the label of the registry: the state is lost,
    /// or an old one.
    Adoptions,
}

impl Guarded {
    /// All.
    pub const ALL: [Self; 3] = [Self::Removals, Self::Revocations, Self::Adoptions];

    fn word(self) -> &'static str {
        match self {
            Self::Removals => "removals",
            Self::Revocations => "revocations",
            Self::Adoptions => "adoptions",
        }
    }
}

/// How much may be removed: a share of what there is, a number, or whichever of the two is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    percent: Option<u8>,
    number: Option<usize>,
}

impl Limit {
    /// Without a setting: a small registry never exceeds it.
    pub const DEFAULT: Self = Self { percent: Some(25), number: Some(20) };
    /// How it is written.
    pub const RULE: &'static str = "a share (`10%`), a number (`5`), or both (`10% or 5`): whichever is more";

    /// Whether a number of what there is exceeds it. `total` includes what is removed. More of both never exceeds less.
    pub fn is_exceeded(&self, number: usize, total: usize) -> bool {
        let share = self.percent.is_none_or(|percent| number * 100 > usize::from(percent) * total);
        number > 0 && share && self.number.is_none_or(|most| number > most)
    }

    /// Whether a number exceeds it whatever the total is, or may.
    pub fn may_be_exceeded(&self, number: usize) -> bool {
        self.is_exceeded(number, number)
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("`{text}` is not a limit of the guard: {why}. Write {}", Self::RULE);
        let whole = |digits: &str| -> Result<usize, String> {
            match digits {
                _ if digits.starts_with('-') => Err(wrong("it is below zero")),
                "" => Err(wrong("a number is missing")),
                _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Err(wrong("it is not a whole number in digits"))
                }
                _ => digits.parse().map_err(|_| wrong("the number is too large")),
            }
        };
        let mut limit = Self { percent: None, number: None };
        for part in text.split(" or ") {
            let part = part.trim();
            match part.strip_suffix('%') {
                Some(_) if limit.percent.is_some() => return Err(wrong("it has two shares")),
                Some(share) => match u8::try_from(whole(share.trim_end())?) {
                    Ok(percent @ 0..=100) => limit.percent = Some(percent),
                    _ => return Err(wrong("a share is at most 100%")),
                },
                None if limit.number.is_some() => return Err(wrong("it has two numbers")),
                None => limit.number = Some(whole(part)?),
            }
        }
        Ok(limit)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.percent, self.number) {
            (Some(percent), Some(number)) => write!(f, "{percent}% or {number}"),
            (Some(percent), None) => write!(f, "{percent}%"),
            (None, number) => write!(f, "{}", number.unwrap_or_default()),
        }
    }
}

/// The limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Of removals, and of adoptions.
    pub removals: Limit,
    /// Of revocations.
    pub revocations: Limit,
}

impl Default for Guard {
    fn default() -> Self {
        Self { removals: Limit::DEFAULT, revocations: Limit::DEFAULT }
    }
}

impl Guard {
    /// The limit of one thing that is guarded.
    pub fn limit(&self, guarded: Guarded) -> Limit {
        match guarded {
            Guarded::Removals | Guarded::Adoptions => self.removals,
            Guarded::Revocations => self.revocations,
        }
    }

    /// What is beyond the limits in a change from one registry to another, of which both are known: empty if nothing is.
    pub fn verdict(&self, counts: &Counts) -> Vec<Excess> {
        let of = |kind: &Kind| counts.kinds.get(kind).copied().unwrap_or_default();
        let removed = PROTECTED.iter().map(|kind| of(kind).removed).sum();
        let remaining: usize = PROTECTED.iter().map(|kind| of(kind).after).sum();
        let access = &counts.access;
        let sums = [
            (Guarded::Removals, removed, remaining + removed),
            (Guarded::Revocations, access.revoked, access.after.max(access.before)),
        ];
        let excess = sums.map(|(guarded, number, total)| Excess { guarded, number, total, limit: self.limit(guarded) });
        excess.into_iter().filter(|excess| excess.limit.is_exceeded(excess.number, excess.total)).collect()
    }
}

/// More than a limit permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// What is guarded.
    pub guarded: Guarded,
    /// How many are removed, revoked or adopted.
    pub number: usize,
    /// Of how many.
    pub total: usize,
    /// The limit.
    pub limit: Limit,
}

impl fmt::Display for Excess {
    /// A clause: `60 of 80 projects, namespaces and service accounts are removed, and the limit is 25% or 20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { guarded, number, total, limit } = self;
        let be = if *number == 1 { ["is", "loses"] } else { ["are", "lose"] };
        match guarded {
            Guarded::Removals => {
                write!(f, "{number} of {total} projects, namespaces and service accounts {} removed", be[0])?;
            }
            Guarded::Revocations => {
                let what = "principals (once for each project and namespace)";
                write!(f, "{number} of {total} {what} {} access", be[1])?;
            }
            Guarded::Adoptions => {
                let what = "projects, namespaces and service accounts";
                write!(f, "{number} of {total} {what} exist already and {} in no state", be[0])?;
            }
        }
        write!(f, ", and the limit is {limit}")
    }
}

/// What a person writes to let excesses pass: a digest of what is acknowledged, and of the registry with what it fans out into. It has no
/// meaning for another revision, and does not say which resources are removed.
#[derive(Debug, Clone)]
pub struct Acknowledgements(Vec<(BTreeSet<Guarded>, String)>);

impl Acknowledgements {
    /// Those of a registry.
    pub fn of(fan_out: &FanOut) -> Self {
        let mut content = format!("{}\n", fan_out.digest());
        for (service, digest) in fan_out.digests() {
            content.push_str(&format!("{service} {digest}\n"));
        }
        let content = canonical::digest(content.as_bytes());
        let name = fan_out.registry.name().map_or("", |name| name.as_str());
        let all = (1_usize..1 << Guarded::ALL.len()).map(|bits| {
            let some = Guarded::ALL.into_iter().enumerate().filter(|(position, _)| bits & 1 << position != 0);
            let some: BTreeSet<Guarded> = some.map(|(_, guarded)| guarded).collect();
            let text = format!("anu guard\n{}\n{name}\n{content}\n", words(&some));
            (some, canonical::digest(text.as_bytes()))
        });
        Self(all.collect())
    }

    /// What to write for these.
    pub fn for_these(&self, excesses: &BTreeSet<Guarded>) -> Option<&str> {
        self.0.iter().find(|(some, _)| some == excesses).map(|(_, text)| text.as_str())
    }

    /// What is acknowledged by a text; nothing by one of another registry or revision.
    pub fn acknowledged(&self, text: &str) -> BTreeSet<Guarded> {
        let text = text.to_ascii_lowercase();
        self.0.iter().find(|(_, digest)| *digest == text).map(|(some, _)| some.clone()).unwrap_or_default()
    }
}

/// `removals and revocations`
pub fn words(some: &BTreeSet<Guarded>) -> String {
    some.iter().map(|guarded| guarded.word()).collect::<Vec<_>>().join(" and ")
}

/// The protected keys that are removed.
pub fn removed(removals: &Removals) -> BTreeSet<Key> {
    let keys = removals.delete.iter().chain(&removals.abandon).chain(&removals.refused);
    keys.filter(|key| PROTECTED.contains(&Kind::of(key))).cloned().collect()
}

/// The access that is revoked: a project or namespace that remains, and a principal that loses a role on it and gets no other in its
/// place. Grants for which `counts` is false are not counted: those that have ended.
pub fn revoked(
    before: &ResourceSet,
    after: &ResourceSet,
    removals: &Removals,
    counts: impl Fn(&Key) -> bool,
) -> BTreeSet<(Key, String)> {
    let removed = removed(removals);
    let mut revoked = BTreeSet::new();
    for key in removals.delete.iter().filter(|key| counts(key)) {
        let Key::IamMember(project, _, member) = key else { continue };
        let scope = Key::Project(project.clone());
        let had = |role| before.iam.get(project).and_then(|grants| grants.get(role));
        let is_new = after.iam.get(project).into_iter().flatten().any(|(role, members)| {
            let mut others = members.iter().filter(|other| other.principal == member.principal);
            others.any(|other| !had(role).is_some_and(|had| had.contains(other)))
        });
        if !is_new && !removed.contains(&scope) {
            revoked.insert((scope, member.principal.to_string()));
        }
    }
    for (namespace, bindings) in &before.role_bindings {
        let scope = Key::Namespace(namespace.clone());
        if removed.contains(&scope) {
            continue;
        }
        let now = after.role_bindings.get(namespace);
        let has = |set: Option<&BTreeSet<String>>, subject: &String| set.is_some_and(|set| set.contains(subject));
        for (name, binding) in bindings {
            let remains = now.and_then(|now| now.get(name));
            if remains.is_none() && !removals.delete.contains(&Key::RoleBinding(namespace.clone(), name.clone())) {
                continue;
            }
            let has_left = |subject: &&String| !has(remains.map(|binding| &binding.subjects), subject);
            for subject in binding.subjects.iter().filter(has_left) {
                let is_new = now.into_iter().flatten().any(|(name, now)| {
                    let had = bindings.get(name).map(|binding| &binding.subjects);
                    now.subjects.contains(subject) && !has(had, subject)
                });
                if !is_new {
                    revoked.insert((scope.clone(), subject.clone()));
                }
            }
        }
    }
    revoked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_limit_is_a_share_a_number_or_whichever_is_more() {
        assert_eq!(limit("25% or 20"), Limit::DEFAULT);
        for text in ["25% or 20", "10%", "0%", "5", "0", "100%"] {
            assert_eq!(limit(text).to_string(), text);
        }
        assert_eq!(limit("20 or 25%"), Limit::DEFAULT);
        // 25 of 100 is not more than a quarter.
        assert!(!limit("25%").is_exceeded(25, 100) && limit("25%").is_exceeded(26, 100));
        assert!(!limit("5").is_exceeded(5, 1_000) && limit("5").is_exceeded(6, 1_000));
        assert!(!Limit::DEFAULT.is_exceeded(20, 20) && Limit::DEFAULT.is_exceeded(21, 21));
        assert!(!Limit::DEFAULT.is_exceeded(21, 84) && Limit::DEFAULT.is_exceeded(22, 84));
        assert!(!limit("100%").is_exceeded(50, 50), "switched off");
        assert!(!limit("0").is_exceeded(0, 10) && limit("0").is_exceeded(1, 10), "nothing is never too much");
        assert!(limit("0%").is_exceeded(1, 1_000_000));
    }

    /// What makes the verdict of a run independent of the order in which its resources are planned.
    #[test]
    fn a_larger_sum_exceeds_what_a_smaller_one_does() {
        for limit in ["25% or 20", "10%", "5", "0", "100%", "99% or 3"].map(limit) {
            for remaining in 0..60 {
                let exceeded: Vec<bool> =
                    (0..200).map(|removed| limit.is_exceeded(removed, remaining + removed)).collect();
                assert!(exceeded.is_sorted(), "{limit}, {remaining} remaining");
            }
        }
    }

    #[test]
    fn every_limit_that_is_none_is_told() {
        let wrong =
            ["", "ten", "1.5", "-1", "-1%", "101%", "1000%", "%", "10 %%", "5 or 6", "5% or 6%", "5%6", "5 of 6"];
        let told: Vec<String> = wrong.into_iter().map(|text| text.parse::<Limit>().unwrap_err()).collect();
        let rule = format!(". Write {}", Limit::RULE);
        let reasons: Vec<&str> = told.iter().filter_map(|text| text.strip_suffix(&rule)).collect();
        insta::assert_snapshot!(reasons.join("\n"), @"
        `` is not a limit of the guard: a number is missing
        `ten` is not a limit of the guard: it is not a whole number in digits
        `1.5` is not a limit of the guard: it is not a whole number in digits
        `-1` is not a limit of the guard: it is below zero
        `-1%` is not a limit of the guard: it is below zero
        `101%` is not a limit of the guard: a share is at most 100%
        `1000%` is not a limit of the guard: a share is at most 100%
        `%` is not a limit of the guard: a number is missing
        `10 %%` is not a limit of the guard: it is not a whole number in digits
        `5 or 6` is not a limit of the guard: it has two numbers
        `5% or 6%` is not a limit of the guard: it has two shares
        `5%6` is not a limit of the guard: it is not a whole number in digits
        `5 of 6` is not a limit of the guard: it is not a whole number in digits
        ");
        assert!("99999999999999999999999".parse::<Limit>().unwrap_err().contains("too large"));
    }

    #[test]
    fn an_excess_is_told_with_its_numbers() {
        let excess = |guarded| Excess { guarded, number: 60, total: 80, limit: Limit::DEFAULT };
        insta::assert_snapshot!(Guarded::ALL.map(|guarded| excess(guarded).to_string()).join("\n"), @"
        60 of 80 projects, namespaces and service accounts are removed, and the limit is 25% or 20
        60 of 80 principals (once for each project and namespace) lose access, and the limit is 25% or 20
        60 of 80 projects, namespaces and service accounts exist already and are in no state, and the limit is 25% or 20
        ");
    }
}
