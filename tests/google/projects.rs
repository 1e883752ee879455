//! Projects whose creation, change or deletion does not go smoothly.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anu::fanout::resource::ProjectSettings;
use anu::platform::google::{Google, GoogleAccess, Settings};
use anu::platform::{Error, Lifecycle, ProjectState, Projects, RequestContext};
use google_simulator::{Fault, Options, Simulator};

use crate::{access, ctx, google, name, ownership, project, settings, unlimited, with_access, with_token};

const CREATE: &str = "cloudresourcemanager.projects.create";
const ACCOUNT: &str = "billingAccounts/000000-AAAAAA-000000";

#[tokio::test]
async fn a_creation_that_fails_at_billing_is_completed_by_the_next_one() {
    let simulator = Simulator::start(unlimited());
    simulator.set_billing_cap(ACCOUNT, Some(0));
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    let refused = google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await;
    insta::assert_snapshot!(refused.expect_err("billing is refused"), @"project `gc-prd-shop`: billing account `000000-AAAAAA-000000` cannot be linked: Precondition check failed (FAILED_PRECONDITION); billingAccounts/000000-AAAAAA-000000: Cloud billing quota exceeded: https://support.google.com/code/contact/billing_quota_increase");
    let made = google.read_project(&ctx(), &id).await.expect("read").project.expect("it is there");
    assert!(made.owner.is(&ownership().registry), "it is ours from the first request: {made:?}");
    assert_eq!(made.settings.billing_account, None);

    simulator.set_billing_cap(ACCOUNT, None);
    let whole = google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("completed");
    assert!(whole.satisfies(&project("shop production")), "{whole:?}");
    assert_eq!((whole.number, simulator.requests(CREATE)), (made.number, 1), "the same project");
}

#[tokio::test]
async fn a_creation_whose_operation_goes_on_after_the_run_is_resumed() {
    let simulator = Simulator::start(Options { operation_delay: Duration::from_secs(2), ..unlimited() });
    let (first, second, id) = (google(&simulator), google(&simulator), name("gc-prd-shop"));
    let (cut, settings, ownership) = (RequestContext::default(), project("shop production"), ownership());
    let (ended, ()) = tokio::join!(first.ensure_project(&cut, &id, &settings, &ownership), async {
        while simulator.requests("cloudresourcemanager.operations.get") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cut.cancel.cancel();
    });
    assert_eq!(ended, Err(Error::Cancelled));
    // Google answers 403 to a reader, and 409 to a creator, until the operation is done.
    let made = second.ensure_project(&ctx(), &id, &settings, &ownership).await.expect("resumed");
    assert!(made.satisfies(&settings), "{made:?}");
    assert_eq!(simulator.projects(), ["gc-prd-shop"]);
    assert_eq!(simulator.requests(CREATE), 2);
}

#[tokio::test]
async fn what_google_refuses_is_printed_with_its_details() {
    let simulator = Simulator::start(Options { project_quota: Some(0), ..unlimited() });
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    let create = async |settings: ProjectSettings| {
        let refused = google.ensure_project(&ctx(), &id, &settings, &ownership()).await;
        refused.expect_err("refused").to_string()
    };
    insta::assert_snapshot!(create(project("shop production")).await, @"project `gc-prd-shop`: it cannot be created in folders/1234: The project cannot be created because you have exceeded your allotted project quota (RESOURCE_EXHAUSTED); user:administrator@example.com: The project quota is exceeded: https://support.google.com/code/contact/project_quota_increase");
    let elsewhere = ProjectSettings { parent: Some("folders/999".into()), ..project("shop production") };
    insta::assert_snapshot!(create(elsewhere).await, @"project `gc-prd-shop`: it cannot be created: folders/999 does not exist, or is not open to this identity: no permission `resourcemanager.projects.create`: The caller does not have permission (PERMISSION_DENIED)");
    let nameless = ProjectSettings { display_name: "x".into(), ..project("shop production") };
    insta::assert_snapshot!(create(nameless).await, @"project `gc-prd-shop`: it cannot be created in folders/1234: field [display_name] has issue [project display name must be between 4 and 30 characters] (INVALID_ARGUMENT); display_name: project display name must be between 4 and 30 characters");
}

#[tokio::test]
async fn an_unknown_project_has_both_explanations() {
    let simulator = Simulator::start(unlimited());
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    let apis = BTreeSet::from([name("pubsub.googleapis.com")]);
    let enabled = google.enable_apis(&ctx(), &id, &apis).await.expect_err("no such project");
    insta::assert_snapshot!(enabled, @"project `gc-prd-shop` does not exist, or there is no permission `resourcemanager.projects.get` on it");
    assert_eq!(google.disable_apis(&ctx(), &id, &apis).await, Ok(()));
    let updated = google.update_project(&ctx(), &id, &project("shop production"), &BTreeSet::new(), &ownership()).await;
    assert_eq!(updated, Err(enabled));
}

#[tokio::test]
async fn a_403_with_another_reason_is_no_missing_project() {
    let simulator = Simulator::start(unlimited());
    simulator.add_project("gc-prd-shop", &[]);
    simulator.add_token("stranger", "user:stranger@example.com");
    simulator.add_member("projects/gc-prd-shop", "roles/browser", "user:stranger@example.com");
    let stranger = with_token(&simulator, "stranger");
    // It may read the project and its policy, and not its APIs.
    let read = Google::new(&stranger).read_project(&ctx(), &name("gc-prd-shop")).await;
    insta::assert_snapshot!(read.expect_err("no permission for its APIs"), @"project `gc-prd-shop`: its APIs cannot be read: no permission `serviceusage.services.list`: Project 'gc-prd-shop' not found or permission denied (PERMISSION_DENIED); reason RESOURCES_NOT_FOUND");
}

#[tokio::test]
async fn an_id_that_others_have_is_refused_after_a_while() {
    let simulator = Simulator::start(unlimited());
    simulator.add_project("gc-prd-shop", &[]);
    simulator.add_token("creator", "user:creator@example.com");
    simulator.add_member("folders/1234", "roles/resourcemanager.projectCreator", "user:creator@example.com");
    let google = Google::new(&with_token(&simulator, "creator"));
    let (began, id) = (Instant::now(), name("gc-prd-shop"));
    let refused = google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await;
    insta::assert_snapshot!(refused.expect_err("taken"), @"project `gc-prd-shop`: the id is taken: by a project on which there is no permission `resourcemanager.projects.get`, or by one that was deleted. Project ids are unique in all of Google Cloud, and never free again. Choose another id, or get access to that project");
    assert!(began.elapsed() < Duration::from_secs(45));
}

#[tokio::test]
async fn a_project_is_moved_and_renamed() {
    let simulator = Simulator::start(unlimited());
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    let made = google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
    let desired = ProjectSettings {
        parent: Some("folders/5678".into()),
        billing_account: Some("000000-BBBBBB-000000".into()),
        ..project("another name")
    };
    let moved = google.update_project(&ctx(), &id, &desired, &BTreeSet::new(), &ownership()).await.expect("changed");
    assert!(moved.satisfies(&desired), "{moved:?}");
    assert_eq!(moved.number, made.number);
    let counts = simulator.request_counts();
    assert_eq!(counts["cloudresourcemanager.projects.patch"], 1);
    assert_eq!(counts["cloudresourcemanager.projects.move"], 1);
    assert_eq!(counts["cloudbilling.projects.updateBillingInfo"], 2);
}

#[tokio::test]
async fn a_lien_keeps_others_from_deleting_and_not_us() {
    let simulator = Simulator::start(unlimited());
    let with_lien = Settings { project_liens: true, ..settings(&simulator.url()) };
    let (google, id) = (Google::new(&with_lien), name("gc-prd-shop"));
    for _ in 0..2 {
        google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("there");
        assert_eq!(simulator.liens("gc-prd-shop").len(), 1);
    }
    // Another run, whose settings say nothing of liens.
    let google = crate::google(&simulator);
    assert_eq!(google.delete_project(&ctx(), &id, &ownership()).await, Ok(()));
    let deleted = google.read_project(&ctx(), &id).await.expect("read").project.expect("there for 30 days");
    let Lifecycle::PendingDeletion(detail) = deleted.lifecycle else { panic!("{deleted:?}") };
    assert!(detail.starts_with("Google deletes it for good on 20"), "{detail}");
}

#[tokio::test]
async fn a_lien_of_others_refuses_our_deletion() {
    let simulator = Simulator::start(unlimited());
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
    simulator
        .fault(Fault::on("DELETE", "*").error(400, "A lien to prevent deletion was placed on the project by [audit]."));
    let refused = google.delete_project(&ctx(), &id, &ownership()).await.expect_err("a lien");
    insta::assert_snapshot!(refused, @"project `gc-prd-shop`: it cannot be deleted: A lien to prevent deletion was placed on the project by [audit] (INVALID_ARGUMENT)");
}

#[tokio::test]
async fn the_creators_role_is_removed_when_asked_and_only_then() {
    for remove in [None, Some(false), Some(true)] {
        let simulator = Simulator::start(unlimited());
        let settings = Settings { remove_creator_owner: remove, ..settings(&simulator.url()) };
        let (google, id) = (Google::new(&settings), name("gc-prd-shop"));
        google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
        let owners = simulator.members("projects/gc-prd-shop", "roles/owner");
        assert_eq!(owners.is_empty(), remove == Some(true), "{owners:?}");
        let noted: Vec<String> = google.take_owners_by_creation(&id).into_iter().collect();
        assert_eq!(noted, if remove.is_none() { owners } else { Vec::new() });
        assert!(google.take_owners_by_creation(&id).is_empty(), "once");
        assert!(!simulator.labels("gc-prd-shop").contains_key("anu-creator"));
        // A later run does not know who the creator was.
        simulator.add_member("projects/gc-prd-shop", "roles/owner", "user:boss@example.com");
        google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("there");
        assert!(simulator.members("projects/gc-prd-shop", "roles/owner").contains(&"user:boss@example.com".to_owned()));
    }
}

/// The creation is cut short after the project is there; another run completes it.
#[tokio::test]
async fn the_creators_role_is_removed_by_the_run_that_completes_a_creation() {
    for (then, others, left) in [
        (Some(true), false, Vec::new()),
        (None, false, vec![google_simulator::ADMINISTRATOR]),
        (Some(false), false, vec![google_simulator::ADMINISTRATOR]),
        // Nothing says which of two owners is the creator.
        (Some(true), true, vec![google_simulator::ADMINISTRATOR, "user:boss@example.com"]),
    ] {
        let simulator = Simulator::start(unlimited());
        let with = |remove| Google::new(&Settings { remove_creator_owner: remove, ..settings(&simulator.url()) });
        let id = name("gc-prd-shop");
        simulator.fault(Fault::on("POST", "*:setIamPolicy").times(1).error(400, "Precondition check failed."));
        let failed = with(Some(true)).ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await;
        assert!(failed.is_err(), "{failed:?}");
        assert_eq!(simulator.labels("gc-prd-shop")["anu-creator"], "owner", "written by the creating call");
        if others {
            simulator.add_member("projects/gc-prd-shop", "roles/owner", "user:boss@example.com");
        }
        let google = with(then);
        google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("completed");
        let mut owners = simulator.members("projects/gc-prd-shop", "roles/owner");
        owners.sort();
        assert_eq!(owners, left, "{then:?}");
        let noted: Vec<String> = google.take_owners_by_creation(&id).into_iter().collect();
        assert_eq!(noted, if then == Some(false) { Vec::new() } else { owners }, "{then:?}");
        assert!(!simulator.labels("gc-prd-shop").contains_key("anu-creator"), "{then:?}");
        assert_eq!(simulator.requests("cloudresourcemanager.projects.create"), 1);
    }
}

#[tokio::test]
async fn the_creators_role_is_removed_or_noted_when_the_answer_to_the_creation_is_lost() {
    for remove in [None, Some(true)] {
        let simulator = Simulator::start(unlimited());
        simulator.fault(Fault::on("POST", "/v3/projects").times(1).cut_after());
        let settings = Settings { remove_creator_owner: remove, ..settings(&simulator.url()) };
        let (google, id) = (Google::new(&settings), name("gc-prd-shop"));
        google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
        assert_eq!(simulator.requests("cloudresourcemanager.projects.create"), 2);
        let owners = simulator.members("projects/gc-prd-shop", "roles/owner");
        assert_eq!(owners.is_empty(), remove == Some(true), "{owners:?}");
        assert_eq!(google.take_owners_by_creation(&id).into_iter().collect::<Vec<_>>(), owners);
    }
}

#[tokio::test]
async fn a_deletion_without_permission_keeps_our_lien() {
    let simulator = Simulator::start(unlimited());
    let with_lien = Settings { project_liens: true, ..settings(&simulator.url()) };
    let (google, id) = (Google::new(&with_lien), name("gc-prd-shop"));
    google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("there");
    simulator.fault(Fault::on("DELETE", "*").error(403, "The caller does not have permission"));
    let refused = google.delete_project(&ctx(), &id, &ownership()).await.expect_err("no permission");
    insta::assert_snapshot!(refused, @"project `gc-prd-shop`: it cannot be deleted: no permission `resourcemanager.projects.delete`: The caller does not have permission (PERMISSION_DENIED)");
    assert_eq!(simulator.liens("gc-prd-shop").len(), 1);
}

/// Without access to Cloud Billing it is none of ours; while Cloud Billing is down, no plan may show that it has no account.
#[tokio::test]
async fn the_billing_account_of_others_projects_may_be_hidden_and_not_unavailable() {
    let simulator = Simulator::start(unlimited());
    simulator.add_project("gc-prd-shop", &[("owner", "others")]);
    simulator.set_billing_account("gc-prd-shop", Some("billingAccounts/000000-AAAAAA-000000"));
    let read = async || {
        let impatient = GoogleAccess { retry_budget: Duration::from_secs(1), ..access(&simulator.url()) };
        Google::new(&with_access(impatient)).read_project(&ctx(), &name("gc-prd-shop")).await
    };
    let account = |state: ProjectState| state.project.expect("it is there").settings.billing_account;
    assert_eq!(read().await.map(account), Ok(Some("000000-AAAAAA-000000".to_owned())));
    simulator.fault(Fault::on("GET", "*/billingInfo").error(403, "The caller does not have permission"));
    assert_eq!(read().await.map(account), Ok(None));
    simulator.clear_faults();
    simulator.fault(Fault::on("GET", "*/billingInfo").status(503));
    assert!(matches!(read().await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn many_apis_are_enabled_in_batches() {
    let simulator = Simulator::start(unlimited());
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
    let apis: BTreeSet<_> = (0..45).map(|n| name(&format!("api-{n}.googleapis.com"))).collect();
    google.enable_apis(&ctx(), &id, &apis).await.expect("enabled");
    google.enable_apis(&ctx(), &id, &apis).await.expect("enabled");
    assert_eq!(simulator.requests("serviceusage.services.batchEnable"), 3);
    let two = BTreeSet::from([name("pubsub.googleapis.com"), name("run.googleapis.com")]);
    google.enable_apis(&ctx(), &id, &two).await.expect("enabled");
    assert_eq!(simulator.requests("serviceusage.services.enable"), 2, "cheaper than a batch");
    assert!(google.read_project(&ctx(), &id).await.expect("read").apis.is_superset(&apis));
}

#[tokio::test]
async fn a_change_of_apis_waits_for_another_one() {
    let simulator = Simulator::start(unlimited());
    let (google, id) = (google(&simulator), name("gc-prd-shop"));
    google.ensure_project(&ctx(), &id, &project("shop production"), &ownership()).await.expect("created");
    let busy = "Another activation or deactivation is in progress for project '1'. Please try again later.";
    simulator.fault(Fault::on("POST", "*:enable").times(1).error(400, busy));
    let pubsub = BTreeSet::from([name("pubsub.googleapis.com")]);
    assert_eq!(google.enable_apis(&ctx(), &id, &pubsub).await, Ok(()));
    assert_eq!(simulator.exchanges().iter().filter(|exchange| exchange.path.ends_with(":enable")).count(), 2);
    // An API that needs billing, on a project without it.
    simulator.set_billing_account("gc-prd-shop", None);
    let run = BTreeSet::from([name("run.googleapis.com")]);
    insta::assert_snapshot!(google.enable_apis(&ctx(), &id, &run).await.expect_err("no billing"), @"project `gc-prd-shop`: `run.googleapis.com` cannot be enabled: Billing account for project '100000000003' is not found. Billing must be enabled for activation of service(s) 'run.googleapis.com' to proceed (FAILED_PRECONDITION); reason UREQ_PROJECT_BILLING_NOT_FOUND");
}
