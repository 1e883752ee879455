//! `anu registry validate`: every form, what a branch has caused, and the summary of a job.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::diff::Repository;
use crate::{Ended, Shell, example};

fn validate(shell: &Shell, arguments: &[&str]) -> Ended {
    shell.run(&[&["registry", "validate"], arguments].concat())
}

/// Two errors and a warning, with lines.
fn wrong() -> Shell {
    let mut registry = example();
    registry.services[0].team = "bankng".to_owned();
    registry.services[1].google_services.insert("pubsub.googleapis.com".to_owned());
    registry.services[2].environments[0].targets[0].cluster = "compute-stagin".to_owned();
    let shell = Shell::new();
    let text = serde_json::to_string_pretty(&registry.json()).expect("JSON");
    shell.write("registry.json", &text);
    shell
}

const FORMS: [&str; 5] = ["text", "json", "github", "sarif", "junit"];

#[test]
fn each_form_has_all_problems() {
    let shell = wrong();
    for form in FORMS {
        let ended = validate(&shell, &["--format", form]);
        assert_eq!(ended.code, Some(1), "{ended}");
        insta::with_settings!({filters => [(r#""version": "\d+\.\d+\.\d+""#, r#""version": "VERSION""#)]}, {
            assert_snapshot!(format!("wrong_as_{form}"), ended);
        });
    }
}

#[test]
fn each_form_of_a_registry_without_problems() {
    let shell = Shell::of_example();
    let texts = FORMS.map(|form| format!("$ {form}\n{}", validate(&shell, &["--format", form])));
    insta::with_settings!({filters => [(r#""version": "\d+\.\d+\.\d+""#, r#""version": "VERSION""#)]}, {
        assert_snapshot!(texts.join("\n\n"));
    });
}

#[test]
fn problems_of_every_source_have_their_lines() {
    let shell = Shell::new();
    let yaml = "metadata: {name: acme}\nteams:\n  - {type: Team, spec: {name: core, email: core@example.com}}\nservices:\n  - type: Service\n    spec:\n      name: ledger\n      team: corr\n";
    shell.write("registry.yaml", yaml);
    assert_snapshot!(validate(&shell, &["registry.yaml"]), @"
    error: Unknown team
      in `registry.yaml:8:7`, at `/services/0/spec/team`, service `ledger`
      The team `corr` of service `ledger` is not in `teams`. Did you mean `core`?
      anu:unknown-team
      |
    8 |       team: corr
      |       ^^^^

    error: The registry in `registry.yaml` has 1 error
      anu:invalid-registry
    (exit code 1)
    ");
    shell.write("teams.libsonnet", "{ ledger: 'corr' }");
    let program = "{ teams: [{ type: 'Team', spec: { name: 'core', email: 'core@example.com' } }],\n  services: [{ type: 'Service', spec: {\n    name: 'ledger', team: (import 'teams.libsonnet').ledger } }] }";
    shell.write("registry.jsonnet", program);
    assert_snapshot!(validate(&shell, &["registry.jsonnet"]), @"
    error: Unknown team
      in `teams.libsonnet:1:11`, at `/services/0/spec/team`, service `ledger`
      The team `corr` of service `ledger` is not in `teams`. Did you mean `core`?
      anu:unknown-team
      |
    1 | { ledger: 'corr' }
      |           ^^^^^^

    error: The registry in `registry.jsonnet` has 1 error
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(shell.piped(&["registry", "validate", "-"], yaml), @"
    error: Unknown team
      in `standard input:8:7`, at `/services/0/spec/team`, service `ledger`
      The team `corr` of service `ledger` is not in `teams`. Did you mean `core`?
      anu:unknown-team
      |
    8 |       team: corr
      |       ^^^^

    error: The registry in `standard input` has 1 error
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(shell.piped(&["registry", "validate", "-"], "{\"services\": ["), @"
    error: Registry is not valid JSON
      The document ends in the middle of a value, at line 1, column 14, after 14 bytes. It is truncated: write or fetch it again.
      anu:not-json

    error: The registry in `standard input` has 1 error
      anu:invalid-registry
    (exit code 1)
    ");
    assert_snapshot!(shell.piped(&["registry", "validate", "-", "--allow-empty"], "{\"services\": []}"), @"
    The registry in `standard input` has no problems: 0 services
    (exit code 0)
    ");
    assert_snapshot!(validate(&shell, &["none.json"]), @"
    error: Registry is not readable
      source `none.json`: file not found: check the path (`HERE/none.json`)
      anu:registry-not-readable
    (exit code 3)
    ");
    assert_snapshot!(validate(&shell, &["registry.yaml", "--registry", "registry.yaml"]), @"
    error: the argument '[SOURCE]' cannot be used with '--registry <SOURCE>'

    Usage: anu registry validate <SOURCE>

    For more information, try '--help'.
    (exit code 2)
    ");
}

/// A thousand problems are a thousand problems, and the annotations of GitHub have a limit.
#[test]
fn nothing_is_left_out_but_where_a_form_has_a_limit() {
    let services: Vec<Json> =
        (0..120).map(|n| json!({"type": "Service", "spec": {"name": format!("Wrong {n}"), "team": "a"}})).collect();
    let shell = Shell::with(&json!({"services": services}));
    assert_eq!(validate(&shell, &[]).stdout.matches("error: Invalid name").count(), 120);
    let annotations = validate(&shell, &["--format", "github"]).stdout;
    assert_eq!(annotations.matches("::error file=registry.json").count(), 9);
    assert!(annotations.contains("::error title=More findings::111 more like these"), "{annotations}");
}

#[test]
fn only_what_a_branch_has_caused_is_shown() {
    let shell = wrong();
    let repository = Repository::of(&shell);
    let before = shell.read("registry.json");
    repository.commit("registry.json", &before);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let run = |arguments: &[&str], set: &[(&str, &str)]| {
        let mut command = shell.command(&[&["registry", "validate"], arguments].concat());
        repository.environment(&mut command);
        shell.ended(command.envs(set.iter().copied()))
    };
    // Nothing is changed.
    let ended = run(&["--affected=origin/main"], &[]);
    assert_snapshot!(ended, @"
    2 errors and 1 warning that the change has not caused are not shown.
    The registry in `registry.json` has no new problems
    (exit code 0)
    ");
    // An edit of an entry with a problem, and one that is the cause of a problem elsewhere: the team of `catalog` is renamed.
    let mut registry: Json = serde_json::from_str(&before).expect("JSON");
    registry["services"][0]["spec"]["repository"] = json!("acme/ledger");
    registry["teams"][1]["spec"]["name"] = json!("retail");
    shell.write("registry.json", &serde_json::to_string_pretty(&registry).expect("JSON"));
    let ended = run(&["--affected=origin/main"], &[]);
    assert_snapshot!(ended, @r#"
    error: Unknown team
      in `registry.json:116:9`, at `/services/0/spec/team`, service `ledger`
      The team `bankng` of service `ledger` is not in `teams`. Did you mean `banking`?
      anu:unknown-team
        |
    116 |         "team": "bankng"
        |         ^^^^^^

    error: Unknown team
      in `registry.json:129:19`, at `/services/1/spec/environments/0/spec/rbac/operators/0`, service `catalog`, environment `production`
      The team `shop` in `operators` of environment `production` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
        |
    129 |                   "shop"
        |                   ^^^^^^

    error: Unknown team
      in `registry.json:154:9`, at `/services/1/spec/team`, service `catalog`
      The team `shop` of service `catalog` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
        |
    154 |         "team": "shop"
        |         ^^^^^^

    error: Unknown team
      in `registry.json:166:19`, at `/services/2/spec/environments/0/spec/rbac/admins/0`, service `search`, environment `staging`
      The team `shop` in `admins` of environment `staging` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
        |
    166 |                   "shop"
        |                   ^^^^^^

    error: Unknown team
      in `registry.json:191:19`, at `/services/2/spec/environments/1/spec/rbac/operators/0`, service `search`, environment `production`
      The team `shop` in `operators` of environment `production` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
        |
    191 |                   "shop"
        |                   ^^^^^^

    error: Unknown team
      in `registry.json:212:9`, at `/services/2/spec/team`, service `search`
      The team `shop` of service `search` is not in `teams`. Add it to the list, or use a team from the list.
      anu:unknown-team
        |
    212 |         "team": "shop"
        |         ^^^^^^

    1 error and 1 warning that the change has not caused are not shown.
    error: The registry in `registry.json` has 6 new errors
      anu:invalid-registry
    (exit code 1)
    "#);
    for branch in ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
        assert_eq!(run(&["--affected"], &[(branch, "main")]).to_string(), ended.to_string());
    }
    let json: Json = serde_json::from_str(&run(&["--affected=main", "--format", "json"], &[]).stdout).expect("JSON");
    assert_eq!(json["unaffected"], json!({"errors": 1, "warnings": 1}));
    assert_snapshot!(run(&["--affected"], &[]), @"
    error: No revision `origin/HEAD` in the git repository
      fatal: Needed a single revision
    hint: fetch it first, for example: git fetch origin main
      anu:not-found
    (exit code 3)
    ");
    assert_snapshot!(run(&["--affected=main", "-"], &[]), @"
    error: `--affected` needs a registry in a git repository
      `-` is not a path.
    hint: leave `--affected` out: all problems are shown
      anu:command-line
    (exit code 2)
    ");
    // A base that cannot be read has caused nothing.
    repository.commit("registry.json", "{");
    shell.write("registry.json", &before);
    assert_snapshot!(run(&["--affected=HEAD", "--format", "json"], &[]).stderr, @"
    error: The registry in `registry.json` has 2 new errors and 1 new warning
      anu:invalid-registry
    ");
    // A file that is new has only new problems.
    shell.write("other.json", &before);
    assert!(run(&["--affected=HEAD", "other.json"], &[]).stderr.contains("has 2 new errors and 1 new warning"));
}

#[test]
fn a_job_has_a_summary_and_outputs() {
    let shell = wrong();
    let job = |format: &str, ci: &str| {
        let mut command = shell.command(&["registry", "validate", "--format", format]);
        command.env("CI", ci).env("GITHUB_STEP_SUMMARY", shell.path("summary.md"));
        shell.ended(command.env("GITHUB_OUTPUT", shell.path("outputs")))
    };
    for (format, ci) in [("json", "true"), ("sarif", "true"), ("junit", "true"), ("text", "")] {
        job(format, ci);
    }
    assert_eq!(shell.names(""), ["registry.json"], "files for other programs, and no job");
    assert_eq!(job("github", "true").code, Some(1));
    assert_snapshot!(shell.read("summary.md"), @"
    ### The registry in `registry.json` has 2 errors and 1 warning

    | | Problem | Service | Place |
    | --- | --- | --- | --- |
    | error | Unknown team: <code>The&#32;team&#32;&#96;bankng&#96;&#32;of&#32;service&#32;&#96;ledger&#96;&#32;is&#32;not&#32;in&#32;&#96;teams&#96;&#46;&#32;Did&#32;you&#32;mean&#32;&#96;banking&#96;&#63;</code> | `ledger` | `registry.json:115` |
    | error | Unknown cluster: <code>The&#32;cluster&#32;&#96;compute&#45;stagin&#96;&#32;is&#32;not&#32;in&#32;&#96;clusters&#96;&#46;&#32;Did&#32;you&#32;mean&#32;&#96;compute&#45;staging&#96;&#63;</code> | `search` | `registry.json:173` |
    | warning | Google services have no effect: <code>Service&#32;&#96;catalog&#96;&#32;has&#32;&#96;googleServices&#96;&#44;&#32;and&#32;none&#32;of&#32;its&#32;environments&#32;has&#32;a&#32;&#96;googleProject&#96;&#44;&#32;so&#32;no&#32;API&#32;is&#32;enabled&#32;and&#32;no&#32;IAM&#32;role&#32;is&#32;granted&#46;&#32;Add&#32;&#96;googleProject&#96;&#32;to&#32;an&#32;environment&#44;&#32;or&#32;remove&#32;&#96;googleServices&#96;&#46;</code> | `catalog` | `registry.json:149` |
    ");
    assert_eq!(shell.read("outputs"), "valid=false\nerrors=2\nwarnings=1\n");
    shell.registry(&example());
    assert_eq!(job("text", "true").code, Some(0));
    assert!(shell.read("outputs").ends_with("valid=true\nerrors=0\nwarnings=0\n"));
    assert!(shell.read("summary.md").ends_with("### The registry in `registry.json` has no problems\n"));
}

#[test]
fn the_examples_of_the_help_run() {
    let help = Shell::new().run(&["registry", "validate", "--help"]).quietly();
    let (_, examples) = help.split_once("Examples:\n").expect("examples");
    let lines: Vec<&str> = examples.lines().map(str::trim).filter(|line| line.contains("anu ")).collect();
    assert_eq!(lines.len(), 4);
    let shell = Shell::of_example();
    let repository = Repository::of(&shell);
    repository.commit("registry.json", &shell.read("registry.json"));
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    shell.script("cue", "cat registry.json");
    for line in lines {
        shell.line(line).quietly();
    }
    assert!(shell.read("registry.xml").contains("<testsuites"));
}
