//! `docs/guides/ci.md`: every pipeline is well-formed, and its commands of `anu` run. `tests/acceptance/guides.rs` plans with its configuration.

use crate::Shell;
use crate::diff::Repository;
use crate::workflows;

const GOOGLE: &str = include_str!("../../docs/guides/google.md");
const GUIDE: &str = include_str!("../../docs/guides/ci.md");

#[test]
fn the_pipelines_are_well_formed() {
    let names: Vec<&str> = workflows::files(GUIDE).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [".github/workflows/terraform.yml", ".gitlab-ci.yml", "repos.yaml", ".spacelift/config.yml"]);
    assert_eq!(workflows::check(GUIDE), 4);
    assert_eq!(workflows::check(GOOGLE), 2);
}

#[test]
fn the_commands_of_the_pipelines_run() {
    let shell = Shell::new();
    let repository = Repository::of(&shell);
    let registry = include_str!("../../examples/registries/complete.json");
    repository.commit("registry.json", registry);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    shell.write("published.json", registry);
    shell.write("registry.json", &registry.replace("shop-team@", "shop@"));
    let commands = workflows::commands(GUIDE);
    for command in &commands {
        let mut run = shell.line_command(&command.replace("gs://acme-registry/registry.json", "published.json"));
        let path = run.get_envs().find_map(|(name, value)| (name == "PATH").then_some(value?.to_owned()));
        repository.environment(&mut run);
        run.env("PATH", path.expect("a path"));
        for name in ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BASE_BRANCH_NAME"] {
            run.env(name, "main");
        }
        let ended = shell.ended(&mut run);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}\n{ended}");
    }
    assert_eq!(commands.len(), 8);
}
