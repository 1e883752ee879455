//! What the simulator does, as a client sees it.

mod client;
mod documents;
mod policies;
mod projects;
