//! The provider's resources, data sources and functions by name, with the types of their schemas.

use crate::codes;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::super::proto::tfplugin6 as wire;
use super::super::to_wire;
use crate::sdk::{DataSource, Diagnostic, Function, Provider, Resource, Schema, Signature, Type, Value};

/// Built on first use: a type is computed from its schema once per process, not once per call.
#[derive(Default)]
pub(super) struct Catalogue {
    block: OnceLock<(Schema, Type)>,
    resources: OnceLock<BTreeMap<String, Entry<dyn Resource>>>,
    data_sources: OnceLock<BTreeMap<String, Entry<dyn DataSource>>>,
    functions: OnceLock<BTreeMap<&'static str, Signed>>,
}

/// A function and its parameters.
pub(super) type Signed = (Arc<dyn Function>, Signature);

/// A resource or data source, and the type of its values.
pub(super) struct Entry<T: ?Sized> {
    pub item: Arc<T>,
    ty: OnceLock<Type>,
    identity: OnceLock<Option<Type>>,
}

impl<T: ?Sized> Entry<T> {
    fn new(item: &Arc<T>) -> Self {
        Self { item: Arc::clone(item), ty: OnceLock::new(), identity: OnceLock::new() }
    }
}

impl Entry<dyn Resource> {
    pub(super) fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.item.schema().ty())
    }

    /// The type of its identities.
    ///
    /// # Errors
    /// Core has the identity schemas, so it uses one of a resource without identity only if it has those of another version.
    pub(super) fn identity_ty(&self) -> Result<&Type, Diagnostic> {
        let ty = self.identity.get_or_init(|| self.item.identity().map(Schema::ty));
        ty.as_ref().ok_or_else(|| unknown("resource identity", self.item.name()))
    }

    /// An identity as a message. A resource without identity never sends one: core ends with a crash on it.
    pub(super) fn identity(&self, identity: Option<&Value>) -> Option<wire::ResourceIdentityData> {
        let identity = to_wire::value(identity?, self.identity_ty().ok()?);
        Some(wire::ResourceIdentityData { identity_data: Some(identity) })
    }
}

impl Entry<dyn DataSource> {
    pub(super) fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.item.schema().ty())
    }
}

impl Catalogue {
    /// The provider block's schema and type.
    pub(super) fn block(&self, provider: &dyn Provider) -> &(Schema, Type) {
        self.block.get_or_init(|| {
            let schema = provider.schema();
            let ty = schema.ty();
            (schema, ty)
        })
    }

    pub(super) fn resource(&self, provider: &dyn Provider, name: &str) -> Result<&Entry<dyn Resource>, Diagnostic> {
        let all = self.resources.get_or_init(|| {
            provider.resources().iter().map(|item| (item.name().to_owned(), Entry::new(item))).collect()
        });
        all.get(name).ok_or_else(|| unknown("resource type", name))
    }

    pub(super) fn data_source(
        &self,
        provider: &dyn Provider,
        name: &str,
    ) -> Result<&Entry<dyn DataSource>, Diagnostic> {
        let all = self.data_sources.get_or_init(|| {
            provider.data_sources().iter().map(|item| (item.name().to_owned(), Entry::new(item))).collect()
        });
        all.get(name).ok_or_else(|| unknown("data source", name))
    }

    pub(super) fn function(&self, provider: &dyn Provider, name: &str) -> Result<&Signed, Diagnostic> {
        let all = self.functions.get_or_init(|| {
            let functions = provider.functions().iter();
            functions.map(|item| (item.name(), (Arc::clone(item), item.signature()))).collect()
        });
        all.get(name).ok_or_else(|| unknown("function", name))
    }
}

/// Core has the provider's schema, so it uses an unknown name only if it has the schema of another version.
pub(super) fn unknown(kind: &str, name: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::NOT_IN_THIS_VERSION,
        format!("Provider has no {kind} `{name}`"),
        format!(
            "This version of the provider has no {kind} `{name}`. If another version has it, choose that one under \
             `required_providers` and run `terraform init -upgrade`."
        ),
    )
}
