//! The envelope around each entry of the document: `{"type": …, "spec": {…}}`.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, SchemaGenerator};

/// An entry's `type`.
pub(crate) trait Kind {
    const TYPE: &'static str;
}

/// `{"type": …, "spec": {…}}`.
pub(crate) struct Envelope<T>(PhantomData<T>);

impl<T: Kind + JsonSchema> JsonSchema for Envelope<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Entry", T::TYPE).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        let spec = generator.subschema_for::<T>();
        schemars::json_schema!({
            "type": "object",
            "properties": {"type": {"const": T::TYPE}, "spec": spec},
            "required": ["type", "spec"],
        })
    }
}
