//! `anu docs`: writes the reference pages and the pages of codes, or checks that they are up to date.

mod errors;
mod snapshots;

use crate::codes;
use std::path::{Path, PathBuf};

use super::common::{Error, Printer, count, io};
use super::{picture, recording};
use crate::answers;
use crate::docgen::{self, Files, Input};
use crate::fanout;
use crate::provider::Anu;
use crate::registry::LoadOptions;

/// Write the reference pages under docs/ from schemas and examples
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Compare instead of writing; exit code 1 if a page is out of date
    #[arg(long)]
    check: bool,
    /// The checkout [default: that of `cargo run`, else the current folder]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Texts of snapshots that the program contains.
const SHOWN: &str = "src/codes/shown.txt";

/// What `docs/images/record-demo` has recorded of a demo.
const RECORDED: &str = "docs/images/demo.txt";

/// The command that the check names.
const COMMAND: &str = "cargo run --bin anu -- docs";

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let root = options.root.clone().or_else(|| std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from));
    let root = root.unwrap_or_else(|| PathBuf::from("."));
    let repository = Repository::read(&root)?;
    let provider = Anu::new();
    let shown = snapshots::texts(&repository.snapshots);
    let input = Input {
        name: "anu",
        provider: &provider,
        examples: &repository.examples,
        guides: &repository.guides,
        errors: &errors::examples(&shown),
    };

    let gaps = docgen::gaps(&input);
    if !gaps.is_empty() {
        return Err(Error::failed(codes::DOCUMENTATION, "Documentation is incomplete")
            .because(gaps.join("\n  "))
            .hint("descriptions are in the schemas under `src/provider/`, examples under `examples/`"));
    }

    let mut pages = docgen::pages(&input);
    if !shown.is_empty() {
        pages.insert(SHOWN.to_owned(), errors::file(&shown));
    }
    pages.insert(docgen::PICTURE.to_owned(), repository.picture()?);
    pages.insert(docgen::ANSWERS.to_owned(), format!("{:#}\n", answers::schema()));
    let demo = root.join(RECORDED);
    let demo = std::fs::read_to_string(&demo).map_err(io("read", &demo))?;
    pages.insert(docgen::RECORDING.to_owned(), recording::of_demo(&demo));
    let differences = docgen::compare(&repository.generated, &pages);
    if options.check {
        for difference in &differences {
            printer.line(format_args!("{difference}\n"));
        }
        return if differences.is_empty() {
            printer.line("docs/ is up to date");
            Ok(())
        } else {
            let verb = if differences.len() == 1 { "is" } else { "are" };
            Err(Error::failed(
                codes::DOCUMENTATION,
                format!("{} under docs/ {verb} out of date", count(differences.len(), "file")),
            )
            .because("They are generated from schemas and examples.")
            .hint(format!("{COMMAND}, and commit the files")))
        };
    }

    for difference in &differences {
        let path = root.join(&difference.path);
        match &difference.generated {
            Some(text) => {
                let folder = path.parent().unwrap_or(&root);
                std::fs::create_dir_all(folder).map_err(io("create the folder", folder))?;
                std::fs::write(&path, text).map_err(io("write", &path))?;
                printer.line(format_args!("wrote {}", difference.path));
            }
            None => {
                std::fs::remove_file(&path).map_err(io("delete", &path))?;
                printer.line(format_args!("deleted {}", difference.path));
            }
        }
    }
    if differences.is_empty() {
        printer.line("docs/ is up to date");
    }
    Ok(())
}

/// The sources of the pages, and the pages that exist.
struct Repository {
    examples: Files,
    guides: Files,
    /// Sources of the tests, and their snapshots; none outside the repository.
    snapshots: Files,
    generated: Files,
}

impl Repository {
    fn read(root: &Path) -> Result<Self, Error> {
        if !root.join("examples").is_dir() || !root.join("Cargo.toml").is_file() {
            return Err(Error::missing(
                codes::NOT_FOUND,
                format!("`{}` is not a checkout of terraform-provider-anu", root.display()),
            )
            .because("The pages are generated from its examples and guides.")
            .hint(format!("run `{COMMAND}` in the checkout")));
        }
        let mut generated = Files::new();
        for (path, text) in texts(&root.join("docs"), &PAGES)? {
            let path = format!("docs/{path}");
            if docgen::is_generated(&path) || (path.starts_with("docs/guides/") && docgen::has_sections(&text)) {
                generated.insert(path, text);
            }
        }
        let mut snapshots = Files::new();
        for folder in ["src", "tests"] {
            for (path, text) in texts(&root.join(folder), &[".rs", ".snap"])? {
                snapshots.insert(format!("{folder}/{path}"), text);
            }
        }
        snapshots.retain(|path, _| !path.starts_with("src/codes/") && !path.starts_with("src/cli/docs/"));
        if let Ok(text) = std::fs::read_to_string(root.join(SHOWN)) {
            generated.insert(SHOWN.to_owned(), text);
        }
        let (examples, guides) = (texts(&root.join("examples"), &PAGES)?, texts(&root.join("docs/guides"), &PAGES)?);
        Ok(Self { examples, guides, snapshots, generated })
    }

    /// The fan-out of the first service of the quickstart.
    fn picture(&self) -> Result<String, Error> {
        let wrong = |what: &str| Error::failed(codes::DOCUMENTATION, format!("No picture of the fan-out: {what}"));
        let registry = self.examples.get("quickstart/registry.json");
        let registry = registry.ok_or_else(|| wrong("`examples/quickstart/registry.json` not found"))?;
        let options = LoadOptions { version: crate::version(), allow_empty: false, name: None };
        let fanned_out = fanout::load(registry.as_bytes(), &options, &fanout::Settings::default());
        let (fan_out, _) = fanned_out.map_err(|_| wrong("the registry of the quickstart has errors"))?;
        let first = fan_out.registry().services.first().map(|service| service.name.to_string()).unwrap_or_default();
        picture::of_service(&fan_out, &first).ok_or_else(|| wrong("the registry of the quickstart has no service"))
    }
}

/// Pages and examples. Files of a run (a store, a state) have other endings.
const PAGES: [&str; 5] = [".md", ".tf", ".sh", ".json", ".svg"];

/// All files with one of these endings below a folder, by their path in it.
fn texts(folder: &Path, endings: &[&str]) -> Result<Files, Error> {
    let mut found = Files::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.map_err(io("read the folder", &folder))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let (path, name) = (entry.path(), format!("{prefix}{name}"));
            if path.is_dir() {
                if !name.ends_with(".terraform") {
                    folders.push((path, format!("{name}/")));
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).map_err(io("read", &path))?;
                found.insert(name, text);
            }
        }
    }
    Ok(found)
}
