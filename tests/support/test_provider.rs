//! A provider for tests of the plugin module: its configuration selects its behaviour, including errors.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anu::codes;
use anu::plugin::{ServeOptions, serve_with};
use anu::sdk::{
    Attr, Attribute, Call, Configure, DataSource, DataSourceType, Diagnostic, Diagnostics, Function, FunctionError,
    ImportTarget, Parameter, Path, Plan, Provider, Resource, ResourceType, Schema, Signature, Type, Typed, TypedData,
    UseStateForUnknown, Value,
};
use async_trait::async_trait;

/// Serves the provider with these arguments.
pub fn serve(arguments: &str) -> ExitCode {
    let options = ServeOptions {
        address: "registry.terraform.io/anu-registry/test",
        version: "0.1.0",
        name: "terraform-provider-test",
    };
    serve_with(|| Arc::new(Test::new()), options, arguments.split_whitespace().map(Into::into))
}

/// What the provider block says, for everything that the provider offers.
type Greeting = Arc<std::sync::Mutex<String>>;

struct Test {
    greeting: Greeting,
    resources: Vec<Arc<dyn Resource>>,
    data_sources: Vec<Arc<dyn DataSource>>,
    functions: Vec<Arc<dyn Function>>,
}

impl Test {
    fn new() -> Self {
        let greeting = Greeting::default();
        Self {
            greeting: greeting.clone(),
            resources: vec![Arc::new(Typed::new(Thing))],
            data_sources: vec![Arc::new(TypedData::new(Echo(greeting)))],
            functions: vec![Arc::new(Join)],
        }
    }
}

#[async_trait]
impl Provider for Test {
    fn schema(&self) -> Schema {
        Schema::new("For tests.").with(Attribute::string("greeting"))
    }

    fn resources(&self) -> &[Arc<dyn Resource>] {
        &self.resources
    }

    fn data_sources(&self) -> &[Arc<dyn DataSource>] {
        &self.data_sources
    }

    fn functions(&self) -> &[Arc<dyn Function>] {
        &self.functions
    }

    async fn validate(&self, config: Value) -> Diagnostics {
        let greeting = config.get("greeting").and_then(Value::as_str);
        let impolite = greeting.filter(|text| *text == "go away").map(|_| {
            Diagnostic::new(codes::INVALID_VALUE, "`greeting` must be polite.").at(Path::attribute("greeting"))
        });
        impolite.into_iter().collect()
    }

    async fn configure(&self, call: &mut Call, request: Configure) {
        let greeting = request.config.get("greeting").and_then(Value::as_str);
        greeting.unwrap_or_default().clone_into(&mut self.greeting.lock().expect("no panic"));
        if greeting == Some("warn") {
            call.diagnostics.push(Diagnostic::titled(
                codes::ADOPTED,
                "Greeting: 1 existing greeting will be adopted",
                request.terraform_version,
            ));
        }
    }
}

anu::model! {
    /// A thing.
    pub struct ThingModel {
        pub name: Attr<String>,
        pub note: Attr<String>,
        pub any: Value,
        pub parts: Value,
        pub made: Attr<String>
    }
}

struct Thing;

impl ThingModel {
    fn made(mut self) -> Self {
        self.made = Attr::Known(format!("made-{}", self.name()));
        self
    }

    fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }
}

#[async_trait]
impl ResourceType for Thing {
    type Model = ThingModel;
    const NAME: &'static str = "test_thing";
    const IDENTITY: &'static [&'static str] = &["name", "note"];

    fn schema() -> Schema {
        Schema::new("A thing.")
            .with(Attribute::string("name").required())
            .with(Attribute::string("note"))
            .with(Attribute::of("any", Type::Dynamic))
            .with(Attribute::map("parts", vec![Attribute::number("size"), Attribute::string("label")]))
            .with(Attribute::string("made").computed().modify(UseStateForUnknown))
    }

    async fn read(&self, _: &mut Call, state: ThingModel) -> Result<Option<ThingModel>, Diagnostics> {
        Ok((state.name() != "gone").then_some(state))
    }

    async fn plan(&self, call: &mut Call, plan: Plan<ThingModel>) -> Result<ThingModel, Diagnostics> {
        match plan.config.name() {
            "panic" => panic!("secret {}", plan.config.name()),
            "panic in a task" => {
                let failed = tokio::spawn(async { panic!("secret in a task") }).await;
                return Err(Diagnostic::titled(
                    codes::CANCELLED,
                    "Task was cancelled",
                    failed.expect_err("panicked").is_panic().to_string(),
                )
                .into());
            }
            "planned" => {
                let before: Option<i64> = call.planned_private.as_ref().and_then(|private| private.get("count"));
                call.private.set("count", before.unwrap_or(0) + 1);
            }
            _ => {}
        }
        Ok(plan.proposed)
    }

    async fn plan_destroy(&self, call: &mut Call, prior: ThingModel) -> Result<(), Diagnostics> {
        call.private.set("destroy", true);
        if prior.name() == "kept" {
            return Err(Diagnostic::titled(codes::DELETION_REFUSED, "Task: deletion is refused", "`kept` is kept.")
                .at(Path::attribute("name"))
                .into());
        }
        Ok(())
    }

    async fn create(&self, call: &mut Call, planned: ThingModel) -> Result<ThingModel, Diagnostics> {
        match planned.name() {
            "wait" => {
                tokio::select! {
                    () = call.cancel.cancelled() => {
                        return Err(Diagnostic::titled(codes::CANCELLED, "Making was cancelled", "Half of it exists; apply again.").into());
                    }
                    () = tokio::time::sleep(Duration::from_secs(30)) => {}
                }
            }
            "block" => std::thread::sleep(Duration::from_secs(30)),
            _ => {}
        }
        call.private.set("by", "create");
        Ok(planned.made())
    }

    async fn update(&self, _: &mut Call, _: ThingModel, planned: ThingModel) -> Result<ThingModel, Diagnostics> {
        Ok(planned.made())
    }

    async fn delete(&self, _: &mut Call, _: ThingModel) -> Result<Option<ThingModel>, Diagnostics> {
        Ok(None)
    }

    async fn import(&self, _: &mut Call, target: ImportTarget<ThingModel>) -> Result<ThingModel, Diagnostics> {
        Ok(match target {
            ImportTarget::Id(id) => {
                let made = Attr::Null;
                ThingModel { name: id.into(), note: Attr::Null, any: Value::Null, parts: Value::Null, made }
            }
            ImportTarget::Identity(thing) => thing,
        }
        .made())
    }
}

anu::model! {
    /// The echo.
    pub struct EchoModel { pub text: Attr<String>, pub back: Attr<String> }
}

struct Echo(Greeting);

#[async_trait]
impl DataSourceType for Echo {
    type Model = EchoModel;
    const NAME: &'static str = "test_echo";

    fn schema() -> Schema {
        Schema::new("Says it back.")
            .with(Attribute::string("text").required())
            .with(Attribute::string("back").computed())
    }

    async fn read(&self, _: &mut Call, mut config: EchoModel) -> Result<EchoModel, Diagnostics> {
        if config.text.known().is_some_and(|text| text == "log") {
            // With anu's own target, whose lines are logged at every level.
            tracing::info!(target: "anu::test", n = 7, "@message" = 1, "@level" = 2, "@timestamp" = 3.5, "nasty");
            tracing::info!(target: "anu::test", long = "x".repeat(1 << 20), "long");
            tracing::info!(target: "anu::test", "panic: \n\"not a crash\"\u{0}");
            tracing::warn!(target: "h2", "authorization: hidden at debug only");
            tracing::debug!(target: "h2", "authorization: secret");
        }
        config.back = config.text.clone();
        if config.text.known().is_some_and(|text| text == "greeting") {
            config.back = self.0.lock().expect("no panic").clone().into();
        }
        Ok(config)
    }
}

struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> Signature {
        let text = |name| Parameter { name, description: "", ty: Type::String, allow_null: false };
        Signature {
            summary: "Joins",
            description: "Joins texts.",
            parameters: vec![text("separator")],
            variadic: Some(text("parts")),
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        if let Some(position) = texts.iter().position(|text| *text == "panic") {
            panic!("argument {position}");
        }
        if let Some(position) = texts.iter().position(|text| text.is_empty()) {
            return Err(FunctionError::argument(codes::INVALID_VALUE, position, "An argument must not be empty."));
        }
        Ok(texts[1..].join(texts[0]).into())
    }
}
