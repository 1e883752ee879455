//! "Did you mean": the nearest known name, by edit distance.

use std::collections::HashMap;

/// Comparisons one run may spend on suggestions. A registry of ten thousand services with one wrong list of teams would
/// otherwise compare millions of names, to no one's gain: whoever has that many mistakes fixes the first ones first.
const BUDGET: usize = 500_000;

/// Finds suggestions, remembers them, and stops when a run has spent its budget.
#[derive(Debug)]
pub(crate) struct Suggester {
    left: usize,
    known: HashMap<(&'static str, String), Option<String>>,
}

impl Default for Suggester {
    fn default() -> Self {
        Self { left: BUDGET, known: HashMap::new() }
    }
}

impl Suggester {
    /// The nearest of `candidates`. `list` names the candidates (`teams`), so that the same question is answered once.
    pub(crate) fn nearest<'c>(
        &mut self,
        list: &'static str,
        value: &str,
        candidates: impl Iterator<Item = &'c str>,
    ) -> Option<String> {
        if let Some(answer) = self.known.get(&(list, value.to_owned())) {
            return answer.clone();
        }
        let mut spent = 0;
        let answer = nearest(value, candidates.take(self.left).inspect(|_| spent += 1)).map(str::to_owned);
        self.left -= spent;
        self.known.insert((list, value.to_owned()), answer.clone());
        answer
    }
}

/// The nearest of `candidates` to `value`, if one is near enough to be what was meant. Of equals the first by name wins, so
/// that the answer does not depend on the order of the candidates.
pub(crate) fn nearest<'c>(value: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = fold(value);
    let most = match wanted.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Distance is at least the difference in length: most candidates need no more than this look.
        if candidate == value || candidate.len().abs_diff(value.len()) > most + 3 {
            continue;
        }
        let distance = strsim::osa_distance(&wanted, &fold(candidate));
        if distance <= most && best.is_none_or(|least| (distance, candidate) < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Case and separators are what people get wrong first: `google_project` is `googleProject`.
fn fold(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}

/// ` Did you mean `x`?`, with the leading space, or nothing.
pub(crate) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let teams = ["banking-integrations", "core-banking", "payments"];
        let nearest = |value: &str| nearest(value, teams.into_iter());
        assert_eq!(nearest("banking-integratoins"), Some("banking-integrations"));
        assert_eq!(nearest("Core_Banking"), Some("core-banking"));
        assert_eq!(nearest("payment"), Some("payments"));
        assert_eq!(nearest("ledger"), None);
        assert_eq!(nearest("x"), None);
    }

    #[test]
    fn the_budget_ends_the_search_and_not_the_run() {
        let mut suggester = Suggester { left: 1, known: HashMap::new() };
        assert_eq!(suggester.nearest("teams", "aaaab", ["zzzzz", "aaaaa"].into_iter()), None);
        assert_eq!(suggester.nearest("teams", "zzzza", ["zzzzz"].into_iter()), None);
        assert_eq!(suggester.left, 0);
    }
}
