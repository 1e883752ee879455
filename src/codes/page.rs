//! What the page of a code says: as Markdown for `docs/errors/`, and the parts for a terminal.

use super::code::{Code, Severity};
use super::example::Example;

impl Code {
    /// What it means.
    pub fn cause(self) -> &'static str {
        self.0.cause
    }

    /// What to do.
    pub fn way_out(self) -> &'static str {
        self.0.way_out
    }

    /// What provokes it.
    pub fn example(self) -> Example {
        self.0.example
    }

    /// The guide with the rules, as its file under `docs/guides/` and its title.
    pub fn guide(self) -> (&'static str, &'static str) {
        self.0.guide
    }

    /// The path of the page in the repository.
    pub fn page_path(self) -> String {
        format!("docs/errors/{}.md", self.name())
    }

    /// The address of the page.
    pub fn page_url(self) -> String {
        format!("{}/blob/main/{}", env!("CARGO_PKG_REPOSITORY"), self.page_path())
    }

    /// The page, with the text that its example has.
    pub fn page(self, text: &str) -> String {
        let mut page = format!("# {}\n\n`{self}`, {}\n\n{}\n\n", self.summary(), self.kind(), self.cause());
        page.push_str(&format!("## What to do\n\n{}\n\n## Example\n\n", self.way_out()));
        match self.example() {
            Example::Document(document) => page.push_str(&fenced("json", &laid_out(document, 0))),
            Example::With(settings, document) => {
                page.push_str(&fenced("json", &laid_out(document, 0)));
                page.push_str("With these settings of the provider block:\n\n");
                page.push_str(&fenced("json", &laid_out(settings, 0)));
            }
            Example::Shown => {}
        }
        let (file, title) = self.guide();
        page.push_str(&fenced("text", text));
        page.push_str(&format!("## More\n\n- Guide [{title}](../guides/{file})\n- [All codes](README.md)\n"));
        page
    }

    fn kind(self) -> &'static str {
        match self.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n\n", text.trim_end())
}

/// The width of a page's lines.
const WIDTH: usize = 100;

/// JSON with one member a line where it is too wide. Also of what is not quite JSON, which is some example's point.
fn laid_out(json: &str, indent: usize) -> String {
    let json = json.trim();
    let (open, close) = match (json.chars().next(), json.chars().next_back()) {
        (Some(open @ ('{' | '[')), Some(close @ ('}' | ']'))) if indent + json.len() > WIDTH => (open, close),
        _ => return json.to_owned(),
    };
    let inside = &json[1..json.len() - 1];
    let lines: Vec<String> = members(inside)
        .into_iter()
        .map(|member| {
            // The value after a key, or an item of a list.
            let value = if open == '{' { member.find("\": ").map_or(0, |at| at + 3) } else { 0 };
            format!("{:width$}{}{}", "", &member[..value], laid_out(&member[value..], indent + 2), width = indent + 2)
        })
        .collect();
    format!("{open}\n{}\n{:indent$}{close}", lines.join(",\n"), "")
}

/// The parts between commas that are in no deeper value and no string.
fn members(inside: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut from, mut parts) = (0_usize, false, 0, Vec::new());
    let mut last = ' ';
    for (at, c) in inside.char_indices() {
        match c {
            '"' if last != '\\' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(inside[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
        last = c;
    }
    parts.push(inside[from..].trim());
    parts
}

/// The page that lists all codes.
pub fn index(codes: impl Iterator<Item = Code>) -> String {
    let mut codes: Vec<Code> = codes.collect();
    codes.sort_by_key(|code| code.name());
    let mut page = "# Errors and warnings\n\nThe last line of every error and warning is its code, such as `anu:unknown-team`. A code is stable: \
                    scripts, tickets and searches can rely on it. In machine formats it is without the prefix. `…` is what varies.\n\n\
                    | code | | summary |\n|---|---|---|\n"
        .to_owned();
    for code in codes {
        let summary = code.summary().replace('|', "\\|");
        page.push_str(&format!("| [`{0}`]({0}.md) | {1} | {summary} |\n", code.name(), code.kind()));
    }
    page
}

/// A table of codes for a guide: the title of each, and what to do.
pub fn table(codes: &[Code]) -> String {
    let mut codes = codes.to_vec();
    codes.sort_by_key(|code| code.summary().trim_start_matches(['…', ':', ' ']).to_lowercase());
    let mut table = "| title | | what to do |\n|---|---|---|\n".to_owned();
    for code in codes {
        let [summary, way_out] = [code.summary(), code.way_out()].map(|text| text.replace('|', "\\|"));
        // Absolute: the public registry shows guides, and not these pages.
        table.push_str(&format!("| [{summary}]({}) | {} | {way_out} |\n", code.page_url(), code.kind()));
    }
    table
}
