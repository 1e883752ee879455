//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::report::{Place, Report};
use super::words;
use crate::fanout::impact::{Finding, RULES, Severity};
use crate::printable::escape;

pub(super) fn log(report: &Report) -> Json {
    let rules = RULES.iter().map(|rule| {
        json!({
            "id": rule.code,
            "name": rule.title,
            "shortDescription": {"text": rule.title},
            "defaultConfiguration": {"level": level(rule.severity)},
        })
    });
    let results = report.impact.findings.iter().zip(report.places()).map(|(finding, place)| result(finding, &place));
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

fn result(finding: &Finding, place: &Place) -> Json {
    let message = words::sentence(&finding.detail, |name| format!("`{name}`"));
    let message = escape(&message).into_owned();
    let mut location = json!({});
    if let Some(file) = &place.file {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(file)},
            "region": {"startLine": place.line.unwrap_or(1)},
        });
    }
    let names =
        [finding.service.as_ref().map(AsRef::<str>::as_ref), finding.environment.as_ref().map(AsRef::<str>::as_ref)];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("/");
    if !name.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name}]);
    }
    // The same finding is the same alert in the next run, wherever its line is by then.
    let hash = Sha256::digest(format!("{}\n{name}\n{message}", finding.rule.code));
    let fingerprint: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": RULES.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.rule.severity),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"anu/v1": fingerprint},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

/// A path as a reference of a URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
