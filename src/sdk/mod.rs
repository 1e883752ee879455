//! Terraform's vocabulary, pure: what a provider author thinks in.
//!
//! Types and values, schemas, diagnostics, paths, private state, planning steps, and the traits [`Provider`],
//! [`Resource`], [`DataSource`], [`Function`]. It knows no gRPC and imports nothing else of ours: it could be a crate
//! tomorrow. [`crate::plugin`] speaks the wire protocol on one side of it; [`crate::provider`] is written on the other.
//!
//! An author writes a *model* (a struct, see [`model!`](crate::model)), a *schema* and the *verbs* of [`ResourceType`]; the
//! adapter [`Typed`] turns that into the object-safe [`Resource`] and keeps the promises Terraform core checks.
//!
//! Left out on purpose, because nothing of ours needs them: blocks, set attributes, write-only attributes, ephemeral
//! resources, deferral, identity.

mod call;
mod data_source;
mod diagnostic;
mod function;
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

pub use call::Call;
pub use data_source::{DataSource, DataSourceType, TypedData};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
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
    ApplyRequest, ApplyResponse, ImportResponse, MoveRequest, PlanRequest, PlanResponse, ReadRequest, ReadResponse,
    Resource, StateResponse, UpgradeRequest,
};
pub use schema::{Attribute, Kind, PlanModifier, Presence, Schema, Validator};
pub use typed::{Plan, ResourceType, Typed};
pub use types::Type;
pub use validate::{LengthAtLeast, OneOf, Predicate, validate};
pub use value::{Refinement, Value};
