//! Maps and lists of strings as a user writes them. What exists is put into a state in the user's own spelling and order where that
//! still means the same: a plan would show changes that are none.

use std::collections::{BTreeMap, BTreeSet};

use crate::sdk::Attr;

/// A map of strings.
pub type Texts = Attr<BTreeMap<String, Attr<String>>>;
/// A list of strings.
pub type List = Attr<Vec<Attr<String>>>;

/// What is known of a map.
pub fn texts(attr: &Texts) -> BTreeMap<String, String> {
    let known = attr.known().into_iter().flatten();
    known.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))).collect()
}

/// Whether a map and all its values are known.
pub fn wholly_known(attr: &Texts) -> bool {
    attr.known().is_some_and(|map| map.values().all(|value| value.known().is_some()))
}

/// Sets a map. An empty one stays null where it was null.
pub fn set_texts<'t>(attr: &mut Texts, are: impl Iterator<Item = (&'t String, &'t String)>) {
    let are: BTreeMap<String, Attr<String>> =
        are.map(|(key, value)| (key.clone(), Attr::Known(value.clone()))).collect();
    if !(are.is_empty() && attr.is_null()) {
        *attr = Attr::Known(are);
    }
}

/// What is known of a list, in its order.
pub fn items(list: &List) -> impl Iterator<Item = &String> {
    list.known().into_iter().flatten().filter_map(Attr::known)
}

/// All items, if all of them are known.
pub fn all_items(list: &List) -> Option<BTreeSet<String>> {
    list.known()?.iter().map(|item| item.known().cloned()).collect()
}

/// These items as a list: in the order and spelling of `before`, and after them what is not in it. `meaning` is what a spelling
/// means.
pub fn listed(before: &List, items: &BTreeSet<String>, meaning: impl Fn(&str) -> String) -> List {
    let mut rest = items.clone();
    let there = self::items(before).filter(|text| rest.remove(&meaning(text)));
    let mut all: Vec<Attr<String>> = there.map(|text| Attr::Known(text.clone())).collect();
    all.extend(rest.into_iter().map(Attr::Known));
    Attr::Known(all)
}

/// Sets a list. An empty one stays null where it was null.
pub fn set_list(attr: &mut List, items: &BTreeSet<String>) {
    if !(items.is_empty() && attr.is_null()) {
        *attr = listed(attr, items, str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> List {
        Attr::Known(items.iter().map(|item| Attr::Known((*item).to_owned())).collect())
    }

    fn set(items: &[&str]) -> BTreeSet<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn a_list_keeps_order_and_spelling() {
        let lower = |text: &str| text.to_lowercase();
        assert_eq!(listed(&list(&["C", "a"]), &set(&["a", "b", "c"]), lower), list(&["C", "a", "b"]));
        assert_eq!(listed(&list(&["c", "C"]), &set(&["c"]), lower), list(&["c"]), "no item twice");
        assert_eq!(listed(&Attr::Null, &set(&["b", "a"]), lower), list(&["a", "b"]));
        let mut none = Attr::Null;
        set_list(&mut none, &set(&[]));
        assert_eq!(none, Attr::Null);
        let mut some = list(&["a"]);
        set_list(&mut some, &set(&[]));
        assert_eq!(some, list(&[]));
    }

    #[test]
    fn an_unknown_item_is_no_item() {
        let half = Attr::Known(vec![Attr::Unknown, Attr::Known("a".to_owned())]);
        assert_eq!(items(&half).collect::<Vec<_>>(), ["a"]);
        assert_eq!(all_items(&half), None);
        assert_eq!(all_items(&list(&["b", "a"])), Some(set(&["a", "b"])));
        assert_eq!(all_items(&Attr::Null), None);
    }
}
