//! Texts of errors and warnings in the snapshots of the tests: the examples of the pages of their codes.

use std::collections::BTreeMap;

use super::Files;
use crate::codes::{self, Code};

/// What begins a text.
const HEADS: [&str; 4] = ["Error: ", "Warning: ", "error: ", "warning: "];

/// Lines of an example at most, where there is a choice.
const MOST_LINES: usize = 30;

/// A text for each code that a snapshot shows, by the name of the code. `files` are sources with inline snapshots, and files of
/// snapshots. Of several, the first one by path that is not too long.
pub(super) fn texts(files: &Files) -> BTreeMap<&'static str, String> {
    let mut found: BTreeMap<&'static str, String> = BTreeMap::new();
    for text in files.values() {
        let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(['│', '╷', '╵'])).collect();
        for (end, line) in lines.iter().enumerate() {
            let Some(code) = line.trim().strip_prefix("anu:").and_then(codes::find) else { continue };
            let Some(example) = ending_at(&lines[..=end], code) else { continue };
            let better = |other: &String| length(other) > MOST_LINES && length(&example) < length(other);
            if found.get(code.name()).is_none_or(better) {
                found.insert(code.name(), example);
            }
        }
    }
    found
}

fn length(text: &str) -> usize {
    text.lines().count()
}

/// The text whose last line is the code: from its head on, without the indentation of the source.
fn ending_at(lines: &[&str], code: Code) -> Option<String> {
    let (last, before) = lines.split_last()?;
    let earlier = before.iter().rposition(|line| line.trim().starts_with("anu:")).map_or(0, |at| at + 1);
    let word = code.severity().word();
    let head = (earlier..before.len()).rev().find(|&at| {
        let line = before[at].trim_start();
        HEADS.iter().any(|head| line.starts_with(head) && head[..1].eq_ignore_ascii_case(&word[..1]))
    })?;
    let indent = before[head].len() - before[head].trim_start().len();
    let cut = |line: &&str| line.get(indent..).unwrap_or_default().trim_end().to_owned();
    let mut text: Vec<String> = before[head..].iter().chain([last]).map(cut).collect();
    let (severity, summary) = text[0].split_once(": ")?;
    // Tests print the attribute after the summary; core prints it below.
    let plain = summary.rsplit_once(" (").map_or(summary, |(plain, _)| plain);
    text[0] = match (code.matches(summary), code.matches(plain)) {
        (false, true) => format!("{severity}: {plain}"),
        (true, _) => text[0].clone(),
        // The command line's own titles name an option or a file.
        (false, false) if severity.starts_with(char::is_lowercase) => text[0].clone(),
        (false, false) => return None,
    };
    let text = text.join("\n");
    // The short form of a cause.
    let is_brief = text.contains(" of this run has the full text for this cause.");
    (!is_brief).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_from_its_head_to_its_code() {
        let source = "    insta::assert_snapshot!(all, @\"\n    Error: Missing value (labels)\n\n    `labels` is null.\n\n    \
                      anu:missing-value\n    ----\n    warning: Service has no team\n      at `/services/0`\n      anu:no-team\n    \");\n";
        let found = texts(&Files::from([("x.rs".to_owned(), source.to_owned())]));
        assert_eq!(found["missing-value"], "Error: Missing value\n\n`labels` is null.\n\nanu:missing-value");
        assert_eq!(found["no-team"], "warning: Service has no team\n  at `/services/0`\n  anu:no-team");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_title_of_another_code_is_no_example() {
        let text = "Error: Something else\n\nDetail.\n\nanu:missing-value\n";
        assert!(texts(&Files::from([("x.snap".to_owned(), text.to_owned())])).is_empty());
    }
}
