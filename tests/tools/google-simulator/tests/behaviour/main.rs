//! What the simulator does, as a client sees it.

mod client;
mod policies;
mod projects;
