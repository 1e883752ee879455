//! Google Cloud: projects, billing, APIs, IAM policies and service accounts.

mod settings;

pub use self::settings::{Endpoints, Settings};
