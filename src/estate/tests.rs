//! One registry, loaded by every road.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::compile::JsonnetSettings;
use crate::connect::{Environment, RequestContext};
use crate::discovery::{Clock, DiscoveryError, FetchContext, Limits, Mode, RegistryConfig, SystemClock};
use crate::fanout::Settings;

const REGISTRY: &str = r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "banking"}}]}"#;

fn request(source: &str, mode: Mode) -> LoadRequest {
    let registry = RegistryConfig { source: source.into(), ..RegistryConfig::default() };
    LoadRequest {
        registry,
        jsonnet: JsonnetSettings::default(),
        mode,
        fan_out: Settings::default(),
        allow_empty: false,
        name: None,
        accept_older: None,
    }
}

fn context(folder: &Path) -> FetchContext {
    FetchContext {
        base: folder.into(),
        cache: None,
        clock: Arc::new(SystemClock),
        limits: Limits::default(),
        environment: Environment::default(),
    }
}

fn cancelled() -> RequestContext {
    let ctx = RequestContext::default();
    ctx.cancel.cancel();
    ctx
}

#[tokio::test]
async fn a_registry_is_read_checked_and_fanned_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("registry.json"), REGISTRY).unwrap();
    let request = request("registry.json", Mode::Apply);
    let loaded = load(&RequestContext::default(), &request, &context(folder.path())).await.unwrap();
    assert!(loaded.fan_out.service("ledger").is_some());
    assert_eq!((loaded.document.as_str(), loaded.source.as_str()), (REGISTRY, "registry.json"));
    assert_eq!((loaded.fallback_reason.as_deref(), loaded.take_warnings()), (None, Vec::new()));
}

#[tokio::test]
async fn a_fallback_has_a_reason_and_each_warning_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("copy.json"), REGISTRY.replace(", \"team\": \"banking\"", "")).unwrap();
    let mut request = request("registry.json", Mode::Read);
    request.registry.fallbacks = vec!["copy.json".into()];
    let loaded = load(&RequestContext::default(), &request, &context(folder.path())).await.unwrap();
    let reason = loaded.fallback_reason.clone().expect("a reason");
    let warnings = loaded.take_warnings();
    let Some((Warning::Discovery(warning), rest)) = warnings.split_first() else { panic!("{warnings:?}") };
    assert_eq!(warning.detail, reason);
    let no_team = |warning: &Warning| matches!(warning, Warning::Problem(problem) if problem.code.name() == "no-team");
    assert!(rest.iter().any(no_team), "{rest:?}");
    assert!(loaded.take_warnings().is_empty());
}

#[tokio::test]
async fn every_problem_of_a_document_is_reported_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("registry.json"), "{}").unwrap();
    let request = request("registry.json", Mode::Read);
    let error = load(&RequestContext::default(), &request, &context(folder.path())).await.unwrap_err();
    let LoadError::Problems { source_name, problems } = error else { panic!("{error:?}") };
    assert_eq!(source_name, "registry.json");
    assert_eq!(problems.iter().map(|problem| problem.code.name()).collect::<Vec<_>>(), ["no-services"]);
}

#[tokio::test]
async fn a_loader_loads_once_and_shares_errors() {
    let folder = tempfile::tempdir().unwrap();
    let (ctx, context) = (RequestContext::default(), context(folder.path()));
    let loader = Loader::new(request("registry.json", Mode::Read));
    let error = loader.get(&ctx, &context).await.unwrap_err();
    assert!(matches!(*error, LoadError::Discovery(DiscoveryError::Nowhere { .. })), "{error:?}");
    std::fs::write(folder.path().join("registry.json"), REGISTRY).unwrap();
    assert!(Arc::ptr_eq(&error, &loader.get(&ctx, &context).await.unwrap_err()));

    let loader = Loader::new(request("registry.json", Mode::Read));
    let loaded = loader.get(&ctx, &context).await.unwrap();
    std::fs::remove_file(folder.path().join("registry.json")).unwrap();
    assert!(Arc::ptr_eq(&loaded, &loader.get(&ctx, &context).await.unwrap()));
}

#[tokio::test]
async fn a_cancelled_call_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("registry.json"), REGISTRY).unwrap();
    let context = context(folder.path());
    let loader = Loader::new(request("registry.json", Mode::Read));
    let error = loader.get(&cancelled(), &context).await.unwrap_err();
    assert!(matches!(*error, LoadError::Cancelled(_)), "{error:?}");
    assert!(loader.get(&RequestContext::default(), &context).await.is_ok());
}

/// A clock that stands still.
struct Stopped(std::time::SystemTime);

impl Clock for Stopped {
    fn now(&self) -> std::time::SystemTime {
        self.0
    }
}

#[tokio::test]
async fn access_that_has_ended_is_a_warning_by_the_clock_of_the_context() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = r#"{"services": [{"type": "Service", "spec": {"name": "ledger", "team": "banking", "environments": [{"type": "Environment",
        "spec": {"name": "production", "googleProject": "gc-prd-ledger", "rbac": {"admins": [{"principal": "group:banking@example.com",
        "expires": "1970-01-02T00:00:00Z"}]}}}]}}]}"#;
    std::fs::write(folder.path().join("registry.json"), registry).expect("a file");
    let codes = async |seconds: u64| {
        let clock = Arc::new(Stopped(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)));
        let context = FetchContext { clock, ..context(folder.path()) };
        let loaded =
            load(&RequestContext::default(), &request("registry.json", Mode::Read), &context).await.expect("loads");
        assert_eq!(loaded.now.as_second() as u64, seconds);
        let code = |warning: &Warning| match warning {
            Warning::Problem(problem) => problem.code.name(),
            other => panic!("{other:?}"),
        };
        loaded.take_warnings().iter().map(code).filter(|code| code.contains("expir")).collect::<Vec<_>>()
    };
    assert_eq!(codes(86_399).await, Vec::<&str>::new());
    assert_eq!(codes(86_400).await, ["expired-access"]);
}
