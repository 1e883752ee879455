//! Namespaces are dangerous: the two reviewed steps, each policy, and what holds a deletion.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::Api;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::document::{Entry, Environment, Service, Target};
use super::super::rights;
use super::super::support::Core;
use super::{CONTEXTS, Fixture, address, create, edit, wait};

const CLUSTER: &str = "compute-banking";

/// With the production environment's policy set and applied, and the environment then taken out of the registry.
fn leaving(fixture: &Fixture<'_>, policy: &str) {
    fixture.workspace.apply();
    fixture.edit("ledger", |ledger| ledger.environments[1].deletion_policy = Some(policy.to_owned()));
    fixture.workspace.apply();
    fixture.edit("ledger", |ledger| drop(ledger.environments.remove(1)));
}

/// The production environment, made of the first of those that are left.
fn production(ledger: &Service) -> Environment {
    let mut production = Environment { name: "production".to_owned(), ..Environment::clone(&ledger.environments[0]) };
    CLUSTER.clone_into(&mut production.targets[0].cluster);
    production
}

fn namespace(fixture: &Fixture<'_>) -> Option<Namespace> {
    wait(Api::<Namespace>::all(fixture.human(CLUSTER)).get_opt(&fixture.namespace("ledger"))).expect("an answer")
}

on_one_core! {
    fn takes_two_reviewed_steps(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        let registry = fixture.workspace.document();
        fixture.edit("ledger", |ledger| drop(ledger.environments.remove(1)));
        let refused = fixture.workspace.refused(&[]);
        assert!(refused.text().contains(&format!("namespace {}", fixture.key(CLUSTER, "ledger"))), "{refused}");
        assert!(namespace(&fixture).is_some());

        fixture.workspace.registry(&registry);
        leaving(&fixture, "delete");
        fixture.workspace.apply();
        assert!(namespace(&fixture).is_none(), "deleted and gone");
        fixture.workspace.assert_empty_plan();
    }

    fn delete_refuses_what_others_put_there_and_with_contents_does_not(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        leaving(&fixture, "delete");
        create(&fixture.within::<ConfigMap>(CLUSTER, "ledger"), json!({"metadata": {"name": "settings"}}));
        let refused = fixture.workspace.try_apply(&[]).failure().report();
        assert!(refused.contains("ConfigMap settings"), "{refused}");
        let still = namespace(&fixture).expect("untouched");
        assert_eq!(still.metadata.deletion_timestamp, None);

        fixture.edit("ledger", |ledger| {
            let mut back = production(ledger);
            back.deletion_policy = Some("delete-with-contents".to_owned());
            ledger.environments.push(back.into());
        });
        fixture.workspace.apply();
        fixture.edit("ledger", |ledger| drop(ledger.environments.remove(1)));
        fixture.workspace.apply();
        assert!(namespace(&fixture).is_none(), "with all it held");
    }

    fn a_namespace_whose_contents_may_not_be_listed_is_refused_at_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        leaving(&fixture, "delete");
        // The same rights without `anu-sees-contents`.
        for (_, context) in CONTEXTS {
            let admin = wait(clusters.client(context, "admin"));
            wait(rights::bind(&admin, "anu", "anu-without-contents", "other"));
        }
        fixture.workspace.write("kubeconfig", &clusters.kubeconfig("other"));
        let refused = fixture.workspace.refused(&[]);
        let text = refused.report().replace(&fixture.suffix, "");
        // Kinds are listed at the same time: any of them may be refused first.
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r#"\S+ ("\S+" )?is forbidden: User "other" cannot list resource .* in the namespace"#, "WHAT IT SAYS in the namespace");
        settings.bind(|| insta::assert_snapshot!(text, @r#"
        Warning: Service `ledger`: 1 namespace, 1 quota and 2 grants will be deleted

        Service `ledger` no longer uses these resources. Apply deletes them:

          namespace compute-banking/ledger
          quota compute-banking/ledger
          role binding compute-banking/ledger/anu:ledger:production:admins:admin
          role binding compute-banking/ledger/anu:ledger:production:operators:edit

        anu:will-be-deleted

        Error: Namespace `compute-banking/ledger`: contents are not known

        The plan deletes namespace `compute-banking/ledger` of service `ledger`, but the contents of namespace `compute-banking/ledger` cannot be listed, so it is not deleted: cluster `compute-banking`: permission denied (403): WHAT IT SAYS in the namespace "ledger". The provider needs the rights of the ClusterRole in its Kubernetes guide.

        The policy `delete` never deletes objects that anu did not create, so all of them are listed first. Correct the cause and plan again, or set the policy `delete-with-contents`.

        anu:contents-unknown
        "#));
        assert!(namespace(&fixture).is_some_and(|found| found.metadata.deletion_timestamp.is_none()), "nothing was deleted");

        // With the right again, the same plan is made.
        fixture.workspace.write("kubeconfig", &clusters.kubeconfig(rights::PROVIDER));
        fixture.workspace.plan();
    }

    fn abandon_leaves_everything(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        leaving(&fixture, "abandon");
        fixture.workspace.apply();
        assert!(namespace(&fixture).is_some());
        let bindings = wait(fixture.within::<RoleBinding>(CLUSTER, "ledger").list(&Default::default())).expect("a list");
        assert_eq!(bindings.items.len(), 2, "and the grants survive");
        fixture.workspace.assert_empty_plan();
    }

    fn a_finalizer_holds_it_by_name_until_it_is_off(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        let main = fixture.workspace.read("main.tf");
        fixture.workspace.write("main.tf", &main.replace("kubernetes {", "kubernetes {\n    deletion_timeout = \"8s\""));
        leaving(&fixture, "delete");
        let namespaces = Api::<Namespace>::all(fixture.human(CLUSTER));
        let name = fixture.namespace("ledger");
        edit(&namespaces, &name, json!({"metadata": {"finalizers": ["example.com/hold"]}}));
        for _ in 0..2 {
            let held = fixture.workspace.try_apply(&[]).failure().report();
            assert!(held.contains("`example.com/hold`"), "{held}");
        }
        // Asked for again meanwhile: the plan says what it waits for.
        let without = fixture.workspace.document();
        fixture.edit("ledger", |ledger| ledger.environments.push(production(ledger).into()));
        let plan = fixture.workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("will be deleted and created again") && warned.contains("`example.com/hold`"), "{warned}");
        fixture.workspace.registry(&without);

        edit(&namespaces, &name, json!({"metadata": {"finalizers": []}}));
        fixture.workspace.apply();
        assert!(namespace(&fixture).is_none());
        fixture.workspace.assert_empty_plan();
    }

    fn a_namespace_being_deleted_is_recreated_when_desired_again(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        let main = fixture.workspace.read("main.tf");
        fixture.workspace.write("main.tf", &main.replace("kubernetes {", "kubernetes {\n    deletion_timeout = \"8s\""));
        leaving(&fixture, "delete");
        let namespaces = Api::<Namespace>::all(fixture.human(CLUSTER));
        let name = fixture.namespace("ledger");
        edit(&namespaces, &name, json!({"metadata": {"finalizers": ["example.com/hold"]}}));
        fixture.workspace.try_apply(&[]).failure();
        let old = namespace(&fixture).expect("held").metadata.uid;
        fixture.edit("ledger", |ledger| ledger.environments.push(production(ledger).into()));
        let plan = fixture.workspace.plan();
        // Gone between the plan and its apply.
        edit(&namespaces, &name, json!({"metadata": {"finalizers": []}}));
        while namespace(&fixture).is_some() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_ne!(namespace(&fixture).expect("recreated").metadata.uid, old);
        let bindings = wait(fixture.within::<RoleBinding>(CLUSTER, "ledger").list(&Default::default())).expect("a list");
        assert_eq!(bindings.items.len(), 2);
    }

    fn a_service_moves_to_another_cluster(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        leaving(&fixture, "delete"); // armed, and not applied: the environment comes back with two targets
        let name = fixture.namespace("ledger");
        let target = |cluster: &str| Entry::from(Target::without_release("argo", cluster, &name));
        fixture.edit("ledger", |ledger| {
            let mut back = production(ledger);
            back.deletion_policy = Some("delete".to_owned());
            back.targets = vec![target(CLUSTER), target("compute-shop")];
            ledger.environments.push(back.into());
        });
        fixture.workspace.apply();
        fixture.edit("ledger", |ledger| ledger.environments[1].targets = vec![target("compute-shop")]);
        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        fixture.workspace.apply_saved(&plan).success();
        assert!(namespace(&fixture).is_none());
        assert!(fixture.marked::<Namespace>().contains_key(&fixture.key("compute-shop", "ledger")));
        fixture.workspace.assert_empty_plan();
    }
}
