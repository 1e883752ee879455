//! A part of an estate of namespaces alone, on a real cluster.

use super::super::clusters::Clusters;
use super::super::estate::{assert_creates, main};
use super::super::namespaces;
use super::super::support::{Core, Workspace};
use super::{Fixture, rights, wait};

on_one_core! {
    fn an_estate_of_namespaces_on_a_real_cluster(core: &Core) {
        const SERVICES: usize = 50;
        let Some(clusters) = Clusters::shared() else { return };
        wait(rights::grant(&clusters));
        let suffix = Fixture::next_suffix();
        let platform = r#"kubernetes {
    kubeconfig = "kubeconfig"
    contexts   = { live = "cluster-1" }
  }
  manage = ["kubernetes"]"#;
        let workspace = Workspace::with(core, &main(platform), &namespaces::registry(SERVICES, &suffix));
        workspace.write("kubeconfig", &clusters.kubeconfig(rights::PROVIDER));
        let plan = workspace.plan();
        assert_creates(&plan, SERVICES, &suffix);
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}
