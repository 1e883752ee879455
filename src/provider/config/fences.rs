//! The `fences` block: limits that an edit of the registry cannot change.

use crate::codes;
use std::collections::BTreeMap;

use crate::fanout::{
    FORBIDDEN_PRINCIPALS, FORBIDDEN_ROLES, Fences, Forbidden, GUARDED_METADATA, Pattern, RESERVED_NAMESPACES,
};
use crate::registry::quota::{check_limit, without_effect};
use crate::sdk::{Attr, Attribute, Diagnostic, Diagnostics, Path, Type, Value};

crate::model! {
    /// The block.
    pub(super) struct FencesBlock {
        forbidden_roles: Attr<Vec<Attr<String>>>,
        exempt_roles: Attr<Vec<Attr<String>>>,
        allowed_custom_roles: Attr<Vec<Attr<String>>>,
        forbidden_principals: Attr<Vec<Attr<String>>>,
        exempt_principals: Attr<Vec<Attr<String>>>,
        allowed_email_domains: Attr<Vec<Attr<String>>>,
        reserved_namespaces: Attr<Vec<Attr<String>>>,
        exempt_namespaces: Attr<Vec<Attr<String>>>,
        allowed_projects: Attr<Vec<Attr<String>>>,
        allowed_parents: Attr<Vec<Attr<String>>>,
        allowed_namespace_metadata: Attr<Vec<Attr<String>>>,
        max_quota: Attr<BTreeMap<String, Attr<String>>>,
    }
}

/// A list for a description.
fn names(patterns: &[&str]) -> String {
    patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(", ")
}

/// The block's schema.
pub(super) fn attribute() -> Attribute {
    let list = |name: &str, text: String| Attribute::of(name, Type::list(Type::String)).describe(text);
    let attributes = vec![
        list("forbidden_roles", format!("Patterns of IAM roles and ClusterRoles that are never granted, whatever the registry contains (`*` matches any text; case does not matter). They are added to the default: {}.", names(FORBIDDEN_ROLES))),
        list("exempt_roles", "Patterns of roles that the default of `forbidden_roles` does not forbid. What you add to `forbidden_roles` is forbidden nevertheless.".into()),
        list("allowed_custom_roles", "Patterns of custom IAM roles (`projects/…/roles/…`, `organizations/…/roles/…`) that may be granted. None by default: the registry does not show what they permit.".into()),
        list("forbidden_principals", format!("Patterns of principals and subjects of role bindings that are never granted anything, with or without their kind (`group:…`, `Group:…`; case does not matter). They are added to the default: {}.", names(FORBIDDEN_PRINCIPALS))),
        list("exempt_principals", "Patterns of principals that the default of `forbidden_principals` does not forbid.".into()),
        list("allowed_email_domains", "Domains of e-mail addresses that may be granted something, for groups, users and service accounts (`example.com`, `*.iam.gserviceaccount.com`). All by default. Principals without an address are not limited: forbid them with `forbidden_principals = [\"principal:*\", \"principalSet:*\"]`.".into()),
        list("reserved_namespaces", format!("Patterns of namespaces that no service may use. They are added to the default: {}.", names(RESERVED_NAMESPACES))),
        list("exempt_namespaces", "Patterns of namespaces that the default of `reserved_namespaces` does not reserve.".into()),
        list("allowed_projects", "Patterns of project ids that services may use. All by default.".into()),
        list("allowed_parents", "Patterns of parents (`folders/N`, `organizations/N`) under which projects may be created. All by default. With this list a project without a parent, its own or `google.parent`, is an error.".into()),
        list("allowed_namespace_metadata", format!("Labels and annotations of namespaces that are permitted although they can weaken the rules of a cluster: patterns of `KEY` or `KEY=VALUE`, for example `pod-security.kubernetes.io/enforce=restricted`. None by default. These keys need a permission: {}.", names(GUARDED_METADATA))),
        Attribute::of("max_quota", Type::map(Type::String)).describe("The largest quota of a namespace, by resource: `{ \"requests.cpu\" = \"64\" }`. No limit by default. A namespace without a quota for such a resource is an error."),
    ];
    Attribute::block("fences", attributes).describe("Limits that an edit of the registry cannot change.")
}

/// The fences in force, as an attribute that the provider sets.
pub(in crate::provider) fn in_force_attribute() -> Attribute {
    let block = attribute();
    let shown = block.nested().unwrap_or_default().iter().map(|setting| {
        let text = format!("`fences.{}` of the provider block, as it is in force.", setting.name);
        Attribute::of(&setting.name, setting.ty()).computed().describe(text)
    });
    Attribute::single("fences", shown.collect()).computed().describe(
        "The fences that are in force: the defaults, and what the provider block adds and permits. Null where everything is allowed.",
    )
}

/// The value of [`in_force_attribute`].
pub(in crate::provider) fn in_force(fences: &Fences) -> Value {
    let list = |patterns: &[Pattern]| Value::List(patterns.iter().map(|pattern| pattern.as_str().into()).collect());
    let all_without =
        |patterns: &Option<Vec<Pattern>>| patterns.as_ref().map_or(Value::Null, |patterns| list(patterns));
    let forbidden = |list: &Forbidden| Value::List(list.patterns().map(Value::from).collect());
    // Without `..`: a new fence is shown too.
    let Fences {
        forbidden_roles,
        allowed_custom_roles,
        forbidden_principals,
        allowed_email_domains,
        reserved_namespaces,
        allowed_projects,
        allowed_parents,
        allowed_namespace_metadata,
        max_quota,
    } = fences;
    Value::object([
        ("forbidden_roles", forbidden(forbidden_roles)),
        ("exempt_roles", list(&forbidden_roles.exempt)),
        ("allowed_custom_roles", list(allowed_custom_roles)),
        ("forbidden_principals", forbidden(forbidden_principals)),
        ("exempt_principals", list(&forbidden_principals.exempt)),
        ("allowed_email_domains", all_without(allowed_email_domains)),
        ("reserved_namespaces", forbidden(reserved_namespaces)),
        ("exempt_namespaces", list(&reserved_namespaces.exempt)),
        ("allowed_projects", all_without(allowed_projects)),
        ("allowed_parents", all_without(allowed_parents)),
        ("allowed_namespace_metadata", list(allowed_namespace_metadata)),
        ("max_quota", Value::object(max_quota.iter().map(|(resource, most)| (resource.clone(), most.as_str().into())))),
    ])
}

/// Checks that need only the block itself.
pub(super) fn check(block: &Attr<FencesBlock>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let max = block.known().and_then(|block| block.max_quota.known());
    for (resource, quantity) in max.into_iter().flatten() {
        let Some(quantity) = quantity.known() else { continue };
        let path = Path::attribute("fences").then("max_quota").key(resource);
        let wrong = check_limit(resource, quantity);
        if wrong.is_empty()
            && let Some(why) = without_effect(resource)
        {
            diagnostics.push(
                Diagnostic::titled(
                    codes::QUOTA_WITHOUT_EFFECT,
                    format!("Quota has no effect: `{resource}`"),
                    format!("`{path}`: {why}"),
                )
                .at(path.clone()),
            );
        }
        for detail in wrong {
            diagnostics.push(Diagnostic::new(codes::BAD_QUOTA, format!("`{path}`: {detail}")).at(path.clone()));
        }
    }
    diagnostics
}

/// The fences: the defaults, and what the block adds and permits.
pub(super) fn read(block: FencesBlock) -> Fences {
    let patterns = |list: Attr<Vec<Attr<String>>>| -> Option<Vec<Pattern>> {
        Some(list.into_known_items()?.into_iter().map(Pattern::new).collect())
    };
    let limits = block.max_quota.into_known().into_iter().flatten();
    let mut fences = Fences {
        allowed_custom_roles: patterns(block.allowed_custom_roles).unwrap_or_default(),
        allowed_email_domains: patterns(block.allowed_email_domains),
        allowed_projects: patterns(block.allowed_projects),
        allowed_parents: patterns(block.allowed_parents),
        allowed_namespace_metadata: patterns(block.allowed_namespace_metadata).unwrap_or_default(),
        max_quota: limits.filter_map(|(resource, limit)| Some((resource, limit.into_known()?))).collect(),
        ..Fences::default()
    };
    for (list, added, exempt) in [
        (&mut fences.forbidden_roles, block.forbidden_roles, block.exempt_roles),
        (&mut fences.forbidden_principals, block.forbidden_principals, block.exempt_principals),
        (&mut fences.reserved_namespaces, block.reserved_namespaces, block.exempt_namespaces),
    ] {
        list.added = patterns(added).unwrap_or_default();
        list.exempt = patterns(exempt).unwrap_or_default();
    }
    fences
}
