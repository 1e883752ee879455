//! The paths that a source names. Rust's own lexer takes off comments and the insides of strings.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path as it is named, `use` trees written out, `super` and `self` resolved as far as the crate's root.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// `["crate", "registry", "names"]`, `["std", "fs"]`. A glob ends in `*`.
    pub segments: Vec<String>,
    /// Where.
    pub line: usize,
    /// Whether it stands in a `use`: then what is below it may be named without it.
    pub imported: bool,
}

/// Every path in a source whose module is that many steps below the crate's root.
pub fn named(source: &str, depth: usize) -> Result<Vec<Named>, String> {
    let tokens: TokenStream = source.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut found = Vec::new();
    walk(tokens, depth, &mut found);
    Ok(found)
}

fn walk(tokens: TokenStream, depth: usize, found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(word) if word == "use" => {
                at = import(&tokens, at + 1, &[], depth, found);
                continue;
            }
            // An inline module: what is inside is one step further from the root.
            TokenTree::Ident(word) if word == "mod" => {
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2)
                    && body.delimiter() == Delimiter::Brace
                {
                    walk(body.stream(), depth + 1, found);
                    at += 3;
                    continue;
                }
            }
            TokenTree::Ident(word) => {
                let line = word.span().start().line;
                let mut segments = vec![word.to_string()];
                while is_colons(&tokens, at + 1)
                    && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                {
                    segments.push(next.to_string());
                    at += 3;
                }
                found.push(Named { segments: resolve(segments, depth), line, imported: false });
            }
            TokenTree::Group(group) => walk(group.stream(), depth, found),
            _ => {}
        }
        at += 1;
    }
}

/// Reads one `use` tree, up to its `;` or `,`; returns where it goes on.
fn import(tokens: &[TokenTree], mut at: usize, prefix: &[String], depth: usize, found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    let mut line = 0;
    let mut grouped = false;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(end) if end.as_char() == ';' || end.as_char() == ',' => break,
            TokenTree::Punct(star) if star.as_char() == '*' => segments.push("*".into()),
            TokenTree::Ident(word) if word == "as" => at += 1, // the new name is no part of the path
            TokenTree::Ident(word) => {
                line = word.span().start().line;
                if word != "self" || segments.is_empty() {
                    segments.push(word.to_string());
                }
            }
            TokenTree::Group(group) => {
                grouped = true;
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut inside = 0;
                while inside < inner.len() {
                    inside = import(&inner, inside, &segments, depth, found) + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if !grouped && !segments.is_empty() {
        found.push(Named { segments: resolve(segments, depth), line, imported: true });
    }
    at
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    (0..2).all(|step| matches!(tokens.get(at + step), Some(TokenTree::Punct(colon)) if colon.as_char() == ':'))
}

/// `super::super::x` two steps below the root is `crate::x`; one that stays below the root cannot leave its room.
fn resolve(segments: Vec<String>, depth: usize) -> Vec<String> {
    let steps = segments.iter().filter(|segment| *segment != "self").take_while(|segment| *segment == "super").count();
    if steps == 0 || steps < depth {
        return segments;
    }
    let rest = segments.into_iter().filter(|segment| segment != "self").skip(steps);
    std::iter::once("crate".to_owned()).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        named(source, 2).unwrap().iter().map(|named| format!("{}:{}", named.line, named.segments.join("::"))).collect()
    }

    #[test]
    fn use_trees_are_written_out() {
        let source = "use crate::{registry::{self, names as n}, sdk::*};\npub(super) use std::fs;";
        let expected =
            ["1:crate::registry", "1:crate::registry::names", "1:crate::sdk::*", "2:pub", "2:super", "2:std::fs"];
        assert_eq!(texts(source), expected);
    }

    #[test]
    fn comments_and_strings_name_nothing() {
        let source = "/// std::fs\n// tonic\nconst A: &str = \"std::env\"; /* prost */";
        assert_eq!(texts(source), ["1:doc", "3:const", "3:A", "3:str"]);
    }

    #[test]
    fn super_leads_out_of_the_room_as_far_as_it_goes() {
        assert_eq!(texts("use super::super::plugin;"), ["1:crate::plugin"]);
        assert_eq!(texts("use super::sibling;"), ["1:super::sibling"]);
        assert_eq!(texts("mod a { use super::super::super::plugin; }"), ["1:crate::plugin"]);
        assert_eq!(texts("mod a { use super::super::sibling; }"), ["1:super::super::sibling"]);
    }
}
