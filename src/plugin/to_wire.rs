//! The types of [`crate::sdk`] to sent protocol messages.

use super::proto::tfplugin6 as wire;
use crate::sdk::{
    Attribute, Diagnostic, Diagnostics, Kind, Parameter, Path, Presence, Schema, Severity, Signature, Step, Type,
    Value, encode,
};

/// A value in MessagePack, the only encoding that every core accepts from providers.
pub(super) fn value(value: &Value, ty: &Type) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: encode(value, ty).into(), ..Default::default() }
}

/// The state of a response. Core interprets a missing state as null, which means a deleted object, so a missing state is never
/// sent without an error.
pub(super) fn state(state: Option<&Value>, ty: &Type, diagnostics: &mut Diagnostics) -> Option<wire::DynamicValue> {
    if state.is_none() && !diagnostics.has_errors() {
        diagnostics.push(Diagnostic::bug("A call ended without a result and without an error."));
    }
    state.map(|state| value(state, ty))
}

pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        // Without a path core shows the whole block.
        attribute: (!diagnostic.path.is_root()).then(|| path(&diagnostic.path)),
    }
}

pub(super) fn path(path: &Path) -> wire::AttributePath {
    use wire::attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        wire::attribute_path::Step { selector: Some(selector) }
    });
    wire::AttributePath { steps: steps.collect() }
}

pub(super) fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema {
        version: schema.version,
        block: Some(wire::schema::Block {
            version: schema.version,
            attributes: attributes(&schema.attributes),
            description: schema.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            ..Default::default()
        }),
    }
}

fn attributes(attributes: &[Attribute]) -> Vec<wire::schema::Attribute> {
    attributes.iter().map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    use wire::schema::object::NestingMode;
    let nested = |nesting: NestingMode, nested: &[Attribute]| {
        Some(wire::schema::Object { attributes: attributes(nested), nesting: nesting.into(), ..Default::default() })
    };
    // Either a type or a nested type: core rejects a provider that sends both.
    let (ty, nested_type) = match &attribute.kind {
        Kind::Plain(ty) => (type_json(ty), None),
        Kind::Single(inner) => (Vec::new(), nested(NestingMode::Single, inner)),
        Kind::List(inner) => (Vec::new(), nested(NestingMode::List, inner)),
        Kind::Map(inner) => (Vec::new(), nested(NestingMode::Map, inner)),
    };
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type: ty,
        nested_type,
        description: attribute.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        required: attribute.presence == Presence::Required,
        optional: matches!(attribute.presence, Presence::Optional | Presence::OptionalComputed),
        computed: attribute.is_computed(),
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecation.is_some(),
        deprecation_message: attribute.deprecation.clone().unwrap_or_default(),
        write_only: false,
    }
}

fn type_json(ty: &Type) -> Vec<u8> {
    ty.to_json().to_string().into_bytes()
}

pub(super) fn function(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: type_json(&signature.returns) }),
        summary: signature.summary.to_owned(),
        description: signature.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: type_json(&parameter.ty),
        allow_null_value: parameter.allow_null,
        // For unknown arguments core returns unknown without a call.
        allow_unknown_values: false,
        description: parameter.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_a_type_or_a_nested_type() {
        let sent = schema(
            &Schema::new("A thing.")
                .with(Attribute::string("name").required().sensitive())
                .with(Attribute::map("parts", vec![Attribute::number("size").default(1)]).computed()),
        );
        let sent = sent.block.expect("a block").attributes;
        assert_eq!((sent[0].r#type.as_slice(), sent[0].nested_type.is_none()), (br#""string""#.as_slice(), true));
        assert!(sent[0].required && sent[0].sensitive && !sent[0].optional && !sent[0].computed);
        let parts = sent[1].nested_type.as_ref().expect("nested");
        assert!(sent[1].r#type.is_empty() && sent[1].computed && !sent[1].optional);
        assert_eq!(parts.nesting(), wire::schema::object::NestingMode::Map);
        assert!(parts.attributes[0].optional && parts.attributes[0].computed);
    }

    #[test]
    fn a_missing_state_is_never_sent_without_an_error() {
        let mut told = Diagnostics::from(Diagnostic::warning("w", ""));
        assert_eq!(state(None, &Type::String, &mut told), None);
        assert!(told.has_errors());
        let mut told = Diagnostics::from(Diagnostic::error("Refused", ""));
        state(None, &Type::String, &mut told);
        assert_eq!(told.iter().count(), 1);
    }

    #[test]
    fn a_diagnostic_keeps_its_path() {
        use wire::attribute_path::step::Selector;
        let told = Diagnostic::warning("w", "d").at(Path::attribute("a").key("b").index(3));
        let sent = diagnostics(told.into()).remove(0);
        assert_eq!(sent.severity(), wire::diagnostic::Severity::Warning);
        let steps: Vec<_> =
            sent.attribute.expect("a path").steps.into_iter().filter_map(|step| step.selector).collect();
        let expected =
            [Selector::AttributeName("a".into()), Selector::ElementKeyString("b".into()), Selector::ElementKeyInt(3)];
        assert_eq!(steps, expected);
        assert_eq!(diagnostics(Diagnostic::error("e", "").into())[0].attribute, None);
    }
}
