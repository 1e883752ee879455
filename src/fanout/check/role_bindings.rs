//! Fences for the role bindings of environments: their roles, and their subjects.

use crate::fanout::fences::Fences;
use crate::registry::Registry;
use crate::registry::names::Name;
use crate::registry::problem::{Problems, rules};
use crate::registry::quote::quote;

pub(super) fn check(registry: &Registry, fences: &Fences, problems: &mut Problems) {
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            for (position, binding) in environment.role_bindings.iter().enumerate() {
                problems.belong_to_entry(&service.name, &environment.name);
                let at = format!("/services/{place}/spec/environments/{index}/spec/roleBindings/{position}");
                if let Some(why) = fences.refuses_role(binding.role.as_str()).filter(|_| !binding.role.is_reported()) {
                    problems.report(
                        rules::FORBIDDEN_ROLE,
                        format!("{at}/role"),
                        format!("The role `{}` {why}", binding.role),
                    );
                }
                for (number, subject) in
                    binding.subjects.iter().enumerate().filter(|(_, subject)| !subject.is_reported())
                {
                    if let Some(why) = fences.refuses_principal(subject.as_str()) {
                        let detail = format!("The subject {} {why}", quote(subject.as_str()));
                        problems.report(rules::FORBIDDEN_PRINCIPAL, format!("{at}/subjects/{number}"), detail);
                    }
                }
            }
        }
    }
    problems.belong_to(None, None);
}
