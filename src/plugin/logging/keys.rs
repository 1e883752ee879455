//! The names of all log fields. Tools read them: HashiCorp's SDK uses the `tf_` ones with these meanings.

/// The call, by its protocol name: `PlanResourceChange`.
pub(crate) const RPC: &str = "tf_rpc";
/// Identifies the lines of one call.
pub(crate) const REQUEST_ID: &str = "tf_req_id";
/// The type of the resource.
pub(crate) const RESOURCE_TYPE: &str = "tf_resource_type";
/// The type of the data source.
pub(crate) const DATA_SOURCE_TYPE: &str = "tf_data_source_type";
/// The function called.
pub(crate) const FUNCTION: &str = "tf_function";
/// The provider's address in the public registry.
pub(crate) const PROVIDER_ADDRESS: &str = "tf_provider_addr";
/// The protocol's version.
pub(crate) const PROTOCOL_VERSION: &str = "tf_proto_version";
/// The duration of a call.
pub(crate) const DURATION: &str = "tf_req_duration_ms";
/// The number of errors in a response.
pub(crate) const ERRORS: &str = "diagnostic_error_count";
/// The number of warnings in a response.
pub(crate) const WARNINGS: &str = "diagnostic_warning_count";
