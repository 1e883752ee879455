//! What a core prints, in short.

/// How its last words begin.
const RESULTS: [&str; 5] =
    ["Plan: ", "Apply complete!", "No changes.", "Terraform has been successfully", "OpenTofu has been successfully"];

/// The warnings and the result.
pub(super) fn summary(output: &str) -> String {
    let mut lines = Vec::new();
    let mut in_box = false;
    for line in output.lines() {
        let plain = without_colours(line);
        // Diagnostics are in boxes that begin with `╷` and end with `╵`.
        in_box |= plain.starts_with('╷');
        if in_box || RESULTS.iter().any(|result| plain.starts_with(result)) {
            lines.push(line);
        }
        in_box &= !plain.starts_with('╵');
    }
    lines.join("\n")
}

/// The plan of one resource: of those with IAM members, else of all, the shortest.
pub(super) fn example(plan: &str) -> Option<String> {
    let mut best: Option<(bool, Vec<&str>)> = None;
    let mut current: Option<(bool, Vec<&str>)> = None;
    for line in plan.lines() {
        let plain = without_colours(line);
        if plain.starts_with("  # ") && plain.contains(" will be ") {
            current = Some((true, Vec::new()));
        }
        let Some((has_no_iam, lines)) = &mut current else { continue };
        lines.push(line);
        *has_no_iam &= !(plain.starts_with("      + iam ") && plain.ends_with('{'));
        if plain == "    }" {
            let done = current.take();
            let rank = |one: &Option<(bool, Vec<&str>)>| {
                one.as_ref().map_or((true, usize::MAX), |(has_no_iam, lines)| (*has_no_iam, lines.len()))
            };
            if rank(&done) < rank(&best) {
                best = done;
            }
        }
    }
    best.map(|(_, lines)| lines.join("\n"))
}

/// A line without escape sequences of colours.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "\
Terraform will perform the following actions:

\u{1b}[1m  # a.this[\"one\"]\u{1b}[0m will be created
\u{1b}[32m  +\u{1b}[0m resource \"a\" \"this\" {
      + name = \"one\"
      + list = {
          + x = 1
        }
    }

  # a.this[\"two\"] will be created
  + resource \"a\" \"this\" {
      + name = \"two\"
    }

\u{1b}[1mPlan:\u{1b}[0m 2 to add, 0 to change, 0 to destroy.
╷
│ \u{1b}[33mWarning: \u{1b}[0mBeware
│
│ Of this.
╵
────
Note: you did not use -out";

    #[test]
    fn the_result_and_warnings_remain() {
        let expected = "\u{1b}[1mPlan:\u{1b}[0m 2 to add, 0 to change, 0 to destroy.\n╷\n│ \u{1b}[33mWarning: \u{1b}[0mBeware\n│\n│ Of this.\n╵";
        assert_eq!(summary(PLAN), expected);
        assert_eq!(summary(""), "");
    }

    #[test]
    fn the_shortest_resource_with_access_is_the_example() {
        let expected =
            "  # a.this[\"two\"] will be created\n  + resource \"a\" \"this\" {\n      + name = \"two\"\n    }";
        assert_eq!(example(PLAN).as_deref(), Some(expected));
        let with_access = PLAN.replace("      + list = {", "      + iam  = {");
        assert!(example(&with_access).expect("one").contains("\"one\""));
        assert_eq!(example("No changes."), None);
    }
}
