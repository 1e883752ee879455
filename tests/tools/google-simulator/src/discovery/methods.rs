//! The methods of a discovery document: which requests each matches.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The discovery document of one API.
#[derive(Debug)]
pub(super) struct Document {
    methods: Vec<Method>,
    pub schemas: Map<String, Value>,
}

/// One method.
#[derive(Debug)]
pub(super) struct Method {
    pub id: String,
    verb: String,
    path: Vec<Token>,
    /// Parameters of the query, also those that every method has.
    query: BTreeMap<String, Value>,
    /// References to the schemas of the bodies.
    pub request: Option<Value>,
    pub response: Option<Value>,
}

/// A part of a path.
#[derive(Debug, PartialEq)]
enum Token {
    Literal(String),
    /// `[^/]+`
    Segment,
    /// `.*`
    Any,
}

impl Document {
    pub fn new(mut document: Value) -> Self {
        let schemas = match document["schemas"].take() {
            Value::Object(schemas) => schemas,
            _ => Map::new(),
        };
        let mut methods = Vec::new();
        collect(&document, &document, &mut methods);
        Self { methods, schemas }
    }

    /// The method of a request. A verb after a colon is more than the name of a resource.
    pub fn find(&self, verb: &str, path: &str) -> Option<&Method> {
        let matching = self.methods.iter().filter(|method| method.verb == verb && matches(&method.path, path));
        matching.max_by_key(|method| method.literal_length())
    }
}

/// Adds the methods of a resource and of those in it.
fn collect(document: &Value, resource: &Value, methods: &mut Vec<Method>) {
    for (_, method) in resource["methods"].as_object().into_iter().flatten() {
        let text = |name: &str| method[name].as_str().unwrap_or_default().to_owned();
        let service = document["servicePath"].as_str().unwrap_or_default();
        let is_query = |parameter: &Value| parameter["location"] == "query";
        let own = method["parameters"].as_object().into_iter().flatten().filter(|(_, parameter)| is_query(parameter));
        let common = document["parameters"].as_object().into_iter().flatten();
        methods.push(Method {
            id: text("id"),
            verb: text("httpMethod"),
            path: tokens(&template(&format!("/{service}{}", text("path")), &method["parameters"])),
            query: own.chain(common).map(|(name, parameter)| (name.clone(), parameter.clone())).collect(),
            request: method.get("request").cloned(),
            response: method.get("response").cloned(),
        });
    }
    for (_, inner) in resource["resources"].as_object().into_iter().flatten() {
        collect(document, inner, methods);
    }
}

/// A path whose variables are replaced by their patterns: `/v3/{+name}` is `/v3/projects/[^/]+`.
fn template(path: &str, parameters: &Value) -> String {
    let mut expanded = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let pattern = parameters[name.trim_start_matches('+')]["pattern"].as_str().unwrap_or("[^/]+");
        expanded += before;
        expanded += pattern.trim_start_matches('^').trim_end_matches('$');
        rest = after;
    }
    expanded + rest
}

/// The documents' patterns have only these two kinds of variable parts.
fn tokens(template: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let next = [("[^/]+", Token::Segment), (".*", Token::Any)]
            .into_iter()
            .filter_map(|(pattern, token)| Some((rest.find(pattern)?, pattern, token)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, pattern, token)) = next else {
            tokens.push(Token::Literal(rest.to_owned()));
            break;
        };
        if at > 0 {
            tokens.push(Token::Literal(rest[..at].to_owned()));
        }
        tokens.push(token);
        rest = &rest[at + pattern.len()..];
    }
    tokens
}

fn matches(tokens: &[Token], path: &str) -> bool {
    let Some((first, rest)) = tokens.split_first() else { return path.is_empty() };
    let ends = |allowed: fn(&str) -> bool| {
        let ends = path.char_indices().map(|(at, letter)| at + letter.len_utf8());
        ends.take_while(move |&end| allowed(&path[..end])).any(|end| matches(rest, &path[end..]))
    };
    match first {
        Token::Literal(text) => path.strip_prefix(text.as_str()).is_some_and(|path| matches(rest, path)),
        Token::Segment => ends(|text| !text.contains('/')),
        Token::Any => ends(|_| true),
    }
}

impl Method {
    pub fn literal_length(&self) -> usize {
        let length = |token: &Token| if let Token::Literal(text) = token { text.len() } else { 0 };
        self.path.iter().map(length).sum()
    }

    /// Adds what is wrong with a query: unknown parameters, and values that are not of their type.
    pub fn check_query(&self, query: &[(String, String)], problems: &mut Vec<String>) {
        for (key, value) in query.iter().filter(|(key, _)| key != "$alt") {
            let Some(parameter) = self.query.get(key) else {
                problems.push(format!("{} has no query parameter {key}", self.id));
                continue;
            };
            let good = match parameter["type"].as_str() {
                Some("integer") => value.parse::<i64>().is_ok(),
                Some("boolean") => value == "true" || value == "false",
                _ => parameter["enum"].as_array().is_none_or(|values| values.iter().any(|it| it == value.as_str())),
            };
            if !good {
                problems.push(format!("the query parameter {key} cannot be {value}"));
            }
        }
    }
}
