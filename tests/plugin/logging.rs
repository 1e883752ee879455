//! The provider's lines in Terraform's log.

use anu::plugin::proto::tfplugin6 as wire;
use anu::sdk::Value;
use serde_json::Value as Json;

use crate::plugin_client::Plugin;
use crate::provider;

async fn lines(level: &str) -> Vec<Json> {
    let mut command = provider();
    command.env("TF_LOG_PROVIDER_TEST", level);
    let plugin = Plugin::start(command).await;
    plugin.read_data("test_echo", &Value::object([("text", "log".into()), ("back", Value::Null)])).await;
    read(&plugin).await
}

/// What the plugin has logged so far.
async fn read(plugin: &Plugin) -> Vec<Json> {
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let parse = |line: String| {
        assert!(line.len() < 64 * 1024, "{} bytes", line.len());
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    plugin.process.stderr().into_iter().map(parse).collect()
}

#[tokio::test]
async fn every_line_is_readable_for_terraform() {
    let lines = lines("TRACE").await;
    for line in &lines {
        for name in ["@level", "@message", "@module", "@timestamp"] {
            assert!(line[name].is_string(), "{name} of {line}");
        }
        let time = line["@timestamp"].as_str().expect("text");
        assert_eq!((time.len(), &time[19..20], &time[26..]), (27, ".", "Z"), "{time}");
    }
    let find =
        |message: &str| lines.iter().find(|line| line["@message"].as_str().is_some_and(|text| text.contains(message)));
    let nasty = find("nasty").expect("logged");
    assert_eq!(nasty["n"], 7);
    assert_eq!(nasty["tf_rpc"], "ReadDataSource");
    assert_eq!(nasty["tf_data_source_type"], "test_echo");
    assert_eq!(nasty["tf_provider_addr"], "registry.terraform.io/anu-registry/test");
    assert_eq!(nasty["tf_proto_version"], "6.11");
    assert!(nasty["tf_req_id"].is_string());
    assert!(find("long").is_some());
    assert!(
        find("not a crash").is_some_and(|line| line["@message"].as_str().is_some_and(|m| !m.starts_with("panic: ")))
    );
    assert!(find("hidden at debug only").is_some());
    assert!(find("secret").is_none(), "a library's debug lines hold headers");
    let answered = find("sent a response").expect("logged");
    assert!(answered["tf_req_duration_ms"].is_u64());
}

#[tokio::test]
async fn the_level_is_applied() {
    assert!(lines("OFF").await.is_empty());
    let lines = lines("WARN").await;
    assert!(!lines.is_empty() && lines.iter().all(|line| line["@level"] == "warn"), "{lines:?}");
}

#[tokio::test]
async fn a_streaming_call_has_the_fields_of_the_others() {
    let mut command = provider();
    command.env("TF_LOG_PROVIDER_TEST", "TRACE");
    let plugin = Plugin::start(command).await;
    let request = wire::list_resource::Request { type_name: "test_none".into(), ..Default::default() };
    let mut events = plugin.client().list_resource(request).await.expect("a stream").into_inner();
    while events.message().await.expect("a message, never a status").is_some() {}
    let lines = read(&plugin).await;
    let of_call = |line: &&Json| line["tf_rpc"] == "ListResource";
    let messages: Vec<&str> = lines.iter().filter(of_call).filter_map(|line| line["@message"].as_str()).collect();
    assert_eq!(messages, ["received a request", "sent a response"]);
    let answered = lines.iter().rfind(of_call).expect("logged");
    assert_eq!(
        (answered["tf_resource_type"].as_str(), answered["diagnostic_error_count"].as_u64()),
        (Some("test_none"), Some(1))
    );
    assert!(answered["tf_req_duration_ms"].is_u64() && answered["tf_req_id"].is_string(), "{answered}");
}
