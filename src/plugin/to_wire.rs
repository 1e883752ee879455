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
        detail: diagnostic.text(),
        summary: diagnostic.summary,
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
            ..block(&schema.attributes, &schema.description, None)
        }),
    }
}

fn block(members: &[Attribute], description: &str, deprecation: Option<&String>) -> wire::schema::Block {
    wire::schema::Block {
        attributes: attributes(members),
        block_types: members.iter().filter_map(nested_block).collect(),
        description: description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecated: deprecation.is_some(),
        deprecation_message: deprecation.cloned().unwrap_or_default(),
        ..Default::default()
    }
}

fn nested_block(attribute: &Attribute) -> Option<wire::schema::NestedBlock> {
    use wire::schema::nested_block::NestingMode;
    // Core requires equal bounds of a single block, and none of blocks with labels. A list without bounds has any length.
    let required = i64::from(attribute.presence == Presence::Required);
    let (members, nesting, items) = match &attribute.kind {
        Kind::Block(members) => (members, NestingMode::Single, required),
        Kind::Blocks(members) => (members, NestingMode::List, 0),
        Kind::LabelledBlocks(members) => (members, NestingMode::Map, 0),
        Kind::Plain(_) | Kind::Single(_) | Kind::List(_) | Kind::Map(_) => return None,
    };
    Some(wire::schema::NestedBlock {
        type_name: attribute.name.clone(),
        block: Some(block(members, &attribute.description, attribute.deprecation.as_ref())),
        nesting: nesting.into(),
        min_items: items,
        max_items: items,
    })
}

fn attributes(members: &[Attribute]) -> Vec<wire::schema::Attribute> {
    members.iter().filter_map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> Option<wire::schema::Attribute> {
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
        Kind::Block(_) | Kind::Blocks(_) | Kind::LabelledBlocks(_) => return None,
    };
    Some(wire::schema::Attribute {
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
    })
}

/// The schema of an identity. Each of its attributes is required or optional for an import.
pub(super) fn identity(schema: &Schema) -> wire::ResourceIdentitySchema {
    let attribute = |attribute: &Attribute| wire::resource_identity_schema::IdentityAttribute {
        name: attribute.name.clone(),
        r#type: type_json(&attribute.ty()),
        required_for_import: attribute.presence == Presence::Required,
        optional_for_import: attribute.presence != Presence::Required,
        description: attribute.description.clone(),
    };
    wire::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: schema.attributes.iter().map(attribute).collect(),
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
    use crate::codes;

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
    fn a_block_is_no_attribute_and_has_the_bounds_that_core_requires() {
        use wire::schema::nested_block::NestingMode;
        let members = || vec![Attribute::string("path"), Attribute::block("inner", vec![Attribute::bool("on")])];
        let sent = schema(
            &Schema::new("A thing.")
                .with(Attribute::block("source", members()).required().describe("Where."))
                .with(Attribute::block("store", members()))
                .with(Attribute::blocks("step", members()))
                .with(Attribute::labelled_blocks("part", members())),
        );
        let sent = sent.block.expect("a block");
        assert!(sent.attributes.is_empty());
        let bounds: Vec<_> = sent
            .block_types
            .iter()
            .map(|each| (each.type_name.as_str(), each.nesting(), each.min_items, each.max_items))
            .collect();
        let expected = [
            ("source", NestingMode::Single, 1, 1),
            ("store", NestingMode::Single, 0, 0),
            ("step", NestingMode::List, 0, 0),
            ("part", NestingMode::Map, 0, 0),
        ];
        assert_eq!(bounds, expected);
        let source = sent.block_types[0].block.as_ref().expect("a block");
        assert_eq!((source.attributes.len(), source.block_types.len(), source.description.as_str()), (1, 1, "Where."));
    }

    #[test]
    fn a_missing_state_is_never_sent_without_an_error() {
        let mut told = Diagnostics::from(Diagnostic::new(codes::READ_FROM_FALLBACK, ""));
        assert_eq!(state(None, &Type::String, &mut told), None);
        assert!(told.has_errors());
        let mut told = Diagnostics::from(Diagnostic::new(codes::INVALID_VALUE, ""));
        state(None, &Type::String, &mut told);
        assert_eq!(told.iter().count(), 1);
    }

    #[test]
    fn a_diagnostic_keeps_its_path() {
        use wire::attribute_path::step::Selector;
        let told = Diagnostic::new(codes::READ_FROM_FALLBACK, "d").at(Path::attribute("a").key("b").index(3));
        let sent = diagnostics(told.into()).remove(0);
        assert_eq!(sent.severity(), wire::diagnostic::Severity::Warning);
        let steps: Vec<_> =
            sent.attribute.expect("a path").steps.into_iter().filter_map(|step| step.selector).collect();
        let expected =
            [Selector::AttributeName("a".into()), Selector::ElementKeyString("b".into()), Selector::ElementKeyInt(3)];
        assert_eq!(steps, expected);
        assert_eq!(diagnostics(Diagnostic::new(codes::INVALID_VALUE, "").into())[0].attribute, None);
    }
}
