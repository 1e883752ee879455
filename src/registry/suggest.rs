//! "Did you mean": the nearest known name by edit distance.

use std::collections::HashMap;

/// The limit of comparisons in one run. A registry of ten thousand services with a wrong list of teams would otherwise
/// compare millions of names, and suggestions for the first mistakes are enough.
const BUDGET: usize = 500_000;

/// Finds suggestions, caches them, and stops at the limit of comparisons.
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
    /// The nearest of `candidates`. `list` identifies the candidates (`teams`), so that each suggestion is computed once.
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

/// The nearest of `candidates` to `value`, if it is near enough. Of two at the same distance the first by name is returned,
/// so that the result does not depend on the order of the candidates.
pub(crate) fn nearest<'c>(value: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = fold(value);
    let most = tolerance(wanted.chars().count());
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // The distance is at least the difference in length, which excludes most candidates.
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

/// The field that `key` is probably a misspelling of. In contrast to names, of which there are many, the longer of the two
/// decides what is near: `nam` is near `name`. A field that begins with `x-`, `_` or `$` is meant as one's own.
pub(crate) fn nearest_field(key: &str, fields: &[&'static str]) -> Option<&'static str> {
    if ["x-", "_", "$"].iter().any(|prefix| key.starts_with(prefix)) {
        return None;
    }
    let wanted = fold(key);
    let near = fields.iter().filter_map(|field| {
        let folded = fold(field);
        let most = tolerance(wanted.chars().count().max(folded.chars().count()));
        let distance = strsim::osa_distance(&wanted, &folded);
        (distance <= most).then_some((distance, *field))
    });
    near.min().map(|(_, field)| field)
}

/// The greatest distance between near names of this length.
fn tolerance(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

/// Case and separators are the most common mistakes: `google_project` is near `googleProject`.
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
    fn near_names_are_suggested_and_distant_names_are_not() {
        let teams = ["banking-integrations", "core-banking", "payments"];
        let nearest = |value: &str| nearest(value, teams.into_iter());
        assert_eq!(nearest("banking-integratoins"), Some("banking-integrations"));
        assert_eq!(nearest("Core_Banking"), Some("core-banking"));
        assert_eq!(nearest("payment"), Some("payments"));
        assert_eq!(nearest("ledger"), None);
        assert_eq!(nearest("x"), None);
    }

    #[test]
    fn the_limit_of_comparisons_ends_the_search_without_an_error() {
        let mut suggester = Suggester { left: 1, known: HashMap::new() };
        assert_eq!(suggester.nearest("teams", "aaaab", ["zzzzz", "aaaaa"].into_iter()), None);
        assert_eq!(suggester.nearest("teams", "zzzza", ["zzzzz"].into_iter()), None);
        assert_eq!(suggester.left, 0);
    }
}
