//! Finding `terraform` and `tofu`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Once};

use super::timing::Timed;

/// A core: an implementation of Terraform.
#[derive(Debug)]
pub struct Core {
    /// `terraform`, `tofu` or `terraform_new`.
    pub name: &'static str,
    /// The program.
    pub path: PathBuf,
    /// Its version, for example `1.11.4`.
    pub version: String,
}

impl Core {
    /// The second number of its version: 16 of 1.16.2.
    pub fn minor(&self) -> u32 {
        self.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
    }
}

/// How many cores run most tests: the first of [`CORES`].
const USUAL: usize = 2;

/// What is there of each core, looked up once: the core, or why not and how to get it.
static CORES: LazyLock<[(&str, Result<Core, String>); 3]> = LazyLock::new(|| {
    let cores = [
        ("terraform", "ANU_TEST_TERRAFORM", "put it on PATH: https://developer.hashicorp.com/terraform/install"),
        (
            "tofu",
            "ANU_TEST_TOFU",
            "set ANU_TEST_TOFU=\"$(tests/tools/install opentofu)\", which builds it once with Go",
        ),
        (
            "terraform_new",
            "ANU_TEST_TERRAFORM_NEW",
            "set ANU_TEST_TERRAFORM_NEW=\"$(tests/tools/install terraform)\", which builds it once with Go",
        ),
    ]
    .map(|(name, variable, remedy)| (name, find(name, variable, remedy)));
    for (name, core) in &cores {
        match core {
            Ok(core) => tell(&format!("{name} {} ({})", core.version, core.path.display())),
            Err(why) if required() => tell(why),
            Err(why) => tell(&format!("skipping every test on {name}: {why}")),
        }
    }
    cores
});

/// A line straight to the terminal: the test runner swallows what tests print as long as they pass. In one write, since other
/// tests' lines come in between.
fn tell(line: &str) {
    let _ = std::io::stderr().write_all(format!("acceptance: {line}\n").as_bytes());
}

fn required() -> bool {
    std::env::var_os("ANU_TEST_REQUIRE").is_some_and(|value| value == "1")
}

fn find(name: &'static str, variable: &str, remedy: &str) -> Result<Core, String> {
    let path = match std::env::var_os(variable).filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => on_path(name).ok_or_else(|| format!("no `{name}` on PATH; {remedy}"))?,
    };
    let version = version(&path).ok_or_else(|| format!("`{}` does not tell its version; {remedy}", path.display()))?;
    Ok(Core { name, path, version })
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn version(path: &Path) -> Option<String> {
    let output = Command::new(path)
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(answer.get("terraform_version")?.as_str()?.to_owned())
}

/// Says why a test is skipped; with `ANU_TEST_REQUIRE=1` that is a failure.
///
/// # Panics
/// Then.
pub fn skip(why: &str) {
    assert!(!required(), "ANU_TEST_REQUIRE=1, but {why}");
    tell(why);
}

/// Runs a test on the core of that name, if it is there.
///
/// # Panics
/// As the test does; and when the core is missing although `ANU_TEST_REQUIRE=1`.
pub fn on(name: &str, test: impl FnOnce(&Core)) {
    let (_, core) = CORES.iter().find(|(each, _)| *each == name).expect("one of them");
    match core {
        // One inline snapshot serves all cores: what we say is the same on each.
        Ok(core) => {
            let _timed = Timed::start();
            insta::allow_duplicates! { test(core) }
        }
        Err(why) if required() => panic!("ANU_TEST_REQUIRE=1, but {why}"),
        Err(_) => {}
    }
}

/// Runs a test on one core: which one, its name decides, so that half of these tests run on each. Where that one is missing, on
/// the other.
///
/// # Panics
/// As the test does; and when its core is missing although `ANU_TEST_REQUIRE=1`.
pub fn on_one(name: &str, test: impl FnOnce(&Core)) {
    let drawn = name.bytes().map(usize::from).sum::<usize>() % USUAL;
    let found = [drawn, USUAL - 1 - drawn].into_iter().find(|each| CORES[*each].1.is_ok());
    let chosen = if required() { drawn } else { found.unwrap_or(drawn) };
    on(CORES[chosen].0, test);
}

/// An outside tool: the variable's path, else the one on PATH. Where it is missing a line says how to get it; with
/// `ANU_TEST_REQUIRE=1` that is a failure.
pub fn tool(name: &str, variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from).or_else(|| on_path(name));
    if found.is_none() {
        let why = format!(
            "no `{name}` on PATH; set {variable}=\"$(tests/tools/install {name})\", which builds it once with Go"
        );
        assert!(!required(), "ANU_TEST_REQUIRE=1, but {why}");
        static TOLD: Once = Once::new();
        TOLD.call_once(|| tell(&format!("skipping what needs {name}: {why}")));
    }
    found
}
