//! The built-in permissions tables. **A released table is never edited**: a change is a new version, so that an upgrade of
//! anu changes no access.

mod table;
mod v1;

pub(crate) use table::Table;
use v1::V1;

/// The version in use if neither the registry nor the provider block has one.
pub const DEFAULT_BUILTIN: u32 = 1;

/// The rows of the default version: each Google service, with the roles of viewers, operators and admins.
pub fn rows() -> impl Iterator<Item = (&'static str, [&'static [&'static str]; 3])> {
    V1.rows().map(|(service, roles)| (*service, *roles))
}

/// The table of that version.
pub(crate) fn table(version: u32) -> Option<&'static Table> {
    (version == 1).then_some(&V1)
}

/// The message for an unknown version.
pub(crate) fn unknown(version: &str) -> String {
    format!(
        "Version `{version}` of the built-in permissions is unknown. This version of anu contains version 1. Write `1`, or \
         install a version of anu that contains it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::access::AccessLevel;
    use crate::registry::names::{GoogleService, IamRole, KubernetesRole};

    #[test]
    fn the_table_is_sorted_and_every_name_is_valid() {
        assert!(V1.rows().collect::<Vec<_>>().is_sorted_by(|a, b| a.0 < b.0));
        for (service, row) in V1.rows() {
            service.parse::<GoogleService>().expect("a service");
            for role in row.iter().flat_map(|roles| roles.iter()) {
                role.parse::<IamRole>().expect("a role");
                assert!(crate::registry::google_roles::is_known(role), "{role} of {service}");
            }
            assert!(row.iter().all(|roles| roles.is_sorted()), "{service}");
        }
        for level in AccessLevel::ALL {
            V1.kubernetes(level).parse::<KubernetesRole>().expect("a role");
        }
        assert!(V1.google("*").is_none());
        let empty = V1.rows().filter(|(_, row)| row.iter().all(|roles| roles.is_empty())).count();
        assert_eq!((V1.rows().count(), empty), (126, 34));
    }

    #[test]
    fn version_1_is_released_and_never_edited() {
        let text = format!("{V1:?}");
        let digest = super::super::canonical::digest(text.as_bytes());
        assert_eq!(
            digest, "sha256:78f0ca0fd7e6d19543ea827e143c57cae6088f9b2419d6477328dd956f7047cb",
            "write another version instead"
        );
    }
}
