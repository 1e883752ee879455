//! A registry in a folder of files, by kind.

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::diff::Repository;
use crate::{Shell, example};

/// A shell with `registry.json` and the same in the folder `registry`: `metadata.yaml`, and a file for each entry of each kind.
fn of_example() -> Shell {
    let shell = Shell::of_example();
    let document: Json = serde_json::from_str(&shell.read("registry.json")).expect("JSON");
    for (field, value) in document.as_object().expect("an object") {
        let Some(entries) = value.as_array() else {
            write(&shell, &format!("registry/{field}.yaml"), &value.to_string());
            continue;
        };
        for (nth, entry) in entries.iter().enumerate() {
            let ending = ["yaml", "json", "yml"][nth % 3];
            let text = serde_json::to_string_pretty(entry).expect("JSON");
            write(&shell, &format!("registry/{field}/{nth:03}.{ending}"), &text);
        }
    }
    shell
}

fn write(shell: &Shell, name: &str, text: &str) {
    std::fs::create_dir_all(shell.path(name).parent().expect("a folder")).expect("created");
    shell.write(name, text);
}

#[test]
fn it_is_the_registry_that_its_files_consist_of() {
    let shell = of_example();
    let sorted = |text: &str| serde_json::from_str::<Json>(text).expect("JSON");
    let printed = shell.run(&["registry", "--registry", "registry"]).quietly();
    assert_eq!(sorted(&printed), sorted(&shell.read("registry.json")));
    assert_eq!(sorted(&shell.run(&["registry", "compile", "registry"]).quietly()), sorted(&printed));
    let same = shell.run(&["registry", "diff", "registry.json", "registry/"]);
    assert_eq!(same.code, Some(0), "{same}");
    let published = shell.run(&["registry", "publish", "registry", "--to", "published.json"]);
    assert_eq!(published.code, Some(0), "{published}");
    let manifests = |source: &str| {
        shell.run(&["registry", "manifests", "--registry", source, "--cluster", "compute-shop"]).quietly()
    };
    assert_eq!(manifests("published.json"), manifests("registry"));
    assert_eq!(manifests("registry.json"), manifests("registry/"));
}

#[test]
fn problems_name_the_file_and_line() {
    let shell = of_example();
    let written = shell.read("registry/services/000.yaml");
    let team = written.split("\"team\": \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a team");
    write(
        &shell,
        "registry/services/000.yaml",
        &written.replace(&format!("\"team\": \"{team}\""), "\"team\": \"no-such\""),
    );
    write(&shell, "registry/service/stray.yaml", "type: Service\n");
    assert_snapshot!(shell.run(&["registry", "validate", "registry"]));
    std::fs::remove_dir_all(shell.path("registry/service")).expect("removed");
    write(&shell, "registry/services/note.txt", "later");
    std::os::unix::fs::symlink("/etc/passwd", shell.path("registry/services/one.yaml")).expect("linked");
    std::os::unix::fs::symlink("..", shell.path("registry/services/two")).expect("linked");
    write(&shell, "registry/teams/broken.yaml", "type: Team\nspec: {name: x\n");
    assert_snapshot!("wrong_files", shell.run(&["registry", "validate", "registry"]));
    let pinned = shell.run(&["registry", "validate", "registry", "--sha256", &"0".repeat(64)]);
    assert_snapshot!("pinned_folder", pinned);
}

/// Every file of the commit, one that is removed since included.
#[test]
fn it_is_compared_with_the_files_of_another_revision() {
    let shell = of_example();
    let returns = format!("type: Service\nspec: {{name: returns, team: {}}}\n", example().services[0].team);
    write(&shell, "registry/services/shop/returns.yaml", &returns);
    let repository = Repository::of(&shell);
    repository.git(&["add", "registry"]);
    repository.git(&["commit", "--quiet", "--message", "a"]);
    std::fs::remove_file(shell.path("registry/services/shop/returns.yaml")).expect("removed");
    let ended = repository.run(&["--base", "main", "--registry", "registry"]);
    assert!(ended.stdout.contains("returns") && ended.stdout.contains("removed"), "{ended}");
}
