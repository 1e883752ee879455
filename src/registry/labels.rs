//! The rules for labels and annotations, by platform.

use super::names::ProjectId;
use super::owner_label::{OwnerLabel, RESERVED_COUNT};
use super::problem::{Rule, rules};
use super::quote::quote;
use super::suggest::{did_you_mean, nearest};

/// Labels that anu writes on every namespace.
pub const NAMESPACE_LABELS: [&str; 3] = ["service", "team", "environment"];
/// The annotation for the Google project of a namespace, as Config Connector reads it.
pub const PROJECT_ANNOTATION: &str = "cnrm.cloud.google.com/project-id";

/// The limit for labels of a Google project.
const GOOGLE_LABELS: usize = 64;
/// The limit for all annotations of one Kubernetes object, keys and values together.
const ANNOTATION_BYTES: usize = 256 * 1024;
/// The most that anu adds to the annotations of a namespace that services use: a project's id.
const OWN_ANNOTATION_BYTES: usize = PROJECT_ANNOTATION.len() + ProjectId::LONGEST;
/// The start of the labels that Kubernetes' admission of pods reads.
const POD_SECURITY: &str = "pod-security.kubernetes.io/";

/// The platform and kind whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A label of a Google project.
    Google,
    /// A label of a Kubernetes namespace that services use.
    NamespaceLabel,
    /// A label of a Kubernetes namespace that no service uses: anu writes no labels for a service on it.
    LoneNamespaceLabel,
    /// An annotation of a Kubernetes namespace that services use.
    Annotation,
    /// An annotation of a Kubernetes namespace that no service uses.
    LoneAnnotation,
}

type Check = Result<(), (Rule, String)>;

/// Checks one label or annotation.
pub(crate) fn check(dialect: Dialect, key: &str, value: &str) -> Check {
    reserved(dialect, key)?;
    match dialect {
        Dialect::Google => google(key, value),
        Dialect::NamespaceLabel | Dialect::LoneNamespaceLabel => kubernetes_label(key, value),
        Dialect::Annotation | Dialect::LoneAnnotation => annotation(key, value),
    }
}

/// Checks all labels or annotations together: their keys and values. Those that anu adds count towards the limits of the platforms.
pub(crate) fn check_all<'t>(dialect: Dialect, all: impl Iterator<Item = (&'t str, &'t str)> + Clone) -> Check {
    let own = match dialect {
        Dialect::Annotation => OWN_ANNOTATION_BYTES,
        Dialect::LoneAnnotation => 0,
        _ => return check_count(dialect, all.count()),
    };
    let bytes = |(key, value): (&str, &str)| key.len() + value.len();
    let total: usize = all.clone().map(bytes).sum();
    if total + own <= ANNOTATION_BYTES {
        return Ok(());
    }
    let (key, value) = all.max_by_key(|each| bytes(*each)).unwrap_or_default();
    let most = ANNOTATION_BYTES - own;
    let detail = format!(
        "The annotations have {total} bytes, keys and values together. Kubernetes accepts at most {most} of one namespace. The longest \
         is {} with {} bytes.",
        quote(key),
        value.len()
    );
    Err((rules::BAD_ANNOTATION, detail))
}

fn check_count(dialect: Dialect, count: usize) -> Check {
    if dialect == Dialect::Google && count + RESERVED_COUNT > GOOGLE_LABELS {
        let detail = format!(
            "There are {count} labels. A Google project has at most {GOOGLE_LABELS}, and {RESERVED_COUNT} of them are anu's own."
        );
        return Err((rules::BAD_LABEL, detail));
    }
    Ok(())
}

fn reserved(dialect: Dialect, key: &str) -> Check {
    let of_service = dialect == Dialect::NamespaceLabel && NAMESPACE_LABELS.contains(&key);
    let annotation = matches!(dialect, Dialect::Annotation | Dialect::LoneAnnotation);
    if !annotation && (OwnerLabel::has_key(key) || of_service) {
        let detail =
            format!("The label `{key}` is reserved: anu sets it on the objects that it creates. Choose another key.");
        return Err((rules::RESERVED_LABEL, detail));
    }
    if key == "kubernetes.io/metadata.name" {
        let detail = format!("`{key}` is reserved: Kubernetes sets it to the namespace's name. Remove it.");
        return Err((rules::RESERVED_LABEL, detail));
    }
    Ok(())
}

/// Google's rule (Resource Manager v3, `Project.labels`): lowercase letters of any script, digits, `_` and `-`.
fn google(key: &str, value: &str) -> Check {
    let fits = |c: char| matches!(c, '-' | '_') || c.is_numeric() || (c.is_alphabetic() && !c.is_uppercase());
    let starts = key.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_uppercase());
    if !starts || key.chars().count() > 63 || !key.chars().all(fits) {
        let detail = format!(
            "{} is not a label key for a Google project: 1 to 63 lowercase letters, digits, `_` and `-`, starting with a \
             letter.",
            quote(key)
        );
        return Err((rules::BAD_LABEL, detail));
    }
    if value.chars().count() > 63 || !value.chars().all(fits) {
        let detail = format!(
            "{} is not a label value for a Google project: at most 63 lowercase letters, digits, `_` and `-`.",
            quote(value)
        );
        return Err((rules::BAD_LABEL, detail));
    }
    Ok(())
}

fn kubernetes_label(key: &str, value: &str) -> Check {
    check_key(key, key, rules::BAD_LABEL)?;
    if !value.is_empty() && !qualified(value) {
        let detail = format!(
            "{} is not a Kubernetes label value: empty, or 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit \
             at both ends.",
            quote(value)
        );
        return Err((rules::BAD_LABEL, detail));
    }
    match key.strip_prefix(POD_SECURITY) {
        Some(setting) => pod_security(key, setting, value),
        None => Ok(()),
    }
}

/// The labels of Pod Security Standards: the API server refuses a namespace with another level or version.
fn pod_security(key: &str, setting: &str, value: &str) -> Check {
    const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];
    let detail = match setting {
        "enforce" | "audit" | "warn" if !LEVELS.contains(&value) => {
            format!(
                "{} is not a level of `{key}`. Levels: `privileged`, `baseline`, `restricted`.{}",
                quote(value),
                did_you_mean(nearest(value, LEVELS.into_iter()))
            )
        }
        "enforce-version" | "audit-version" | "warn-version" if !pod_security_version(value) => {
            format!("{} is not a version of `{key}`: `latest`, or a minor version such as `v1.31`.", quote(value))
        }
        _ => return Ok(()),
    };
    Err((rules::BAD_LABEL, detail))
}

fn pod_security_version(value: &str) -> bool {
    let minor = value.strip_prefix("v1.").filter(|minor| *minor == "0" || !minor.starts_with('0'));
    let digits = minor.filter(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()));
    value == "latest" || digits.is_some_and(|minor| minor.parse::<i64>().is_ok())
}

/// An annotation can have any text. But the API server parses a server-side apply as YAML even if it is JSON, and YAML
/// rejects some characters and replaces one (U+0085, a line break) by a space.
fn annotation(key: &str, value: &str) -> Check {
    check_key(key, &key.to_ascii_lowercase(), rules::BAD_ANNOTATION)?; // the domain of an annotation may have capital letters
    let unfit = |c: &char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if let Some(c) = value.chars().find(unfit) {
        let detail = format!(
            "The value of `{key}` contains the control character U+{:04X}, which a server-side apply rejects or replaces. \
             Remove it.",
            u32::from(c)
        );
        return Err((rules::BAD_ANNOTATION, detail));
    }
    Ok(())
}

fn check_key(key: &str, checked: &str, rule: Rule) -> Check {
    if kubernetes_key(checked) {
        return Ok(());
    }
    let detail = format!(
        "{} is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a \
         letter or digit at both ends.",
        quote(key)
    );
    Err((rule, detail))
}

/// Kubernetes' rule for keys of labels and annotations and for names of resources: `[PREFIX/]NAME`.
pub(super) fn kubernetes_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => dns_subdomain(prefix) && qualified(name),
        None => qualified(key),
    }
}

/// 1 to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends.
fn qualified(name: &str) -> bool {
    let bytes = name.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && bytes[0].is_ascii_alphanumeric()
        && bytes[bytes.len() - 1].is_ascii_alphanumeric()
}

fn dns_subdomain(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(dialect: Dialect, key: &str, value: &str) -> bool {
        check(dialect, key, value).is_ok()
    }

    #[test]
    fn google_labels() {
        let good = |key: &str, value: &str| good(Dialect::Google, key, value);
        assert!(good("tier", "2") && good("cost-center_1", "") && good("größe", "groß") && good("team", "a"));
        assert!(
            !good("", "x") && !good("Tier", "x") && !good("1tier", "x") && !good("a.b", "x") && !good("tier", "Two")
        );
        assert!(!good(&"k".repeat(64), "x") && !good("k", &"v".repeat(64)) && good(&"k".repeat(63), &"v".repeat(63)));
        assert!(!good("managed-by", "me") && !good("anu-registry", "x"));
        assert!(check_count(Dialect::Google, 61).is_ok() && check_count(Dialect::Google, 62).is_err());
    }

    #[test]
    fn kubernetes_labels_and_annotations() {
        let label = |key: &str, value: &str| good(Dialect::NamespaceLabel, key, value);
        assert!(
            label("tier", "2") && label("pod-security.kubernetes.io/enforce", "restricted") && label("Tier_1.x", "")
        );
        assert!(!label("-tier", "x") && !label("/x", "x") && !label("a/b/c", "x") && !label("A.b/x", "x"));
        assert!(!label("tier", "a b") && !label("tier", "-a") && !label("service", "x") && !label("team", "x"));
        assert!(!label("kubernetes.io/metadata.name", "x"));
        assert!(
            good(Dialect::Annotation, "example.com/note", "anything at all: ✓")
                && !good(Dialect::Annotation, "no te", "")
        );
        assert!(good(Dialect::Annotation, "note", "\u{1}\t\r\n\u{2028}\u{a0}😀"));
        for unfit in ['\u{7f}', '\u{85}', '\u{9f}', '\u{fffe}'] {
            assert!(!good(Dialect::Annotation, "note", &format!("a{unfit}b")));
        }
        assert!(good(Dialect::Annotation, "Example.com/Note", "") && !label("Example.com/note", ""));
        let lone = |key: &str| good(Dialect::LoneNamespaceLabel, key, "x");
        assert!(lone("team") && lone("service") && !lone("managed-by") && !lone("anu-registry") && !lone("-tier"));
    }
    #[test]
    fn pod_security_labels_have_levels_and_versions() {
        let check = |setting: &str, value: &str| {
            check(Dialect::LoneNamespaceLabel, &format!("pod-security.kubernetes.io/{setting}"), value)
        };
        for (setting, value) in [
            ("enforce", "baseline"),
            ("warn", "privileged"),
            ("audit-version", "latest"),
            ("enforce-version", "v1.0"),
            ("enforce-version", "v1.31"),
            ("exempt", "anything"),
        ] {
            assert!(check(setting, value).is_ok(), "{setting} {value}");
        }
        for (setting, value) in [
            ("enforce", ""),
            ("audit", "Baseline"),
            ("enforce-version", "1.31"),
            ("warn-version", "v1.01"),
            ("warn-version", "v1."),
            ("warn-version", "v1.9223372036854775808"),
        ] {
            assert!(check(setting, value).is_err(), "{setting} {value}");
        }
        let details = [check("enforce", "restrict"), check("warn-version", "1.31")].map(|wrong| wrong.unwrap_err().1);
        insta::assert_snapshot!(details.join("\n"), @"
        `restrict` is not a level of `pod-security.kubernetes.io/enforce`. Levels: `privileged`, `baseline`, `restricted`. Did you mean `restricted`?
        `1.31` is not a version of `pod-security.kubernetes.io/warn-version`: `latest`, or a minor version such as `v1.31`.
        ");
    }

    #[test]
    fn annotations_have_room_for_256_kib_with_those_of_anu() {
        let check = |dialect: Dialect, bytes: usize| {
            let value = "v".repeat(bytes - 2 - 4);
            check_all(dialect, [("a", "b"), ("long", value.as_str())].into_iter())
        };
        assert!(check(Dialect::LoneAnnotation, 256 * 1024).is_ok());
        assert!(check(Dialect::Annotation, 256 * 1024 - OWN_ANNOTATION_BYTES).is_ok());
        let refused = check(Dialect::LoneAnnotation, 256 * 1024 + 1).unwrap_err().1;
        insta::assert_snapshot!(refused, @"The annotations have 262145 bytes, keys and values together. Kubernetes accepts at most 262144 of one namespace. The longest is `long` with 262139 bytes.");
        assert!(check(Dialect::Annotation, 256 * 1024 - OWN_ANNOTATION_BYTES + 1).is_err());
    }
}
