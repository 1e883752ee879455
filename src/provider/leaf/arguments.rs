//! The rules of arguments: those of the registry, since the same objects are created. Unknown values pass; null is refused by the
//! schema.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::values::{List, Texts};
use crate::codes::{self, Code};
use crate::registry::labels::{self, Dialect};
use crate::registry::names::NameError;
use crate::registry::remedy;
use crate::sdk::{Attr, Diagnostic, Diagnostics, Path};

/// What is wrong with arguments.
#[derive(Default)]
pub struct Wrong(Diagnostics);

impl Wrong {
    /// What was found.
    ///
    /// # Errors
    /// If anything was.
    pub fn finish(self) -> Result<(), Diagnostics> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    /// A value that breaks a rule of the registry.
    pub fn add(&mut self, code: Code, path: &Path, detail: &str) {
        self.error(code, path, &format!(": {detail}"));
    }

    /// An error at a place; `detail` follows the place.
    pub fn error(&mut self, code: Code, path: &Path, detail: &str) {
        self.titled(code, code.summary(), path, detail);
    }

    /// An error at a place whose summary names what varies.
    pub fn titled(&mut self, code: Code, summary: &str, path: &Path, detail: &str) {
        self.0.push(Diagnostic::titled(code, summary, format!("`{path}`{detail}")).at(path.clone()));
    }

    /// A text that must be a name.
    pub fn parses<N: FromStr<Err = NameError>>(&mut self, text: &str, path: &Path) {
        if let Err(error) = text.parse::<N>() {
            self.add(codes::BAD_NAME, path, &format!("{error}.{}{}", error.hint(), remedy::of(&error)));
        }
    }

    /// An argument that must be a name.
    pub fn name<N: FromStr<Err = NameError>>(&mut self, text: &Attr<String>, path: Path) {
        if let Some(text) = text.known() {
            self.parses::<N>(text, &path);
        }
    }

    /// A list of names, none twice. `what` is one of them, `meaning` what a spelling means.
    pub fn names<N: FromStr<Err = NameError>>(
        &mut self,
        what: &str,
        list: &List,
        path: &Path,
        meaning: impl Fn(&str) -> String,
    ) {
        let mut seen = BTreeSet::new();
        for (position, item) in list.known().into_iter().flatten().enumerate() {
            let path = path.clone().index(position);
            let Some(text) = item.known() else { continue };
            self.parses::<N>(text, &path);
            if !seen.insert(meaning(text)) {
                let detail = format!(": `{text}` is listed twice. Remove one.");
                self.titled(codes::DUPLICATE_ITEM, &format!("Duplicate {what}"), &path, &detail);
            }
        }
    }

    /// Labels or annotations.
    pub fn labels(&mut self, attribute: &str, labels: &Texts, dialect: Dialect) {
        let Some(labels) = labels.known() else { return };
        for (key, value) in labels {
            let path = Path::attribute(attribute).key(key);
            // Whatever the value will be, the key must be one.
            if let Err((rule, detail)) = labels::check(dialect, key, value.known().map_or("", String::as_str)) {
                self.add(rule, &path, &detail);
            }
        }
        let all = labels.iter().map(|(key, value)| (key.as_str(), value.known().map_or("", String::as_str)));
        if let Err((rule, detail)) = labels::check_all(dialect, all) {
            self.add(rule, &Path::attribute(attribute), &detail);
        }
    }
}
