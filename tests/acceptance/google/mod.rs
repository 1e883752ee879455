//! `examples/google` on the simulator of Google's APIs, run by real cores: what there is in the end is asked of the simulator.

mod drift;
mod example;
mod gke;
mod guide;
mod identities;
mod leaves;
mod mistakes;
mod real;
mod removal;

use google_simulator::{Options, Simulator};

use super::document::Document;
use super::support::{Core, Workspace, example};

/// The address of the simulator in the example.
const ADDRESS: &str = "http://127.0.0.1:8089";
const STAGING: &str = "acme-ledger-stag-5c0d";
const PRODUCTION: &str = "acme-ledger-prod-a41f";
const REPORTS: &str = "acme-reports-prod-3b7a";

/// A working folder with the example, and a simulator of its own.
struct Fixture {
    simulator: Simulator,
    workspace: Workspace,
}

impl Fixture {
    fn new(core: &Core) -> Self {
        Self::with(core, Options::default())
    }

    /// With a simulator that has these options.
    fn with(core: &Core, options: Options) -> Self {
        let simulator = Simulator::start(options);
        let workspace = Workspace::new(core);
        workspace.copy(&example("google"), "");
        let fixture = Self { simulator, workspace };
        fixture.replace("main.tf", ADDRESS, &fixture.simulator.url());
        fixture.workspace.init();
        fixture
    }

    /// With a decision on the role of the creator of a project, so that no apply warns about it.
    fn decided(core: &Core) -> Self {
        let fixture = Self::new(core);
        fixture.configure("remove_creator_owner = false");
        fixture
    }

    /// Replaces a text that a file has.
    #[track_caller]
    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.workspace.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.workspace.write(file, &text.replace(from, to));
    }

    /// Adds attributes to the block `google`.
    #[track_caller]
    fn configure(&self, attributes: &str) {
        self.replace("main.tf", "    access_token ", &format!("    {attributes}\n    access_token "));
    }
}

/// The registry of the example.
fn registry() -> Document {
    Document::parse(&std::fs::read_to_string(example("google/registry.json")).expect("the example"))
}

/// The address of a service's instance.
fn address(service: &str) -> String {
    format!("anu_registry_service.this[\"{service}\"]")
}

/// The policy of a project, as the simulator knows it.
fn policy_of(project: &str) -> String {
    format!("projects/{project}")
}
