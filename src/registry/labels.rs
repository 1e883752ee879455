//! The rules for labels and annotations, by platform.

use super::owner_label::{OwnerLabel, RESERVED_COUNT};
use super::problem::{Rule, rules};
use super::quote::quote;

/// Labels that anu writes on every namespace.
pub const NAMESPACE_LABELS: [&str; 3] = ["service", "team", "environment"];
/// The annotation for the Google project of a namespace, as Config Connector reads it.
pub const PROJECT_ANNOTATION: &str = "cnrm.cloud.google.com/project-id";

/// The limit for labels of a Google project.
const GOOGLE_LABELS: usize = 64;

/// The platform and kind whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A label of a Google project.
    Google,
    /// A label of a Kubernetes namespace that services use.
    NamespaceLabel,
    /// A label of a Kubernetes namespace that no service uses: anu writes no labels for a service on it.
    LoneNamespaceLabel,
    /// An annotation of a Kubernetes namespace.
    Annotation,
    /// A label of the provider block, which applies to projects and namespaces.
    Both,
}

type Check = Result<(), (Rule, String)>;

/// Checks one label or annotation.
pub(crate) fn check(dialect: Dialect, key: &str, value: &str) -> Check {
    reserved(dialect, key)?;
    match dialect {
        Dialect::Google => google(key, value),
        Dialect::NamespaceLabel | Dialect::LoneNamespaceLabel => kubernetes_label(key, value),
        Dialect::Annotation => annotation(key, value),
        Dialect::Both => google(key, value).and_then(|()| kubernetes_label(key, value)),
    }
}

/// Checks the number of labels. Anu's own labels count towards Google's limit.
pub(crate) fn check_count(dialect: Dialect, count: usize) -> Check {
    if matches!(dialect, Dialect::Google | Dialect::Both) && count + RESERVED_COUNT > GOOGLE_LABELS {
        let detail = format!(
            "There are {count} labels. A Google project has at most {GOOGLE_LABELS}, and {RESERVED_COUNT} of them are anu's own."
        );
        return Err((rules::BAD_LABEL, detail));
    }
    Ok(())
}

fn reserved(dialect: Dialect, key: &str) -> Check {
    let of_service = matches!(dialect, Dialect::NamespaceLabel | Dialect::Both) && NAMESPACE_LABELS.contains(&key);
    if dialect != Dialect::Annotation && (OwnerLabel::has_key(key) || of_service) {
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
    kubernetes_key(key, rules::BAD_LABEL)?;
    if !value.is_empty() && !qualified(value) {
        let detail = format!(
            "{} is not a Kubernetes label value: empty, or 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit \
             at both ends.",
            quote(value)
        );
        return Err((rules::BAD_LABEL, detail));
    }
    Ok(())
}

/// An annotation can have any text. But the API server parses a server-side apply as YAML even if it is JSON, and YAML
/// rejects some characters and replaces one (U+0085, a line break) by a space.
fn annotation(key: &str, value: &str) -> Check {
    kubernetes_key(key, rules::BAD_ANNOTATION)?;
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

/// Kubernetes' rule for keys of labels and annotations: `[PREFIX/]NAME`.
fn kubernetes_key(key: &str, rule: Rule) -> Check {
    let good = match key.split_once('/') {
        Some((prefix, name)) => dns_subdomain(prefix) && qualified(name),
        None => qualified(key),
    };
    if good {
        return Ok(());
    }
    let detail = format!(
        "{} is not a Kubernetes key: `NAME` or `DOMAIN/NAME`, the name of 1 to 63 letters, digits, `-`, `_` and `.` with a \
         letter or digit at both ends.",
        quote(key)
    );
    Err((rule, detail))
}

/// 1 to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends.
pub(crate) fn qualified(name: &str) -> bool {
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
        let lone = |key: &str| good(Dialect::LoneNamespaceLabel, key, "x");
        assert!(lone("team") && lone("service") && !lone("managed-by") && !lone("anu-registry") && !lone("-tier"));
        assert!(
            good(Dialect::Both, "tier", "a") && !good(Dialect::Both, "a.b", "a") && !good(Dialect::Both, "tier", "-")
        );
    }
}
