//! `configmap://[CONTEXT/]NAMESPACE/NAME[/KEY]`.

use std::fmt;

use crate::connect::kubernetes::ConfigMapName;
use crate::printable::escape;

/// The key that is read if none is written.
const KEY: &str = "registry.json";
/// The form.
const FORM: &str = "configmap://[CONTEXT/]NAMESPACE/NAME[/KEY]";

/// A key of a ConfigMap in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigMapAddress {
    /// The context of the kubeconfig; without one the current one, else the cluster in which anu runs.
    pub context: Option<String>,
    /// The ConfigMap.
    pub config_map: ConfigMapName,
    /// The key in it.
    pub key: String,
}

/// Why a text is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigMapFormError {
    /// Too few or too many parts.
    #[error(
        "`{written}` is not the address of a ConfigMap: write `{FORM}`, and `%2F` for a slash in the name of the context"
    )]
    Parts {
        /// As the user wrote it.
        written: String,
    },
    /// A part that cannot be what it is.
    #[error("`{written}` cannot be {what}: {rule}")]
    Part {
        /// As the user wrote it.
        written: String,
        /// What it would be.
        what: &'static str,
        /// The rule.
        rule: &'static str,
    },
}

impl ConfigMapAddress {
    /// Reads what follows `configmap://`.
    ///
    /// # Errors
    /// If it is no such address.
    pub(in super::super) fn parse(rest: &str) -> Result<Self, ConfigMapFormError> {
        let wrong = || ConfigMapFormError::Parts { written: escape(&format!("configmap://{rest}")).into_owned() };
        let parts: Vec<&str> = rest.split('/').collect();
        let (context, namespace, name, key) = match parts[..] {
            [namespace, name] => ("", namespace, name, KEY),
            // A key has the ending of its format, a context has not.
            [namespace, name, key] if !namespace.is_empty() && key.contains('.') => ("", namespace, name, key),
            [context, namespace, name] => (context, namespace, name, KEY),
            [context, namespace, name, key] => (context, namespace, name, key),
            _ => return Err(wrong()),
        };
        let context = decoded(context).ok_or_else(wrong)?;
        check(
            namespace,
            "the name of a namespace",
            "it has at most 63 lower-case letters, digits and `-`",
            63,
            |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-',
        )?;
        check(
            name,
            "the name of a ConfigMap",
            "it has at most 253 lower-case letters, digits, `-` and `.`",
            253,
            |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'),
        )?;
        // With room for the signature.
        check(key, "a key of a ConfigMap", "it has at most 245 letters, digits, `-`, `_` and `.`", 245, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        })?;
        let config_map = ConfigMapName { namespace: namespace.to_owned(), name: name.to_owned() };
        let context = (!context.is_empty()).then_some(context);
        Ok(Self { context, config_map, key: key.to_owned() })
    }

    /// The key of the signature, in the same ConfigMap.
    pub(in super::super) fn signature(&self, ending: &str) -> Self {
        Self { key: format!("{}{ending}", self.key), ..self.clone() }
    }
}

fn check(
    written: &str,
    what: &'static str,
    rule: &'static str,
    longest: usize,
    permitted: impl Fn(u8) -> bool,
) -> Result<(), ConfigMapFormError> {
    let is_dots = matches!(written, "." | "..");
    if !written.is_empty() && written.len() <= longest && !is_dots && written.bytes().all(permitted) {
        return Ok(());
    }
    Err(ConfigMapFormError::Part { written: escape(written).into_owned(), what, rule })
}

/// A context with `%XX` for what an address does not have.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for ConfigMapAddress {
    /// With its key, whose ending is that of the format; and with an empty context where it could be misread.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, config_map: ConfigMapName { namespace, name }, key } = self;
        f.write_str("configmap://")?;
        match context {
            Some(context) => write!(f, "{}/", escape(&context.replace('%', "%25").replace('/', "%2F")))?,
            None if !key.contains('.') => f.write_str("/")?,
            None => {}
        }
        write!(f, "{namespace}/{name}/{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_to_four_parts() {
        for (written, context, shown) in [
            ("anu-system/service-registry", None, "configmap://anu-system/service-registry/registry.json"),
            ("/anu-system/service-registry", None, "configmap://anu-system/service-registry/registry.json"),
            ("anu/reg/registry.yaml.gz", None, "configmap://anu/reg/registry.yaml.gz"),
            ("anu/reg.json/registry.json", None, "configmap://anu/reg.json/registry.json"),
            ("kind-kind/anu/reg", Some("kind-kind"), "configmap://kind-kind/anu/reg/registry.json"),
            ("/anu/reg/registry", None, "configmap:///anu/reg/registry"),
            ("gke_a.b_c/anu/reg/a.json", Some("gke_a.b_c"), "configmap://gke_a.b_c/anu/reg/a.json"),
            (
                "arn:aws:eks:eu-west-1:1:cluster%2Fprod/anu/reg",
                Some("arn:aws:eks:eu-west-1:1:cluster/prod"),
                "configmap://arn:aws:eks:eu-west-1:1:cluster%2Fprod/anu/reg/registry.json",
            ),
        ] {
            let address = ConfigMapAddress::parse(written).expect(written);
            assert_eq!((address.context.as_deref(), address.to_string().as_str()), (context, shown), "{written}");
            assert_eq!(ConfigMapAddress::parse(&shown["configmap://".len()..]).expect("what is shown"), address);
        }
    }

    #[test]
    fn a_part_that_cannot_be_one_is_named() {
        let text = |written: &str| ConfigMapAddress::parse(written).expect_err(written).to_string();
        insta::assert_snapshot!(text("registry"), @"`configmap://registry` is not the address of a ConfigMap: write `configmap://[CONTEXT/]NAMESPACE/NAME[/KEY]`, and `%2F` for a slash in the name of the context");
        assert!(text("a/b/c/d.json/e").contains("is not the address of a ConfigMap"));
        assert!(text("%2/a/b").contains("is not the address of a ConfigMap"));
        insta::assert_snapshot!(text("Anu/reg"), @"`Anu` cannot be the name of a namespace: it has at most 63 lower-case letters, digits and `-`");
        insta::assert_snapshot!(text("anu/Reg"), @"`Reg` cannot be the name of a ConfigMap: it has at most 253 lower-case letters, digits, `-` and `.`");
        insta::assert_snapshot!(text("anu/reg/registry.json?x"), @"`registry.json?x` cannot be a key of a ConfigMap: it has at most 245 letters, digits, `-`, `_` and `.`");
        assert!(text("//reg").contains("`` cannot be the name of a namespace"));
    }
}
