//! Every message about objects that are managed by themselves as a user reads it, in one snapshot: what changes here changes what
//! people search for.

use super::*;
use crate::fanout::Fences;
use crate::provider::lifecycle::messages::test_text;
use crate::provider::lifecycle::wording::{NAMESPACE, PROJECT};

#[test]
fn every_message() {
    let fences = Fences::default();
    let namespace = |key: &str| Identity::Namespace(key.parse().unwrap());
    let project = |id: &str| Identity::Project(id.parse().unwrap());
    let (before, other) = (namespace("compute/monitoring"), namespace("compute/metrics"));
    let log = project("gc-prd-log");
    let role = Path::attribute("role_binding").index(0).then("role");
    let subject = Path::attribute("role_binding").index(0).then("subjects").index(1);
    let why_role = fences.refuses_role("cluster-admin").unwrap();
    let why_subject = fences.refuses_principal("Group:system:masters").unwrap();
    let (one, two) = (["ledger".to_owned()], ["ledger".to_owned(), "fx".to_owned()]);
    let from_the_registry = "remove it from the registry";
    insta::assert_snapshot!(test_text([
        belongs_to_registry(&NAMESPACE, &before, &one, "registry.json", from_the_registry),
        belongs_to_registry(&NAMESPACE, &before, &two, "registry.json", from_the_registry),
        belongs_to_registry(&PROJECT, &log, &[], "registry.json", "set `\"existing\": true` on its entry"),
        not_managed(&before, "kubernetes"),
        not_managed(&log, "google"),
        forbidden(codes::FORBIDDEN_ROLE, "role", "cluster-admin", &why_role, &role),
        forbidden(codes::FORBIDDEN_PRINCIPAL, "subject", "Group:system:masters", &why_subject, &subject),
        move_refused(&before, &other, "`cluster` and `name`", "name"),
        move_refused(&log, &project("gc-prd-logs"), "`project_id`", "project_id"),
        destroy_refused(&before),
        destroy_refused(&log),
    ]));
}
