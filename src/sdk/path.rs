//! Paths: the place of a value in a configuration or state.

use std::fmt;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.name`
    Attribute(String),
    /// `["key"]`
    Key(String),
    /// `[0]`
    Index(i64),
}

/// A path from the root of a resource, data source or provider block.
///
/// ```
/// use anu::sdk::Path;
/// assert_eq!(Path::attribute("iam").key("gc-prd").index(0).to_string(), r#"iam["gc-prd"][0]"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// An attribute of the root.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self::root().then(name)
    }

    /// An attribute of the object at this path.
    pub fn then(mut self, name: impl Into<String>) -> Self {
        self.0.push(Step::Attribute(name.into()));
        self
    }

    /// An element of the map at this path.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// An element of the list at this path.
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)));
        self
    }

    /// The path of what contains this place. `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, steps) = self.0.split_last()?;
        Some(Self(steps.to_vec()))
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
