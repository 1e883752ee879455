//! An embedded store that is not the one of the state.

use insta::assert_snapshot;

use super::*;

on_one_core! {
    fn an_empty_store_under_a_state_is_said_once_a_run(core: &Core) {
        let workspace = applied(core, &two());
        workspace.remove("anu.db");
        let text = |output: &crate::support::Output| output.report().replace(&workspace.path().display().to_string(), "FOLDER");
        let plan = workspace.plan();
        assert_snapshot!(text(&plan.output), @r#"
        Warning: Embedded store `FOLDER/anu.db` is empty

        The state records resources in an embedded store, and nothing was ever written to this one. So this run takes all of them for deleted, and a plan creates them again.

        If the store is another file, correct `path` in the `embedded` block, or put the file back, before you apply. A relative path begins at the folder in which Terraform runs. If the store was deleted on purpose, apply creates everything again.

        anu:empty-embedded-store
        "#);
        assert_eq!(plan.actions().len(), 2, "both are created again");

        // The plan has created the file, and it is still empty.
        assert_eq!(text(&workspace.plan().output), text(&plan.output));

        // Without a refresh nothing is taken for deleted.
        assert!(workspace.plan_with(&["-refresh=false"]).output.warnings().is_empty());

        workspace.apply();
        assert!(workspace.assert_empty_plan().output.warnings().is_empty());
    }

    fn apis_in_projects_of_others_are_something(core: &Core) {
        let mut registry = registry([Service { environments: vec![Environment {
            name: "production".to_owned(),
            google_project: Some("gc-of-others".to_owned()),
            ..Environment::default()
        }.into()], ..service("ledger") }]);
        registry.projects = vec![Project { id: "gc-of-others".to_owned(), existing: Some(true), ..Project::default() }.into()];
        let workspace = applied(core, &registry);
        let text = workspace.plan().output.report();
        assert!(!text.contains("empty-embedded-store"), "{text}");
        workspace.remove("anu.db");
        let text = workspace.plan().output.report();
        assert!(text.contains("empty-embedded-store"), "{text}");
    }
}
