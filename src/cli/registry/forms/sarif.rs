//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Finding, Level, Rule};
use crate::codes;
use crate::printable::escape;

/// The log of one run, with the rules that were checked.
pub(in crate::cli::registry) fn log(rules: &[Rule], findings: &[Finding]) -> Json {
    let results = findings.iter().map(|finding| result(rules, finding));
    let rules = rules.iter().map(|rule| {
        json!({
            "id": rule.code,
            "name": rule.title,
            "shortDescription": {"text": rule.title},
            "helpUri": help(rule),
            "defaultConfiguration": {"level": level(rule.level)},
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "anu",
                "version": crate::version().to_string(),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn result(rules: &[Rule], finding: &Finding) -> Json {
    let message = escape(&finding.message).into_owned();
    let mut location = json!({});
    if let Some(file) = &finding.file {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(file)},
            "region": {"startLine": finding.line.unwrap_or(1)},
        });
    }
    let names = [finding.service.as_deref(), finding.environment.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("/");
    if !name.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name}]);
    }
    // The same finding is the same alert in the next run, wherever its line is by then.
    let hash = Sha256::digest(format!("{}\n{name}\n{message}", finding.rule.code));
    let fingerprint: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.rule.level),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"anu/v1": fingerprint},
    })
}

/// The page of a code; of a finding of a comparison, the table of them.
fn help(rule: &Rule) -> String {
    codes::find(rule.code).map_or_else(
        || concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/guides/reviewing-changes.md#findings").to_owned(),
        codes::Code::page_url,
    )
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "note",
    }
}

/// A path as a reference of a URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
