//! `docs/guides/security.md` promises nothing without a test: each sentence of its tables names one, and it exists.

use std::path::Path;

/// The number of sentences, and what is wrong, one line each.
pub fn check(page: &str, root: &Path) -> (usize, Vec<String>) {
    let rows: Vec<(&str, &str)> = page.split("| sentence | test |").skip(1).flat_map(rows).collect();
    let wrong = rows.iter().filter(|(_, test)| !exists(test, root));
    (rows.len(), wrong.map(|(sentence, test)| format!("no test {test} for \"{sentence}\"")).collect())
}

/// The rows of a table, from behind its head.
fn rows(rest: &str) -> Vec<(&str, &str)> {
    let lines = rest.trim_start().lines().skip(1).take_while(|line| line.starts_with('|'));
    lines.filter_map(|line| line.trim_matches('|').rsplit_once('|')).map(|(a, b)| (a.trim(), b.trim())).collect()
}

fn exists(test: &str, root: &Path) -> bool {
    let Some((file, name)) = test.trim_matches('`').split_once("::") else { return false };
    let text = std::fs::read_to_string(root.join("tests").join(file)).unwrap_or_default();
    text.contains(&format!("fn {name}("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_without_a_test_is_named() {
        let page = "| sentence | test |\n|---|---|\n| Cannot. | `architecture/security.rs::exists` |\n| Can. | `x.rs::y` |\n| Both. | |\n\n| other | table |\n";
        let (count, wrong) = check(page, Path::new(env!("CARGO_MANIFEST_DIR")));
        assert_eq!((count, wrong.len()), (3, 2), "{wrong:?}");
    }
}
