//! What the simulator does, as a client sees it.

mod accounts;
mod billing;
mod client;
mod documents;
#[path = "../support/http.rs"]
mod http;
mod limits;
mod policies;
mod program;
mod projects;
mod services;
mod tokens;
