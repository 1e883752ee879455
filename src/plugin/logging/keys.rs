//! Every name under which something is logged. Tools read them: HashiCorp's SDK uses the `tf_` ones with these meanings.

/// The call, in the protocol's words: `PlanResourceChange`.
pub(crate) const RPC: &str = "tf_rpc";
/// Tells the lines of one call from those of another.
pub(crate) const REQUEST_ID: &str = "tf_req_id";
/// The type of the resource concerned.
pub(crate) const RESOURCE_TYPE: &str = "tf_resource_type";
/// The type of the data source concerned.
pub(crate) const DATA_SOURCE_TYPE: &str = "tf_data_source_type";
/// The function called.
pub(crate) const FUNCTION: &str = "tf_function";
/// Our address in the registry.
pub(crate) const PROVIDER_ADDRESS: &str = "tf_provider_addr";
/// The protocol's version.
pub(crate) const PROTOCOL_VERSION: &str = "tf_proto_version";
/// How long a call took.
pub(crate) const DURATION: &str = "tf_req_duration_ms";
/// How many errors a call answered.
pub(crate) const ERRORS: &str = "diagnostic_error_count";
/// How many warnings a call answered.
pub(crate) const WARNINGS: &str = "diagnostic_warning_count";
