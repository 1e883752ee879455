//! A folder with a configuration, and the commands run in it.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::super::document::Document;
use super::plan::{self, NOTHING_TO_DO, SOMETHING_TO_DO};
use super::{Core, Output, Plan, Running, State, mirror};

/// A working folder of its own for one core. Nothing of the user's settings reaches it; nothing of it stays.
pub struct Workspace {
    core: PathBuf,
    home: TempDir,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    plans: Cell<usize>,
}

impl Workspace {
    /// An empty folder.
    pub fn new(core: &Core) -> Self {
        let home = tempfile::Builder::new().prefix("anu-").tempdir().expect("a temporary folder");
        let folder = home.path().join("work");
        for each in [&folder, &home.path().join("tmp")] {
            std::fs::create_dir(each).expect("a folder");
        }
        let configuration = home.path().join("cli.tfrc");
        std::fs::write(&configuration, mirror::cli_configuration()).expect("the CLI configuration");
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), home.path().into()),
            ("TMPDIR".into(), home.path().join("tmp").into()), // sockets of killed providers go with it
            ("TF_CLI_CONFIG_FILE".into(), configuration.into()),
            ("TF_IN_AUTOMATION".into(), "1".into()),
            ("TF_INPUT".into(), "0".into()),
            ("CHECKPOINT_DISABLE".into(), "1".into()),
        ];
        environment.extend(std::env::var_os("PATH").map(|path| ("PATH".into(), path)));
        Self { core: core.path.clone(), home, folder, environment, plans: Cell::new(0) }
    }

    /// A folder with a copy of `examples/NAME`, initialised.
    pub fn of_example(core: &Core, name: &str) -> Self {
        let workspace = Self::new(core);
        workspace.copy(&super::example(name), "");
        workspace.init();
        workspace
    }

    /// A folder with this `main.tf` and this registry in `registry.json`, initialised.
    pub fn with(core: &Core, main: &str, registry: &impl Serialize) -> Self {
        let workspace = Self::new(core);
        workspace.write("main.tf", main);
        workspace.registry(registry);
        workspace.init();
        workspace
    }

    /// The working folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// A variable for all commands that follow.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.unset(name);
        self.environment.push((name.into(), value.into()));
    }

    /// Takes a variable back.
    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(each, _)| each != name);
    }

    /// Goes into a folder of the workspace: what follows happens there.
    pub fn enter(&mut self, folder: &str) {
        self.folder.push(folder);
    }

    // --- files ---

    /// Writes a file, folders included.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a file in the folder")).expect("its folders");
        std::fs::write(path, text).expect("a file");
    }

    /// Reads a file.
    #[track_caller]
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Reads a JSON file.
    #[track_caller]
    pub fn read_json(&self, file: &str) -> Json {
        serde_json::from_str(&self.read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Writes `registry.json`: a [`Document`], or JSON that is meant to be none.
    pub fn registry(&self, registry: &impl Serialize) {
        self.write("registry.json", &serde_json::to_string(registry).expect("a registry is JSON"));
    }

    /// Reads `registry.json`.
    #[track_caller]
    pub fn document(&self) -> Document {
        Document::parse(&self.read("registry.json"))
    }

    /// Changes `registry.json`.
    #[track_caller]
    pub fn edit_registry(&self, edit: impl FnOnce(&mut Document)) {
        let mut registry = self.document();
        edit(&mut registry);
        self.registry(&registry);
    }

    /// Removes a file.
    #[track_caller]
    pub fn remove(&self, file: &str) {
        std::fs::remove_file(self.folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }

    /// Copies a folder's files into a folder of the workspace (`""`: the workspace itself).
    pub fn copy(&self, from: &Path, to: &str) {
        copy(from, &self.folder.join(to));
    }

    // --- commands ---

    /// A command line in the workspace's folder and environment, not yet run.
    pub fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).env_clear().envs(self.environment.iter().cloned());
        command
    }

    /// Runs any command.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.start(arguments).wait()
    }

    /// Starts any command, to be signalled, killed or waited for.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(&self.core, arguments))
    }

    /// `init`. Needed again only when modules or required providers change.
    #[track_caller]
    pub fn init(&self) -> Output {
        self.run(&["init", "-input=false"]).success()
    }

    /// `plan`, which must succeed.
    #[track_caller]
    pub fn plan(&self) -> Plan {
        self.plan_with(&[])
    }

    /// `plan` with further arguments, which must succeed.
    #[track_caller]
    pub fn plan_with(&self, arguments: &[&str]) -> Plan {
        self.try_plan(arguments).unwrap_or_else(|output| panic!("{output}"))
    }

    /// `plan`, which must fail; what it printed.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> Output {
        match self.try_plan(arguments) {
            Ok(plan) => panic!("the plan should have been refused:\n{}", plan.text()),
            Err(output) => output,
        }
    }

    /// `plan` with further arguments; what it printed, if it failed.
    pub fn try_plan(&self, arguments: &[&str]) -> Result<Plan, Output> {
        self.plans.set(self.plans.get() + 1);
        let file = self.home.path().join(format!("{}.tfplan", self.plans.get()));
        let out = format!("-out={}", file.display());
        let mut all = vec!["plan", "-input=false", "-detailed-exitcode", &out];
        all.extend(arguments);
        let output = self.run(&all);
        if ![NOTHING_TO_DO, SOMETHING_TO_DO].contains(&output.code) {
            return Err(output);
        }
        let show = self.show(Some(&file));
        Ok(Plan::new(file, output, || json(Running::start(show))))
    }

    /// `apply -auto-approve`, which must succeed.
    #[track_caller]
    pub fn apply(&self) -> Output {
        self.try_apply(&[]).success()
    }

    /// `apply -auto-approve` with further arguments.
    pub fn try_apply(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["apply", "-input=false", "-auto-approve"];
        all.extend(arguments);
        self.run(&all)
    }

    /// Applies a saved plan.
    pub fn apply_saved(&self, plan: &Plan) -> Output {
        self.run(&["apply", "-input=false", &plan.file.to_string_lossy()])
    }

    /// `destroy -auto-approve` with further arguments.
    pub fn destroy(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["destroy", "-input=false", "-auto-approve"];
        all.extend(arguments);
        self.run(&all)
    }

    /// `import ADDRESS ID`.
    pub fn import(&self, address: &str, id: &str) -> Output {
        self.run(&["import", "-input=false", address, id])
    }

    /// The state.
    pub fn state(&self) -> State {
        State { json: json(Running::start(self.show(None))) }
    }

    /// Addresses of tainted instances in `terraform.tfstate`.
    pub fn tainted(&self) -> Vec<String> {
        plan::tainted(&self.folder.join("terraform.tfstate"))
    }

    /// Plans, and fails if there is anything to do. The plan, for its warnings.
    #[track_caller]
    pub fn assert_empty_plan(&self) -> Plan {
        self.plan().assert_empty()
    }

    fn show(&self, plan: Option<&Path>) -> Command {
        let plan = plan.map(Path::to_string_lossy);
        let mut all = vec!["show", "-json"];
        all.extend(plan.as_deref());
        self.command(&self.core, &all)
    }
}

fn json(show: Running) -> Json {
    let output = show.wait().success();
    serde_json::from_str(&output.stdout).expect("`show -json` prints JSON")
}

/// Copies a folder without the files of an earlier run.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("a folder's entry");
        let (name, path) = (entry.file_name(), entry.path());
        let left = [".terraform", "terraform.tfstate", ".terraform.lock.hcl", "anu.db"];
        if left.iter().any(|left| name.to_string_lossy().starts_with(left)) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}
