//! `docs/guides/gke.md` on a real cluster: its commands of kubectl that need no Google, and a plan with the rights that it gives a planner. Its
//! commands of gcloud need an account, so only their form is checked (`guides::every_block_is_well_formed`).

use super::super::clusters::Clusters;
use super::super::support::{Core, repository, tool};
use super::{CONTEXTS, Fixture};

/// The names under which the guide's service accounts are known to a cluster.
const PLANNER: &str = "anu-planner@acme-seed.iam.gserviceaccount.com";

/// A kubeconfig of an administrator who acts as another user.
fn acting_as(clusters: &Clusters, user: &str) -> String {
    clusters.kubeconfig("admin").replace("user: {token:", &format!("user: {{as: {user}, token:"))
}

fn blocks<'g>(guide: &'g str, language: &str) -> Vec<&'g str> {
    let fence = format!("\n```{language}\n");
    guide.split(&fence).skip(1).map(|rest| rest.split_once("```").expect("the end of a block").0).collect()
}

on_one_core! {
    fn a_planner_plans_and_its_rights_are_what_the_guide_tests(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let Some(kubectl) = tool("kubectl", "ANU_TEST_KUBECTL") else { return };
        let fixture = Fixture::new(core, &clusters);
        let workspace = &fixture.workspace;
        workspace.apply();

        let guide = std::fs::read_to_string(repository().join("docs/guides/gke.md")).expect("the guide");
        workspace.write("planner.yaml", blocks(&guide, "yaml")[0]);
        workspace.write("admin", &clusters.kubeconfig("admin"));
        let namespace = fixture.namespace("ledger");
        let (mut ran, mut asked) = (0, 0);
        for line in blocks(&guide, "shell").iter().flat_map(|block| block.lines()) {
            let is_question = line.starts_with("kubectl auth can-i") && line.contains("--as=");
            if !is_question && !line.starts_with("kubectl apply") && !line.starts_with("kubectl create") {
                continue;
            }
            // The group and the namespace of the example, and everything on each cluster: the example's production is on the first.
            let line = line.replace("core-banking-team@", "banking-team@").replace("namespace=ledger", &format!("namespace={namespace}"));
            for (_, context) in CONTEXTS.iter().take(if is_question { 1 } else { CONTEXTS.len() }) {
                let command = line.replacen("kubectl", &format!("'{}' --kubeconfig=admin --context={context}", kubectl.display()), 1);
                let output = std::process::Command::new("bash").args(["-c", &command]).current_dir(workspace.path()).output().expect("bash");
                let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                if is_question {
                    let expected = if line.ends_with("# no") { "no" } else { "yes" };
                    assert_eq!(answer, expected, "{line}\n{}", String::from_utf8_lossy(&output.stderr));
                    asked += 1;
                } else {
                    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
                    ran += 1;
                }
            }
        }
        assert_eq!((ran, asked), (4 * CONTEXTS.len(), 4));

        // A plan of what exists, and of what does not: both with these rights, and without a warning.
        workspace.write("kubeconfig", &acting_as(&clusters, PLANNER));
        workspace.assert_empty_plan();
        fixture.edit("ledger", |service| service.environments[0].quota = [("pods".to_owned(), "7".to_owned())].into());
        let plan = workspace.run(&["plan", "-input=false"]);
        assert!(plan.code == 0 && plan.warnings().is_empty(), "{plan}");
        // What it may not do is refused by the cluster, and not by anu.
        let denied = workspace.run(&["apply", "-input=false", "-auto-approve"]);
        assert!(denied.code != 0 && denied.text().contains("permission denied"), "{denied}");
    }
}
