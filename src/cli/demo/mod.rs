//! `anu demo`: the provider in a real Terraform run, in a folder of its own, without preparation.

mod core;
mod folder;
mod output;
mod process;
mod tree;

use crate::codes;
use std::path::PathBuf;

use super::common::{Error, Printer, quote};
use crate::platform::embedded::Store;
use core::Core;
use folder::Folder;

/// Show the provider at work: a real init, plan, apply and plan, no account needed
///
/// Creates a folder with a registry of a dozen services and a configuration of twenty lines, and runs Terraform or OpenTofu in
/// it. A local store replaces Google and Kubernetes. Run again, it continues in the same folder.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder to work in: a new or empty one, or the folder of an earlier demo
    #[arg(long, value_name = "DIR", default_value = "anu-demo")]
    dir: PathBuf,
    /// The program to run: `terraform`, `tofu` or the path of either [default: the first of the two on PATH]
    #[arg(long, value_name = "CORE")]
    core: Option<String>,
    /// Show all that the core prints, and not only the counts and the plan of one service
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(printer: &Printer, options: &Options) -> Result<(), Error> {
    let core = Core::find(options.core.as_deref())?; // before anything is written
    let folder = Folder::prepare(&options.dir)?;
    folder.install_provider()?;

    let shown = options.dir.display();
    printer.heading(format_args!("A service registry, provisioned by {} in {shown}", core.title()));
    if folder.is_new() {
        printer.line("  registry.json   the service registry: twelve services of five teams");
        printer.line("  main.tf         one resource per service, in twenty lines of HCL");
    } else {
        printer.line("  Continuing an earlier demo; registry.json and main.tf are not changed.");
    }
    printer.line("");
    printer.command(format_args!("cd {}", quote(&shown.to_string())));
    printer.command(folder.export());

    let step = |arguments: &[&str], accepted: &[i32]| {
        printer.line("");
        printer.command(format_args!("{} {}", core.shown(), arguments.join(" ")));
        let tell = |done: usize, time: std::time::Duration| {
            let resources = if done > 0 { format!(", {done} resources done") } else { String::new() };
            printer.progress(format_args!("{} {}: {:.1} s{resources}", core.shown(), arguments[0], time.as_secs_f64()));
        };
        let how = if options.verbose { process::Shown::All } else { process::Shown::Progress(&tell) };
        let ended = process::run(&core, &folder, arguments, printer.has_colours(), &how);
        printer.progress("");
        let ended = ended?;
        let accepted = accepted.contains(&ended.code);
        if !options.verbose {
            printer.passed_on(&if accepted { output::summary(&ended.output) } else { ended.output.clone() });
        }
        printer.note(format_args!("({:.1} s)", ended.took.as_secs_f64()));
        if accepted {
            return Ok(ended);
        }
        Err(Error::failed(
            codes::DEMO_FAILED,
            format!("`{} {}` ended with exit code {}", core.shown(), arguments.join(" "), ended.code),
        )
        .because("Its output above has the reason.")
        .hint(format!("correct it and run the demo again, or start over with `rm -r {}`", quote(&shown.to_string()))))
    };
    step(&["init"], &[0])?;
    let plan = step(&["plan"], &[0])?;
    if let Some(example) = output::example(&plan.output) {
        printer.heading("One resource of that plan (`anu demo --verbose` shows all)");
        printer.passed_on(&example);
    }
    step(&["apply", "-auto-approve"], &[0])?;
    // 0: the plan is empty; 2: it is not. After an apply it is always empty.
    if step(&["plan", "-detailed-exitcode"], &[0, 2])?.code == 2 {
        return Err(Error::failed(codes::DEMO_FAILED, "The second plan is not empty")
            .because("After an apply a plan is empty: this is a bug in anu.")
            .hint(concat!("report the plan above at ", env!("CARGO_PKG_REPOSITORY"), "/issues")));
    }

    let store = folder.path("anu.db");
    if store.is_file() {
        // A user may have continued in this folder with another platform.
        let dump = Store::open(&store).map_err(|error| Error::failed(codes::DEMO_FAILED, error.to_string()))?;
        let dump = dump.dump().map_err(|error| Error::failed(codes::DEMO_FAILED, error.to_string()))?;
        printer.heading("What was created");
        printer.line(tree::draw(&dump));
    }
    next(printer, &core, &folder, &shown.to_string());
    Ok(())
}

/// What to try next: each command can be pasted into a shell, one after the other.
fn next(printer: &Printer, core: &Core, folder: &Folder, shown: &str) {
    printer.heading("What to try next");
    printer.command(format_args!("cd {}", quote(shown)));
    printer.command(folder.export());
    let plan = format!("{} plan", core.shown());
    for (what, edit, then) in [
        (
            "Enable another API for one service",
            r#"/make-it-rain-alerts/s/"pubsub.googleapis.com"/"pubsub.googleapis.com", "storage.googleapis.com"/"#,
            "only that service changes",
        ),
        (
            "Give a service another project, so that its present one would be removed",
            "s/gc-prd-ledger-prod-a41f/gc-prd-ledger-prod-7c2e/",
            "refused: projects and namespaces are not deleted by accident; the message has the next step",
        ),
        (
            "Misspell a team and a cluster",
            r#"s/"team": "shop"/"team": "shpo"/; s/"cluster": "compute-shop"/"cluster": "compute-shpo"/"#,
            "every problem at once, each with its place and the next step",
        ),
    ] {
        printer.line(format_args!("\n{what}:"));
        printer.command(format_args!("sed -i.bak '{edit}' registry.json"));
        printer.command(&plan);
        printer.note(format_args!("  {then}"));
        printer.command("mv registry.json.bak registry.json");
    }
    printer.line(concat!("\nThe guides: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/docs/guides"));
    printer.line(format_args!("To delete everything: rm -r {}", quote(shown)));
}
