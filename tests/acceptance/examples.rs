//! Every example applies as it is, and a plan after it is empty.

use std::path::Path;

use crate::support::{Core, Workspace, example};

/// Folders below `examples/` that hold a configuration of their own, modules left out.
fn configurations() -> Vec<String> {
    let root = example("");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).expect("a folder of examples/").map(|entry| entry.expect("an entry").path());
        let (below, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        if files.iter().any(|file| configures_the_provider(file)) {
            found.push(folder.strip_prefix(&root).expect("below examples/").to_string_lossy().into_owned());
        }
        folders.extend(below);
    }
    found.sort();
    found
}

fn configures_the_provider(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tf")
        && std::fs::read_to_string(file).is_ok_and(|text| text.contains("required_providers"))
}

#[test]
fn there_is_one_of_every_kind() {
    let all = configurations().join(" ");
    for kind in [
        "provider",
        "quickstart",
        "google",
        "kubernetes",
        "company",
        "module-per-service",
        "resources/",
        "data-sources/",
        "functions/",
    ] {
        assert!(all.contains(kind), "no {kind} among {all}");
    }
}

on_every_core! {
    fn each_applies_and_stays(core: &Core) {
        // These need clusters or a simulator: `kubernetes::example`, `kubernetes::company` and `google::example` have them.
        let elsewhere = ["kubernetes", "company", "google"];
        for name in configurations().into_iter().filter(|name| !elsewhere.contains(&name.as_str())) {
            let mut workspace = Workspace::new(core);
            workspace.copy(&example(""), ""); // the whole tree: one example may refer to another's registry
            workspace.enter(&name);
            workspace.init();
            let plan = workspace.plan();
            assert!(plan.output.warnings().is_empty(), "examples/{name}: {}", plan.output.report());
            workspace.apply_saved(&plan).success();
            workspace.assert_empty_plan();
        }
    }
}

on_every_core! {
    fn are_formatted(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.copy(&example(""), "");
        let output = workspace.run(&["fmt", "-check", "-diff", "-recursive"]);
        assert!(output.code == 0, "`terraform fmt -recursive examples` formats them:\n{output}");
    }
}
