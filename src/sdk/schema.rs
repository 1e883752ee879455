//! Schemas: what a block may hold. They are also the source of the documentation.

use std::fmt;
use std::sync::Arc;

use super::{Diagnostics, Path, Type, Value};

/// The schema of a resource, data source or provider block.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Version of the *state* written under it. Raise it with an upgrade, never otherwise.
    pub version: i64,
    /// What it is, in Markdown.
    pub description: String,
    /// Its attributes, in the order the documentation lists them.
    pub attributes: Vec<Attribute>,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may; otherwise it is null.
    Optional,
    /// The user may; otherwise the provider does.
    OptionalComputed,
    /// The provider does.
    Computed,
}

/// What an attribute holds.
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
}

/// One attribute.
#[derive(Clone)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What it means, in Markdown.
    pub description: String,
    /// What it holds.
    pub kind: Kind,
    /// Who sets it.
    pub presence: Presence,
    /// Whether Terraform hides it in output.
    pub sensitive: bool,
    /// Why it should no longer be used.
    pub deprecation: Option<String>,
    /// The value when the configuration has none. Needs [`Presence::OptionalComputed`].
    pub default: Option<Value>,
    /// Rules for configured values.
    pub validators: Vec<Arc<dyn Validator>>,
    /// Changes to the planned value.
    pub plan_modifiers: Vec<Arc<dyn PlanModifier>>,
}

/// A rule for one attribute's configured value.
pub trait Validator: Send + Sync {
    /// Checks a value that is neither null nor unknown (though something inside it may be).
    fn check(&self, path: &Path, value: &Value, diagnostics: &mut Diagnostics);
    /// The rule in words, for the documentation: "one of `a`, `b`".
    fn describe(&self) -> String;
}

/// Changes one attribute's planned value.
pub trait PlanModifier: Send + Sync {
    /// `prior` is null on create. Must not change a value that is set in the configuration.
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

    /// An attribute of any type. Optional until said otherwise.
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

    /// Terraform hides it.
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// What it means, in Markdown.
    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// The value when the configuration has none.
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.presence = Presence::OptionalComputed;
        self.default = Some(value.into());
        self
    }

    /// A rule for configured values.
    pub fn rule(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    /// A change to the planned value.
    pub fn modify(mut self, modifier: impl PlanModifier + 'static) -> Self {
        self.plan_modifiers.push(Arc::new(modifier));
        self
    }

    /// The attribute's type, nested ones written out.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Plain(ty) => ty.clone(),
            Kind::Single(attributes) => object_type(attributes),
            Kind::List(attributes) => Type::list(object_type(attributes)),
            Kind::Map(attributes) => Type::map(object_type(attributes)),
        }
    }

    /// Nested attributes, if it has any.
    pub fn nested(&self) -> Option<&[Attribute]> {
        match &self.kind {
            Kind::Plain(_) => None,
            Kind::Single(attributes) | Kind::List(attributes) | Kind::Map(attributes) => Some(attributes),
        }
    }

    /// Whether the provider may set it.
    pub fn is_computed(&self) -> bool {
        matches!(self.presence, Presence::Computed | Presence::OptionalComputed)
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|attribute| (attribute.name.clone(), attribute.ty())).collect())
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

    /// The type of the whole block.
    pub fn ty(&self) -> Type {
        object_type(&self.attributes)
    }
}
