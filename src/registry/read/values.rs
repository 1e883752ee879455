//! Values of many kinds of entries: names, texts, labels, quotas, deletion policies.

use super::super::document::Node;
use super::super::entries::{Labels, Quota};
use super::super::labels::{self, Dialect};
use super::super::link::{self, Links};
use super::super::names::Name;
use super::super::pointer::PointerPath;
use super::super::policy::DeletionPolicy;
use super::super::problem::rules;
use super::super::quota::{check_limit, without_effect};
use super::super::quote::quote;
use super::Reader;
use crate::registry::suggest::did_you_mean;

impl Reader<'_> {
    pub(super) fn name<N: Name>(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> N {
        match node.as_str() {
            Some(text) => text.parse().unwrap_or_else(|error| self.bad_name(rules::BAD_NAME, &error, at)),
            None => {
                self.wrong_type(node, at, "a string");
                N::reported()
            }
        }
    }

    pub(super) fn text(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<String> {
        match node {
            Node::String(text) => Some(text.clone().into_owned()),
            _ => {
                self.wrong_type(node, at, "a string");
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> bool {
        match node {
            Node::Bool(value) => *value,
            _ => {
                self.wrong_type(node, at, "true or false");
                false
            }
        }
    }

    pub(super) fn deletion_policy(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<DeletionPolicy> {
        let text = self.text(node, at)?;
        let policy = DeletionPolicy::parse(&text);
        if policy.is_none() {
            let names = DeletionPolicy::ALL.map(DeletionPolicy::as_str);
            let nearest = crate::registry::suggest::nearest(&text, names.into_iter());
            let detail = format!(
                "{} is not a deletion policy. Policies: `prevent`, `abandon`, `delete`, `delete-with-contents`.{}",
                quote(&text),
                did_you_mean(nearest)
            );
            self.report(rules::BAD_DELETION_POLICY, at, detail);
        }
        policy
    }

    /// Labels or annotations: an object of strings, each checked by the rules of its platform.
    pub(super) fn labels(&mut self, node: &Node<'_>, at: &PointerPath<'_>, dialect: Dialect) -> Labels {
        let mut labels = Labels::new();
        let Node::Object(entries) = node else {
            self.wrong_type(node, at, "an object of strings");
            return labels;
        };
        for (key, value) in entries {
            let at = at.key(key);
            if let Some(value) = self.text(value, &at) {
                if let Err((rule, detail)) = labels::check(dialect, key, &value) {
                    self.report(rule, &at, detail);
                }
                labels.insert(key.clone().into_owned(), value);
            }
        }
        let all = labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        if let Err((rule, detail)) = labels::check_all(dialect, all) {
            self.report(rule, at, detail);
        }
        labels
    }

    /// Links: an object of addresses.
    pub(super) fn links(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Links {
        let mut links = Links::new();
        let Node::Object(entries) = node else {
            self.wrong_type(node, at, "an object of addresses");
            return links;
        };
        for (name, template) in entries {
            let at = at.key(name);
            let Some(template) = self.text(template, &at) else { continue };
            match link::check(name, &template) {
                Ok(()) => drop(links.insert(name.clone().into_owned(), template)),
                Err(detail) => self.report(rules::BAD_LINK, &at, detail),
            }
        }
        links
    }

    /// A quota's hard limits. A number is accepted as its text, because `{"pods": 20}` is the natural spelling.
    pub(super) fn quota(&mut self, node: &Node<'_>, at: &PointerPath<'_>) -> Option<Quota> {
        let Node::Object(entries) = node else {
            self.wrong_type(node, at, "an object of quantities");
            return None;
        };
        let mut quota = Quota::new();
        for (resource, quantity) in entries {
            let at = at.key(resource);
            let quantity = match quantity {
                Node::String(text) => text.as_ref(),
                Node::Number(text) => text,
                other => {
                    self.wrong_type(other, &at, "a quantity such as `\"32Gi\"`");
                    continue;
                }
            };
            let wrong = check_limit(resource, quantity);
            if wrong.is_empty()
                && let Some(why) = without_effect(resource)
            {
                self.report(rules::QUOTA_WITHOUT_EFFECT, &at, why);
            }
            for detail in wrong {
                self.report(rules::BAD_QUOTA, &at, detail);
            }
            quota.insert(resource.clone().into_owned(), quantity.to_owned());
        }
        Some(quota)
    }
}
