//! The interface for provider authors, in Terraform's terms. Pure.
//!
//! Types and values, schemas, diagnostics, paths, private state, planning steps, and the traits [`Provider`],
//! [`Resource`], [`DataSource`], [`Function`]. It contains no gRPC and imports no other module, so it could be a separate
//! crate. [`crate::plugin`] connects it to the wire protocol; [`crate::provider`] implements its traits.
//!
//! An author writes a *model* (a struct, see [`model!`](crate::model)), a *schema* and the methods of [`ResourceType`]. The
//! adapter [`Typed`] implements the object-safe [`Resource`] with them, and the rules that Terraform core verifies.
//!
//! Not supported, because this provider does not need them: set attributes, write-only attributes, ephemeral
//! resources, deferral.

mod call;
mod data_source;
mod diagnostic;
mod function;
mod identity;
mod json;
pub mod model;
mod msgpack;
mod number;
mod path;
mod plan;
mod private;
mod provider;
mod resource;
#[cfg(test)]
mod round_trip;
mod schema;
mod typed;
mod types;
mod validate;
mod value;
mod visit;

pub use call::Call;
pub use data_source::{DataSource, DataSourceType, TypedData};
pub use diagnostic::{Cause, Diagnostic, Diagnostics, Severity};
pub use function::{Function, FunctionError, Parameter, Signature};
pub use json::{JsonError, from_json, to_json};
pub use model::{Attr, Field, FieldError};
pub use msgpack::{DecodeError, decode, encode};
pub use number::Number;
pub use path::{Path, Step};
pub use plan::{UseStateForUnknown, prepare};
pub use private::Private;
pub use provider::{Configure, Provider};
pub use resource::{
    ApplyRequest, ApplyResponse, ImportResponse, ImportTarget, MoveRequest, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, Resource, StateResponse, UpgradeRequest,
};
pub use schema::{Attribute, Kind, PlanModifier, Presence, Schema, Validator};
pub use typed::{Plan, ResourceType, Typed};
pub use types::Type;
pub use validate::{LengthAtLeast, OneOf, Predicate, WholeNumber, validate};
pub use value::{Refinement, Value};
pub use visit::{Place, unknown_places, visit};
#[cfg(any(test, feature = "testing"))]
pub use visit::{configured_places, replaced};
