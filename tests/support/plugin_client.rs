//! Terraform's side of the plugin protocol, for tests: starts a provider binary as core does, and calls it with values.
//!
//! It can do what no released core does yet (send `planned_private`, ask for actions) and what none ever would (come
//! without a certificate). Use it with `#[path = "support/plugin_client.rs"] mod plugin_client;`.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path as FilePath, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anu::plugin::proto::plugin::Empty;
use anu::plugin::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use anu::plugin::proto::plugin::grpc_controller_client::GrpcControllerClient;
use anu::plugin::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use anu::plugin::proto::tfplugin6 as wire;
use anu::plugin::proto::tfplugin6::provider_client::ProviderClient;
use anu::sdk::{self, Diagnostic, Diagnostics, Path, Type, Value};
use base64::Engine as _;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::transport::{Channel, Endpoint};

/// go-plugin's magic cookie for Terraform.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A throw-away identity like the one Terraform makes: P-521, self-signed, an authority of its own.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    key: Vec<u8>,
}

impl Identity {
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).expect("a key");
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { certificate: certificate.der().clone(), pem: certificate.pem(), key: key.serialize_der() }
    }

    /// The same certificate, shown by somebody who does not have its key.
    pub fn with_another_key(&self) -> Self {
        Self { certificate: self.certificate.clone(), pem: self.pem.clone(), key: Self::new().key }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()))
    }
}

/// A provider process that has said where it is.
pub struct Process {
    pub child: Child,
    /// The handshake line's fields.
    pub line: Vec<String>,
    /// From the process's start to its line.
    pub took: Duration,
    stderr: Arc<Mutex<Vec<String>>>,
}

/// How to start one.
pub fn command(program: impl AsRef<FilePath>) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000");
    for name in ["TF_LOG", "TF_LOG_PROVIDER", "PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC"] {
        command.env_remove(name);
    }
    command
}

impl Process {
    /// Starts one and reads the handshake line.
    pub fn start(mut command: Command) -> Self {
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&stderr);
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                lines.lock().expect("sound").push(line);
            }
        });
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("text");
        let took = began.elapsed();
        // Go on reading, as go-plugin does: a full pipe would block the provider.
        std::thread::spawn(move || out.read_to_string(&mut String::new()));
        let line = line.trim_end_matches('\n').split('|').map(str::to_owned).collect();
        Self { child, line, took, stderr }
    }

    pub fn address(&self) -> &str {
        &self.line[3]
    }

    /// What it has written to stderr so far.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.lock().expect("sound").clone()
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> Option<(ExitStatus, Duration)> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return Some((status, began.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        None
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: i32) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        // SAFETY: sends a signal to a child that has not been waited for, so the id is still its.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    /// A plain connection.
    pub async fn connect(&self) -> Box<dyn Io> {
        match self.line[2].as_str() {
            "unix" => Box::new(tokio::net::UnixStream::connect(self.address()).await.expect("a socket")),
            _ => Box::new(tokio::net::TcpStream::connect(self.address()).await.expect("a port")),
        }
    }

    /// A connection under TLS, showing a certificate or none.
    ///
    /// # Errors
    /// When the handshake fails. In TLS 1.3 a refusal of the client's certificate may come with the first read instead.
    pub async fn connect_tls(&self, identity: Option<&Identity>) -> std::io::Result<Box<dyn Io>> {
        let der = base64::engine::general_purpose::STANDARD_NO_PAD.decode(&self.line[5]).expect("base64");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(der)).expect("a certificate");
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let mut config = match identity {
            Some(identity) => {
                let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&identity.key()).expect("a key");
                // Not `with_client_auth_cert`, which would notice a thief.
                let shown = rustls::sign::CertifiedKey::new(vec![identity.certificate.clone()], key);
                config.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)))
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, self.connect().await).await?;
        Ok(Box::new(stream))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Any byte stream.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// gRPC over a connection.
pub async fn channel(io: Box<dyn Io>) -> Result<Channel, tonic::transport::Error> {
    let mut io = Some(io);
    let connector = tower::service_fn(move |_| {
        let io = io.take().ok_or_else(|| std::io::Error::other("one connection only"));
        async move { io.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

/// A provider process, connected as Terraform connects. [`Plugin::caller`] makes its calls.
pub struct Plugin {
    pub process: Process,
    pub caller: Caller,
    pub channel: Channel,
    /// From the process's start to its schema.
    pub ready: Duration,
}

impl std::ops::Deref for Plugin {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Makes calls. Clones share the connection, for calls side by side.
#[derive(Clone)]
pub struct Caller {
    client: ProviderClient<Channel>,
    pub offer: Arc<Offer>,
}

/// What it offers: the types of everything, and the schemas as sent.
pub struct Offer {
    pub block: Type,
    pub resources: BTreeMap<String, Type>,
    pub data_sources: BTreeMap<String, Type>,
    pub functions: BTreeMap<String, wire::Function>,
    pub sent: wire::get_provider_schema::Response,
}

impl Offer {
    fn new(sent: wire::get_provider_schema::Response) -> Self {
        let types = |schemas: &BTreeMap<String, wire::Schema>| {
            schemas.iter().map(|(name, schema)| (name.clone(), type_of(schema))).collect()
        };
        Self {
            block: sent.provider.as_ref().map(type_of).expect("a provider block"),
            resources: types(&sent.resource_schemas),
            data_sources: types(&sent.data_source_schemas),
            functions: sent.functions.clone(),
            sent,
        }
    }
}

/// A plan as core keeps it.
#[derive(Debug, Clone)]
pub struct Planned {
    pub state: Value,
    pub private: Vec<u8>,
    pub diagnostics: Diagnostics,
    pub requires_replace: usize,
}

/// A state as core keeps it.
#[derive(Debug, Clone)]
pub struct Stored {
    pub state: Value,
    pub private: Vec<u8>,
    pub diagnostics: Diagnostics,
}

impl Plugin {
    /// Starts a provider with mutual TLS, opens the streams Terraform opens, and asks for its schema.
    pub async fn start(mut command: Command) -> Self {
        let identity = Identity::new();
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        let began = Instant::now();
        let process = Process::start(command);
        let io = process.connect_tls(Some(&identity)).await.expect("a TLS connection");
        Self::over(process, io, began).await
    }

    /// Over a connection that is there.
    pub async fn over(process: Process, io: Box<dyn Io>, began: Instant) -> Self {
        let channel = channel(io).await.expect("a gRPC connection");
        // As Terraform does; both stay open and silent.
        let broker = GrpcBrokerClient::new(channel.clone()).start_stream(tokio_stream::pending()).await;
        let stdio =
            GrpcStdioClient::new(channel.clone()).stream_stdio(anu::plugin::proto::google::protobuf::Empty {}).await;
        let (mut broker, mut stdio) = (broker.expect("a stream").into_inner(), stdio.expect("a stream").into_inner());
        tokio::spawn(async move { while let Ok(Some(_)) = broker.message().await {} });
        tokio::spawn(async move { while let Ok(Some(_)) = stdio.message().await {} });
        let mut client = ProviderClient::new(channel.clone())
            .max_decoding_message_size(i32::MAX as usize)
            .max_encoding_message_size(i32::MAX as usize);
        let sent = client.get_provider_schema(wire::get_provider_schema::Request {}).await.expect("a schema");
        let ready = began.elapsed();
        let caller = Caller { client, offer: Arc::new(Offer::new(sent.into_inner())) };
        Self { process, caller, channel, ready }
    }

    /// Asks for the end and waits for it, no longer than Terraform does.
    pub async fn shutdown(&mut self) -> Option<(ExitStatus, Duration)> {
        GrpcControllerClient::new(self.channel.clone()).shutdown(Empty {}).await.expect("an answer");
        self.process.wait(Duration::from_secs(2)).await
    }
}

impl Caller {
    /// The generated client, for calls that have no method here.
    pub fn client(&self) -> ProviderClient<Channel> {
        self.client.clone()
    }

    pub async fn validate_provider(&self, config: Value) -> Diagnostics {
        let config = Some(to_wire(&config, &self.offer.block));
        let answer = self.client().validate_provider_config(wire::validate_provider_config::Request { config }).await;
        told(answer.expect("an answer").into_inner().diagnostics)
    }

    pub async fn configure(&self, config: Value) -> Diagnostics {
        let request = wire::configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config: Some(to_wire(&config, &self.offer.block)),
            client_capabilities: None,
        };
        told(self.client().configure_provider(request).await.expect("an answer").into_inner().diagnostics)
    }

    pub async fn stop(&self) {
        self.client().stop_provider(wire::stop_provider::Request {}).await.expect("an answer");
    }

    fn resource(&self, name: &str) -> Type {
        self.offer.resources.get(name).unwrap_or_else(|| panic!("no resource {name}")).clone()
    }

    pub async fn validate_resource(&self, name: &str, config: &Value) -> Diagnostics {
        let request = wire::validate_resource_config::Request {
            type_name: name.to_owned(),
            config: Some(to_wire(config, &self.resource(name))),
            client_capabilities: None,
        };
        told(self.client().validate_resource_config(request).await.expect("an answer").into_inner().diagnostics)
    }

    /// Plans as core does: `config` null destroys, `prior` null creates.
    pub async fn plan(&self, name: &str, prior: &Value, config: &Value, private: &[u8]) -> Planned {
        self.plan_again(name, prior, config, private, &[]).await
    }

    /// Plans as a core of field set 6.11 does at apply: with what the first plan stored.
    pub async fn plan_again(
        &self,
        name: &str,
        prior: &Value,
        config: &Value,
        private: &[u8],
        planned_private: &[u8],
    ) -> Planned {
        let ty = self.resource(name);
        let block = self.offer.sent.resource_schemas[name].block.clone().expect("a block");
        let proposed = proposed(&block.attributes, prior, config);
        let request = wire::plan_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(to_wire(prior, &ty)),
            proposed_new_state: Some(to_wire(&proposed, &ty)),
            config: Some(to_wire(config, &ty)),
            prior_private: private.to_vec(),
            planned_private: planned_private.to_vec(),
            ..Default::default()
        };
        let answer = self.client().plan_resource_change(request).await.expect("an answer").into_inner();
        assert!(!answer.legacy_type_system, "core's checks must stay on");
        Planned {
            state: from_wire(answer.planned_state, &ty),
            private: answer.planned_private,
            diagnostics: told(answer.diagnostics),
            requires_replace: answer.requires_replace.len(),
        }
    }

    pub async fn apply(&self, name: &str, prior: &Value, planned: &Planned, config: &Value) -> Stored {
        let ty = self.resource(name);
        let request = wire::apply_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(to_wire(prior, &ty)),
            planned_state: Some(to_wire(&planned.state, &ty)),
            config: Some(to_wire(config, &ty)),
            planned_private: planned.private.clone(),
            ..Default::default()
        };
        let answer = self.client().apply_resource_change(request).await.expect("an answer").into_inner();
        assert!(!answer.legacy_type_system, "core's checks must stay on");
        Stored {
            state: from_wire(answer.new_state, &ty),
            private: answer.private,
            diagnostics: told(answer.diagnostics),
        }
    }

    pub async fn read(&self, name: &str, state: &Value, private: &[u8]) -> Stored {
        let ty = self.resource(name);
        let request = wire::read_resource::Request {
            type_name: name.to_owned(),
            current_state: Some(to_wire(state, &ty)),
            private: private.to_vec(),
            ..Default::default()
        };
        let answer = self.client().read_resource(request).await.expect("an answer").into_inner();
        Stored {
            state: from_wire(answer.new_state, &ty),
            private: answer.private,
            diagnostics: told(answer.diagnostics),
        }
    }

    pub async fn upgrade(&self, name: &str, version: i64, state: &serde_json::Value) -> Stored {
        let request = wire::upgrade_resource_state::Request {
            type_name: name.to_owned(),
            version,
            raw_state: Some(wire::RawState { json: state.to_string().into_bytes(), ..Default::default() }),
        };
        let answer = self.client().upgrade_resource_state(request).await.expect("an answer").into_inner();
        Stored {
            state: from_wire(answer.upgraded_state, &self.resource(name)),
            private: Vec::new(),
            diagnostics: told(answer.diagnostics),
        }
    }

    pub async fn import(&self, name: &str, id: &str) -> Stored {
        let request = wire::import_resource_state::Request {
            type_name: name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let mut answer = self.client().import_resource_state(request).await.expect("an answer").into_inner();
        let imported = answer.imported_resources.pop().unwrap_or_default();
        assert!(answer.imported_resources.is_empty(), "core takes one object only");
        Stored {
            state: from_wire(imported.state, &self.resource(name)),
            private: imported.private,
            diagnostics: told(answer.diagnostics),
        }
    }

    pub async fn validate_data(&self, name: &str, config: &Value) -> Diagnostics {
        let request = wire::validate_data_resource_config::Request {
            type_name: name.to_owned(),
            config: Some(to_wire(config, &self.offer.data_sources[name])),
        };
        told(self.client().validate_data_resource_config(request).await.expect("an answer").into_inner().diagnostics)
    }

    pub async fn read_data(&self, name: &str, config: &Value) -> (Value, Diagnostics) {
        let ty = self.offer.data_sources.get(name).unwrap_or_else(|| panic!("no data source {name}")).clone();
        let request = wire::read_data_source::Request {
            type_name: name.to_owned(),
            config: Some(to_wire(config, &ty)),
            ..Default::default()
        };
        let answer = self.client().read_data_source(request).await.expect("an answer").into_inner();
        (from_wire(answer.state, &ty), told(answer.diagnostics))
    }

    /// Calls a function.
    ///
    /// # Errors
    /// The text and argument the provider answers.
    pub async fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, (String, Option<i64>)> {
        let function = self.offer.functions.get(name).unwrap_or_else(|| panic!("no function {name}"));
        let parameters = function.parameters.iter().chain(function.variadic_parameter.iter().cycle());
        let arguments =
            arguments.iter().zip(parameters).map(|(value, parameter)| to_wire(value, &ty(&parameter.r#type)));
        let returns = ty(&function.r#return.as_ref().expect("a result").r#type);
        let request = wire::call_function::Request { name: name.to_owned(), arguments: arguments.collect() };
        let answer = self.client().call_function(request).await.expect("an answer").into_inner();
        match answer.error {
            Some(error) => Err((error.text, error.function_argument)),
            None => Ok(from_wire(answer.result, &returns)),
        }
    }
}

/// The message that creates what was planned.
pub fn wire_apply(
    caller: &Caller,
    name: &str,
    planned: &Planned,
    config: &Value,
) -> wire::apply_resource_change::Request {
    let ty = &caller.offer.resources[name];
    wire::apply_resource_change::Request {
        type_name: name.to_owned(),
        prior_state: Some(to_wire(&Value::Null, ty)),
        planned_state: Some(to_wire(&planned.state, ty)),
        config: Some(to_wire(config, ty)),
        planned_private: planned.private.clone(),
        ..Default::default()
    }
}

/// A value as core sends it.
pub fn to_wire(value: &Value, ty: &Type) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: sdk::encode(value, ty).into(), ..Default::default() }
}

/// A value as core reads it.
pub fn from_wire(value: Option<wire::DynamicValue>, ty: &Type) -> Value {
    let value = value.unwrap_or_default();
    assert!(value.json.is_empty(), "not every core reads JSON from a provider");
    if value.msgpack.is_empty() { Value::Null } else { sdk::decode(&value.msgpack, ty).expect("a value of the type") }
}

/// Diagnostics as core reads them.
pub fn told(diagnostics: Vec<wire::Diagnostic>) -> Diagnostics {
    use wire::attribute_path::step::Selector;
    let read = diagnostics.into_iter().map(|diagnostic| {
        let mut path = Path::root();
        for step in diagnostic.attribute.clone().unwrap_or_default().steps {
            path = match step.selector.expect("a step") {
                Selector::AttributeName(name) => path.then(name),
                Selector::ElementKeyString(key) => path.key(key),
                Selector::ElementKeyInt(index) => path.index(usize::try_from(index).expect("an index")),
            };
        }
        let told = match diagnostic.severity() {
            wire::diagnostic::Severity::Error => Diagnostic::error(diagnostic.summary, diagnostic.detail),
            wire::diagnostic::Severity::Warning => Diagnostic::warning(diagnostic.summary, diagnostic.detail),
            wire::diagnostic::Severity::Invalid => panic!("a diagnostic without a severity: {diagnostic:?}"),
        };
        told.at(path)
    });
    read.collect()
}

fn ty(json: &[u8]) -> Type {
    let json = serde_json::from_slice(json).expect("JSON");
    Type::from_json(&json).expect("a type")
}

/// The type of a schema's values.
pub fn type_of(schema: &wire::Schema) -> Type {
    object(&schema.block.as_ref().expect("a block").attributes)
}

fn object(attributes: &[wire::schema::Attribute]) -> Type {
    use wire::schema::object::NestingMode;
    let types = attributes.iter().map(|attribute| {
        let of = match &attribute.nested_type {
            None => ty(&attribute.r#type),
            Some(nested) => {
                assert!(attribute.r#type.is_empty(), "core refuses both a type and a nested type");
                let element = object(&nested.attributes);
                match nested.nesting() {
                    NestingMode::Single => element,
                    NestingMode::List => Type::list(element),
                    NestingMode::Map => Type::map(element),
                    other => panic!("{other:?}"),
                }
            }
        };
        (attribute.name.clone(), of)
    });
    Type::Object(types.collect())
}

/// Core's merge of configuration and prior state: what is configured stands, computed values the configuration leaves out
/// come from the state.
pub fn proposed(attributes: &[wire::schema::Attribute], prior: &Value, config: &Value) -> Value {
    let Value::Map(config) = config else { return config.clone() };
    let merged = attributes.iter().map(|attribute| {
        let before = prior.get(&attribute.name).unwrap_or(&Value::Null);
        let value = match (config.get(&attribute.name).unwrap_or(&Value::Null), &attribute.nested_type) {
            (Value::Null, _) if attribute.computed => before.clone(),
            (configured, Some(nested)) => match configured {
                Value::List(items) => Value::List(
                    items
                        .iter()
                        .enumerate()
                        .map(|(position, item)| {
                            let before = match before {
                                Value::List(items) => items.get(position),
                                _ => None,
                            };
                            proposed(&nested.attributes, before.unwrap_or(&Value::Null), item)
                        })
                        .collect(),
                ),
                Value::Map(items) if nested.nesting() == wire::schema::object::NestingMode::Map => Value::Map(
                    items
                        .iter()
                        .map(|(key, item)| {
                            let before = before.get(key).unwrap_or(&Value::Null);
                            (key.clone(), proposed(&nested.attributes, before, item))
                        })
                        .collect(),
                ),
                other => proposed(&nested.attributes, before, other),
            },
            (configured, None) => configured.clone(),
        };
        (attribute.name.clone(), value)
    });
    Value::Map(merged.collect())
}

/// A temporary folder with a provider binary in it, and the settings that make Terraform use it.
pub struct Workspace {
    pub dir: tempfile::TempDir,
}

impl Workspace {
    /// `source` is `namespace/type`; `start` is a shell line that starts the provider.
    pub fn new(source: &str, start: &str, configuration: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let name = source.rsplit('/').next().expect("a type");
        let binary = dir.path().join(format!("terraform-provider-{name}"));
        std::fs::write(&binary, format!("#!/bin/sh\n{start}\n")).expect("written");
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).expect("executable");
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{ \"{source}\" = \"{}\" }}\n  direct {{}}\n}}\n",
            dir.path().display()
        );
        std::fs::write(dir.path().join("terraform.rc"), settings).expect("written");
        std::fs::write(dir.path().join("main.tf"), configuration).expect("written");
        Self { dir }
    }

    /// Runs Terraform (the binary of that name on PATH) in it.
    pub fn terraform(&self, arguments: &[&str], environment: &[(&str, &str)]) -> std::process::Output {
        Command::new("terraform")
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.dir.path().join("terraform.rc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("terraform is on PATH")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
