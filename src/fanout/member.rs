//! A member of a project's IAM policy: a principal, and when the grant ends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::registry::Expiry;
use crate::registry::names::{NameError, Principal};

/// Between the two parts of a timed member. No principal contains a space.
const UNTIL: &str = " until ";

/// A member of a project's IAM policy, as anu grants it. Everywhere it is one text: `group:x@example.com`, or
/// `group:x@example.com until 2027-01-31T00:00:00Z`. The same principal with another end is another member, as on Google, where
/// it is in another binding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The principal.
    pub principal: Principal,
    /// When the grant ends. `None`: it does not.
    pub expires: Option<Expiry>,
}

impl Member {
    /// The condition of the grant on Google; none if it does not end.
    pub fn condition(&self) -> Option<Condition> {
        self.expires.map(Condition::of)
    }

    /// The spelling in which Google returns it.
    pub fn as_google(&self) -> Self {
        Self { principal: self.principal.as_google(), expires: self.expires }
    }

    /// The text without a copy, if the grant does not end.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        match self.expires {
            None => self.principal.as_str().into(),
            Some(_) => self.to_string().into(),
        }
    }
}

impl From<Principal> for Member {
    fn from(principal: Principal) -> Self {
        Self { principal, expires: None }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expires {
            None => write!(f, "{}", self.principal),
            Some(expires) => write!(f, "{}{UNTIL}{expires}", self.principal),
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({self})")
    }
}

impl FromStr for Member {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let Some((principal, expires)) = text.split_once(UNTIL) else { return text.parse().map(Principal::into) };
        let expires = Expiry::parse_printed(expires).ok_or_else(|| NameError {
            value: text.to_owned(),
            article: "an",
            kind: "IAM member",
            rule: "a principal, or `PRINCIPAL until 2027-01-31T00:00:00Z`",
        })?;
        Ok(Self { principal: principal.parse()?, expires: Some(expires) })
    }
}

impl Serialize for Member {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The IAM condition that ends a grant. Any other condition is another user's, and is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// `anu: expires 2027-01-31T00:00:00Z`
    pub title: String,
    /// `request.time < timestamp("2027-01-31T00:00:00Z")`
    pub expression: String,
}

impl Condition {
    const TITLE: &'static str = "anu: expires ";

    /// The condition of grants that end at this time.
    pub fn of(expires: Expiry) -> Self {
        Self {
            title: format!("{}{expires}", Self::TITLE),
            expression: format!("request.time < timestamp(\"{expires}\")"),
        }
    }

    /// Whether Google refuses conditions for a role: a basic one (IAM, "Conditions in allow policies").
    pub fn is_refused_for(role: &str) -> bool {
        ["roles/owner", "roles/editor", "roles/viewer"].contains(&role)
    }

    /// When grants with this condition end. `None` for a condition that is not exactly anu's.
    pub fn expiry(&self) -> Option<Expiry> {
        let expires = Expiry::parse_printed(self.title.strip_prefix(Self::TITLE)?)?;
        (Self::of(expires) == *self).then_some(expires)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn members() -> impl Strategy<Value = Member> {
        let principal = prop_oneof![
            "(group|user|serviceAccount):[a-z0-9.+-]{1,12}@[a-z0-9.-]{1,12}",
            "principalSet://[a-z/.:]{1,20}",
        ];
        // To the end of 9999.
        let expires = prop::option::of(0_i64..253_370_764_800);
        (principal, expires).prop_map(|(principal, expires)| Member {
            principal: principal.parse().expect("a principal"),
            expires: expires.map(|second| {
                let text = jiff::Timestamp::from_second(second).expect("in range").to_string();
                Expiry::parse(&text).expect("an expiry")
            }),
        })
    }

    proptest! {
        #[test]
        fn a_member_comes_back_from_its_text(member in members()) {
            prop_assert_eq!(member.to_string().parse(), Ok(member.clone()));
            let json = serde_json::to_string(&member).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Member>(&json).ok(), Some(member.clone()));
            prop_assert_eq!(member.text(), member.to_string());
            prop_assert_eq!(member.condition().and_then(|condition| condition.expiry()), member.expires);
        }

        #[test]
        fn members_are_in_the_order_of_their_texts(one in members(), other in members()) {
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn a_text_that_is_read_is_printed_again(text in "(user:a@b|group:a@b c|user:a@b until) ?(until )?(2027-01-31T00:00:00(Z|\\+00:00|.0Z))?") {
            if let Ok(member) = text.parse::<Member>() {
                prop_assert_eq!(member.to_string(), text);
            }
        }
    }

    #[test]
    fn a_timed_member_has_one_spelling() {
        let member: Member = "group:x@example.com until 2027-01-31T00:00:00Z".parse().expect("a member");
        assert_eq!(member.principal.as_str(), "group:x@example.com");
        for bad in [
            "group:x@example.com until",
            "group:x@example.com until ",
            "group:x@example.com until 2027-01-31",
            "group:x@example.com until 2027-01-31T01:00:00+01:00",
            "group:x@example.com until 2027-01-31T00:00:00Z until 2027-01-31T00:00:00Z",
            "group:x@example.com  until 2027-01-31T00:00:00Z",
            "group:x until 2027-01-31T00:00:00Z",
            " until 2027-01-31T00:00:00Z",
        ] {
            assert!(bad.parse::<Member>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_exact_condition_is_anus() {
        let ours = Condition::of(Expiry::parse("2027-01-31T00:00:00Z").expect("an expiry"));
        assert_eq!(ours.title, "anu: expires 2027-01-31T00:00:00Z");
        assert_eq!(ours.expression, "request.time < timestamp(\"2027-01-31T00:00:00Z\")");
        assert!(ours.expiry().is_some());
        let with = |title: &str, expression: &str| Condition { title: title.into(), expression: expression.into() };
        for theirs in [
            with("expires 2027-01-31T00:00:00Z", &ours.expression),
            with("anu: expires 2027-01-31", &ours.expression),
            with(&ours.title, "request.time < timestamp(\"2027-02-28T00:00:00Z\")"),
            with(&ours.title, "request.time < timestamp('2027-01-31T00:00:00Z')"),
            with(&ours.title, "request.time < timestamp(\"2027-01-31T00:00:00Z\") && true"),
        ] {
            assert_eq!(theirs.expiry(), None, "{theirs:?}");
        }
    }
}
