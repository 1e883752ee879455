//! Terraform's calls, on values.

use std::collections::BTreeMap;
use std::sync::Arc;

use anu::plugin::proto::tfplugin6 as wire;
use anu::plugin::proto::tfplugin6::provider_client::ProviderClient;
use anu::sdk::{Diagnostics, Type, Value};
use tonic::transport::Channel;

use super::values::{from_wire, proposed, to_wire, told, ty, type_of};

/// Makes calls. Clones share the connection, for parallel calls.
#[derive(Clone)]
pub struct Caller {
    pub(super) client: ProviderClient<Channel>,
    pub offer: Arc<Offer>,
}

/// The provider's types, and its schemas as sent.
pub struct Offer {
    pub block: Type,
    pub resources: BTreeMap<String, Type>,
    pub data_sources: BTreeMap<String, Type>,
    pub functions: BTreeMap<String, wire::Function>,
    pub identities: BTreeMap<String, Type>,
    pub sent: wire::get_provider_schema::Response,
}

impl Offer {
    pub(super) fn new(
        sent: wire::get_provider_schema::Response,
        identities: &BTreeMap<String, wire::ResourceIdentitySchema>,
    ) -> Self {
        let identity = |schema: &wire::ResourceIdentitySchema| {
            Type::object(schema.identity_attributes.iter().map(|each| (each.name.as_str(), ty(&each.r#type))))
        };
        let types = |schemas: &BTreeMap<String, wire::Schema>| {
            schemas.iter().map(|(name, schema)| (name.clone(), type_of(schema))).collect()
        };
        Self {
            block: sent.provider.as_ref().map(type_of).expect("a provider block"),
            resources: types(&sent.resource_schemas),
            data_sources: types(&sent.data_source_schemas),
            functions: sent.functions.clone(),
            identities: identities.iter().map(|(name, schema)| (name.clone(), identity(schema))).collect(),
            sent,
        }
    }
}

/// A plan as core stores it.
#[derive(Debug, Clone)]
pub struct Planned {
    pub state: Value,
    pub private: Vec<u8>,
    pub diagnostics: Diagnostics,
    pub identity: Option<wire::ResourceIdentityData>,
    pub requires_replace: usize,
}

/// A state as core stores it.
#[derive(Debug, Clone)]
pub struct Stored {
    pub state: Value,
    pub private: Vec<u8>,
    pub diagnostics: Diagnostics,
    pub identity: Option<wire::ResourceIdentityData>,
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

    /// Plans as a core of field set 6.11 does at apply: with the private state of the first plan.
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
            identity: answer.planned_identity,
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
            identity: answer.new_identity,
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
            identity: answer.new_identity,
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
            identity: None,
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
            identity: imported.identity,
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
    /// The text and argument of the response.
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
