//! The only place that prints, and so the only one that writes escape sequences: what is printed has none of its own. Colours only on a terminal, and never under `NO_COLOR` (<https://no-color.org>).

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write as _};

use serde::Serialize;

use super::error::Error;
use super::page::{Answer, Page};
use crate::codes::{self, Code};
use crate::printable::{escape_json, escape_lines};
use crate::registry::{Problem, Severity};

/// Prints results to standard output, and errors and warnings to standard error.
#[derive(Debug)]
pub(in crate::cli) struct Printer {
    stdout: bool,
    stderr: bool,
    /// Whether lines of standard error can be replaced.
    terminal: bool,
    /// The columns of the terminal that standard output is.
    width: Option<u16>,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// Text for people
    #[default]
    Text,
    /// One JSON document for programs
    Json,
}

/// For verbs whose result is useful to a program
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FormatOptions {
    /// The form of the result on standard output. Errors and warnings are text on standard error
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const CYAN: &str = "1;36";

impl Printer {
    /// Reads once whether output goes to a terminal.
    pub(in crate::cli) fn new() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let wanted = !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let size = terminal_size::terminal_size_of(std::io::stdout());
        Self {
            stdout: wanted && std::io::stdout().is_terminal(),
            stderr: wanted && terminal,
            terminal,
            width: size.map(|(width, _)| width.0),
        }
    }

    /// Whether standard output has colours.
    pub(in crate::cli) fn has_colours(&self) -> bool {
        self.stdout
    }

    /// The result of a verb, in the form that the user chose: `Display` as text, `Serialize` as JSON.
    pub(in crate::cli) fn result<R: Serialize + Display>(&self, format: Format, result: &R) -> Result<(), Error> {
        self.text(&render(format, result)?)
    }

    /// What a verb found out, in the form that the user chose.
    pub(in crate::cli) fn answer(&self, format: Format, answer: &impl Answer) -> Result<(), Error> {
        match format {
            Format::Text => {
                let mut page = Page::new(self.width);
                answer.write(&mut page);
                self.text(&page.into_text())
            }
            Format::Json => self.text(&json(answer)?),
        }
    }

    /// A line.
    pub(in crate::cli) fn line(&self, text: impl Display) {
        self.painted("", text);
    }

    fn painted(&self, style: &str, text: impl Display) {
        // A closed pipe (`anu … | head`) is no error: the reader has read enough.
        let _ = writeln!(std::io::stdout(), "{}", paint(self.stdout, style, text));
    }

    /// A line above a section.
    pub(in crate::cli) fn heading(&self, text: impl Display) {
        self.line("");
        self.painted(BOLD, text);
    }

    /// A command, as a user types it.
    pub(in crate::cli) fn command(&self, text: impl Display) {
        let _ = writeln!(std::io::stdout(), "{} {}", paint(self.stdout, DIM, "$"), paint(self.stdout, CYAN, text));
    }

    /// A remark.
    pub(in crate::cli) fn note(&self, text: impl Display) {
        self.painted(DIM, text);
    }

    /// What is being done, on a terminal only: replaces the last such text, and an empty one removes it.
    pub(in crate::cli) fn progress(&self, text: impl Display) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{}", paint(self.stderr, DIM, text));
        }
    }

    /// Lines of another program as it printed them, colours included.
    pub(in crate::cli) fn passed_on(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end_matches('\n'));
    }

    /// A text that a program reads: a part of it must not pass for the whole, so an error of writing is an error of the verb.
    pub(in crate::cli) fn text(&self, text: &str) -> Result<(), Error> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::failed(codes::FILE_NOT_ACCESSIBLE, format!("Cannot write to standard output: {error}")))
            }
            _ => Ok(()), // a closed pipe is no error, as above
        }
    }

    /// What a user should know about what is done, beside the result and not in it.
    pub(in crate::cli) fn aside(&self, text: impl Display) {
        let text = format!("note: {text}");
        let _ = writeln!(std::io::stderr(), "{}", paint(self.stderr, DIM, escape_lines(&text)));
    }

    /// A warning: the verb goes on.
    pub(in crate::cli) fn warning(&self, code: Code, what: &str, detail: &str) {
        self.remark(code, what, detail);
    }

    /// A warning or an error: the verb goes on.
    pub(super) fn remark(&self, code: Code, what: &str, detail: &str) {
        self.with_severity(code.severity(), format_args!(" {what}\n  {detail}\n  {code}"));
    }

    /// A problem of a registry, in the same words as everywhere.
    pub(in crate::cli) fn problem(&self, problem: &Problem) {
        let text = problem.to_string();
        let rest = text.trim_start_matches(|c| c != ':').trim_start_matches(':');
        self.with_severity(problem.severity, rest);
    }

    /// The error that ended the verb.
    pub(in crate::cli) fn error(&self, error: &Error) {
        self.with_severity(Severity::Error, format_args!(" {error}"));
    }

    fn with_severity(&self, severity: Severity, text: impl Display) {
        let style = match severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
        };
        let word = format!("{}:", severity.word());
        let text = text.to_string();
        let _ = writeln!(std::io::stderr(), "{}{}", paint(self.stderr, style, word), escape_lines(&text));
    }
}

/// A result as it is printed, with the end of its last line.
fn render<R: Serialize + Display>(format: Format, result: &R) -> Result<String, Error> {
    let mut text = match format {
        Format::Text => escape_lines(&result.to_string()).into_owned(),
        Format::Json => return json(result),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// A result for programs, with the end of its last line.
fn json(result: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string_pretty(result)
        .map_err(|error| Error::failed(codes::BUG, format!("Cannot write the result as JSON: {error}")))?;
    Ok(format!("{}\n", escape_json(&json)))
}

fn paint(colours: bool, style: &str, text: impl Display) -> String {
    let text = text.to_string();
    let text = escape_lines(&text);
    if colours && !style.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Greeting {
        name: Option<&'static str>,
    }

    impl Display for Greeting {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.name.map_or(Ok(()), |name| write!(f, "hello {name}"))
        }
    }

    #[test]
    fn a_result_is_text_or_json_and_ends_its_line() {
        let greeting = Greeting { name: Some("you") };
        assert_eq!(render(Format::Text, &greeting).unwrap(), "hello you\n");
        assert_eq!(render(Format::Json, &greeting).unwrap(), "{\n  \"name\": \"you\"\n}\n");
        let nothing = Greeting { name: None };
        assert_eq!(render(Format::Text, &nothing).unwrap(), "");
        assert_eq!(render(Format::Json, &nothing).unwrap(), "{\n  \"name\": null\n}\n");
    }

    #[test]
    fn text_is_painted_only_where_colours_are_wanted() {
        assert_eq!(paint(false, RED, "x"), "x");
        assert_eq!(paint(true, RED, "x"), "\u{1b}[1;31mx\u{1b}[0m");
    }
}
