//! Policies that many change at once, and principals that do not exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use anu::fanout::resource::Grants;
use anu::platform::{Error, PolicyChange, ProjectCache, Projects};
use futures_util::future::join_all;
use google_simulator::Simulator;

use crate::{ctx, google, name, unlimited};

const VIEWER: &str = "roles/pubsub.viewer";
const PROJECT: &str = "projects/gc-prd-shop";
const GET: &str = "cloudresourcemanager.projects.getIamPolicy";
const SET: &str = "cloudresourcemanager.projects.setIamPolicy";

fn adding(members: &[&str]) -> PolicyChange {
    let mut add = Grants::new();
    add.insert(name(VIEWER), members.iter().map(|member| name(member)).collect());
    PolicyChange { add, ..PolicyChange::default() }
}

fn with_project() -> Simulator {
    let simulator = Simulator::start(unlimited());
    simulator.add_project("gc-prd-shop", &[]);
    simulator
}

/// Twenty that share nothing but the project, as processes do, while others change the policy as well.
#[tokio::test]
async fn twenty_writers_of_one_policy_lose_nothing() {
    let simulator = with_project();
    for round in 0..3 {
        let writers = (0..20).map(|n| {
            let google = google(&simulator);
            async move {
                let change = adding(&[&format!("group:team-{round}-{n}@example.com")]);
                google.modify_policy(&ctx(), &name("gc-prd-shop"), &change).await
            }
        });
        let theirs = async {
            for n in 0..5 {
                simulator.add_member(PROJECT, VIEWER, &format!("user:another-{round}-{n}@example.com"));
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        };
        let (done, ()) = tokio::join!(join_all(writers), theirs);
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(simulator.members(PROJECT, VIEWER).len(), 25 * (round + 1));
    }
}

#[tokio::test]
async fn a_project_costs_one_read_and_one_write_of_its_policy() {
    let simulator = with_project();
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    let members: Vec<String> = (0..175).map(|n| format!("user:person-{n}@example.com")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    google.read_project(&ctx(), &id).await.expect("read");
    google.modify_policy(&ctx(), &id, &adding(&members)).await.expect("written");
    assert_eq!((simulator.requests(GET), simulator.requests(SET)), (1, 1));
    // What was written is known.
    google.modify_policy(&ctx(), &id, &adding(&["user:one-more@example.com"])).await.expect("written");
    assert_eq!((simulator.requests(GET), simulator.requests(SET)), (1, 2));
    // That there is nothing to do is read.
    google.modify_policy(&ctx(), &id, &adding(&members)).await.expect("there");
    assert_eq!((simulator.requests(GET), simulator.requests(SET)), (2, 2));
}

#[tokio::test]
async fn what_was_read_before_is_not_written_over_what_others_wrote() {
    let simulator = with_project();
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    google.read_project(&ctx(), &id).await.expect("read");
    simulator.add_member(PROJECT, VIEWER, "user:another@example.com");
    google.modify_policy(&ctx(), &id, &adding(&["user:one@example.com"])).await.expect("written");
    assert_eq!(simulator.members(PROJECT, VIEWER).len(), 2);
    assert_eq!(simulator.requests(SET), 2, "the first has an etag of the past");
}

#[tokio::test]
async fn a_principal_that_does_not_exist_keeps_back_its_own_grants_only() {
    let simulator = with_project();
    for missing in ["group:gone@example.com", "serviceAccount:gone@gc-prd-ci.iam.gserviceaccount.com"] {
        simulator.add_missing(missing);
    }
    let id = name("gc-prd-shop");
    let cache = ProjectCache::new(Arc::new(google(&simulator)));
    cache.read_project(&ctx(), &id).await.expect("read");
    let changes = [
        adding(&["group:one@example.com"]),
        adding(&["group:two@example.com", "group:gone@example.com"]),
        adding(&["group:three@example.com"]),
        adding(&["serviceAccount:gone@gc-prd-ci.iam.gserviceaccount.com"]),
    ];
    let _announced: Vec<_> = changes.iter().map(|_| cache.announce_policy_change(&id)).collect();
    let no_context = ctx();
    let done = join_all(changes.iter().map(|change| cache.modify_policy(&no_context, &id, change))).await;
    let texts: Vec<String> =
        done.iter().map(|done| done.as_ref().err().map_or("done".to_owned(), ToString::to_string)).collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    done
    project `gc-prd-shop`: `group:gone@example.com` does not exist
    done
    project `gc-prd-shop`: `serviceAccount:gone@gc-prd-ci.iam.gserviceaccount.com` does not exist
    "#);
    assert!(
        matches!(&done[1], Err(Error::UnknownPrincipals { principals, .. }) if *principals == BTreeSet::from([name("group:gone@example.com")]))
    );
    let members = simulator.members(PROJECT, VIEWER);
    assert_eq!(members, ["group:one@example.com", "group:three@example.com", "group:two@example.com"]);
    // Google names one at a time: two refusals, and the write.
    assert_eq!((simulator.requests(GET), simulator.requests(SET)), (1, 3));
}

#[tokio::test]
async fn a_role_that_does_not_exist_refuses_the_change() {
    let simulator = with_project();
    simulator.add_missing("roles/nope");
    let add = [(name("roles/nope"), BTreeSet::from([name("group:one@example.com")]))].into();
    let change = PolicyChange { add, ..PolicyChange::default() };
    let refused = google(&simulator).modify_policy(&ctx(), &name("gc-prd-shop"), &change).await;
    insta::assert_snapshot!(refused.expect_err("no such role"), @"project `gc-prd-shop`: its IAM policy cannot be changed: Role roles/nope is not supported for this resource (INVALID_ARGUMENT)");
}

#[tokio::test]
async fn a_policy_without_permission_is_refused_with_the_permissions_name() {
    let simulator = with_project();
    simulator.add_token("reader", "user:reader@example.com");
    simulator.add_member(PROJECT, "roles/browser", "user:reader@example.com");
    let google = anu::platform::google::Google::new(&crate::with_token(&simulator, "reader"));
    let refused = google.modify_policy(&ctx(), &name("gc-prd-shop"), &adding(&["group:one@example.com"])).await;
    insta::assert_snapshot!(refused.expect_err("no permission"), @"project `gc-prd-shop`: its IAM policy cannot be changed: no permission `resourcemanager.projects.setIamPolicy`: The caller does not have permission (PERMISSION_DENIED)");
}
