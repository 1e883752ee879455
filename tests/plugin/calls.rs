//! All calls, over the wire.

use std::time::{Duration, Instant};

use anu::plugin::proto::grpc::health::v1::HealthCheckRequest;
use anu::plugin::proto::grpc::health::v1::health_client::HealthClient;
use anu::plugin::proto::tfplugin6 as wire;
use anu::sdk::{Diagnostics, Severity, Type, Value, decode, encode, to_json};

use crate::plugin_client::{Plugin, told};
use crate::provider;

const THING: &str = "test_thing";

fn thing(name: &str, note: Value) -> Value {
    Value::object([
        ("name", name.into()),
        ("note", note),
        ("any", Value::Dynamic(Box::new((Type::Bool, true.into())))),
        ("parts", Value::object([("a", Value::object([("size", 1.into()), ("label", Value::Null)]))])),
        ("made", Value::Null),
    ])
}

fn texts(diagnostics: &Diagnostics) -> Vec<String> {
    let line = |d: &anu::sdk::Diagnostic| {
        let severity = if d.severity == Severity::Error { "error" } else { "warning" };
        format!("{severity} at {:?}: {}: {}", d.path.to_string(), d.summary, d.detail)
    };
    diagnostics.iter().map(line).collect()
}

#[tokio::test]
async fn a_resource_is_created_updated_and_destroyed() {
    let plugin = Plugin::start(provider()).await;
    assert!(plugin.configure(Value::object([("greeting", "warn".into())])).await.iter().any(|d| d.detail == "1.11.4"));

    let config = thing("one", Value::Null);
    assert!(plugin.validate_resource(THING, &config).await.is_empty());
    let planned = plugin.plan(THING, &Value::Null, &config, &[]).await;
    assert!(planned.diagnostics.is_empty());
    assert_eq!(planned.state.get("made"), Some(&Value::unknown()));
    let made = plugin.apply(THING, &Value::Null, &planned, &config).await;
    assert_eq!(made.state.get("made"), Some(&"made-one".into()));
    assert_eq!(made.private, br#"{"by":"create"}"#);

    let again = plugin.plan(THING, &made.state, &config, &made.private).await;
    assert_eq!(again.state, made.state, "a second plan is empty");
    let read = plugin.read(THING, &made.state, &made.private).await;
    assert_eq!((&read.state, &read.private), (&made.state, &made.private));

    let edited = thing("one", "edited".into());
    let planned = plugin.plan(THING, &made.state, &edited, &made.private).await;
    let updated = plugin.apply(THING, &made.state, &planned, &edited).await;
    assert_eq!(updated.state.get("note"), Some(&"edited".into()));

    let planned = plugin.plan(THING, &updated.state, &Value::Null, &updated.private).await;
    assert_eq!(planned.state, Value::Null);
    let gone = plugin.apply(THING, &updated.state, &planned, &Value::Null).await;
    assert_eq!((gone.state, gone.diagnostics.is_empty()), (Value::Null, true));
}

#[tokio::test]
async fn state_is_upgraded_imported_and_refreshed() {
    let plugin = Plugin::start(provider()).await;
    let stored = serde_json::json!({"name": "one", "note": 12345678901234567890123_u128.to_string(), "left": "over"});
    let loaded = plugin.upgrade(THING, 0, &stored).await;
    assert_eq!(loaded.state.get("name"), Some(&"one".into()));
    assert_eq!(loaded.state.get("made"), Some(&Value::Null));

    let broken = plugin.upgrade(THING, 0, &serde_json::json!({"name": 1})).await;
    assert_eq!((broken.state, broken.diagnostics.has_errors()), (Value::Null, true));

    let imported = plugin.import(THING, "two").await;
    assert_eq!(imported.state.get("made"), Some(&"made-two".into()));
    let gone = plugin.import(THING, "gone").await;
    let read = plugin.read(THING, &gone.state, &[]).await;
    assert_eq!((read.state, read.diagnostics.is_empty()), (Value::Null, true));
}

/// An identity of the resource as JSON, null if there is none.
fn identity(plugin: &Plugin, sent: Option<wire::ResourceIdentityData>) -> serde_json::Value {
    let Some(sent) = sent.and_then(|sent| sent.identity_data) else { return serde_json::Value::Null };
    to_json(&decode(&sent.msgpack, &plugin.offer.identities[THING]).expect("it conforms to its schema"))
}

#[tokio::test]
async fn an_object_has_its_identity_in_every_response() {
    let plugin = Plugin::start(provider()).await;
    let answer = plugin.client().get_resource_identity_schemas(wire::get_resource_identity_schemas::Request {}).await;
    let answer = answer.expect("an answer").into_inner();
    let schema = &answer.identity_schemas[THING];
    let attributes: Vec<_> = schema
        .identity_attributes
        .iter()
        .map(|each| (each.name.as_str(), each.required_for_import, each.optional_for_import))
        .collect();
    assert_eq!((schema.version, attributes), (0, vec![("name", true, false), ("note", false, true)]));

    let one = serde_json::json!({"name": "one", "note": null});
    let config = thing("one", Value::Null);
    let planned = plugin.plan(THING, &Value::Null, &config, &[]).await;
    assert_eq!(identity(&plugin, planned.identity.clone()), one);
    let made = plugin.apply(THING, &Value::Null, &planned, &config).await;
    assert_eq!(identity(&plugin, made.identity), one);
    let read = plugin.read(THING, &made.state, &made.private).await;
    assert_eq!(identity(&plugin, read.identity), one);
    let destroy = plugin.plan(THING, &made.state, &Value::Null, &made.private).await;
    assert_eq!(identity(&plugin, destroy.identity.clone()), one, "what is destroyed");
    let gone = plugin.apply(THING, &made.state, &destroy, &Value::Null).await;
    assert_eq!(identity(&plugin, gone.identity), serde_json::Value::Null);
    let gone = plugin.read(THING, &thing("gone", Value::Null), &[]).await;
    assert_eq!((gone.state, gone.identity), (Value::Null, None));
    assert_eq!(plugin.read(THING, &Value::Null, &[]).await.state, Value::Null, "core reads what was not imported");

    let unknown = plugin.plan(THING, &Value::Null, &thing("one", Value::unknown()), &[]).await;
    assert_eq!((unknown.identity, unknown.diagnostics.has_errors()), (None, false), "core cannot print a part of one");
}

#[tokio::test]
async fn an_import_by_identity_has_the_rules_of_the_arguments() {
    let plugin = Plugin::start(provider()).await;
    let import = async |name: Value, note: Value| {
        let ty = &plugin.offer.identities[THING];
        let data = Value::object([("name", name), ("note", note)]);
        let data = wire::DynamicValue { msgpack: encode(&data, ty).into(), ..Default::default() };
        let request = wire::import_resource_state::Request {
            type_name: THING.to_owned(),
            identity: Some(wire::ResourceIdentityData { identity_data: Some(data) }),
            ..Default::default()
        };
        plugin.client().import_resource_state(request).await.expect("an answer").into_inner()
    };
    let mut answer = import("one".into(), "kept".into()).await;
    let imported = answer.imported_resources.pop().expect("an object");
    assert_eq!(identity(&plugin, imported.identity), serde_json::json!({"name": "one", "note": "kept"}));
    let refused = import(Value::Null, Value::Null).await;
    assert!(refused.imported_resources.is_empty());
    let told = texts(&told(refused.diagnostics));
    assert!(told.len() == 1 && told[0].starts_with(r#"error at "name": Missing value: `name` is null"#), "{told:?}");
}

#[tokio::test]
async fn a_stored_identity_is_read_and_one_that_is_not_ours_refused() {
    let plugin = Plugin::start(provider()).await;
    let upgrade = async |json: &str| {
        let raw_identity = Some(wire::RawState { json: json.as_bytes().to_vec(), ..Default::default() });
        let request =
            wire::upgrade_resource_identity::Request { type_name: THING.to_owned(), version: 0, raw_identity };
        plugin.client().upgrade_resource_identity(request).await.expect("an answer").into_inner()
    };
    let kept = upgrade(r#"{ "name": "one", "note": null, "left": "over" }"#).await;
    assert_eq!(identity(&plugin, kept.upgraded_identity), serde_json::json!({"name": "one", "note": null}));
    for bad in ["", "{", r#"{"name": 1}"#] {
        let refused = upgrade(bad).await;
        assert!(refused.upgraded_identity.is_none());
        assert!(texts(&told(refused.diagnostics))[0].contains("Identity of a resource is not readable"), "{bad}");
    }
}

#[tokio::test]
async fn generated_configuration_has_no_computed_values() {
    let plugin = Plugin::start(provider()).await;
    let generate = async |state: &Value| {
        let ty = &plugin.offer.resources[THING];
        let state = Some(wire::DynamicValue { msgpack: encode(state, ty).into(), ..Default::default() });
        let request = wire::generate_resource_config::Request { type_name: THING.to_owned(), state };
        let answer = plugin.client().generate_resource_config(request).await.expect("an answer").into_inner();
        assert!(answer.diagnostics.is_empty());
        answer.config.map(|config| decode(&config.msgpack, ty).expect("it conforms to the schema"))
    };
    let mut state = thing("one", "kept".into());
    if let Value::Map(values) = &mut state {
        values.insert("made".to_owned(), "made-one".into());
    }
    assert_eq!(generate(&state).await, Some(thing("one", "kept".into())));
    assert_eq!(generate(&Value::Null).await, None);
}

#[tokio::test]
async fn a_validation_error_has_the_attributes_path() {
    let plugin = Plugin::start(provider()).await;
    let told = plugin.validate_provider(Value::object([("greeting", "go away".into())])).await;
    assert_eq!(texts(&told), [r#"error at "greeting": Invalid value: `greeting` must be polite."#]);
    let kept = thing("kept", Value::Null);
    let planned = plugin.plan(THING, &kept, &Value::Null, &[]).await;
    assert_eq!(texts(&planned.diagnostics), [r#"error at "name": Task: deletion is refused: `kept` is kept."#]);
}

#[tokio::test]
async fn planned_private_state_reaches_the_plan_at_apply() {
    let plugin = Plugin::start(provider()).await;
    let config = thing("planned", Value::Null);
    let first = plugin.plan(THING, &Value::Null, &config, &[]).await;
    assert_eq!(first.private, br#"{"count":1}"#);
    let second = plugin.plan_again(THING, &Value::Null, &config, &[], &first.private).await;
    assert_eq!(second.private, br#"{"count":2}"#);
}

/// As a person reads them.
fn in_full(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(|d| format!("{:?}: {}\n\n{}\n", d.severity, d.summary, d.text())).collect()
}

#[tokio::test]
async fn unreadable_private_state_is_an_error() {
    let plugin = Plugin::start(provider()).await;
    let read = plugin.read(THING, &thing("one", Value::Null), b"salt").await;
    assert_eq!((read.state, read.diagnostics.has_errors()), (Value::Null, true));
    insta::assert_snapshot!(in_full(&read.diagnostics));
}

#[tokio::test]
async fn data_sources_and_functions_return_values() {
    let plugin = Plugin::start(provider()).await;
    let (state, told) =
        plugin.read_data("test_echo", &Value::object([("text", "hello".into()), ("back", Value::Null)])).await;
    assert_eq!((state.get("back"), told.is_empty()), (Some(&"hello".into()), true));
    let arguments = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
    assert_eq!(plugin.call("join", &arguments(&["-", "a", "b", "c"])).await, Ok("a-b-c".into()));
    assert_eq!(plugin.call("join", &arguments(&["-"])).await, Ok("".into()));
    let refused = plugin.call("join", &arguments(&["-", "a", ""])).await;
    assert_eq!(refused, Err(("An argument must not be empty (anu:invalid-value)".to_owned(), Some(2))));
}

#[tokio::test]
async fn large_values_pass() {
    let plugin = Plugin::start(provider()).await;
    for megabytes in [5, 100] {
        let text = "x".repeat(megabytes << 20);
        let config = Value::object([("text", text.as_str().into()), ("back", Value::Null)]);
        let began = Instant::now();
        let (state, told) = plugin.read_data("test_echo", &config).await;
        assert!(told.is_empty());
        assert_eq!(state.get("back").and_then(Value::as_str).map(str::len), Some(text.len()));
        eprintln!("{megabytes} MiB there, twice back: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_and_the_process_continues() {
    let mut command = provider();
    command.env("TF_LOG", "ERROR");
    let plugin = Plugin::start(command).await;
    let planned = plugin.plan(THING, &Value::Null, &thing("panic", Value::Null), &[]).await;
    let told = texts(&planned.diagnostics);
    assert_eq!(told.len(), 1, "{told:?}");
    insta::with_settings!({filters => vec![(r"test_provider\.rs:\d+", "test_provider.rs:LINE")]}, {
        insta::assert_snapshot!(in_full(&planned.diagnostics), @"
        Error: Bug in anu

        The call `PlanResourceChange` panicked at tests/plugin/../support/test_provider.rs:LINE. The log (TF_LOG=ERROR) has its message.

        This is a bug in anu, not in your configuration. Please report it, with this text, at https://github.com/anu-registry/terraform-provider-anu/issues.

        anu:bug
        ");
    });
    let task = plugin.plan(THING, &Value::Null, &thing("panic in a task", Value::Null), &[]).await;
    assert!(texts(&task.diagnostics)[0].contains("Task was cancelled"));
    let (refused, _) = plugin.call("join", &["panic".into()]).await.expect_err("a panic");
    assert!(refused.starts_with("Bug in anu: The call `CallFunction` panicked"), "{refused}");

    let planned = plugin.plan(THING, &Value::Null, &thing("one", Value::Null), &[]).await;
    assert!(planned.diagnostics.is_empty(), "the next call works");
    let stderr = plugin.process.stderr_until("argument 0");
    assert!(stderr.iter().any(|line| line.contains("secret panic")), "the log has the message: {stderr:?}");
    assert!(!stderr.iter().any(|line| line.starts_with("panic: ")), "Terraform would report a crash: {stderr:?}");
}

#[tokio::test]
async fn stop_cancels_every_call_until_the_next_run() {
    let plugin = Plugin::start(provider()).await;
    let config = thing("wait", Value::Null);
    let planned = plugin.plan(THING, &Value::Null, &config, &[]).await;
    let (caller, began) = (plugin.caller.clone(), Instant::now());
    let applying = tokio::spawn(async move { caller.apply(THING, &Value::Null, &planned, &config).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    plugin.stop().await;
    let stopped = applying.await.expect("an answer");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(stopped.state, Value::Null, "a stopped create leaves no state");
    assert!(texts(&stopped.diagnostics)[0].contains("Making was cancelled"));

    // A call that core had scheduled before the stop is cancelled as well: no second stop would end it.
    let config = thing("wait", Value::Null);
    let planned = plugin.plan(THING, &Value::Null, &config, &[]).await;
    let began = Instant::now();
    let late = plugin.apply(THING, &Value::Null, &planned, &config).await;
    assert!(texts(&late.diagnostics)[0].contains("Making was cancelled") && began.elapsed() < Duration::from_secs(5));

    // The next run of a process in debug mode begins with a configuration, and is not cancelled.
    assert!(plugin.configure(Value::object([("greeting", Value::Null)])).await.is_empty());
    let planned = plugin.plan(THING, &Value::Null, &config, &[]).await;
    let caller = plugin.caller.clone();
    let applying = tokio::spawn(async move { caller.apply(THING, &Value::Null, &planned, &config).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!applying.is_finished());
    plugin.stop().await;
    assert!(applying.await.expect("an answer").diagnostics.has_errors());
}

#[tokio::test]
async fn unknown_names_are_reported() {
    let plugin = Plugin::start(provider()).await;
    let mut client = plugin.client();
    let name = || "test_none".to_owned();
    let request = wire::read_resource::Request { type_name: name(), ..Default::default() };
    let answer = client.read_resource(request).await.expect("an answer").into_inner();
    assert_eq!(answer.new_state, None);
    insta::assert_snapshot!(in_full(&told(answer.diagnostics)), @"
    Error: Provider has no resource type `test_none`

    This version of the provider has no resource type `test_none`. If another version has it, choose that one under `required_providers` and run `terraform init -upgrade`.

    anu:not-in-this-version
    ");

    let request = wire::open_ephemeral_resource::Request { type_name: name(), ..Default::default() };
    let answer = client.open_ephemeral_resource(request).await.expect("an answer").into_inner();
    assert!(texts(&told(answer.diagnostics))[0].contains("no ephemeral resource `test_none`"));
    let request = wire::plan_action::Request { action_type: name(), ..Default::default() };
    let answer = client.plan_action(request).await.expect("an answer").into_inner();
    assert!(texts(&told(answer.diagnostics))[0].contains("no action `test_none`"));
    let request = wire::list_resource::Request { type_name: name(), ..Default::default() };
    let mut events = client.list_resource(request).await.expect("a stream").into_inner();
    let event = events.message().await.expect("an event").expect("an event");
    assert!(texts(&told(event.diagnostic))[0].contains("no list resource `test_none`"));
    assert_eq!(events.message().await.expect("the end"), None);
    let chunk = wire::write_state_bytes::RequestChunk {
        meta: Some(wire::RequestChunkMeta { type_name: name(), state_id: String::new() }),
        ..Default::default()
    };
    let answer = client.write_state_bytes(tokio_stream::iter([chunk])).await.expect("an answer").into_inner();
    assert!(texts(&told(answer.diagnostics))[0].contains("no state store `test_none`"));

    let request = wire::upgrade_resource_identity::Request { type_name: name(), ..Default::default() };
    let answer = client.upgrade_resource_identity(request).await.expect("an answer").into_inner();
    assert!(texts(&told(answer.diagnostics))[0].contains("no resource type `test_none`"));
    let request = wire::generate_resource_config::Request { type_name: name(), ..Default::default() };
    let answer = client.generate_resource_config(request).await.expect("an answer").into_inner();
    assert!(texts(&told(answer.diagnostics))[0].contains("no resource type `test_none`"));
}

#[tokio::test]
async fn metadata_functions_and_health_agree_with_the_schema() {
    let plugin = Plugin::start(provider()).await;
    let mut client = plugin.client();
    let metadata = client.get_metadata(wire::get_metadata::Request {}).await.expect("an answer").into_inner();
    let sent = &plugin.offer.sent;
    assert_eq!(metadata.server_capabilities, sent.server_capabilities);
    let capabilities = sent.server_capabilities.expect("capabilities");
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional && capabilities.move_resource_state);
    assert!(metadata.resources.iter().map(|resource| &resource.type_name).eq(sent.resource_schemas.keys()));
    let functions = client.get_functions(wire::get_functions::Request {}).await.expect("an answer").into_inner();
    assert_eq!(functions.functions, sent.functions);
    assert_eq!(sent.provider_meta, None);

    let mut health = HealthClient::new(plugin.channel.clone());
    let check = |service: &str| HealthCheckRequest { service: service.to_owned() };
    assert_eq!(health.check(check("plugin")).await.expect("an answer").into_inner().status, 1);
    assert!(health.check(check("other")).await.is_err());
}
