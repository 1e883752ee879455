//! A small Terraform core: drives the provider in-process through the same calls, in the same order, with the same checks.
//!
//! It is for properties that need thousands of runs. What it checks is core's own list (objchange/plan_valid.go,
//! objchange/compatible.go, node_resource_abstract_instance.go); where core would print "Provider produced …", this panics.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anu::discovery::Clock;
use anu::platform::embedded::Embedded;
use anu::platform::google::{Google, Settings};
use anu::provider::Anu;
use anu::sdk::{
    ApplyRequest, Attribute, Call, Configure, Diagnostics, ImportTarget, Kind, PlanRequest, PlanResponse, Private,
    Provider, ReadRequest, Resource, Schema, UpgradeRequest, Value, decode, encode, to_json,
};
use jiff::Timestamp;

/// A resource instance in a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub value: Value,
    pub private: Private,
    pub tainted: bool,
}

/// A state: objects by address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State(pub BTreeMap<String, Object>);

/// What a provider process starts with: the provider block, and a store that a test watches, if any.
#[derive(Debug, Clone)]
pub struct Block {
    pub provider: Value,
    /// Whether core sends the private state of a plan with its second plan, at apply (Terraform 1.16 and later).
    pub stores_planned_private: bool,
    pub embedded: Option<Embedded>,
    /// The time, instead of the machine's.
    pub now: Option<Timestamp>,
    /// Google as the platform of projects, with settings that no provider block has.
    pub google: Option<Settings>,
}

/// A clock that stands still.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.as_second().unsigned_abs())
    }
}

/// A configuration: the provider block, resource configurations by address, and `moved` blocks in the order written.
#[derive(Debug, Clone)]
pub struct Config {
    pub block: Block,
    pub resources: BTreeMap<String, Value>,
    pub moved: Vec<(String, String)>,
}

/// What is to be done with one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    NoOp,
    Create,
    Update,
    Delete,
}

/// One planned change.
#[derive(Debug, Clone)]
pub struct Change {
    pub action: Action,
    pub before: Value,
    pub after: Value,
    pub private: Private,
}

/// A plan: the refreshed state and the changes. Fails with the diagnostics if any is an error.
#[derive(Debug, Clone)]
pub struct Plan {
    pub refreshed: State,
    pub changes: BTreeMap<String, Change>,
    pub diagnostics: Diagnostics,
}

impl Plan {
    /// Addresses with something to do.
    pub fn pending(&self) -> Vec<&str> {
        self.changes.iter().filter(|(_, c)| c.action != Action::NoOp).map(|(a, _)| a.as_str()).collect()
    }
}

impl Object {
    /// The service that is imported under this id, before the read that follows.
    pub async fn imported(process: &Process, id: &str) -> Result<Self, Diagnostics> {
        process.services().import(id).await
    }
}

/// One provider process, configured.
pub struct Process {
    provider: Anu,
    stores_planned_private: bool,
}

/// One of its resources.
pub struct Managed(Arc<dyn Resource>, bool);

impl Process {
    /// Starts one.
    pub async fn start(block: &Block) -> Result<Self, Diagnostics> {
        let mut provider = block.embedded.clone().map_or_else(Anu::new, Anu::with_embedded);
        if let Some(now) = block.now {
            provider = provider.with_clock(Arc::new(Stopped(now)));
        }
        if let Some(settings) = &block.google {
            provider = provider.with_projects(Arc::new(Google::new(settings)));
        }
        let process = Self { provider, stores_planned_private: block.stores_planned_private };
        process.configure(block).await?;
        Ok(process)
    }

    /// Configures it, as core does at the beginning of each run: in debug mode one process serves many.
    pub async fn configure(&self, block: &Block) -> Result<(), Diagnostics> {
        let mut call = Call::default();
        let request = Configure { config: block.provider.clone(), terraform_version: "1.11.4".into() };
        self.provider.configure(&mut call, request).await;
        if call.diagnostics.has_errors() { Err(call.diagnostics) } else { Ok(()) }
    }

    /// The resource of an address: of `TYPE.NAME`, or of a service's (`fixture::address`).
    pub fn of(&self, address: &str) -> Managed {
        let name = address.split_once('.').map(|(name, _)| name).filter(|name| name.starts_with("anu_"));
        let name = name.unwrap_or("anu_registry_service");
        let resource = self.provider.resources().iter().find(|resource| resource.name() == name);
        Managed(resource.expect("a resource of that name").clone(), self.stores_planned_private)
    }

    /// The resource of services.
    pub fn services(&self) -> Managed {
        self.of("")
    }

    /// Reads a data source.
    pub async fn data(&self, name: &str, config: Value) -> Result<Value, Diagnostics> {
        let source = self.provider.data_sources().iter().find(|d| d.name() == name).expect("data source").clone();
        let response = source.read(Default::default(), complete(source.schema(), config)).await;
        match response.state {
            Some(state) if !response.diagnostics.has_errors() => {
                assert!(state.is_wholly_known(), "Provider produced invalid object: unknown in data source");
                assert_conforms(source.schema(), &state);
                Ok(state)
            }
            _ => Err(response.diagnostics),
        }
    }
}

impl Managed {
    /// A configuration of the resource with every attribute present.
    pub fn complete(&self, config: Value) -> Value {
        complete(self.0.schema(), config)
    }

    /// The resource, to be called out of core's order.
    pub fn resource(&self) -> &dyn Resource {
        &*self.0
    }

    /// The object that is imported under this id, before the read that follows.
    pub async fn import(&self, id: &str) -> Result<Object, Diagnostics> {
        let response = self.0.import(Default::default(), ImportTarget::Id(id.to_owned())).await;
        let value = response.state.filter(|_| !response.diagnostics.has_errors()).ok_or(response.diagnostics)?;
        assert_conforms(self.0.schema(), &value);
        self.assert_identity(&value, response.identity);
        Ok(Object { value, private: response.private, tainted: false })
    }

    /// What core does with every stored object before anything else.
    pub async fn load(&self, object: &Object) -> Result<Value, Diagnostics> {
        let state = to_json(&object.value);
        let response = self.0.upgrade(UpgradeRequest { version: 0, state }).await;
        response.state.ok_or(response.diagnostics)
    }

    /// Refreshes one object.
    pub async fn refresh(&self, object: &Object) -> Result<(Option<Object>, Diagnostics), Diagnostics> {
        let value = self.load(object).await?;
        assert_eq!(value, object.value, "state changes by being stored");
        let call = Call { private: object.private.clone(), ..Call::default() };
        let response = self.0.read(ReadRequest { state: value, call }).await;
        if response.diagnostics.has_errors() {
            return Err(response.diagnostics);
        }
        let value = response.state.expect("Read without state and without error deletes the object");
        assert!(value.is_wholly_known(), "Provider produced invalid object: unknown after read");
        assert_conforms(self.0.schema(), &value);
        self.assert_identity(&value, response.identity);
        let object = Object { value, private: response.private, tainted: object.tainted };
        Ok(((!object.value.is_null()).then_some(object), response.diagnostics))
    }

    /// Plans one object: no `prior` is a create, no `config` a destroy.
    pub async fn plan_one(&self, prior: Option<&Object>, config: Option<&Value>) -> PlanResponse {
        self.plan_again(prior, config, None).await
    }

    /// Plans it again at apply.
    async fn plan_again(
        &self,
        prior: Option<&Object>,
        config: Option<&Value>,
        planned_private: Option<Private>,
    ) -> PlanResponse {
        let before = prior.map_or(Value::Null, |object| object.value.clone());
        let config = config.cloned().unwrap_or_default();
        let proposed = proposed(self.0.schema(), &before, &config);
        let call = Call {
            private: prior.map(|object| object.private.clone()).unwrap_or_default(),
            stores_planned_private: self.1,
            // Core sends no bytes where there are none.
            planned_private: planned_private.filter(|private| self.1 && !private.is_empty()),
            ..Call::default()
        };
        let request = PlanRequest { prior: before.clone(), proposed, config: config.clone(), call };
        let response = self.0.plan(request).await;
        assert!(response.requires_replace.is_empty(), "a replacement is never asked for");
        if !response.diagnostics.has_errors() {
            let planned = response.planned.as_ref().expect("a plan or an error");
            check_plan(self.0.schema(), &before, &config, planned);
            self.assert_identity(if planned.is_null() { &before } else { planned }, response.identity.clone());
        }
        response
    }

    /// "Provider produced invalid identity", and what core stores without a word: every object has the identity that its attributes
    /// say, except one that is not known yet.
    fn assert_identity(&self, state: &Value, identity: Option<Value>) {
        let schema = self.0.identity().expect("every resource has an identity");
        let attributes = schema.attributes.iter().map(|each| each.name.as_str());
        let expected = Value::object(attributes.map(|name| (name, state.get(name).cloned().unwrap_or_default())));
        let expected = Some(expected).filter(|identity| !state.is_null() && identity.is_wholly_known());
        assert_eq!(identity, expected, "the identity of {state:?}");
    }
}

/// "Provider produced …": what goes over the wire comes back the same, which only a value of the schema's type does.
fn assert_conforms(schema: &Schema, value: &Value) {
    let ty = schema.ty();
    assert_eq!(&schema.complete(value.clone()), value, "a list or map of blocks is empty, never null");
    assert_eq!(decode(&encode(value, &ty), &ty).as_ref(), Ok(value), "a value does not conform to the schema");
}

fn complete(schema: &Schema, config: Value) -> Value {
    let Value::Map(mut map) = config else { return config };
    for attribute in &schema.attributes {
        let absent = match attribute.kind {
            Kind::Blocks(_) => Value::List(Vec::new()),
            Kind::LabelledBlocks(_) => Value::Map(BTreeMap::new()),
            _ => Value::Null,
        };
        map.entry(attribute.name.clone()).or_insert(absent);
    }
    Value::Map(map)
}

/// Core's ProposedNew for attributes: the configuration, and the prior value of what is computed and not set.
fn proposed(schema: &Schema, prior: &Value, config: &Value) -> Value {
    let Value::Map(config) = config else { return Value::Null };
    let mut proposed = config.clone();
    for attribute in &schema.attributes {
        let slot = proposed.entry(attribute.name.clone()).or_default();
        if attribute.is_computed() && slot.is_null() {
            *slot = prior.get(&attribute.name).cloned().unwrap_or_default();
        }
    }
    Value::Map(proposed)
}

/// "Provider produced invalid plan."
fn check_plan(schema: &Schema, prior: &Value, config: &Value, planned: &Value) {
    assert_conforms(schema, planned);
    assert_eq!(planned.is_null(), config.is_null(), "planned null exactly when the configuration is");
    if !planned.is_null() {
        check_attributes(&schema.attributes, prior, config, planned);
    }
}

fn check_attributes(attributes: &[Attribute], prior: &Value, config: &Value, planned: &Value) {
    for attribute in attributes {
        let of = |value: &Value| value.get(&attribute.name).cloned().unwrap_or_default();
        let (before, configured, value) = (of(prior), of(config), of(planned));
        if value == configured || value == before && !before.is_null() && !configured.is_null() {
            continue;
        }
        if configured.is_null() {
            assert!(attribute.is_computed(), "invalid plan: {} is not computed and planned {value:?}", attribute.name);
            continue;
        }
        // Nested attributes and blocks are held to the same, each for itself.
        if let (Kind::Blocks(nested), Value::List(all), Value::List(wanted)) = (&attribute.kind, &value, &configured) {
            assert_eq!(all.len(), wanted.len(), "invalid plan: {} has another length than configured", attribute.name);
            let before = match &before {
                Value::List(before) => before.as_slice(),
                _ => &[],
            };
            for (position, value) in all.iter().enumerate() {
                check_attributes(nested, before.get(position).unwrap_or(&Value::Null), &wanted[position], value);
            }
            continue;
        }
        let (Kind::Map(nested), Value::Map(all), Value::Map(wanted)) = (&attribute.kind, &value, &configured) else {
            panic!("invalid plan: {} is configured {configured:?}, planned {value:?}", attribute.name);
        };
        assert!(all.keys().eq(wanted.keys()), "invalid plan: {} has other keys than configured", attribute.name);
        for (key, value) in all {
            check_attributes(nested, before.get(key).unwrap_or(&Value::Null), &wanted[key], value);
        }
    }
}

/// Whether `actual` is what `planned` allows: the same, where it was known.
fn compatible(planned: &Value, actual: &Value) -> bool {
    match (planned, actual) {
        (Value::Unknown(_), _) => true,
        (Value::Map(planned), Value::Map(actual)) => {
            planned.len() == actual.len()
                && planned.iter().all(|(key, value)| actual.get(key).is_some_and(|actual| compatible(value, actual)))
        }
        (Value::List(planned), Value::List(actual)) => {
            planned.len() == actual.len()
                && planned.iter().zip(actual).all(|(planned, actual)| compatible(planned, actual))
        }
        _ => planned == actual,
    }
}

/// Plans, in a provider process of its own.
pub async fn plan(state: &State, config: &Config) -> Result<Plan, Diagnostics> {
    plan_in(&Process::start(&config.block).await?, state, config).await
}

/// Plans in a process that has read the data sources already.
pub async fn plan_in(process: &Process, state: &State, config: &Config) -> Result<Plan, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut state = state.clone();
    for (from, to) in &config.moved {
        // As in core: a `moved` block stays in the configuration, and does nothing once its object has moved.
        if let Some(object) = state.0.remove(from) {
            assert!(state.0.insert(to.clone(), object).is_none(), "moved onto an existing object");
        }
    }
    let mut refreshed = State::default();
    for (address, object) in &state.0 {
        let (object, warnings) = process.of(address).refresh(object).await?;
        diagnostics.extend(warnings);
        refreshed.0.extend(object.map(|object| (address.clone(), object)));
    }
    let mut changes = BTreeMap::new();
    let mut addresses: Vec<&String> = refreshed.0.keys().chain(config.resources.keys()).collect();
    addresses.sort();
    addresses.dedup();
    for address in addresses {
        let object = refreshed.0.get(address);
        let managed = process.of(address);
        let wanted = config.resources.get(address).map(|config| managed.complete(config.clone()));
        if let Some(wanted) = &wanted {
            diagnostics.extend(managed.0.validate(Default::default(), wanted.clone()).await);
        }
        // A tainted object is planned as if it were not there.
        let prior = object.filter(|object| !object.tainted);
        let response = managed.plan_one(prior, wanted.as_ref()).await;
        diagnostics.extend(response.diagnostics.clone());
        let Some(after) = response.planned.filter(|_| !response.diagnostics.has_errors()) else { continue };
        let before = prior.map_or(Value::Null, |object| object.value.clone());
        let action = match (before.is_null(), after.is_null()) {
            (true, _) => Action::Create,
            (_, true) => Action::Delete,
            _ if before == after => Action::NoOp,
            _ => Action::Update,
        };
        changes.insert(address.clone(), Change { action, before, after, private: response.private });
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(Plan { refreshed, changes, diagnostics }) }
}

/// The apply of a plan, one object at a time, so that several can be interleaved.
pub struct Apply {
    process: Process,
    config: Config,
    left: Vec<(String, Change)>,
    pub state: State,
    pub diagnostics: Diagnostics,
}

impl Apply {
    /// Starts the apply in a provider process of its own.
    pub async fn start(plan: Plan, config: &Config) -> Result<Self, Diagnostics> {
        let process = Process::start(&config.block).await?;
        for (address, object) in &plan.refreshed.0 {
            process.of(address).load(object).await?;
        }
        // Without dependencies core starts destroys and creates alike; destroys first is the harsher order.
        let mut left: Vec<_> = plan.changes.into_iter().filter(|(_, c)| c.action != Action::NoOp).collect();
        left.sort_by_key(|(address, change)| (change.action != Action::Delete, address.clone()));
        left.reverse();
        Ok(Self { process, config: config.clone(), left, state: plan.refreshed, diagnostics: Diagnostics::new() })
    }

    /// Whether there is more to do.
    pub fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// Applies the next object.
    pub async fn step(&mut self) {
        let Some((address, change)) = self.left.pop() else { return };
        let prior = self.state.0.get(&address).filter(|object| !object.tainted).cloned();
        let managed = self.process.of(&address);
        let config = self.config.resources.get(&address).map(|config| managed.complete(config.clone()));
        let (planned, private) = if change.action == Action::Delete {
            (Value::Null, change.private)
        } else {
            let again = managed.plan_again(prior.as_ref(), config.as_ref(), Some(change.private)).await;
            if again.diagnostics.has_errors() {
                self.diagnostics.extend(again.diagnostics);
                return;
            }
            let planned = again.planned.expect("a plan or an error");
            assert!(
                compatible(&change.after, &planned),
                "Provider produced inconsistent final plan for {address}:\n{:#?}\n{planned:#?}",
                change.after
            );
            (planned, again.private)
        };
        let before = prior.map_or(Value::Null, |object| object.value);
        let call = Call { private, ..Call::default() };
        let request =
            ApplyRequest { prior: before, planned: planned.clone(), config: config.unwrap_or_default(), call };
        let response = managed.0.apply(request).await;
        let failed = response.diagnostics.has_errors();
        self.diagnostics.extend(response.diagnostics);
        match response.state {
            Some(value) => {
                assert!(value.is_wholly_known(), "unknown value after apply of {address}");
                assert_conforms(managed.0.schema(), &value);
                managed.assert_identity(&value, response.identity);
                assert!(
                    failed || compatible(&planned, &value),
                    "Provider produced inconsistent result after apply of {address}:\n{planned:#?}\n{value:#?}"
                );
                if value.is_null() {
                    assert!(planned.is_null() || failed, "null after apply");
                    self.state.0.remove(&address);
                } else {
                    let tainted = failed && change.action == Action::Create;
                    self.state.0.insert(address, Object { value, private: response.private, tainted });
                }
            }
            None => assert!(failed, "no state and no error after apply of {address}"),
        }
    }

    /// Applies all that is left.
    pub async fn finish(mut self) -> (State, Diagnostics) {
        while !self.is_done() {
            self.step().await;
        }
        (self.state, self.diagnostics)
    }
}
