//! Schemas: the attributes and nested blocks of a block. They are also the source of the documentation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Diagnostics, Path, Type, Value};

/// The schema of a resource, data source or provider block.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// The version of the *state*. It is raised only together with an upgrade.
    pub version: i64,
    /// The description, in Markdown.
    pub description: String,
    /// The attributes and nested blocks, in the order of the documentation.
    pub attributes: Vec<Attribute>,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The user must set it.
    Required,
    /// The user may set it. Otherwise it is null.
    Optional,
    /// The user may set it. Otherwise the provider does.
    OptionalComputed,
    /// The provider sets it.
    Computed,
}

/// The kind of value of an attribute.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value of a type.
    Plain(Type),
    /// One nested object.
    Single(Vec<Attribute>),
    /// A list of nested objects.
    List(Vec<Attribute>),
    /// A map of nested objects.
    Map(Vec<Attribute>),
    /// A nested block: `name { … }`, at most once. Its value is an object, or null without the block.
    Block(Vec<Attribute>),
    /// Nested blocks, any number of them, in their order. Their value is a list of objects, never null.
    Blocks(Vec<Attribute>),
    /// Nested blocks with a label: `name "LABEL" { … }`. Their value is a map of objects by label, never null.
    ///
    /// A `dynamic` block of this kind needs labels that are known at validation, when every input variable is unknown.
    LabelledBlocks(Vec<Attribute>),
}

/// One attribute or nested block.
///
/// What a user writes as an object is a block: core refuses a misspelt name in a block, but removes it silently from an object
/// before the provider receives the value.
#[derive(Clone)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The description, in Markdown.
    pub description: String,
    /// The kind of value.
    pub kind: Kind,
    /// Who sets it.
    pub presence: Presence,
    /// Whether Terraform hides it in output.
    pub sensitive: bool,
    /// The deprecation message.
    pub deprecation: Option<String>,
    /// The default for a missing value. It requires [`Presence::OptionalComputed`].
    pub default: Option<Value>,
    /// Rules for configured values.
    pub validators: Vec<Arc<dyn Validator>>,
    /// Changes to the planned value.
    pub plan_modifiers: Vec<Arc<dyn PlanModifier>>,
}

/// A rule for one attribute's configured value.
pub trait Validator: Send + Sync {
    /// Validates a value that is neither null nor unknown (but may contain such values).
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics);
    /// The rule in words, for the documentation: "one of `a`, `b`".
    fn describe(&self) -> String;
}

/// A change of one attribute's planned value.
pub trait PlanModifier: Send + Sync {
    /// `prior` is null on create. It must not change a value that is set in the configuration.
    fn modify(&self, path: &Path, config: &Value, prior: &Value, planned: &mut Value);
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("presence", &self.presence)
            .finish_non_exhaustive()
    }
}

impl Attribute {
    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            kind,
            presence: Presence::Optional,
            sensitive: false,
            deprecation: None,
            default: None,
            validators: Vec::new(),
            plan_modifiers: Vec::new(),
        }
    }

    /// An optional attribute of any type.
    pub fn of(name: &str, ty: Type) -> Self {
        Self::new(name, Kind::Plain(ty))
    }

    /// A `string`.
    pub fn string(name: &str) -> Self {
        Self::of(name, Type::String)
    }

    /// A `bool`.
    pub fn bool(name: &str) -> Self {
        Self::of(name, Type::Bool)
    }

    /// A `number`.
    pub fn number(name: &str) -> Self {
        Self::of(name, Type::Number)
    }

    /// One nested object.
    pub fn single(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::Single(attributes))
    }

    /// A list of nested objects.
    pub fn list(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::List(attributes))
    }

    /// A map of nested objects.
    pub fn map(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::Map(attributes))
    }

    /// A nested block, at most once.
    pub fn block(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::Block(attributes))
    }

    /// Nested blocks, any number of them.
    pub fn blocks(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::Blocks(attributes))
    }

    /// Nested blocks with a label.
    pub fn labelled_blocks(name: &str, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::LabelledBlocks(attributes))
    }

    /// The user must set it.
    pub fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// The provider sets it.
    pub fn computed(mut self) -> Self {
        self.presence = Presence::Computed;
        self
    }

    /// The user may set it, otherwise the provider does.
    pub fn optional_computed(mut self) -> Self {
        self.presence = Presence::OptionalComputed;
        self
    }

    /// Terraform hides the value in output.
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Sets the description, in Markdown.
    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets the default for a missing value.
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.presence = Presence::OptionalComputed;
        self.default = Some(value.into());
        self
    }

    /// Adds a rule for configured values.
    pub fn rule(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    /// Adds a change of the planned value.
    pub fn modify(mut self, modifier: impl PlanModifier + 'static) -> Self {
        self.plan_modifiers.push(Arc::new(modifier));
        self
    }

    /// The attribute's type, including nested attributes.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Plain(ty) => ty.clone(),
            Kind::Single(attributes) | Kind::Block(attributes) => object_type(attributes),
            Kind::List(attributes) | Kind::Blocks(attributes) => Type::list(object_type(attributes)),
            Kind::Map(attributes) | Kind::LabelledBlocks(attributes) => Type::map(object_type(attributes)),
        }
    }

    /// Nested attributes and blocks, if it has any.
    pub fn nested(&self) -> Option<&[Attribute]> {
        match &self.kind {
            Kind::Plain(_) => None,
            Kind::Single(attributes)
            | Kind::List(attributes)
            | Kind::Map(attributes)
            | Kind::Block(attributes)
            | Kind::Blocks(attributes)
            | Kind::LabelledBlocks(attributes) => Some(attributes),
        }
    }

    /// Whether it is a nested block.
    pub fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Block(_) | Kind::Blocks(_) | Kind::LabelledBlocks(_))
    }

    /// Whether the provider may set it.
    pub fn is_computed(&self) -> bool {
        matches!(self.presence, Presence::Computed | Presence::OptionalComputed)
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|attribute| (attribute.name.clone(), attribute.ty())).collect())
}

fn complete(attributes: &[Attribute], value: Value) -> Value {
    let Value::Map(mut values) = value else { return value };
    for attribute in attributes.iter().filter(|attribute| attribute.is_block()) {
        let slot = values.entry(attribute.name.clone()).or_default();
        *slot = match (&attribute.kind, std::mem::take(slot)) {
            (Kind::Blocks(_), Value::Null) => Value::List(Vec::new()),
            (Kind::LabelledBlocks(_), Value::Null) => Value::Map(BTreeMap::new()),
            (Kind::Blocks(nested), Value::List(all)) => {
                Value::List(all.into_iter().map(|each| complete(nested, each)).collect())
            }
            (Kind::LabelledBlocks(nested), Value::Map(all)) => {
                Value::Map(all.into_iter().map(|(label, each)| (label, complete(nested, each))).collect())
            }
            (Kind::Block(nested), each) => complete(nested, each),
            (_, other) => other,
        };
    }
    Value::Map(values)
}

impl Schema {
    /// An empty schema of version 0.
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), ..Self::default() }
    }

    /// Adds an attribute.
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// A value as core requires it: without any block, a list or map of blocks is empty, never null.
    pub fn complete(&self, value: Value) -> Value {
        complete(&self.attributes, value)
    }

    /// The type of the whole block.
    pub fn ty(&self) -> Type {
        object_type(&self.attributes)
    }
}
