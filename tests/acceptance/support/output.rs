//! What a core printed, and the diagnostics in it as plain text.

use std::fmt;

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line.
    pub command: String,
    /// Exit code; 128 plus the signal when a signal ended it.
    pub code: i32,
    /// As printed, with colours.
    pub stdout: String,
    /// As printed, with colours.
    pub stderr: String,
}

impl Output {
    /// Itself, if the command succeeded.
    ///
    /// # Panics
    /// With everything it printed, if it did not.
    #[track_caller]
    pub fn success(self) -> Self {
        assert!(self.code == 0, "{self}");
        self
    }

    /// Itself, if the command failed.
    ///
    /// # Panics
    /// With everything it printed, if it did not.
    #[track_caller]
    pub fn failure(self) -> Self {
        assert!(self.code != 0, "should have failed: {self}");
        self
    }

    /// Everything printed, without colours.
    pub fn text(&self) -> String {
        format!("{}{}", plain(&self.stdout), plain(&self.stderr))
    }

    /// All diagnostics, in the order printed (warnings of a successful run go to stdout, the others to stderr).
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = diagnostics(&plain(&self.stdout));
        found.extend(diagnostics(&plain(&self.stderr)));
        found
    }

    /// The errors.
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.diagnostics().into_iter().filter(|found| found.severity == Severity::Error).collect()
    }

    /// The warnings.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        self.diagnostics().into_iter().filter(|found| found.severity == Severity::Warning).collect()
    }

    /// All diagnostics as one text for a snapshot, a blank line between them.
    pub fn report(&self) -> String {
        self.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nexit code {}\n{}", self.command, self.code, self.text())
    }
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// `Error:`
    Error,
    /// `Warning:`
    Warning,
}

/// One diagnostic, as the provider wrote it: colours, box and line wrapping taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The line after `Error: `.
    pub summary: String,
    /// Where, as core tells it: `with anu_registry_service.this["a"],` and `on main.tf line 3, …`, with the code quoted.
    /// Empty if it belongs to no place.
    pub place: String,
    /// The detail.
    pub detail: String,
}

impl fmt::Display for Diagnostic {
    /// Summary and detail; the place is core's own words, which differ between cores.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.severity, self.summary)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, "\n\n{}", self.detail) }
    }
}

/// A text without ANSI escape sequences.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &after[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut inside: Option<Vec<&str>> = None;
    for line in text.lines() {
        match line.chars().next() {
            Some('╷') => inside = Some(Vec::new()),
            Some('╵') => found.extend(inside.take().and_then(|lines| diagnostic(&lines))),
            Some(bar @ ('│' | '|')) => {
                if let Some(lines) = &mut inside {
                    let line = &line[bar.len_utf8()..];
                    lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
                }
            }
            _ => {}
        }
    }
    found
}

fn diagnostic(lines: &[&str]) -> Option<Diagnostic> {
    // Up to three paragraphs: the summary; the place, which alone is indented; the detail, which may have blank lines.
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let (summary, rest) = lines.split_at(end);
    let summary = unwrap_lines(summary);
    let (severity, summary) = summary
        .strip_prefix("Error: ")
        .map(|summary| (Severity::Error, summary))
        .or_else(|| summary.strip_prefix("Warning: ").map(|summary| (Severity::Warning, summary)))?;

    let rest = trim(rest);
    let is_place = |line: &&str| line.starts_with("  with ") || line.starts_with("  on ");
    let (place, detail) = if rest.first().is_some_and(is_place) {
        let end = rest.iter().position(|line| line.is_empty()).unwrap_or(rest.len());
        rest.split_at(end)
    } else {
        (&rest[..0], rest)
    };
    let place = place.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    Some(Diagnostic { severity, summary: summary.to_owned(), place, detail: unwrap_lines(trim(detail)) })
}

fn trim<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let from = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let to = lines.iter().rposition(|line| !line.is_empty()).map_or(from, |last| last + 1);
    &lines[from..to]
}

/// Undoes core's wrapping. Core breaks a line where the next word would pass column 75, and leaves indented lines alone:
/// so a break belongs to the author exactly where the next word had still fitted.
fn unwrap_lines(lines: &[&str]) -> String {
    const WIDTH: usize = 75;
    let mut text = String::new();
    let mut width = 0;
    for (position, line) in lines.iter().enumerate() {
        let word = line.split(' ').next().unwrap_or_default();
        let previous = position.checked_sub(1).map_or("", |previous| lines[previous]);
        let wrapped = !word.is_empty()
            && !previous.is_empty()
            && !previous.starts_with(' ')
            && width + 1 + word.chars().count() > WIDTH;
        if position > 0 {
            text.push(if wrapped { ' ' } else { '\n' });
        }
        text.push_str(line);
        width = line.chars().count();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_warning_becomes_what_its_author_wrote() {
        let printed = "\u{1b}[33m╷\u{1b}[0m\u{1b}[0m\n\
            \u{1b}[33m│\u{1b}[0m \u{1b}[0m\u{1b}[1mWarning: \u{1b}[0mSome things go\n\
            │ \n\
            │   with anu_registry_service.this[\"a\"],\n\
            │   on main.tf line 9, in resource:\n\
            │    9: resource {\n\
            │ \n\
            │ A project or namespace that leaves the registry is refused, unless a policy\n\
            │ says otherwise:\n\
            │   project/one\n\
            │   project/two\n\
            │ \n\
            │ Plan again.\n\
            ╵\nother text\n";
        let [found] = &diagnostics(&plain(printed))[..] else { panic!("one") };
        assert_eq!(found.severity, Severity::Warning);
        assert_eq!(found.summary, "Some things go");
        assert_eq!(
            found.place,
            "with anu_registry_service.this[\"a\"],\non main.tf line 9, in resource:\n9: resource {"
        );
        assert_eq!(
            found.detail,
            "A project or namespace that leaves the registry is refused, unless a policy says otherwise:\n  \
             project/one\n  project/two\n\nPlan again."
        );
    }
}
