//! Google's error model: a code, a message and details, in the envelope of an HTTP answer or in an operation.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a handler returns.
pub(crate) type Result<T = Value> = std::result::Result<T, ApiError>;

/// `google.rpc.Code`, as far as the simulated APIs use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// 400
    InvalidArgument,
    /// 400
    FailedPrecondition,
    /// 401
    Unauthenticated,
    /// 403
    PermissionDenied,
    /// 404
    NotFound,
    /// 409: the name is taken.
    AlreadyExists,
    /// 409: a conflict with another write.
    Aborted,
    /// 429
    ResourceExhausted,
    /// 500
    Internal,
    /// 501
    Unimplemented,
    /// 503
    Unavailable,
    /// 504
    DeadlineExceeded,
}

impl Code {
    /// Name, status of HTTP, number of gRPC.
    const fn facts(self) -> (&'static str, u16, u8) {
        match self {
            Self::InvalidArgument => ("INVALID_ARGUMENT", 400, 3),
            Self::FailedPrecondition => ("FAILED_PRECONDITION", 400, 9),
            Self::Unauthenticated => ("UNAUTHENTICATED", 401, 16),
            Self::PermissionDenied => ("PERMISSION_DENIED", 403, 7),
            Self::NotFound => ("NOT_FOUND", 404, 5),
            Self::AlreadyExists => ("ALREADY_EXISTS", 409, 6),
            Self::Aborted => ("ABORTED", 409, 10),
            Self::ResourceExhausted => ("RESOURCE_EXHAUSTED", 429, 8),
            Self::Internal => ("INTERNAL", 500, 13),
            Self::Unimplemented => ("UNIMPLEMENTED", 501, 12),
            Self::Unavailable => ("UNAVAILABLE", 503, 14),
            Self::DeadlineExceeded => ("DEADLINE_EXCEEDED", 504, 4),
        }
    }

    /// The status of the HTTP answer.
    pub fn status(self) -> u16 {
        self.facts().1
    }

    /// The code that Google answers with this HTTP status, where a fault rule names only the status.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            400 => Self::InvalidArgument,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::Aborted,
            429 => Self::ResourceExhausted,
            501 => Self::Unimplemented,
            503 => Self::Unavailable,
            504 => Self::DeadlineExceeded,
            _ => Self::Internal,
        }
    }

    /// The reason in the older list `errors`, which the IAM API still sends.
    fn legacy_reason(self) -> &'static str {
        match self {
            Self::InvalidArgument => "badRequest",
            Self::FailedPrecondition => "failedPrecondition",
            Self::Unauthenticated => "authError",
            Self::PermissionDenied => "forbidden",
            Self::NotFound => "notFound",
            Self::AlreadyExists => "alreadyExists",
            Self::Aborted => "aborted",
            Self::ResourceExhausted => "rateLimitExceeded",
            _ => "backendError",
        }
    }
}

/// An error as an API reports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ApiError {
    pub code: Code,
    pub message: String,
    pub details: Vec<Value>,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// Resource Manager's form of an argument that breaks a rule.
    pub fn invalid_field(field: &str, issue: &str) -> Self {
        Self::invalid(format!("field [{field}] has issue [{issue}]"))
            .detail("google.rpc.BadRequest", json!({"fieldViolations": [{"field": field, "description": issue}]}))
    }

    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// Also for what does not exist: Google does not reveal to strangers which projects exist.
    pub fn denied() -> Self {
        Self::new(Code::PermissionDenied, "The caller does not have permission")
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Aborted, message)
    }

    pub fn exists(message: impl Into<String>) -> Self {
        Self::new(Code::AlreadyExists, message)
    }

    /// Adds a detail, a message of the type `type_name`.
    pub fn detail(mut self, type_name: &str, mut detail: Value) -> Self {
        detail["@type"] = json!(format!("type.googleapis.com/{type_name}"));
        self.details.push(detail);
        self
    }

    /// Adds a violated precondition.
    pub fn violation(self, kind: &str, subject: &str, description: &str) -> Self {
        self.detail(
            "google.rpc.PreconditionFailure",
            json!({"violations": [{"type": kind, "subject": subject, "description": description}]}),
        )
    }

    /// Adds a reason for programs.
    pub fn reason(self, reason: &str, domain: &str, metadata: Value) -> Self {
        self.detail("google.rpc.ErrorInfo", json!({"reason": reason, "domain": domain, "metadata": metadata}))
    }

    /// Adds an exhausted quota.
    pub fn quota(self, subject: &str, description: &str) -> Self {
        self.detail(
            "google.rpc.QuotaFailure",
            json!({"violations": [{"subject": subject, "description": description}]}),
        )
    }

    /// The body of the HTTP answer. `legacy` adds the older list `errors`.
    pub fn body(&self, legacy: bool) -> Value {
        let (name, status, _) = self.code.facts();
        let mut error = json!({"code": status, "message": self.message, "status": name});
        if legacy {
            let reason = self.code.legacy_reason();
            error["errors"] = json!([{"domain": "global", "message": self.message, "reason": reason}]);
        }
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        json!({ "error": error })
    }

    /// The error of an operation, a `google.rpc.Status`.
    pub fn status_message(&self) -> Value {
        let mut status = json!({"code": self.code.facts().2, "message": self.message});
        if !self.details.is_empty() {
            status["details"] = json!(self.details);
        }
        status
    }
}
