//! The fields of a request's log line. HashiCorp's SDK uses the `tf_` ones with these meanings.

/// `GET`.
pub(super) const METHOD: &str = "tf_http_req_method";
/// The address, without user, password and query string.
pub(super) const ADDRESS: &str = "tf_http_req_uri";
/// The status of the answer.
pub(super) const STATUS: &str = "tf_http_res_status_code";
/// How long the head of the answer took.
pub(super) const DURATION: &str = "http_duration_ms";
