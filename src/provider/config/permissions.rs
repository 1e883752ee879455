//! The `permissions` block: rows that override those of the registry's permissions table.

use crate::codes;
use std::collections::BTreeMap;

use crate::registry::names::NameError;
use crate::registry::{AccessLevel, Permissions, Row};
use crate::sdk::{Attr, Attribute, Diagnostic, Diagnostics, Path, Type};

/// Access level to IAM roles.
type Levels = BTreeMap<String, Attr<Vec<Attr<String>>>>;

crate::model! {
    /// The block.
    pub(super) struct PermissionsBlock {
        google: Attr<BTreeMap<String, Attr<Levels>>>,
        kubernetes: Attr<BTreeMap<String, Attr<String>>>,
    }
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    Attribute::block(
        "permissions",
        vec![
            Attribute::of("google", Type::map(Type::map(Type::list(Type::String))))
                .describe("Google service to access level (`viewers`, `operators`, `admins`) to IAM roles. The row `\"*\"` applies to every environment that has a project."),
            Attribute::of("kubernetes", Type::map(Type::String))
                .describe("Access level to ClusterRole, or to `Role:NAME`, a Role of each namespace."),
        ],
    )
    .describe("Overrides rows of the registry's permissions table, which overrides the built-in one.")
}

/// The table. Unknown values are left out: they are refused before, where the block must be known.
///
/// # Errors
/// For each invalid name of a level, role or service, at its place.
pub(super) fn read(block: &Attr<PermissionsBlock>) -> Result<Option<Permissions>, Diagnostics> {
    let Some(block) = block.known() else { return Ok(None) };
    let mut permissions = Permissions::default();
    let mut wrong = Diagnostics::new();
    let root = Path::attribute("permissions");
    for (service, levels) in block.google.known().into_iter().flatten() {
        let path = root.clone().then("google").key(service);
        let mut row = Row::default();
        for (level, roles) in levels.known().into_iter().flatten() {
            let path = path.clone().key(level);
            let Some(level) = access_level(level, &path, &mut wrong) else { continue };
            for (position, role) in roles.known().into_iter().flatten().enumerate() {
                let Some(role) = role.known() else { continue };
                match role.parse() {
                    Ok(role) => row.level_mut(level).push(role),
                    Err(error) => wrong.push(bad_name(error, &path.clone().index(position))),
                }
            }
        }
        if let Err(error) = permissions.google.insert(service, row) {
            wrong.push(bad_name(error, &path));
        }
    }
    for (level, role) in block.kubernetes.known().into_iter().flatten() {
        let path = root.clone().then("kubernetes").key(level);
        let Some(level) = access_level(level, &path, &mut wrong) else { continue };
        match role.known().map(|role| role.parse()) {
            Some(Ok(role)) => drop(permissions.kubernetes.insert(level, role)),
            Some(Err(error)) => wrong.push(bad_name(error, &path)),
            None => {}
        }
    }
    if wrong.is_empty() { Ok(Some(permissions)) } else { Err(wrong) }
}

fn access_level(level: &str, path: &Path, wrong: &mut Diagnostics) -> Option<AccessLevel> {
    let parsed = AccessLevel::parse(level);
    if parsed.is_none() {
        let detail =
            format!("`{path}`: `{level}` is not an access level; there are `viewers`, `operators` and `admins`.");
        wrong.push(Diagnostic::new(codes::BAD_PERMISSIONS, detail).at(path.clone()));
    }
    parsed
}

fn bad_name(error: NameError, path: &Path) -> Diagnostic {
    Diagnostic::new(codes::BAD_PERMISSIONS, format!("`{path}`: {error}.")).at(path.clone())
}
