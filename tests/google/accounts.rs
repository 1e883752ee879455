//! Service accounts of a registry on the simulator, through whole runs.

use anu::platform::ServiceAccounts as _;

use crate::document::ServiceAccount;
use crate::fake_core::State;
use crate::fixture::{address, text};
use crate::runs::{Estate, Stage, example};
use crate::{ctx, google, name, ownership};

const STAGING: &str = "acme-ledger-stag-5c0d";
const ROLE: &str = "roles/pubsub.publisher";

/// Others delete an account, and Google writes its grants as those of a deleted one. The next apply creates another account of that
/// name, and grants to this one what the policy still gives to the old one.
#[tokio::test]
async fn an_account_that_is_created_again_gets_grants_of_its_own_beside_those_of_the_deleted_one() {
    let estate = Estate::before(Stage::Create).await;
    let (fixture, simulator) = (estate.fixture(), &estate.simulator);
    let mut registry = example();
    let production = &mut registry.service_mut("ledger").environments[0];
    production.deletion_policy = Some("delete".to_owned());
    production.service_accounts.push(ServiceAccount {
        name: "ledger-robot".to_owned(),
        roles: vec![ROLE.to_owned()],
        ..ServiceAccount::default()
    });
    fixture.publish(&registry.json());
    let state = fixture.apply(&State::default()).await;
    let (policy, email) = (format!("projects/{STAGING}"), format!("ledger-robot@{STAGING}.iam.gserviceaccount.com"));
    let member = format!("serviceAccount:{email}");
    let unique = |email: &str| simulator.service_account(email).expect("an account")["uniqueId"].to_string();
    let first = unique(&email);
    assert_eq!(simulator.members(&policy, ROLE), std::slice::from_ref(&member));

    let (id, robot) = (name(STAGING), name("ledger-robot"));
    google(simulator).delete_service_account(&ctx(), &id, &robot, &ownership()).await.expect("deleted");
    let old = format!("deleted:{member}?uid={}", first.trim_matches('"'));
    assert_eq!(simulator.members(&policy, ROLE), std::slice::from_ref(&old));
    let (plan, config) = fixture.planned(&state).await;
    let before = &plan.changes[&address("ledger")].before;
    assert!(before.get("iam").and_then(|iam| iam.get(STAGING)?.get(ROLE)).is_none(), "the grant of another identity");
    let (state, errors) = fixture.apply_plan(plan, &config).await;
    assert!(!errors.has_errors(), "{}", text(&errors));
    fixture.assert_settled(&state).await;
    assert_ne!(unique(&email), first);
    assert_eq!(simulator.members(&policy, ROLE), [old.clone(), member]);

    // What leaves later are the grants of the one that exists.
    registry.service_mut("ledger").environments[0].service_accounts.clear();
    fixture.publish(&registry.json());
    fixture.apply(&state).await;
    assert!(simulator.service_account(&email).is_none());
    assert_eq!(simulator.members(&policy, ROLE), [old]);
}
