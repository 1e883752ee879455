//! The kinds of roles that a role binding grants.

use std::fmt;

use super::names::{KubernetesRole, ROLE_OF_NAMESPACE};

impl KubernetesRole {
    /// The kind of the object, `ClusterRole` or `Role`, and its name.
    pub fn kind_and_name(&self) -> (&'static str, &str) {
        match self.as_str().strip_prefix(ROLE_OF_NAMESPACE) {
            Some(name) => ("Role", name),
            None => ("ClusterRole", self.as_str()),
        }
    }

    /// The text for an object of this kind and name, as a registry has it.
    pub fn text_of(kind: &str, name: &str) -> String {
        // A ClusterRole whose name begins like that cannot be named in a registry, and is none of a namespace.
        let is_plain = kind == "ClusterRole" && !name.starts_with(ROLE_OF_NAMESPACE);
        if is_plain { name.to_owned() } else { format!("{kind}:{name}") }
    }

    /// The ClusterRole, if it is one.
    pub fn cluster_role(&self) -> Option<&str> {
        let (kind, name) = self.kind_and_name();
        (kind == "ClusterRole").then_some(name)
    }

    /// With its kind, for messages: ``ClusterRole `edit` ``.
    pub fn described(&self) -> impl fmt::Display {
        let (kind, name) = self.kind_and_name();
        format!("{kind} `{name}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_text_and_back() {
        let role = |text: &str| text.parse::<KubernetesRole>().expect("a role");
        for (kind, name, text) in [("ClusterRole", "edit", "edit"), ("Role", "deployer", "Role:deployer")] {
            assert_eq!(KubernetesRole::text_of(kind, name), text);
            assert_eq!(role(text).kind_and_name(), (kind, name));
        }
        assert_eq!(role(&KubernetesRole::text_of("ClusterRole", "Role:x")).kind_and_name().0, "ClusterRole");
        assert_eq!((role("edit").cluster_role(), role("Role:edit").cluster_role()), (Some("edit"), None));
        assert_eq!(role("Role:a:b").described().to_string(), "Role `a:b`");
    }

    #[test]
    fn names_of_cluster_roles_are_path_segments() {
        for good in [
            "view",
            "system:aggregate-to-edit",
            "team@example.com",
            "a+b(c)",
            "r\u{f4}le",
            "Role:deployer",
            &"n".repeat(100),
        ] {
            assert!(good.parse::<KubernetesRole>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a%b", "a b", "a`b", "a\u{200b}", "Role:", "Role:..", &"n".repeat(101)] {
            assert!(bad.parse::<KubernetesRole>().is_err(), "{bad}");
        }
    }
}
