//! The paths that a source names. Rust's own lexer removes comments and the contents of strings.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as it is named, `use` trees written out, `super` and `self` resolved.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// `["crate", "registry", "names"]`, `["std", "fs"]`. A glob ends in `*`.
    pub segments: Vec<String>,
    /// The line it is on.
    pub line: usize,
    /// In a `use`: what it makes available. What is below the path can then be named without it.
    pub import: Option<Import>,
    /// Whether it is compiled for tests only.
    pub test: bool,
}

/// What a `use` makes available.
#[derive(Debug, PartialEq, Eq)]
pub struct Import {
    /// The name in this file: the last segment, or the one after `as`.
    pub name: String,
    /// Whether it is a re-export: `pub use`, `pub(super) use`.
    pub public: bool,
}

/// Every path in a source, given the module that the source is: `["registry", "names"]`.
pub fn named(source: &str, module: &[&str]) -> Result<Vec<Named>, String> {
    let tokens: TokenStream = source.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut walk =
        Walk { module: module.iter().map(|&step| step.to_owned()).collect(), test: false, found: Vec::new() };
    walk.tokens(tokens);
    Ok(walk.found)
}

/// The module of a source: `src/registry/read/mod.rs` is `["registry", "read"]`.
pub fn module(path: &str) -> Vec<&str> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let mut steps: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if matches!(steps.last(), Some(&"mod") | Some(&"lib")) {
        steps.pop();
    }
    steps
}

struct Walk {
    module: Vec<String>,
    test: bool,
    found: Vec<Named>,
}

impl Walk {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let outside = self.test;
        let mut public = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if word == "use" => {
                    at = self.import(&tokens, at + 1, &[], public);
                    (self.test, public) = (outside, false);
                    continue;
                }
                // An inline module: what is inside is one step further from the root.
                TokenTree::Ident(word) if word == "mod" => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(at + 1)
                        && let Some(TokenTree::Group(body)) = tokens.get(at + 2)
                        && body.delimiter() == Delimiter::Brace
                    {
                        self.module.push(name.to_string());
                        self.tokens(body.stream());
                        self.module.pop();
                        self.test = outside;
                        at += 1;
                    }
                    at += 2; // a declaration names nothing
                    continue;
                }
                // A field or a method is no path: `.name`, but for `0..name`, and `name: …`.
                TokenTree::Ident(_) if is_dot(&tokens, at.wrapping_sub(1)) && !is_dot(&tokens, at.wrapping_sub(2)) => {}
                TokenTree::Ident(_) if is_colon(&tokens, at + 1) && !is_colon(&tokens, at + 2) => {}
                TokenTree::Ident(word) => {
                    public |= word == "pub";
                    let line = word.span().start().line;
                    let mut segments = vec![word.to_string()];
                    while is_colons(&tokens, at + 1)
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        segments.push(next.to_string());
                        at += 3;
                    }
                    self.found(segments, line, None);
                }
                TokenTree::Group(group) if is_test(group) => self.test = true,
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    if group.delimiter() == Delimiter::Brace {
                        (self.test, public) = (outside, false); // the end of an item
                    }
                }
                TokenTree::Punct(end) if end.as_char() == ';' => (self.test, public) = (outside, false),
                _ => {}
            }
            at += 1;
        }
        self.test = outside;
    }

    /// Reads one `use` tree, up to its `;` or `,`; returns the position after it.
    fn import(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String], public: bool) -> usize {
        let mut segments = prefix.to_vec();
        let mut alias = None;
        let mut line = 0;
        let mut grouped = false;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(end) if end.as_char() == ';' || end.as_char() == ',' => break,
                TokenTree::Punct(star) if star.as_char() == '*' => segments.push("*".into()),
                TokenTree::Ident(word) if word == "as" => {
                    at += 1; // the new name is no part of the path
                    alias = tokens.get(at).map(ToString::to_string);
                }
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
                        inside = self.import(&inner, inside, &segments, public) + 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        if !grouped && let Some(last) = segments.last() {
            let name = alias.unwrap_or_else(|| last.clone());
            self.found(segments, line, Some(Import { name, public }));
        }
        at
    }

    fn found(&mut self, segments: Vec<String>, line: usize, import: Option<Import>) {
        self.found.push(Named { segments: self.resolve(segments), line, import, test: self.test });
    }

    /// `super::super::x` in `crate::a::b` is `crate::x`.
    fn resolve(&self, segments: Vec<String>) -> Vec<String> {
        let relative = |segment: &String| segment == "self" || segment == "super";
        if !segments.first().is_some_and(relative) {
            return segments;
        }
        let steps =
            segments.iter().take_while(|segment| relative(segment)).filter(|segment| *segment == "super").count();
        let above = &self.module[..self.module.len().saturating_sub(steps)];
        let below = segments.iter().skip_while(|segment| relative(segment));
        std::iter::once("crate").map(str::to_owned).chain(above.iter().chain(below).cloned()).collect()
    }
}

/// Whether it is the `[cfg(test)]` of an attribute.
fn is_test(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

fn is_dot(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(dot)) if dot.as_char() == '.')
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_colon(tokens, at) && is_colon(tokens, at + 1)
}

fn is_colon(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        named(source, &["room", "file"])
            .unwrap()
            .iter()
            .map(|named| format!("{}:{}", named.line, named.segments.join("::")))
            .collect()
    }

    #[test]
    fn use_trees_are_written_out() {
        let source = "use crate::{registry::{self, names as n}, sdk::*};\npub(super) use std::fs;";
        let expected =
            ["1:crate::registry", "1:crate::registry::names", "1:crate::sdk::*", "2:pub", "2:crate::room", "2:std::fs"];
        assert_eq!(texts(source), expected);
    }

    #[test]
    fn comments_and_strings_name_nothing() {
        let source = "/// std::fs\n// tonic\nconst A: &str = \"std::env\"; /* prost */";
        assert_eq!(texts(source), ["1:doc", "3:const", "3:str"]);
    }

    #[test]
    fn super_and_self_are_resolved() {
        assert_eq!(texts("use super::super::plugin;"), ["1:crate::plugin"]);
        assert_eq!(texts("use super::sibling;"), ["1:crate::room::sibling"]);
        assert_eq!(texts("use self::child::Item;"), ["1:crate::room::file::child::Item"]);
        assert_eq!(texts("mod a { use super::super::super::plugin; }"), ["1:crate::plugin"]);
        assert_eq!(texts("mod a { use super::super::sibling; }"), ["1:crate::room::sibling"]);
    }

    #[test]
    fn a_use_has_a_name_and_a_visibility() {
        let source = "use a::{self, B as C}; pub(super) use d::E; pub fn f() {} use g::h;";
        let all = named(source, &["room"]).unwrap();
        let imports = all.iter().filter_map(|named| named.import.as_ref());
        let imports: Vec<(&str, bool)> = imports.map(|import| (import.name.as_str(), import.public)).collect();
        assert_eq!(imports, [("a", false), ("C", false), ("E", true), ("h", false)]);
    }

    #[test]
    fn what_is_compiled_for_tests_is_known() {
        let source =
            "#[cfg(test)] use a::B; use a::C; #[cfg(test)] mod tests { use a::D; fn f() { E::f() } } fn g(_: F) {}";
        let all = named(source, &["room"]).unwrap();
        let tests = all.iter().filter(|named| named.test).map(|named| named.segments.join("::"));
        let tests: Vec<String> = tests.filter(|path| path.contains("::")).collect();
        assert_eq!(tests, ["a::B", "a::D", "E::f"]);
    }

    #[test]
    fn fields_and_methods_are_no_paths() {
        assert_eq!(texts("a.b(c).d; 0..e; f: g::h"), ["1:a", "1:c", "1:e", "1:g::h"]);
        assert_eq!(texts("mod a; b"), ["1:b"]);
    }
}
