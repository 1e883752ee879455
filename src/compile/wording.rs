//! What the evaluator reports, in sentences close to those of Jsonnet's own implementations, so that a search finds them.

use rsjsonnet_lang::ast::{BinaryOp, UnaryOp};
use rsjsonnet_lang::lexer::LexError;
use rsjsonnet_lang::parser::{ActualToken, ExpectedToken, ParseError};
use rsjsonnet_lang::program::{AnalyzeError, EvalErrorKind, EvalErrorValueType, EvalStackTraceItem, LoadError};
use rsjsonnet_lang::span::SpanId;
use rsjsonnet_lang::token::STokenKind;

/// Why a text is not a program, and where.
pub(super) fn load_error(error: &LoadError) -> (String, SpanId) {
    match error {
        LoadError::Lex(error) => {
            let (message, span) = lex_error(error);
            (format!("Syntax error: {message}"), span)
        }
        LoadError::Parse(ParseError::Expected { span, expected, instead }) => {
            let expected: Vec<String> = expected.iter().map(|token| expected_token(*token)).collect();
            let instead = actual_token(instead);
            (format!("Syntax error: expected {}, found {instead}", one_of(&expected)), *span)
        }
        LoadError::Analyze(error) => analyze_error(error),
    }
}

fn lex_error(error: &LexError) -> (String, SpanId) {
    let (message, span) = match error {
        LexError::InvalidChar { span, chr } => return (format!("unexpected character `{chr}`"), *span),
        LexError::InvalidEscapeInString { span, chr } => {
            return (format!("unknown escape sequence `\\{chr}` in a string"), *span);
        }
        LexError::InvalidUtf8 { span, .. } => ("the text is not UTF-8", span),
        LexError::UnfinishedMultilineComment { span } => ("the comment has no terminating `*/`", span),
        LexError::LeadingZeroInNumber { span } => ("a number must not begin with `0`", span),
        LexError::MissingFracDigits { span } => ("a number must have a digit after `.`", span),
        LexError::MissingExpDigits { span } => ("a number must have a digit after `e`", span),
        LexError::MissingDigitAfterUnderscore { span } => ("a number must have a digit after `_`", span),
        LexError::ExpOverflow { span } => ("the exponent of the number is too large", span),
        LexError::IncompleteUnicodeEscape { span } => ("`\\u` must be followed by four hexadecimal digits", span),
        LexError::InvalidUtf16EscapeSequence { span, .. } => ("the escape sequence is not a character", span),
        LexError::UnfinishedString { span } => ("the string has no closing quote", span),
        LexError::MissingLineBreakAfterTextBlockStart { span } => ("`|||` must be followed by a line break", span),
        LexError::MissingWhitespaceTextBlockStart { span } => {
            ("the first line of a text block (`|||`) must begin with whitespace", span)
        }
        LexError::InvalidTextBlockTermination { span } => ("the text block is not terminated with `|||`", span),
    };
    (message.to_owned(), *span)
}

fn analyze_error(error: &AnalyzeError) -> (String, SpanId) {
    match error {
        AnalyzeError::UnknownVariable { span, name } => (format!("Unknown variable: {name}"), *span),
        AnalyzeError::SelfOutsideObject { self_span } => ("Can't use self outside of an object".into(), *self_span),
        AnalyzeError::SuperOutsideObject { super_span } => ("Can't use super outside of an object".into(), *super_span),
        AnalyzeError::DollarOutsideObject { dollar_span } => {
            ("No top-level object found: `$` is outside of an object".into(), *dollar_span)
        }
        AnalyzeError::RepeatedLocalName { repeated_span, name, .. } => {
            (format!("Duplicate local variable: {name}"), *repeated_span)
        }
        AnalyzeError::RepeatedFieldName { repeated_span, name, .. } => {
            (format!("Duplicate field: {name}"), *repeated_span)
        }
        AnalyzeError::RepeatedParamName { repeated_span, name, .. } => {
            (format!("Duplicate function parameter: {name}"), *repeated_span)
        }
        AnalyzeError::PositionalArgAfterNamed { arg_span } => {
            ("Positional argument after a named argument is not allowed".into(), *arg_span)
        }
        AnalyzeError::TextBlockAsImportPath { span } => {
            ("Block string literals are not allowed in imports".into(), *span)
        }
        AnalyzeError::ComputedImportPath { span } => ("Computed imports are not allowed".into(), *span),
    }
}

/// Why an evaluation failed, and where, unless only its stack tells.
pub(super) fn evaluation_error(kind: &EvalErrorKind) -> (String, Option<SpanId>) {
    use EvalErrorKind as Kind;
    let expected =
        |what: &str, got: &EvalErrorValueType| format!("Unexpected type {}, expected {what}", type_name(*got));
    match kind {
        Kind::StackOverflow => ("Max stack frames exceeded".into(), None),
        Kind::InfiniteRecursion => ("Infinite recursion: the value depends on itself".into(), None),
        Kind::InvalidIndexedType { span, got_type } => (expected("object, array or string", got_type), Some(*span)),
        Kind::InvalidSlicedType { span, got_type } => (expected("array or string", got_type), Some(*span)),
        Kind::SliceIndexOrStepIsNotNumber { span, got_type }
        | Kind::StringIndexIsNotNumber { span, got_type }
        | Kind::ArrayIndexIsNotNumber { span, got_type } => (expected("number", got_type), Some(*span)),
        Kind::NumericIndexIsNotValid { span, index } => (format!("Index is not an integer: {index}"), Some(*span)),
        Kind::NumericIndexOutOfRange { span, index, length } => {
            (format!("Index {index} out of bounds, not within [0, {length})"), Some(*span))
        }
        Kind::ObjectIndexIsNotString { span, got_type } | Kind::FieldNameIsNotString { span, got_type } => {
            (expected("string", got_type), Some(*span))
        }
        Kind::RepeatedFieldName { span, name } => (format!("Duplicate field name: {name}"), Some(*span)),
        Kind::UnknownObjectField { span, field_name } => (format!("Field does not exist: {field_name}"), Some(*span)),
        Kind::FieldOfNonObject { span } => ("Field of a value that is not an object".into(), Some(*span)),
        Kind::SuperWithoutSuperObject { span } => {
            ("Attempt to use super when there is no super class".into(), Some(*span))
        }
        Kind::ForSpecValueIsNotArray { span, got_type } => (expected("array", got_type), Some(*span)),
        Kind::CondIsNotBool { span, got_type } => (expected("boolean", got_type), Some(*span)),
        Kind::CalleeIsNotFunction { span, got_type } => (expected("function", got_type), *span),
        Kind::TooManyCallArgs { span, num_params } => {
            (format!("Too many arguments, the function has {num_params}"), *span)
        }
        Kind::UnknownCallParam { span, param_name } => (format!("Function has no parameter {param_name}"), *span),
        Kind::RepeatedCallParam { span, param_name } => (format!("Argument {param_name} already provided"), *span),
        Kind::CallParamNotBound { span, param_name } => (format!("Missing argument: {param_name}"), *span),
        Kind::NativeCallFailed => ("Native function call failed".into(), None),
        Kind::InvalidUnaryOpType { span, op, rhs_type } => {
            (format!("Unary operator `{}` does not operate on type {}", unary(*op), type_name(*rhs_type)), Some(*span))
        }
        Kind::InvalidBinaryOpTypes { span, op, lhs_type, rhs_type } => {
            let types = format!("{} and {}", type_name(*lhs_type), type_name(*rhs_type));
            (format!("Binary operator `{}` does not operate on types {types}", binary(*op)), *span)
        }
        Kind::NumberNotBitwiseSafe { span } => {
            ("Numeric value is outside of the safe integer range for bitwise operations".into(), *span)
        }
        Kind::NumberOverflow { span } => ("Numeric overflow".into(), *span),
        Kind::NumberNan { span } => ("Not a number".into(), *span),
        Kind::DivByZero { span } => ("Division by zero".into(), *span),
        Kind::ShiftByNegative { span } => ("Shift by a negative exponent".into(), *span),
        Kind::InvalidStdFuncArgType { func_name, arg_index, expected_types, got_type } => {
            let types: Vec<String> = expected_types.iter().map(|one| type_name(*one).to_owned()).collect();
            let nth = arg_index + 1;
            let got = type_name(*got_type);
            (format!("std.{func_name}: argument {nth} must be {}, got {got}", one_of(&types)), None)
        }
        Kind::AssertFailed { span, message } => {
            (message.clone().unwrap_or_else(|| "Assertion failed".into()), Some(*span))
        }
        Kind::AssertEqualFailed { lhs, rhs } => (format!("Assertion failed. {lhs} != {rhs}"), None),
        Kind::ExplicitError { span, message } => (message.clone(), Some(*span)),
        Kind::ImportFailed { span, path } => (format!("Import `{path}` failed"), Some(*span)),
        Kind::UnknownExtVar { name } => (format!("Undefined external variable: {name}"), None),
        Kind::ManifestFunction => ("A function is not a value of a JSON document".into(), None),
        Kind::CompareNullInequality => ("Values of type null cannot be ordered".into(), None),
        Kind::CompareBooleanInequality => ("Values of type boolean cannot be ordered".into(), None),
        Kind::CompareObjectInequality => ("Values of type object cannot be ordered".into(), None),
        Kind::CompareFunctions => ("Cannot test equality of functions".into(), None),
        Kind::CompareDifferentTypesInequality { lhs_type, rhs_type } => {
            (format!("Values of types {} and {} cannot be ordered", type_name(*lhs_type), type_name(*rhs_type)), None)
        }
        Kind::PrimitiveEqualsNonPrimitive { got_type } => {
            (format!("std.primitiveEquals: unexpected type {}", type_name(*got_type)), None)
        }
        Kind::Other { span, message } => (message.clone(), *span),
    }
}

/// A step on the way to an error; `None` for those that only repeat the next one.
pub(super) fn frame(item: &EvalStackTraceItem) -> Option<String> {
    use EvalStackTraceItem as Item;
    Some(match item {
        Item::Expr { .. } => return None,
        Item::Call { name: Some(name), .. } => format!("function `{name}`"),
        Item::Call { name: None, .. } => "a function".into(),
        Item::Variable { name, .. } => format!("variable `{name}`"),
        Item::ArrayItem { index, .. } => format!("array element {index}"),
        Item::ObjectField { name, .. } => format!("field `{name}`"),
        Item::CompareArrayItem { index } => format!("the comparison of array element {index}"),
        Item::CompareObjectField { name } => format!("the comparison of field `{name}`"),
        Item::ManifestArrayItem { index } => format!("the output's array element {index}"),
        Item::ManifestObjectField { name } => format!("the output's field `{name}`"),
        Item::Import { .. } => "an import".into(),
    })
}

/// Where a step is.
pub(super) fn span(item: &EvalStackTraceItem) -> Option<SpanId> {
    use EvalStackTraceItem as Item;
    match item {
        Item::Expr { span } | Item::Variable { span, .. } | Item::Import { span } => Some(*span),
        Item::Call { span, .. } | Item::ArrayItem { span, .. } | Item::ObjectField { span, .. } => *span,
        Item::CompareArrayItem { .. }
        | Item::CompareObjectField { .. }
        | Item::ManifestArrayItem { .. }
        | Item::ManifestObjectField { .. } => None,
    }
}

fn type_name(value: EvalErrorValueType) -> &'static str {
    match value {
        EvalErrorValueType::Null => "null",
        EvalErrorValueType::Bool => "boolean",
        EvalErrorValueType::Number => "number",
        EvalErrorValueType::String => "string",
        EvalErrorValueType::Array => "array",
        EvalErrorValueType::Object => "object",
        EvalErrorValueType::Function => "function",
    }
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(texts: &[String]) -> String {
    match texts {
        [] => "nothing".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn expected_token(token: ExpectedToken) -> String {
    match token {
        ExpectedToken::EndOfFile => "the end of the file".into(),
        ExpectedToken::Simple(kind) => format!("`{}`", token_text(kind)),
        ExpectedToken::Ident => "an identifier".into(),
        ExpectedToken::Number => "a number".into(),
        ExpectedToken::String => "a string".into(),
        ExpectedToken::TextBlock => "a text block".into(),
        ExpectedToken::Expr => "an expression".into(),
        ExpectedToken::BinaryOp => "an operator".into(),
    }
}

fn actual_token(token: &ActualToken) -> String {
    match token {
        ActualToken::EndOfFile => "the end of the file".into(),
        ActualToken::Simple(kind) => format!("`{}`", token_text(*kind)),
        ActualToken::OtherOp(op) => format!("`{op}`"),
        ActualToken::Ident(name) => format!("`{name}`"),
        ActualToken::Number => "a number".into(),
        ActualToken::String => "a string".into(),
        ActualToken::TextBlock => "a text block".into(),
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
        UnaryOp::BitwiseNot => "~",
        UnaryOp::LogicNot => "!",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::In => "in",
        BinaryOp::BitwiseAnd => "&",
        BinaryOp::BitwiseOr => "|",
        BinaryOp::BitwiseXor => "^",
        BinaryOp::LogicAnd => "&&",
        BinaryOp::LogicOr => "||",
    }
}

fn token_text(kind: STokenKind) -> &'static str {
    use STokenKind as Token;
    match kind {
        Token::Assert => "assert",
        Token::Else => "else",
        Token::Error => "error",
        Token::False => "false",
        Token::For => "for",
        Token::Function => "function",
        Token::If => "if",
        Token::Import => "import",
        Token::Importstr => "importstr",
        Token::Importbin => "importbin",
        Token::In => "in",
        Token::Local => "local",
        Token::Null => "null",
        Token::Tailstrict => "tailstrict",
        Token::Then => "then",
        Token::Self_ => "self",
        Token::Super => "super",
        Token::True => "true",
        Token::Exclam => "!",
        Token::ExclamEq => "!=",
        Token::Dollar => "$",
        Token::Percent => "%",
        Token::Amp => "&",
        Token::AmpAmp => "&&",
        Token::LeftParen => "(",
        Token::RightParen => ")",
        Token::Asterisk => "*",
        Token::Plus => "+",
        Token::PlusColon => "+:",
        Token::PlusColonColon => "+::",
        Token::PlusColonColonColon => "+:::",
        Token::Comma => ",",
        Token::Minus => "-",
        Token::Dot => ".",
        Token::Slash => "/",
        Token::Colon => ":",
        Token::ColonColon => "::",
        Token::ColonColonColon => ":::",
        Token::Semicolon => ";",
        Token::Lt => "<",
        Token::LtLt => "<<",
        Token::LtEq => "<=",
        Token::Eq => "=",
        Token::EqEq => "==",
        Token::Gt => ">",
        Token::GtEq => ">=",
        Token::GtGt => ">>",
        Token::LeftBracket => "[",
        Token::RightBracket => "]",
        Token::Hat => "^",
        Token::LeftBrace => "{",
        Token::Pipe => "|",
        Token::PipePipe => "||",
        Token::RightBrace => "}",
        Token::Tilde => "~",
    }
}
