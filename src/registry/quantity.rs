//! Kubernetes quantities and the resources that a quota can limit. Rules: apimachinery `resource.ParseQuantity`, and the
//! API server's validation of ResourceQuota.

use std::cmp::Ordering;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use super::entries::Quota;
use super::labels::qualified;
use super::quote::quote;
use super::suggest::{did_you_mean, nearest};

/// Resources without a `/` in their name that a quota can limit, apart from hugepages.
const STANDARD: [&str; 19] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "replicationcontrollers",
    "services",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "services.nodeports",
    "services.loadbalancers",
];

/// Resources that are counted: their quantity is a whole number.
const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "replicationcontrollers",
    "services",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "services.nodeports",
    "services.loadbalancers",
];

/// The problems of one line of a quota.
pub(crate) fn check_limit(resource: &str, quantity: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(check_resource(resource));
    let Some(parsed) = parse(quantity) else {
        wrong.push(format!(
            "{} is not a Kubernetes quantity: a number, directly followed by at most one of the suffixes `m`, `k`, `M`, `G`, \
             `T`, `P`, `E`, `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`.{}",
            quote(quantity),
            did_you_mean(corrected(quantity).as_deref())
        ));
        return wrong;
    };
    if parsed.negative {
        wrong.push(format!("{} is negative. A quota is 0 or more.", quote(quantity)));
    } else if !parsed.whole && counted(resource) {
        wrong.push(format!("{} is not a whole number. The quota of `{resource}` is a count.", quote(quantity)));
    }
    wrong
}

fn check_resource(resource: &str) -> Option<String> {
    let good = match resource.split_once('/') {
        Some((prefix, name)) => !prefix.is_empty() && prefix.len() <= 253 && qualified(name),
        None => {
            STANDARD.contains(&resource)
                || resource.starts_with("hugepages-")
                || resource.starts_with("requests.hugepages-")
        }
    };
    if good {
        return None;
    }
    Some(format!(
        "A quota cannot limit {}. Examples of resources that it can limit: `requests.cpu`, `limits.memory`, `pods`, \
         `count/deployments.apps`.{}",
        quote(resource),
        did_you_mean(nearest(resource, STANDARD.into_iter()))
    ))
}

fn counted(resource: &str) -> bool {
    COUNTED.contains(&resource)
        || (resource.contains('/') && !resource.starts_with("requests.") && !resource.contains("kubernetes.io/"))
}

/// The probable quantity for a common mistake: `32GB`, `32 Gi`, `32gi`.
fn corrected(quantity: &str) -> Option<String> {
    let compact: String = quantity.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, suffix) = compact.split_at(digits);
    let suffix = match suffix.to_ascii_lowercase().as_str() {
        "" => "",
        "k" | "kb" => "k",
        "m" | "mb" => "M",
        "g" | "gb" => "G",
        "t" | "tb" => "T",
        "ki" | "kib" => "Ki",
        "mi" | "mib" => "Mi",
        "gi" | "gib" => "Gi",
        "ti" | "tib" => "Ti",
        _ => return None,
    };
    Some(format!("{number}{suffix}")).filter(|text| parse(text).is_some())
}

struct Parsed {
    negative: bool,
    whole: bool,
    /// The value, as digits and a power of ten: one pair per value.
    value: (BigInt, i64),
}

/// Whether two texts are the same quantity: the API server returns `1Gi` for `1024Mi`.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || parse(a).zip(parse(b)).is_some_and(|(a, b)| a.value == b.value)
}

/// Longer texts are not parsed: a number of a million digits takes seconds.
const LONGEST: usize = 256;

/// The lines of a quota that exceed a maximum: resource, quantity and maximum. Resources that the API server treats as one
/// (`cpu`, `requests.cpu`) are compared as one. What cannot be parsed was reported already.
pub(crate) fn excess<'q>(quota: &'q Quota, max: &'q Quota) -> Vec<(&'q str, &'q str, &'q str)> {
    let over = |(resource, limit): (&'q String, &'q String)| {
        let most = max.iter().find(|(other, _)| canonical(other) == canonical(resource)).map(|(_, most)| most)?;
        let (limit_value, most_value) = (parse(limit)?, parse(most)?);
        exceeds(&limit_value, &most_value).then_some((resource.as_str(), limit.as_str(), most.as_str()))
    };
    quota.iter().filter_map(over).collect()
}

/// Whether a quota limits a resource, under any of its names.
pub(crate) fn limits(quota: &Quota, resource: &str) -> bool {
    quota.keys().any(|other| canonical(other) == canonical(resource))
}

/// One name for a resource that has several.
fn canonical(resource: &str) -> &str {
    match resource {
        "cpu" => "requests.cpu",
        "memory" => "requests.memory",
        "ephemeral-storage" => "requests.ephemeral-storage",
        other => match other.strip_prefix("count/") {
            Some(counted) if COUNTED.contains(&counted) => counted,
            _ => other,
        },
    }
}

/// Whether `a` is larger than `b`. Both are 0 or more. The number of digits decides first, since `1e2000000000` is a quantity.
fn exceeds(a: &Parsed, b: &Parsed) -> bool {
    let (a_digits, a_scale) = &a.value;
    let (b_digits, b_scale) = &b.value;
    if a.negative || *a_digits == BigInt::ZERO {
        return false;
    }
    if b.negative || *b_digits == BigInt::ZERO {
        return true;
    }
    let length = |digits: &BigInt| digits.to_string().len() as i64;
    let magnitude = |digits: &BigInt, scale: i64| length(digits).saturating_sub(scale);
    match magnitude(a_digits, *a_scale).cmp(&magnitude(b_digits, *b_scale)) {
        Ordering::Equal => {
            // Equal magnitudes: the scales differ by as much as the numbers of digits do.
            let pad = |digits: &BigInt, scale: i64, other: i64| {
                digits * BigInt::from(10).pow(u32::try_from((other - scale).max(0)).unwrap_or_default())
            };
            pad(a_digits, *a_scale, *b_scale) > pad(b_digits, *b_scale, *a_scale)
        }
        order => order == Ordering::Greater,
    }
}

fn parse(text: &str) -> Option<Parsed> {
    if text.len() > LONGEST {
        return None;
    }
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (integer.is_empty() && fraction.is_empty()) {
        return None;
    }
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let kibi = BINARY.iter().position(|binary| *binary == suffix).map(|position| position as u32 + 1);
    let binary = kibi.is_some();
    let exponent = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ if binary => 0,
        _ => suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?,
    };
    let digits: String = [integer, fraction].concat();
    let significant = digits.trim_end_matches('0');
    let zero = significant.trim_start_matches('0').is_empty();
    let trailing = (digits.len() - significant.len()) as i64;
    // The value is `significant` times a power of ten. A binary suffix is accepted as whole without a check.
    let whole = zero || binary || trailing - fraction.len() as i64 + i64::from(exponent) >= 0;
    let negative = negative && !zero;
    let digits: BigInt = if zero { BigInt::ZERO } else { significant.parse().ok()? };
    let digits = if negative { -digits } else { digits } * BigInt::from(1024).pow(kibi.unwrap_or_default());
    // `BigDecimal` counts its places to the right.
    let value = BigDecimal::new(digits, fraction.len() as i64 - i64::from(exponent) - trailing).normalized();
    Some(Parsed { negative, whole, value: value.into_bigint_and_exponent() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_parsed_as_kubernetes_does() {
        for good in [
            "0", "1", "32", "1.5", ".5", "5.", "100m", "32Gi", "1Ki", "2E", "1e3", "1E3", "1e-3", "12e+6", "+1", "1u",
            "1n", "1.5Gi", "0.1", "007",
        ] {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "", ".", "Gi", "1GB", "1gi", "32 Gi", "1..2", "1.2.3", "1e", "1KiB", "one", "1K", "--1", "+", "1e3Gi",
            "1mi", "١", "1_000", "0x10", "1,5",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn different_spellings_of_one_quantity_are_equal() {
        for (a, b) in [
            ("1Gi", "1024Mi"),
            ("1", "1000m"),
            ("0.5", "500m"),
            ("20", "2e1"),
            ("1.5Gi", "1536Mi"),
            ("1k", "1000"),
            ("0", "0Gi"),
            ("-0", "0"),
            ("007", "7"),
            ("1e3", "1E3"),
            ("100", "1e2"),
            ("1E", "1e18"),
        ] {
            assert!(same(a, b) && same(b, a), "{a} is {b}");
        }
        for (a, b) in [("1G", "1Gi"), ("1", "1m"), ("1", "-1"), ("1e2000000000", "1"), ("1", "one"), ("10", "1")] {
            assert!(!same(a, b) && !same(b, a), "{a} is not {b}");
        }
    }

    #[test]
    fn quantities_are_compared_by_value_whatever_their_spelling() {
        let larger = |a: &str, b: &str| exceeds(&parse(a).unwrap(), &parse(b).unwrap());
        for (a, b) in [
            ("2", "1"),
            ("1Gi", "1G"),
            ("1001m", "1"),
            ("10", "9"),
            ("1e2000000000", "1Ei"),
            ("1", "0"),
            ("1", "1e-2000000000"),
            ("1.01", "1"),
            ("100000", "99999"),
            ("1025Mi", "1Gi"),
        ] {
            assert!(larger(a, b) && !larger(b, a), "{a} exceeds {b}");
        }
        for (a, b) in [("1Gi", "1024Mi"), ("1", "1000m"), ("0", "0"), ("1e3", "1k")] {
            assert!(!larger(a, b) && !larger(b, a), "{a} is {b}");
        }
        assert!(parse(&"9".repeat(257)).is_none(), "not parsed");
    }

    #[test]
    fn counts_are_whole_and_no_quantity_is_negative() {
        for (resource, quantity) in [
            ("pods", "20"),
            ("pods", "2k"),
            ("pods", "1000m"),
            ("pods", "2e1"),
            ("pods", "1.0"),
            ("requests.cpu", "1500m"),
            ("count/deployments.apps", "5"),
            ("requests.nvidia.com/gpu", "2"),
            ("requests.cpu", "-0"),
            ("gold.storageclass.storage.k8s.io/requests.storage", "5Gi"),
            ("hugepages-2Mi", "4Gi"),
        ] {
            assert_eq!(check_limit(resource, quantity), Vec::<String>::new(), "{resource} {quantity}");
        }
        for (resource, quantity) in [
            ("pods", "1.5"),
            ("pods", "100m"),
            ("pods", "1e-1"),
            ("count/jobs.batch", "0.5"),
            ("requests.cpu", "-1"),
            ("cpus", "1"),
            ("request.cpu", "1"),
            ("/x", "1"),
            ("count/", "1"),
            ("count/a b", "1"),
        ] {
            assert_eq!(check_limit(resource, quantity).len(), 1, "{resource} {quantity}");
        }
        assert_eq!(check_limit("cpus", "x").len(), 2);
    }

    #[test]
    fn common_mistakes_have_a_suggestion() {
        assert_eq!(corrected("32GB").as_deref(), Some("32G"));
        assert_eq!(corrected("32 Gi").as_deref(), Some("32Gi"));
        assert_eq!(corrected("32gib").as_deref(), Some("32Gi"));
        assert_eq!(corrected("lots"), None);
        assert_eq!(corrected("32 bananas"), None);
    }
}
