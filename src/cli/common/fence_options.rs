//! The fences of a provider block, as options of the same names.

use crate::fanout::{Fences, Pattern};

/// The fences of a provider block
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Fences of the provider block (`*` matches any text; each is repeatable)")]
pub(in crate::cli) struct FenceOptions {
    /// A role that is never granted, in addition to the default
    #[arg(long = "forbidden-role", value_name = "PATTERN")]
    forbidden_roles: Vec<Pattern>,
    /// A role that the default does not forbid
    #[arg(long = "exempt-role", value_name = "PATTERN")]
    exempt_roles: Vec<Pattern>,
    /// A custom IAM role that may be granted; none by default
    #[arg(long = "allowed-custom-role", value_name = "PATTERN")]
    allowed_custom_roles: Vec<Pattern>,
    /// A principal or subject that is never granted anything, in addition to the default
    #[arg(long = "forbidden-principal", value_name = "PATTERN")]
    forbidden_principals: Vec<Pattern>,
    /// A principal that the default does not forbid
    #[arg(long = "exempt-principal", value_name = "PATTERN")]
    exempt_principals: Vec<Pattern>,
    /// A domain of e-mail addresses that may be granted something; all by default
    #[arg(long = "allowed-email-domain", value_name = "PATTERN")]
    allowed_email_domains: Vec<Pattern>,
    /// A namespace that no service may use, in addition to the default
    #[arg(long = "reserved-namespace", value_name = "PATTERN")]
    reserved_namespaces: Vec<Pattern>,
    /// A namespace that the default does not reserve
    #[arg(long = "exempt-namespace", value_name = "PATTERN")]
    exempt_namespaces: Vec<Pattern>,
    /// Project ids that services may use; all by default
    #[arg(long = "allowed-project", value_name = "PATTERN")]
    allowed_projects: Vec<Pattern>,
    /// Parents that projects may have; all by default
    #[arg(long = "allowed-parent", value_name = "PATTERN")]
    allowed_parents: Vec<Pattern>,
    /// A label or annotation of namespaces that is permitted although it can weaken a cluster, as `KEY` or `KEY=VALUE`
    #[arg(long = "allowed-namespace-metadata", value_name = "PATTERN")]
    allowed_namespace_metadata: Vec<Pattern>,
    /// The largest quota of a namespace for one resource; no limit by default
    #[arg(long = "max-quota", value_name = "RESOURCE=QUANTITY", value_parser = limit)]
    max_quota: Vec<(String, String)>,
}

impl FenceOptions {
    /// The fences that a block with these values has.
    pub(super) fn fences(&self) -> Fences {
        let given = |patterns: &[Pattern]| (!patterns.is_empty()).then(|| patterns.to_vec());
        let mut fences = Fences {
            allowed_custom_roles: self.allowed_custom_roles.clone(),
            allowed_email_domains: given(&self.allowed_email_domains),
            allowed_projects: given(&self.allowed_projects),
            allowed_parents: given(&self.allowed_parents),
            allowed_namespace_metadata: self.allowed_namespace_metadata.clone(),
            max_quota: self.max_quota.iter().cloned().collect(),
            ..Fences::default()
        };
        for (list, added, exempt) in [
            (&mut fences.forbidden_roles, &self.forbidden_roles, &self.exempt_roles),
            (&mut fences.forbidden_principals, &self.forbidden_principals, &self.exempt_principals),
            (&mut fences.reserved_namespaces, &self.reserved_namespaces, &self.exempt_namespaces),
        ] {
            list.added.clone_from(added);
            list.exempt.clone_from(exempt);
        }
        fences
    }
}

fn limit(text: &str) -> Result<(String, String), String> {
    let (resource, quantity) = text.split_once('=').ok_or("a limit has the form RESOURCE=QUANTITY")?;
    match crate::registry::quota::check_limit(resource, quantity).into_iter().next() {
        Some(wrong) => Err(wrong),
        None => Ok((resource.to_owned(), quantity.to_owned())),
    }
}
