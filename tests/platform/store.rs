//! The store itself: dumps, faults, damage.

use anu::fanout::resource::{DeletionPolicy, ResourceSet, Scope};
use anu::platform::embedded::{Dump, Embedded, Faults, Store};
use anu::platform::{Clusters, Error, PolicyChange, Projects, RequestContext};
use anu::registry::names::{NamespaceKey, ProjectId};

use crate::{binding, ctx, labels, name, namespace, ownership, project};

async fn open(faults: &str) -> (tempfile::TempDir, Embedded) {
    let folder = tempfile::tempdir().expect("a folder");
    let faults: Faults = faults.parse().expect("faults");
    let platform = Embedded::open_with(&folder.path().join("anu.db"), faults).await.expect("opens");
    (folder, platform)
}

fn scope<T>(settings: T) -> Scope<T> {
    Scope { settings, shared: false, deletion_policy: DeletionPolicy::Prevent }
}

#[tokio::test]
async fn what_was_applied_is_what_is_dumped() {
    let (_folder, platform) = open("").await;
    let (id, key): (ProjectId, NamespaceKey) = (name("gc-prd-ledger"), name("compute/ledger"));
    let mut resources = ResourceSet::default();
    resources.projects.insert(id.clone(), scope(project("ledger")));
    resources.apis.insert(id.clone(), [name("run.googleapis.com")].into());
    resources.iam.insert(id.clone(), [(name("roles/viewer"), [name("group:a@example.com")].into())].into());
    resources.namespaces.insert(key.clone(), scope(namespace()));
    resources.quotas.insert(key.clone(), labels([("requests.cpu", "4")]));
    resources.role_bindings.insert(key.clone(), [("viewers".to_owned(), binding("view", &["Group:a"]))].into());

    platform.ensure_project(&ctx(), &id, &resources.projects[&id].settings, &ownership()).await.expect("made");
    platform.enable_apis(&ctx(), &id, &resources.apis[&id]).await.expect("enabled");
    let change = PolicyChange { add: resources.iam[&id].clone(), ..PolicyChange::default() };
    platform.modify_policy(&ctx(), &id, &change).await.expect("granted");
    platform.ensure_namespace(&ctx(), &key, &namespace(), &ownership()).await.expect("made");
    platform.put_quota(&ctx(), &key, &resources.quotas[&key], &ownership()).await.expect("set");
    let viewers = &resources.role_bindings[&key]["viewers"];
    platform.put_role_binding(&ctx(), &key, "viewers", viewers, &ownership()).await.expect("put");

    let dump = platform.store().dump().expect("dumped");
    assert_eq!(dump, Dump::expected(&ownership().registry, [&resources]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&dump).expect("JSON"), @r#"
    {
      "projects": {
        "gc-prd-ledger": {
          "project": {
            "number": 685874042390,
            "phase": "ACTIVE",
            "display_name": "ledger",
            "parent": "folders/1234",
            "billing_account": "000000-AAAAAA-000000",
            "labels": {
              "anu-registry": "acme",
              "managed-by": "anu",
              "tier": "1"
            }
          },
          "apis": [
            "run.googleapis.com"
          ],
          "iam": {
            "roles/viewer": [
              "group:a@example.com"
            ]
          }
        }
      },
      "clusters": {
        "compute": {
          "ledger": {
            "labels": {
              "anu-registry": "acme",
              "managed-by": "anu",
              "service": "ledger"
            },
            "annotations": {
              "note": "x"
            },
            "quota": {
              "requests.cpu": "4"
            },
            "quota_registry": "acme",
            "role_bindings": {
              "viewers": {
                "role": "view",
                "subjects": [
                  "Group:a"
                ],
                "registry": "acme"
              }
            }
          }
        }
      }
    }
    "#);
    platform.delete_project(&ctx(), &id, &ownership()).await.expect("deleted");
    let after = platform.store().dump().expect("dumped");
    assert!(after.projects.contains_key(&id) && !after.active().projects.contains_key(&id));
}

/// No creation is necessary before a grant.
#[tokio::test]
async fn an_unlisted_project_counts_as_existing() {
    let (_folder, platform) = open("").await;
    let id: ProjectId = name("gc-prd-elsewhere");
    let change = PolicyChange {
        add: [(name("roles/viewer"), [name("group:a@example.com")].into())].into(),
        ..PolicyChange::default()
    };
    platform.modify_policy(&ctx(), &id, &change).await.expect("granted");
    platform.enable_apis(&ctx(), &id, &[name("run.googleapis.com")].into()).await.expect("enabled");
    let state = platform.read_project(&ctx(), &id).await.expect("read");
    assert_eq!((state.project, state.grants, state.apis.len()), (None, change.add, 1));
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing_and_the_next_goes_through() {
    let (_folder, platform) = open("fail@2").await;
    let id: ProjectId = name("gc-prd-ledger");
    let failed = platform.ensure_project(&ctx(), &id, &project("ledger"), &ownership()).await;
    insta::assert_snapshot!(failed.expect_err("refused"), @"write 2 (project gc-prd-ledger, made active) failed: a fault of ANU_EMBEDDED_FAULTS");
    assert_eq!(platform.read_project(&ctx(), &id).await.expect("read").project, None, "begun, and not there yet");
    let made = platform.ensure_project(&ctx(), &id, &project("ledger"), &ownership()).await;
    assert!(made.is_ok_and(|view| view.satisfies(&project("ledger"))));
}

#[tokio::test]
async fn a_key_that_fails_always_does() {
    let (_folder, platform) = open("fail:quota compute/ledger").await;
    let key: NamespaceKey = name("compute/ledger");
    platform.ensure_namespace(&ctx(), &key, &namespace(), &ownership()).await.expect("made");
    for _ in 0..2 {
        let failed = platform.put_quota(&ctx(), &key, &labels([("requests.cpu", "4")]), &ownership()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(failed.expect_err("refused"), @"the write of quota compute/ledger failed: a fault of ANU_EMBEDDED_FAULTS");
        }
    }
}

#[tokio::test]
async fn what_changes_nothing_is_not_a_write() {
    let (_folder, platform) = open("").await;
    let id: ProjectId = name("gc-prd-ledger");
    for _ in 0..3 {
        platform.ensure_project(&ctx(), &id, &project("ledger"), &ownership()).await.expect("made");
        platform.enable_apis(&ctx(), &id, &[name("run.googleapis.com")].into()).await.expect("enabled");
        platform.store().foreign_member(&id, "roles/viewer", "user:x@example.com").expect("granted");
    }
    assert_eq!(platform.store().faults().writes(), 3, "creating, active, and one API");
}

#[tokio::test]
async fn a_long_verb_ends_soon_after_the_user_cancels() {
    let (_folder, platform) = open("delay=60s").await;
    let (ctx, begun) = (RequestContext::default(), std::time::Instant::now());
    let id = name("gc-prd-ledger");
    let (read, ()) = tokio::join!(platform.read_project(&ctx, &id), async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        ctx.cancel.cancel();
    });
    assert_eq!(read, Err(Error::Cancelled));
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}

#[tokio::test]
async fn a_store_that_breaks_says_so() {
    let (folder, platform) = open("").await;
    let id: ProjectId = name("gc-prd-ledger");
    platform.ensure_project(&ctx(), &id, &project("ledger"), &ownership()).await.expect("made");
    let database = rusqlite::Connection::open(platform.store().path()).expect("opens");
    database.execute("UPDATE project SET labels = '{'", []).expect("broken");
    let error = platform.read_project(&ctx(), &id).await.expect_err("refused").to_string();
    insta::assert_snapshot!(error.replace(&folder.path().display().to_string(), "DIR"), @"the embedded store `DIR/anu.db` is damaged: its row of project `gc-prd-ledger` is not readable. Move it out of the way to begin with an empty one, or put back a copy");
}

/// A read and the write that depends on it are one step: no write comes between them, and no caller has to try again.
#[test]
fn writers_count_together() {
    const EACH: usize = 300;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, id): (_, ProjectId) = (folder.path().join("anu.db"), name("gc-prd-ledger"));
    Store::open(&path).expect("opens").foreign_project(&id, &labels([("count", "0")])).expect("made");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let store = Store::open(&path).expect("opens");
                for _ in 0..EACH {
                    let counted = store.edit_project(&id, |settings| {
                        let count = settings.labels["count"].parse::<usize>().expect("a number") + 1;
                        settings.labels.insert("count".into(), count.to_string());
                    });
                    counted.expect("counted");
                }
            });
        }
    });
    let dump = Store::open(&path).expect("opens").dump().expect("dumped");
    let project = dump.projects[&id].project.as_ref().expect("there");
    assert_eq!(project.settings.labels["count"], (3 * EACH).to_string());
}
