//! Environment variables: those of the process, or those of a test.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The variables that say which server and which identity a connection uses. `Debug` shows no values.
#[derive(Clone, Default)]
pub struct Environment {
    /// None: those of the process.
    given: Option<Arc<BTreeMap<String, String>>>,
}

impl Environment {
    /// The variables of this process.
    pub fn of_this_process() -> Self {
        Self::default()
    }

    /// These variables and no others.
    pub fn of<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let given = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { given: Some(Arc::new(given)) }
    }

    /// The value of a variable. An empty one is as good as none.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = match &self.given {
            Some(given) => given.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The first of these variables that has a value, with its name.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, String)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given {
            Some(given) => f.debug_set().entries(given.keys()).finish(),
            None => f.write_str("the process's"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_and_not_printed() {
        let environment = Environment::of([("TOKEN", " hunter2\n"), ("EMPTY", "")]);
        assert_eq!(environment.get("TOKEN").as_deref(), Some("hunter2"));
        assert_eq!((environment.get("EMPTY"), environment.get("PATH")), (None, None));
        assert_eq!(environment.first(&["EMPTY", "TOKEN"]), Some(("TOKEN", "hunter2".to_owned())));
        assert_eq!(format!("{environment:?}"), r#"{"EMPTY", "TOKEN"}"#);
        assert!(Environment::of_this_process().get("PATH").is_some());
    }
}
