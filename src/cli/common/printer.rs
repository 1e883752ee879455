//! The one place that prints. Colours only on a terminal, and never under `NO_COLOR` (<https://no-color.org>).

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write as _};

use super::Error;
use crate::registry::{Problem, Severity};

/// Prints results to stdout, and what went wrong to stderr.
#[derive(Debug)]
pub(super) struct Printer {
    stdout: bool,
    stderr: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const CYAN: &str = "1;36";

impl Printer {
    /// Looks once at where output goes.
    pub(super) fn new() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let wanted = !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { stdout: wanted && std::io::stdout().is_terminal(), stderr: wanted && std::io::stderr().is_terminal() }
    }

    /// Whether what is printed to stdout has colours.
    pub(super) fn has_colours(&self) -> bool {
        self.stdout
    }

    /// A line.
    pub(super) fn line(&self, text: impl Display) {
        // Nobody reads any more (`anu … | head`): nothing is left to be told, and no reason to end in a panic.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// A line above what belongs together.
    pub(super) fn heading(&self, text: impl Display) {
        self.line(format_args!("\n{}", paint(self.stdout, BOLD, text)));
    }

    /// A command, as it would be typed.
    pub(super) fn command(&self, text: impl Display) {
        self.line(format_args!("{} {}", paint(self.stdout, DIM, "$"), paint(self.stdout, CYAN, text)));
    }

    /// Something beside the point.
    pub(super) fn note(&self, text: impl Display) {
        self.line(paint(self.stdout, DIM, text));
    }

    /// A text that a program reads: half of it must not pass for all of it.
    pub(super) fn text(&self, text: &str) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()), // nobody reads any more, as above
        }
    }

    /// Something to know, although the work goes on.
    pub(super) fn warning(&self, what: &str, detail: &str) {
        let _ = writeln!(std::io::stderr(), "{} {what}\n  {detail}", paint(self.stderr, YELLOW, "warning:"));
    }

    /// A problem of a registry, in the words that it has everywhere.
    pub(super) fn problem(&self, problem: &Problem) {
        let text = problem.to_string();
        let (severity, style) = match problem.severity {
            Severity::Error => ("error:", RED),
            Severity::Warning => ("warning:", YELLOW),
        };
        let rest = text.strip_prefix(severity).unwrap_or(&text);
        let _ = writeln!(std::io::stderr(), "{}{rest}", paint(self.stderr, style, severity));
    }

    /// What ended the run.
    pub(super) fn error(&self, error: &Error) {
        let _ = writeln!(std::io::stderr(), "{} {error}", paint(self.stderr, RED, "error:"));
    }
}

fn paint(colours: bool, style: &str, text: impl Display) -> String {
    if colours { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_string() }
}
