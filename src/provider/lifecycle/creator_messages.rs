//! What a user reads about the role that Google grants to the creator of a project.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use super::messages::counts;
use crate::fanout::resource::Key;
use crate::provider::identity::Identity;
use crate::registry::names::ProjectId;
use crate::sdk::Diagnostic;

/// Who is an owner of the projects that were created.
pub fn owners_by_creation(identity: &Identity, owners: &BTreeMap<ProjectId, BTreeSet<String>>) -> Option<Diagnostic> {
    let (first, members) = owners.first_key_value()?;
    let member = members.first()?;
    let line = |(id, members): (&ProjectId, &BTreeSet<String>)| {
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        format!("\n  project {id}: {}", members.join(", "))
    };
    let lines: String = owners.iter().map(line).collect();
    let several = if owners.values().any(|members| members.len() > 1) {
        " Where it lists several, others were added before the creator's role could be removed, and anu does not know which of them is \
         the creator."
    } else {
        ""
    };
    let created = owners.keys().cloned().map(Key::Project).collect::<BTreeSet<_>>();
    Some(Diagnostic::titled(
        codes::CREATOR_IS_OWNER,
        format!("{}: the creator of {} is an owner", identity.title(), counts(&created)),
        format!(
            "Google grants `roles/owner` on a new project to the identity that creates it. The new projects of {identity}, and who has \
             this role on them:\n{lines}\n\nNo plan shows this grant, and no apply removes it.{several} If it is not needed, \
             remove it:\n\n  gcloud projects remove-iam-policy-binding {first} --member={member} --role=roles/owner\n\nSet \
             `remove_creator_owner` in the `google` block: with `true` the apply that creates a project removes the role, with \
             `false` it keeps it without this warning."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::lifecycle::messages::test_text;

    #[test]
    fn every_message() {
        let service = Identity::Service { name: "ledger".to_owned(), environments: None };
        let owners = |members: &[&str]| members.iter().map(|&member| member.to_owned()).collect::<BTreeSet<_>>();
        let id = |text: &str| text.parse::<ProjectId>().expect("an id");
        assert_eq!(owners_by_creation(&service, &BTreeMap::new()), None);
        let applier = "serviceAccount:applier@acme-seed.iam.gserviceaccount.com";
        let one = BTreeMap::from([(id("acme-ledger-stag"), owners(&[applier]))]);
        let two = BTreeMap::from([
            (id("acme-ledger-prod"), owners(&[applier, "user:ada@example.com"])),
            (id("acme-ledger-stag"), owners(&[applier])),
        ]);
        let text = |owners| {
            let warning = owners_by_creation(&service, owners).expect("a warning");
            test_text([warning])
        };
        insta::assert_snapshot!([&one, &two].map(text).join("\n\n---\n\n"), @"
        Warning: Service `ledger`: the creator of 1 project is an owner

        Google grants `roles/owner` on a new project to the identity that creates it. The new projects of service `ledger`, and who has this role on them:

          project acme-ledger-stag: serviceAccount:applier@acme-seed.iam.gserviceaccount.com

        No plan shows this grant, and no apply removes it. If it is not needed, remove it:

          gcloud projects remove-iam-policy-binding acme-ledger-stag --member=serviceAccount:applier@acme-seed.iam.gserviceaccount.com --role=roles/owner

        Set `remove_creator_owner` in the `google` block: with `true` the apply that creates a project removes the role, with `false` it keeps it without this warning.

        anu:creator-is-owner

        ----


        ---

        Warning: Service `ledger`: the creator of 2 projects is an owner

        Google grants `roles/owner` on a new project to the identity that creates it. The new projects of service `ledger`, and who has this role on them:

          project acme-ledger-prod: serviceAccount:applier@acme-seed.iam.gserviceaccount.com, user:ada@example.com
          project acme-ledger-stag: serviceAccount:applier@acme-seed.iam.gserviceaccount.com

        No plan shows this grant, and no apply removes it. Where it lists several, others were added before the creator's role could be removed, and anu does not know which of them is the creator. If it is not needed, remove it:

          gcloud projects remove-iam-policy-binding acme-ledger-prod --member=serviceAccount:applier@acme-seed.iam.gserviceaccount.com --role=roles/owner

        Set `remove_creator_owner` in the `google` block: with `true` the apply that creates a project removes the role, with `false` it keeps it without this warning.

        anu:creator-is-owner

        ----
        ");
    }
}
