//! Ids of Google projects, and how they are written in addresses. Old projects of a company may have an id with its domain: `example.com:shop`.

use std::borrow::Cow;

/// The length of the longest id: a domain, a colon and a name.
pub(super) const LONGEST: usize = 253 + 1 + 63;

/// The rule of Google for ids of new projects and of service accounts.
pub(super) fn is_new(id: &str) -> bool {
    (6..=30).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && id.as_bytes()[0].is_ascii_lowercase()
        && !id.ends_with('-')
}

/// Whether this is the id of a project.
pub(super) fn is_id(id: &str) -> bool {
    is_new(id) || domain(id).is_some_and(|(domain, name)| is_domain(domain) && is_label(name))
}

/// The domain of an id, and the name after it.
pub(super) fn domain(id: &str) -> Option<(&str, &str)> {
    id.split_once(':')
}

/// The id in the domain of an address or pool, where a domain comes last: `shop.example.com`.
pub(super) fn in_addresses(id: &str) -> Cow<'_, str> {
    match domain(id) {
        Some((domain, name)) => format!("{name}.{domain}").into(),
        None => id.into(),
    }
}

/// The id that is written like this in addresses and pools.
pub(super) fn of_address(text: &str) -> Option<Cow<'_, str>> {
    let id = match text.split_once('.') {
        Some((name, domain)) => format!("{domain}:{name}").into(),
        None => Cow::Borrowed(text),
    };
    is_id(&id).then_some(id)
}

fn is_domain(domain: &str) -> bool {
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_have_a_domain() {
        for good in ["abcdef", "gc-prd-ledger", "example.com:p", "example.com:shop-1", "a.b-c.example.com:1"] {
            assert!(is_id(good), "{good}");
            assert_eq!(of_address(&in_addresses(good)).as_deref(), Some(good), "{good}");
        }
        for bad in ["", "short", "1abcdef", "com:shop", ":shop", "example.com:", "Example.com:shop", "example.com:Shop"]
        {
            assert!(!is_id(bad), "{bad}");
        }
        for bad in
            ["example.com:a:b", "example.com:a.b", "-a.com:shop", "a..com:shop", "example.com:-a", "example.com/shop"]
        {
            assert!(!is_id(bad), "{bad}");
        }
        assert_eq!(in_addresses("example.com:shop"), "shop.example.com");
        assert_eq!(of_address("shop."), None);
        let longest = format!("{}.com:{}", ["a"; 125].join("."), "b".repeat(63));
        assert!(is_id(&longest) && longest.len() <= LONGEST, "{}", longest.len());
    }
}
