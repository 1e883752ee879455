//! Errors and warnings that only a mistake of another program, or a rare state of the registry, provokes.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::super::Anu;
use super::{Folder, REGISTRY, config, data};
use crate::sdk::{Diagnostics, MoveRequest, Provider, Value};

#[tokio::test]
async fn what_core_sends_is_checked() {
    let (folder, provider) = (Folder::new(), Anu::new());
    let mut all = Diagnostics::new();
    all.extend(provider.validate(config(&json!({"manage": [null]}), &provider.schema())).await);
    let source = provider.data_sources().iter().find(|source| source.name() == "anu_registry_service").unwrap();
    let Value::Map(mut arguments) = config(&json!({"name": "rain"}), source.schema()) else { panic!("an object") };
    arguments.insert("name".to_owned(), Value::unknown());
    all.extend(source.read(CancellationToken::new(), Value::Map(arguments)).await.diagnostics);
    let resource = provider.resources().iter().find(|resource| resource.name() == "anu_project").unwrap();
    let request = MoveRequest {
        source_provider: "registry.terraform.io/hashicorp/google".to_owned(),
        source_type: "google_project".to_owned(),
        source_version: 1,
        state: json!({"project_id": "gc-prd-ledger"}),
        private: Vec::new(),
    };
    all.extend(resource.move_state(request).await.diagnostics);
    insta::assert_snapshot!(folder.texts(&all));
}

#[tokio::test]
async fn a_registry_from_the_future_is_read_with_a_warning() {
    let folder = Folder::new();
    let future = REGISTRY.replacen(r#""name": "acme""#, r#""name": "acme", "compiledAt": "2999-01-01T00:00:00Z""#, 1);
    std::fs::write(folder.path("registry.json"), future).unwrap();
    let text = data(&folder, json!({"registry": folder.source()}), "anu_registry", json!({})).await;
    let (before, _) = text.split_once(", and the clock").unwrap_or((&text, ""));
    assert!(before.contains("is compiled in the future"), "{text}");
    insta::with_settings!({filters => vec![(r"20\d\d-\d\d-\d\dT[\d:.]+Z", "NOW")]}, {
        insta::assert_snapshot!(text);
    });
}
